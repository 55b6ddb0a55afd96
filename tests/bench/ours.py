"""hitmiss, as its commands have it: every guarantee on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.contender import TTL, Contender, Counted, Place, User
from tui.cache.redis.adapter import RedisCache
from tui.cache.redis.embedded import open_embedded
from tui.cache.redis.opening import open_url
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table import SqliteTable
from tui.database.sqlite.table_opening import open_table
from tui.models import Key, Label, Record
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.service.cache_aside import CacheAside
from tui.service.lifetimes import Lifetimes

NAME = "**hitmiss**"
EMBEDDED_NAME = "**hitmiss**, embedded"
TEMPLATE = KeyTemplate("hitmiss:user:{id}")


class LookupFailed(Exception):
    """The service gave no answer."""


@asynccontextmanager
async def hitmiss(place: Place) -> AsyncIterator[Contender]:
    """Open the service on a server."""
    async with open_url(place.url, SystemClock()) as cache, _serving(place, cache) as contender:
        yield contender


@asynccontextmanager
async def embedded(place: Place) -> AsyncIterator[Contender]:
    """Open the service on a cache inside this process."""
    async with (
        open_embedded(SystemClock()) as cache,
        _serving(place, cache, EMBEDDED_NAME) as contender,
    ):
        yield contender


@asynccontextmanager
async def _serving(
    place: Place, cache: RedisCache, name: str = NAME
) -> AsyncIterator[Contender]:
    counted = Counted()

    class CountingTable(SqliteTable):
        async def find(self, id: Key) -> Record | None:
            counted.selects += 1
            return await super().find(id)

    schema, clock = read_schema(place.path, "users", None), SystemClock()
    async with open_table(place.path, schema, clock, table_type=CountingTable) as table:
        service = CacheAside(cache, table, TEMPLATE, clock, lifetimes=Lifetimes(ttl=TTL))

        async def get(id: int) -> User | None:
            outcome = await service.look_up(id)
            if outcome.label in {Label.ERROR, Label.BYPASS}:
                raise LookupFailed(outcome.reason)
            return outcome.record

        try:
            yield Contender(name, place, get, counted)
        finally:
            await service.aclose()
