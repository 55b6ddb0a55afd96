"""hitmiss, as its commands have it: every guarantee on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from bench.contender import TTL, Contender, Counted, MemcachedPlace, Place, User
from tui.cache import registry as caches
from tui.cache.port import CacheOptions, Copies
from tui.cache.redis.embedded import open_embedded
from tui.database import registry as databases
from tui.database.port import Records, TableOptions
from tui.models import Key, Label, Record, TableSchema
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.service.cache_aside import CacheAside
from tui.service.lifetimes import Lifetimes

NAME = "**hitmiss**"
EMBEDDED_NAME = "**hitmiss**, embedded"
TEMPLATE = KeyTemplate("hitmiss:user:{id}")


class LookupFailed(Exception):
    """The service gave no answer."""


class CountingRecords:
    """What lookups need of a table; each read is counted."""

    def __init__(self, records: Records, counted: Counted) -> None:
        """Count the reads of `records`."""
        self._records = records
        self._counted = counted

    @property
    def schema(self) -> TableSchema:
        """See Records."""
        return self._records.schema

    async def find(self, id: Key) -> Record | None:
        """See Records."""
        self._counted.selects += 1
        return await self._records.find(id)


@asynccontextmanager
async def hitmiss(place: Place | MemcachedPlace) -> AsyncIterator[Contender]:
    """Open the service on a server."""
    store = caches.store_of(place.url)
    async with (
        store.open(place.url, SystemClock(), CacheOptions()) as cache,
        _serving(place, cache) as contender,
    ):
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
    place: Place | MemcachedPlace, cache: Copies, name: str = NAME
) -> AsyncIterator[Contender]:
    counted, clock = Counted(), SystemClock()
    store = databases.store_of(place.database)
    url = store.check(place.database)
    schema = store.read_schema(url, "users", None, read_only=False)
    async with store.open(url, schema, clock, TableOptions()) as table:
        records = cast("Records", CountingRecords(table, counted))
        service = CacheAside(cache, records, TEMPLATE, clock, lifetimes=Lifetimes(ttl=TTL))

        async def get(id: int) -> User | None:
            outcome = await service.look_up(id)
            if outcome.label in {Label.ERROR, Label.BYPASS}:
                raise LookupFailed(outcome.reason)
            return outcome.record

        try:
            yield Contender(name, place, get, counted)
        finally:
            await service.aclose()
