"""The table as the Lab uses it: slower on purpose, counted, and never changed."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from tui.database.port import Table
from tui.models import Key, Record, Scalar, Step, TableSchema, Target
from tui.models.recorder import note_steps
from tui.runtime.clock import Clock
from tui.runtime.errors import ChangeRefused

VERSION = "lab:version"
"""The column that the Lab adds to what it reads: how often the Lab has written the record."""

VARIATION = 0.5
"""By what share of it the delay is shorter or longer."""


class Gate:
    """Where a read that has been made waits, with what it read in its hand."""

    def __init__(self) -> None:
        """Begin closed."""
        self.reached = asyncio.Event()
        """Set when a read has come here."""
        self.opened = asyncio.Event()
        """Set when it may go on."""

    async def wait(self) -> None:
        """Wait here until it is opened."""
        self.reached.set()
        await self.opened.wait()


class LabTable:
    """A real table behind a wire as long as one likes, whose rows cannot be changed.

    - Every read and write takes about `delay` seconds more, on the way there and on the way
      back, now a little less and now a little more: what a database elsewhere would cost.
    - A write touches the row: a column gets the value that it has. What the Lab needs to see
      an answer that is too old, a version, is counted here and added to each record.
    - More keys than the table has rows are had by reading rows under further keys, `1#2`.
    """

    def __init__(self, table: Table, clock: Clock, chance: random.Random) -> None:
        """Stand before `table`; how much more or less is drawn from `chance`."""
        self._table = table
        self._clock = clock
        self._chance = chance
        self._rows: dict[Key, Key] = {}
        self._versions: dict[Key, int] = {}
        self._schema = _with_version(table.schema)
        self._schema_of = table.schema
        self.delay = 0.0
        """What each read and write takes on top, in the mean, in seconds."""
        self.reads = 0
        """How many reads the database was asked for."""
        self.on_read: Callable[[], None] | None = None
        """Called when a read begins."""
        self.gate: Gate | None = None
        """Where reads wait on their way back."""

    @property
    def schema(self) -> TableSchema:
        """The table as it is now, and the version."""
        if self._schema_of is not self._table.schema:
            self._schema_of = self._table.schema
            self._schema = _with_version(self._schema_of)
        return self._schema

    async def keys(self, count: int) -> list[Key]:
        """Give exactly `count` keys, each of which is the key of some row.

        Raises:
            ChangeRefused: the table is empty.
        """
        rows = await self._table.first_keys(count)
        if not rows:
            raise ChangeRefused(f"{self.schema.name!r} has no record that a load could read")
        keys = list(rows)
        for number in range(len(rows), count):
            row = rows[number % len(rows)]
            key = f"{row}#{number // len(rows) + 1}"
            self._rows[key] = row
            keys.append(key)
        return keys

    async def find(self, id: Key) -> Record | None:
        """Give the record with that key and its version, after the delay.

        Raises:
            DatabaseUnavailable: no answer.
        """
        self.reads += 1
        if self.on_read is not None:
            self.on_read()
        there = await self._travel()
        version = self._versions.get(id, 0)
        record = await self._table.find(self._rows.get(id, id))
        if self.gate is not None:
            await self.gate.wait()
        self._note(there + await self._travel())
        return None if record is None else self._as_read(id, record, version)

    async def find_many(self, ids: Sequence[Key]) -> dict[Key, Record]:
        """Give the records with those keys at once: not counted, and not delayed."""
        rows = {id: self._rows.get(id, id) for id in ids}
        records = await self._table.find_many(list(dict.fromkeys(rows.values())))
        return {
            id: self._as_read(id, records[row][0], self._versions.get(id, 0))
            for id, row in rows.items()
            if records.get(row)
        }

    async def update(
        self,
        id: Key,
        changes: Mapping[str, Scalar],
        *,
        expected: Record | None = None,
    ) -> Record | None:
        """Touch the record and count its version up; whatever the changes, there are none.

        Raises:
            ChangeRefused: the row cannot be touched.
            DatabaseUnavailable: no answer.
        """
        there = await self._travel()
        if not await self._table.touch(self._rows.get(id, id)):
            return None
        version = self._versions[id] = self._versions.get(id, 0) + 1
        self._note(there + await self._travel())
        return {self.schema.id_column: id, VERSION: version}

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Refuse it."""
        raise ChangeRefused("the Lab adds no records")

    async def delete(self, id: Key) -> bool:
        """Refuse it."""
        raise ChangeRefused("the Lab removes no records")

    async def _travel(self) -> float:
        """Be on the way there, or back; give for how many seconds."""
        seconds = self.delay / 2 * self._chance.uniform(1 - VARIATION, 1 + VARIATION)
        if seconds:
            await self._clock.sleep(seconds)
        return seconds

    def _note(self, seconds: float) -> None:
        if seconds:
            note_steps(Step(Target.SERVICE, "added latency", seconds, "by the Lab"))

    def _as_read(self, id: Key, record: Record, version: int) -> Record:
        return {**record, self.schema.id_column: id, VERSION: version}


def _with_version(schema: TableSchema) -> TableSchema:
    return replace(schema, columns=(*schema.columns, VERSION))
