"""What a load or a scenario runs on: the cache and the table in use, under keys of its own."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tui.cache.port import Cache
from tui.database.port import Table
from tui.lab.naive_cache_aside import NaiveCacheAside
from tui.lab.table import LabTable
from tui.models import Key
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError
from tui.service.cache_aside import CacheAside
from tui.service.lifetimes import Lifetimes

KEYS_PER_TRIP = 200
"""How many records' keys are deleted in one trip."""

PREPARED_KEYS = 10_000
"""How many keys of records are read before a run."""


class LabEnvironment:
    """A cache and a table, with services on them that touch the keys of this run alone.

    Those are `hitmiss:lab:{run}:{part}:{id}`, and the run is drawn anew each time: an
    environment is for one load or one scenario.
    """

    def __init__(self, cache: Cache, table: Table, clock: Clock, chance: random.Random) -> None:
        """Stand on `cache` and `table`; whatever is left to chance is drawn from `chance`."""
        self.cache = cache
        self.table = LabTable(table, clock, chance)
        self.clock = clock
        self.chance = chance
        self.run = secrets.token_hex(4)
        """The name of this run, in all its keys."""
        self._templates: dict[str, KeyTemplate] = {}
        self._services: list[CacheAside | NaiveCacheAside] = []
        self._keys: list[Key] = []
        self._used = 0

    def template(self, part: str) -> KeyTemplate:
        """Give where the copies of one part of the run lie; they are deleted at its end."""
        template = KeyTemplate(f"hitmiss:lab:{self.run}:{part}:{{id}}")
        return self._templates.setdefault(part, template)

    async def keys(self, count: int) -> list[Key]:
        """Give exactly `count` keys of records.

        Raises:
            ChangeRefused: the table is empty.
            DatabaseUnavailable: no answer.
        """
        if len(self._keys) < count:
            self._keys = await self.table.keys(count)
        self._used = max(self._used, count)
        return self._keys[:count]

    async def prepare(self) -> None:
        """Read keys of records in advance, before faults are switched on.

        Raises:
            ChangeRefused, DatabaseUnavailable: as for keys.
        """
        self._keys = await self.table.keys(PREPARED_KEYS)

    def service(self, part: str, lifetimes: Lifetimes) -> CacheAside:
        """Give a new service, as each process has one; those of one part share their copies."""
        service = CacheAside(
            self.cache, self.table, self.template(part), self.clock,
            lifetimes=lifetimes, uniform=self.chance.uniform,
        )  # fmt: skip
        self._services.append(service)
        return service

    def naive_cache_aside(
        self, part: str, lifetimes: Lifetimes, *, single_flight: bool = False
    ) -> NaiveCacheAside:
        """Give the usual pattern on the copies of that part."""
        pattern = NaiveCacheAside(
            self.cache, self.table, self.template(part), self.clock, self.chance,
            lifetimes=lifetimes, single_flight=single_flight,
        )  # fmt: skip
        self._services.append(pattern)
        return pattern

    async def aclose(self) -> None:
        """End the services, and delete every key of the run.

        Where the cache does not take that, the copies end by themselves, with ttl and grace.
        """
        for service in self._services:
            await service.aclose()
        value_keys = [
            template.value_key(id)
            for template in self._templates.values()
            for id in self._keys[: self._used]
        ]
        with suppress(CacheError):
            for start in range(0, len(value_keys), KEYS_PER_TRIP):
                await self.cache.invalidate(value_keys[start : start + KEYS_PER_TRIP])


@asynccontextmanager
async def open_environment(
    cache: Cache, table: Table, clock: Clock, *, seed: int | None = None
) -> AsyncIterator[LabEnvironment]:
    """Open an environment, which leaves no key behind; the same seed draws the same keys."""
    lab = LabEnvironment(cache, table, clock, random.Random(seed))
    try:
        yield lab
    finally:
        # In a task of its own: whoever was cancelled cannot call the cache any more.
        await asyncio.shield(asyncio.create_task(lab.aclose()))
