"""Cache-aside as most programs have it, to be seen beside the service; not to be copied."""

import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from tui.audit.extent import UnreadablePayload
from tui.cache.port import Cache
from tui.lab.table import LabTable
from tui.models import Flags, Key, Label, Outcome, Record, Scalar, WriteResult
from tui.models.keys import KeyTemplate
from tui.models.recorder import Recorder
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.service.coalescer import Flight, Flights
from tui.service.lifetimes import Lifetimes
from tui.service.payload import decode, encode


class Updates(Protocol):
    """What changes a record under a pattern."""

    async def update(self, id: Key, changes: Mapping[str, Scalar]) -> WriteResult:
        """Change a record in the database, and forget its copy.

        Raises:
            ChangeRefused, DatabaseUnavailable: it was not changed.
        """
        ...


class Pattern(Protocol):
    """What the service and the usual pattern have in common."""

    @property
    def writer(self) -> Updates:
        """What changes records."""
        ...

    async def look_up(self, id: Key) -> Outcome:
        """Give the record, and where it came from."""
        ...


class NaiveCacheAside:
    """Read the cache, else the database and SET what was read; write the database and DEL.

    What is wrong with it: everybody who misses reads the database; and who read before a write
    may SET after its DEL, so that the old record stays for a whole ttl. With `single_flight`
    the callers of this process share a read, but processes know nothing of each other.
    """

    def __init__(
        self,
        cache: Cache,
        table: LabTable,
        template: KeyTemplate,
        clock: Clock,
        chance: random.Random,
        *,
        lifetimes: Lifetimes,
        single_flight: bool = False,
    ) -> None:
        """Serve `table` through `cache`; `lifetimes` may be replaced at any time."""
        self.lifetimes = lifetimes
        self._cache = cache
        self._table = table
        self._template = template
        self._clock = clock
        self._chance = chance
        self._single_flight = single_flight
        self._flights: Flights[Record | None] = Flights()

    @property
    def writer(self) -> "NaiveCacheAside":
        """This itself: it reads and writes in one place."""
        return self

    async def look_up(self, id: Key) -> Outcome:
        """Give the record with that key, and where it came from."""
        started = self._clock.monotonic()
        value_key = self._template.value_key(id)
        shared, reason = False, None
        with Recorder() as steps:
            try:
                record = await self._cached(id, value_key)
                label = Label.HIT
                if record is None:
                    record, shared = await self._load(id, value_key)
                    label = Label.NOT_FOUND if record is None else Label.DB
            except DatabaseUnavailable as error:
                record, label, reason = None, Label.ERROR, str(error)
        seconds = self._clock.monotonic() - started
        return Outcome(
            id, label, record,
            seconds=seconds, flags=Flags(shared), reason=reason, steps=tuple(steps),
        )  # fmt: skip

    async def update(self, id: Key, changes: Mapping[str, Scalar]) -> WriteResult:
        """Write the database, then delete the copy; a delete that fails is forgotten.

        Raises:
            ChangeRefused, DatabaseUnavailable: it was not changed.
        """
        started = self._clock.monotonic()
        with Recorder() as steps:
            record = await self._table.update(id, changes)
            with suppress(CacheError):  # as most programs do
                await self._cache.drop(self._template.value_key(id))
        seconds = self._clock.monotonic() - started
        return WriteResult(id, record is not None, record, seconds=seconds, steps=tuple(steps))

    async def aclose(self) -> None:
        """End what is under way."""
        await self._flights.aclose()

    async def _cached(self, id: Key, value_key: str) -> Record | None:
        schema = self._table.schema
        try:
            payload = (await self._cache.read(value_key)).payload
            if payload is None:
                return None
            return decode(payload, id=id, id_column=schema.id_column, columns=schema.column_set)
        except (CacheError, UnreadablePayload):
            return None

    async def _load(self, id: Key, value_key: str) -> tuple[Record | None, bool]:
        """Give the record, and whether somebody else has loaded it."""
        if not self._single_flight:
            return await self._read_and_store(id, value_key), False

        async def load(flight: Flight[Record | None]) -> Record | None:
            return await self._read_and_store(id, value_key)

        flight = self._flights.get(value_key)
        if flight is not None:
            return await flight.join(), True
        return await self._flights.start(value_key, load).join(), False

    async def _read_and_store(self, id: Key, value_key: str) -> Record | None:
        record = await self._table.find(id)
        if record is not None:
            seconds = self.lifetimes.draw(self._chance.uniform)
            with suppress(CacheError):  # as most programs do
                await self._cache.store([(value_key, encode(record), seconds)])
        return record
