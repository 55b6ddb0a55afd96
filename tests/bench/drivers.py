"""The drivers of databases that are servers, alone: the least that a miss can cost there."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import asyncmy
import psycopg
from asyncmy.cursors import DictCursor
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import BlockingConnectionPool, Redis

from bench.contender import TTL, Contender, Counted, Load, Opening, Place, User
from bench.peers import CONNECTIONS

SELECT = "SELECT * FROM users WHERE id = %s"
POOL = 8
"""Connections of a pool to the database: as many as hitmiss has."""

Loading: TypeAlias = Callable[[str, Counted], AbstractAsyncContextManager[Load]]


@asynccontextmanager
async def psycopg_connection(url: str, counted: Counted) -> AsyncIterator[Load]:
    """Read on one open connection of psycopg."""
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, row_factory=dict_row
    ) as connection:

        async def load(id: int) -> dict[str, object]:
            counted.selects += 1
            cursor = await connection.execute(SELECT, (id,))
            return await cursor.fetchone() or {}

        yield load


@asynccontextmanager
async def psycopg_pool(url: str, counted: Counted) -> AsyncIterator[Load]:
    """Read through psycopg's own pool."""
    async with AsyncConnectionPool(
        url,
        min_size=POOL,
        max_size=POOL,
        kwargs={"autocommit": True, "row_factory": dict_row},
        open=False,
    ) as pool:
        await pool.wait()

        async def load(id: int) -> dict[str, Any]:
            counted.selects += 1
            async with pool.connection() as connection:
                cursor = await connection.execute(SELECT, (id,))
                row: dict[str, Any] | None = await cursor.fetchone()  # type: ignore[assignment]
                return row or {}

        yield load


def _options(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname, "port": parts.port, "user": parts.username,
        "password": parts.password, "db": parts.path[1:], "autocommit": True,
    }  # fmt: skip


@asynccontextmanager
async def asyncmy_connection(url: str, counted: Counted) -> AsyncIterator[Load]:
    """Read on one open connection of asyncmy."""
    async with asyncmy.connect(**_options(url)) as connection:

        async def load(id: int) -> dict[str, object]:
            counted.selects += 1
            async with connection.cursor(DictCursor) as cursor:
                await cursor.execute(SELECT, (id,))
                row: dict[str, object] = await cursor.fetchone()
                return row

        yield load


@asynccontextmanager
async def asyncmy_pool(url: str, counted: Counted) -> AsyncIterator[Load]:
    """Read through asyncmy's own pool."""
    async with asyncmy.create_pool(minsize=POOL, maxsize=POOL, **_options(url)) as pool:

        async def load(id: int) -> dict[str, object]:
            counted.selects += 1
            async with pool.acquire() as connection, connection.cursor(DictCursor) as cursor:
                await cursor.execute(SELECT, (id,))
                row: dict[str, object] = await cursor.fetchone()
                return row

        yield load


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver, and how it reads a user."""

    name: str
    on_connection: Loading
    in_pool: Loading


DRIVERS = {
    "PostgreSQL": Driver("psycopg", psycopg_connection, psycopg_pool),
    "MariaDB": Driver("asyncmy", asyncmy_connection, asyncmy_pool),
}
"""By the name of the database."""


def select_and_set(driver: Driver) -> Opening:
    """Return the least that a miss can cost: a SELECT on an open connection, and one SET."""

    @asynccontextmanager
    async def opening(place: Place) -> AsyncIterator[Contender]:
        counted = Counted()
        pool = BlockingConnectionPool.from_url(place.url, max_connections=CONNECTIONS)
        async with (
            driver.on_connection(place.database, counted) as load,
            Redis(connection_pool=pool) as client,
        ):

            async def get(id: int) -> User | None:
                user = await load(id)
                await client.set(f"user:{id}", json.dumps(user, default=str), ex=TTL)
                return user

            yield Contender(f"{driver.name}'s `SELECT` + one `SET`", place, get, counted)
        await pool.aclose()

    return opening


def select_alone(driver: Driver) -> Opening:
    """Return what only reads, through the driver's own pool."""

    @asynccontextmanager
    async def opening(place: Place) -> AsyncIterator[Contender]:
        counted = Counted()
        async with driver.in_pool(place.database, counted) as load:
            yield Contender(f"{driver.name}'s pool, `SELECT` alone", place, load, counted)

    return opening


def pool_and_set(driver: Driver) -> Opening:
    """Return what most write: GET, else SELECT in the driver's pool, and SET."""

    @asynccontextmanager
    async def opening(place: Place) -> AsyncIterator[Contender]:
        counted = Counted()
        pool = BlockingConnectionPool.from_url(place.url, max_connections=CONNECTIONS)
        async with (
            driver.in_pool(place.database, counted) as load,
            Redis(connection_pool=pool) as client,
        ):

            async def get(id: int) -> User | None:
                value = await client.get(f"user:{id}")
                if value is not None:
                    cached: User = json.loads(value)
                    return cached
                user = await load(id)
                await client.set(f"user:{id}", json.dumps(user, default=str), ex=TTL)
                return user

            yield Contender(
                f"the usual pattern by hand, {driver.name}'s pool", place, get, counted
            )
        await pool.aclose()

    return opening
