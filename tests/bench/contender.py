"""Whoever takes part: a way to look a user up, and a database that counts its reads."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from typing import TypeAlias

import aiosqlite
from memcached_server import MemcachedServer
from servers import ValkeyServer

TTL = 600
"""Seconds for which everybody caches; nothing ends while it is measured."""
SELECT = "SELECT * FROM users WHERE id = ?"

User: TypeAlias = Mapping[str, object]
Load: TypeAlias = Callable[[int], Awaitable[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contender works: a database of its own in one server, and where the users are."""

    server: ValkeyServer
    number: int
    """The number of its database in the server."""
    database: str
    """The database with the users, as `--db` takes it."""

    @property
    def url(self) -> str:
        """The address of its database in the server."""
        return f"{self.server.url}?db={self.number}"

    def empty(self) -> None:
        """Forget all that it has cached."""
        with self.server.client(db=self.number) as client:
            client.flushdb()


@dataclass(frozen=True, slots=True)
class MemcachedPlace:
    """Where contenders work on Memcached: it has no databases, so they have it together."""

    server: MemcachedServer
    database: str
    """The database with the users, as `--db` takes it."""

    @property
    def url(self) -> str:
        """The address of the server."""
        return self.server.url

    def empty(self) -> None:
        """Forget all that is cached."""
        self.server.say(b"flush_all\r\n")


@dataclass(slots=True)
class Counted:
    """How often the database was read."""

    selects: int = 0


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to look a user up."""

    name: str
    place: Place | MemcachedPlace
    get: Callable[[int], Awaitable[User | None]]
    """Gives the user, from the cache or else from the database."""
    counted: Counted


Opening: TypeAlias = Callable[[Place], AbstractAsyncContextManager[Contender]]
MemcachedOpening: TypeAlias = Callable[[MemcachedPlace], AbstractAsyncContextManager[Contender]]


@asynccontextmanager
async def users(path: str, counted: Counted) -> AsyncIterator[Load]:
    """Open the users as an application would that reads them well: one thread hop a read."""
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        connection.row_factory = sqlite3.Row

        async def load(id: int) -> dict[str, object]:
            counted.selects += 1
            rows = await connection.execute_fetchall(SELECT, (id,))
            return {name: row[name] for row in rows for name in row.keys()}  # noqa: SIM118

        yield load


@asynccontextmanager
async def users_on_the_loop(
    path: str, counted: Counted
) -> AsyncIterator[Callable[[int], dict[str, object]]]:
    """Open the users so that a read holds up everything else: the least that one can cost."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row

        def load(id: int) -> dict[str, object]:
            counted.selects += 1
            row = connection.execute(SELECT, (id,)).fetchone()
            return {name: row[name] for name in row.keys()}  # noqa: SIM118

        yield load
