"""The others: the client alone, the pattern by hand, and libraries as their manuals have them.

Each that has a protection against stampedes has it on. All talk to the same server through
the same client library, and read the database in the same way, except where that is named.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import fakeredis
from aiocache import Cache as AioCache
from aiocache import cached_stampede
from aiocache.serializers import JsonSerializer
from cashews import Cache as Cashews
from cashews import register_backend
from cashews.backends.redis import Redis as CashewsRedis
from cashews.picklers import PicklerType
from dogpile.cache import make_region
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import UnixDomainSocketConnection

from bench.contender import (
    TTL,
    Contender,
    Counted,
    Place,
    User,
    users,
    users_on_the_loop,
)

CONNECTIONS = 16
"""For those who leave the number to their users; up to a hundred it makes no difference."""

# Of the addresses it documents, only this one is left out; its client takes it as it is.
register_backend("unix", CashewsRedis, pass_uri=True, pickler=PicklerType.DEFAULT)


@asynccontextmanager
async def client_alone(place: Place) -> AsyncIterator[Contender]:
    """Open redis-py's pooled GET and a decode; what is not there is stored first."""
    counted = Counted()
    pool = BlockingConnectionPool.from_url(place.url, max_connections=CONNECTIONS)
    async with (
        Redis(connection_pool=pool) as client,
        users_on_the_loop(place.database, counted) as load,
    ):

        async def get(id: int) -> User | None:
            value = await client.get(f"user:{id}")
            if value is None:
                await client.set(f"user:{id}", value := json.dumps(load(id)), ex=TTL)
            user: User = json.loads(value)
            return user

        yield Contender("redis-py, pooled `GET` + decode", place, get, counted)
    await pool.aclose()


@asynccontextmanager
async def select_and_set(place: Place) -> AsyncIterator[Contender]:
    """Open the least that a miss can cost: a SELECT on the loop, and one SET."""
    counted = Counted()
    pool = BlockingConnectionPool.from_url(place.url, max_connections=CONNECTIONS)
    async with (
        Redis(connection_pool=pool) as client,
        users_on_the_loop(place.database, counted) as load,
    ):

        async def get(id: int) -> User | None:
            user: User = load(id)
            await client.set(f"user:{id}", json.dumps(user), ex=TTL)
            return user

        yield Contender("`SELECT` on the loop + one `SET`", place, get, counted)
    await pool.aclose()


@asynccontextmanager
async def select_on_the_loop(place: Place) -> AsyncIterator[Contender]:
    """Open the database alone, read on the loop."""
    counted = Counted()
    async with users_on_the_loop(place.database, counted) as load:

        async def get(id: int) -> User | None:
            user: User = load(id)
            return user

        yield Contender("no cache, `SELECT` on the loop", place, get, counted)


@asynccontextmanager
async def select_in_a_thread(place: Place) -> AsyncIterator[Contender]:
    """Open the database alone, read in a thread."""
    counted = Counted()
    async with users(place.database, counted) as load:
        yield Contender("no cache, `SELECT` in a thread", place, load, counted)


@asynccontextmanager
async def by_hand(place: Place) -> AsyncIterator[Contender]:
    """Open what most write: GET, else SELECT and SET."""
    counted = Counted()
    pool = BlockingConnectionPool.from_url(place.url, max_connections=CONNECTIONS)
    async with Redis(connection_pool=pool) as client, users(place.database, counted) as load:

        async def get(id: int) -> User | None:
            value = await client.get(f"user:{id}")
            if value is not None:
                user: User = json.loads(value)
                return user
            user = await load(id)
            await client.set(f"user:{id}", json.dumps(user), ex=TTL)
            return user

        yield Contender("the usual pattern by hand", place, get, counted)
    await pool.aclose()


@asynccontextmanager
async def cashews_decorator(place: Place) -> AsyncIterator[Contender]:
    """Open the decorator of cashews: protected, so that one call in a process loads."""
    counted, cache = Counted(), Cashews()
    cache.setup(place.url)
    async with users(place.database, counted) as load:

        @cache(ttl=TTL, key="user:{id}", protected=True)
        async def get(id: int) -> dict[str, object]:
            return await load(id)

        yield Contender("cashews, decorator", place, get, counted)
    await cache.close()


@asynccontextmanager
async def cashews_lock(place: Place) -> AsyncIterator[Contender]:
    """Open the decorator of cashews with its lock, so that one process loads."""
    counted, cache = Counted(), Cashews()
    cache.setup(place.url)
    async with users(place.database, counted) as load:

        @cache(ttl=TTL, key="user:{id}", lock=True)
        async def get(id: int) -> dict[str, object]:
            return await load(id)

        yield Contender("cashews, decorator with lock", place, get, counted)
    await cache.close()


@asynccontextmanager
async def cashews_get_or_set(place: Place) -> AsyncIterator[Contender]:
    """Open get_or_set of cashews, which has no lock."""
    counted, cache = Counted(), Cashews()
    cache.setup(place.url)
    async with users(place.database, counted) as load:

        async def get(id: int) -> User | None:
            async def default() -> dict[str, object]:
                return await load(id)

            user: User = await cache.get_or_set(f"user:{id}", default=default, expire=TTL)
            return user

        yield Contender("cashews, `get_or_set`", place, get, counted)
    await cache.close()


@asynccontextmanager
async def aiocache(place: Place) -> AsyncIterator[Contender]:
    """Open aiocache with its protection against stampedes."""
    counted = Counted()

    def pool(**_: object) -> BlockingConnectionPool:  # it is told of hosts and ports only
        return BlockingConnectionPool(
            connection_class=UnixDomainSocketConnection,
            path=str(place.server.socket),
            db=place.number,
            max_connections=CONNECTIONS,
        )

    async with users(place.database, counted) as load:
        decorate: Any = cached_stampede(
            ttl=TTL,
            cache=AioCache.REDIS,
            serializer=JsonSerializer(),
            key_builder=lambda _, key: f"user:{key}",
            connection_pool_class=pool,
        )

        async def get(id: int) -> dict[str, object]:
            return await load(id)

        yield Contender("aiocache, `cached_stampede`", place, decorate(get), counted)
        await decorate.cache.client.aclose(close_connection_pool=True)


@asynccontextmanager
async def dogpile(place: Place) -> AsyncIterator[Contender]:
    """Open dogpile.cache, which blocks: the loop waits for its server and for its database."""
    counted = Counted()
    region = make_region(
        serializer=lambda user: json.dumps(user).encode(), deserializer=json.loads
    ).configure(
        "dogpile.cache.redis",
        expiration_time=TTL,
        arguments={
            "url": place.url,
            "redis_expiration_time": 2 * TTL,
            "distributed_lock": True,
            "thread_local_lock": False,
        },
    )
    async with users_on_the_loop(place.database, counted) as load:

        async def get(id: int) -> User | None:
            user: User = region.get_or_create(f"user:{id}", lambda: load(id))
            return user

        yield Contender("dogpile.cache, on the loop", place, get, counted)
    region.backend.writer_client.close()


@asynccontextmanager
async def fakeredis_alone(place: Place) -> AsyncIterator[Contender]:
    """Open a bare fakeredis: GET and a decode."""
    counted = Counted()
    async with (
        fakeredis.FakeAsyncRedis() as client,
        users_on_the_loop(place.database, counted) as load,
    ):

        async def get(id: int) -> User | None:
            value = await client.get(f"user:{id}")
            if value is None:
                await client.set(f"user:{id}", value := json.dumps(load(id)), ex=TTL)
            user: User = json.loads(value)
            return user

        yield Contender("fakeredis, `GET` + decode", place, get, counted)
