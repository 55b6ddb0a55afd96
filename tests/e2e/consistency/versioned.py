"""Records of any database whose versions count up, and that are held in hand for a while."""

import asyncio
import random
from collections.abc import Mapping

from tui.database.port import Records
from tui.models import Key, Record, Scalar, TableSchema
from tui.runtime.errors import ChangedMeanwhile

ATTEMPTS = 50
"""How often an update is tried that somebody else was quicker than: far more than it takes."""


class VersionedRecords:
    """Adds 1 to a version where it is still as it was read: the optimistic check decides."""

    def __init__(self, records: Records, chance: random.Random, hold_seconds: float) -> None:
        """Read and write `records`; one read in a hundred is held for `hold_seconds`."""
        self._records = records
        self._chance = chance
        self._hold_seconds = hold_seconds
        self.retries = 0
        """How often somebody else had changed the record meanwhile."""

    @property
    def schema(self) -> TableSchema:
        """See Records."""
        return self._records.schema

    async def find(self, id: Key) -> Record | None:
        """Read, and hold the record in hand for a while: that is where races happen."""
        record = await self._records.find(id)
        if self._chance.random() < 0.5:
            await asyncio.sleep(self._chance.uniform(0, 0.02))
        if self._chance.random() < 0.01:
            await asyncio.sleep(self._hold_seconds)
        return record

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Read the record and write its next version, until nobody was in between."""
        for _ in range(ATTEMPTS):
            record = await self._records.find(id)
            assert record is not None
            version = record["version"]
            assert isinstance(version, int)
            try:
                return await self._records.update(id, {"version": version + 1}, expected=record)
            except ChangedMeanwhile:
                self.retries += 1
        raise AssertionError(f"{ATTEMPTS} others were quicker")

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """See Records."""
        return await self._records.insert(record)

    async def delete(self, id: Key) -> bool:
        """See Records."""
        return await self._records.delete(id)
