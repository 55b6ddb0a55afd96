"""One table of a database that speaks SQL: its records, and reading them in numbers."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar, cast

from tui.database.port import KEYSTROKE_SECONDS
from tui.database.sql.batches import BatchReader
from tui.database.sql.dialect import Dialect
from tui.database.sql.failures import CHANGED, IGNORED, SchemaChanged
from tui.database.sql.keys import cannot_be, key_of, others
from tui.database.sql.query import Changed, Query, Reads, Row, SqlChange, Writes
from tui.database.sql.records import record_of
from tui.database.sql.search import SqlSearch
from tui.models import (
    MAX_VALUE,
    Caveat,
    Key,
    Record,
    Scalar,
    SearchResult,
    Step,
    TableSchema,
    Target,
)
from tui.models.recorder import note_steps
from tui.models.scalars import Unread, is_as
from tui.runtime.clock import Clock
from tui.runtime.errors import (
    ChangedMeanwhile,
    ChangeIgnored,
    ChangeRefused,
    DatabaseUnavailable,
)
from tui.runtime.plain_text import plain
from tui.runtime.shared_task import SharedTask

Result = TypeVar("Result")
SHAPE_SECONDS = 5.0
"""How often it is seen whether the table still has the columns that it had."""


class SqlTable:
    """The records of one table: read by some connections, written by others.

    The search has its own, so that it delays no look-up.
    """

    def __init__(
        self,
        reader: Reads,
        writer: Writes | None,
        search: SqlSearch,
        dialect: Dialect,
        schema: TableSchema,
        clock: Clock,
        *,
        caveats: Callable[[], Sequence[Caveat]],
        read_schema: Callable[[], Awaitable[TableSchema]],
        max_value: int = MAX_VALUE,
        shape: str | None = None,
    ) -> None:
        """Read `schema`'s table through `reader`; without a `writer`, change nothing.

        Args:
            reader: reads in bounded time.
            writer: writes in bounded time.
            search: finds records by a text.
            dialect: spells the statements.
            schema: the table, as it was read at first.
            clock: by which steps are timed.
            caveats: what the newest connection has found.
            read_schema: reads the table's columns anew.
            max_value: bytes of one record that are read, about.
            shape: what `Dialect.shape` gave when `schema` was read; None: not known.
        """
        self._reader = reader
        self._writer = writer
        self._search = search
        self._dialect = dialect
        self._schema = schema
        self._clock = clock
        self._caveats = caveats
        self._read_schema = read_schema
        self._longest = max(1, max_value // max(1, len(schema.columns)))
        self._batches = BatchReader(reader, dialect, max_value)
        self._shape = shape
        self._look_due = time.monotonic() + SHAPE_SECONDS
        self._look = SharedTask(self._look_at_shape)

    @property
    def schema(self) -> TableSchema:
        """The table as the latest read found it."""
        return self._schema

    @property
    def caveats(self) -> Sequence[Caveat]:
        """Why what it answers may be old or not all, as the newest connection found."""
        return self._caveats()

    async def find(self, id: Key) -> Record | None:
        """Return the record with that key, in bounded time; see Records.

        What cannot be a key there is not asked for: no row has it.
        """
        why = cannot_be(self._schema, id)
        if why is not None:
            self._note_impossible(id, why)
            return None
        if time.monotonic() >= self._look_due:
            await self._looked(id)
        records = await self._records(lambda its: self._dialect.find(its, id, self._longest))
        if not records:
            spelled = others(self._schema, id)
            if spelled:
                records = await self._records(
                    lambda its: self._dialect.spelled(its, spelled, self._longest)
                )
        if len(records) > 1:
            raise DatabaseUnavailable(self._not_unique(id))
        return records[0] if records else None

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Return the rows with each of those keys; see Rows."""
        left = list(dict.fromkeys(ids))
        found: dict[Key, list[Record]] = {}
        while left:
            part = await self.find_part(left, columns)
            found.update((id, rows) for id, rows in part.items() if rows)
            left = left[len(part) :]
        return found

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Return the rows of the first of those keys; see Rows."""
        if time.monotonic() >= self._look_due:
            await self._look.result()

        async def read(schema: TableSchema) -> dict[Key, list[Record]]:
            named = schema.columns
            if columns is not None:
                wanted = {*columns, schema.id_column}
                named = tuple(column for column in schema.columns if column in wanted)
            return await self._batches.of_part(schema, ids, named)

        return await self._with_schema(read)

    async def first_keys(self, limit: int) -> list[Key]:
        """Return the keys of up to `limit` records; see Rows."""

        async def read(schema: TableSchema) -> list[Key]:
            rows = await self._reader.read(self._dialect.first_keys(schema, limit))
            keys = (key_of(row[0], integer=schema.id_is_integer) for row in rows)
            return [cast("Key", key) for key in keys if key is not None]

        return await self._with_schema(read)

    async def touch(self, id: Key) -> bool:
        """Write a record as it is; see Table."""
        if self._schema.is_view:  # its triggers or rules could do anything
            raise ChangeRefused(
                f"{self._schema.name!r} is a view, which cannot just be touched"
            )
        if cannot_be(self._schema, id) is not None:
            return False
        changed, _ = await self._change(lambda its: self._dialect.touch(its, id))
        if not changed.count and await self._at_most_one(id):
            raise ChangeIgnored(IGNORED)
        return changed.count > 0

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change these columns of a record, in one statement; see Records."""
        _check_columns(self._schema, changes)
        if self._schema.id_column in changes:
            raise ChangeRefused(f"{self._schema.id_column!r} is the key, which stays as it is")
        if expected is not None and Unread in map(type, expected.values()):
            raise ChangeRefused(
                "a record that is too long to be read whole is not changed: give a larger"
                " --max-value"
            )
        if cannot_be(self._schema, id) is not None:
            self._check_writable()
            return None

        def make(schema: TableSchema) -> SqlChange:
            _check_columns(schema, changes)
            if expected is not None and not expected.keys() <= schema.column_set:
                raise ChangedMeanwhile(CHANGED)
            return self._dialect.update(schema, id, changes, expected, self._longest)

        self._check_writable()
        await self._check_spelling(id)
        changed, record = await self._change(make)
        if not changed.count:
            await self._check_still(id, expected)
        return record

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a record; see Records."""

        def make(schema: TableSchema) -> SqlChange:
            _check_columns(schema, record)
            return self._dialect.insert(schema, record, self._longest)

        _, added = await self._change(make)
        if added is None:
            raise ChangeIgnored(IGNORED)
        return cast("Key", added[self._schema.id_column]), added

    async def delete(self, id: Key) -> bool:
        """Remove a record; see Records."""
        if cannot_be(self._schema, id) is not None:
            self._check_writable()
            return False
        self._check_writable()
        await self._check_spelling(id)
        changed, _ = await self._change(lambda its: self._dialect.delete(its, id))
        if not changed.count and await self._at_most_one(id):
            raise ChangeIgnored(IGNORED)
        return changed.count > 0

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Return up to `limit` records that hold `text` in a searched column; see Rows."""
        try:
            return await self._with_schema(
                lambda its: self._search.run(its, text, limit, seconds)
            )
        except DatabaseUnavailable as error:
            return SearchResult(text, complete=False, reason=str(error))

    async def _with_schema(self, work: Callable[[TableSchema], Awaitable[Result]]) -> Result:
        """Return what `work` does; where the table is another by now, read its columns anew.

        What was asked with some columns is understood with those: meanwhile others may have
        been read.
        """
        try:
            return await work(self._schema)
        except SchemaChanged:
            await self._reread()
        return await work(self._schema)

    async def _records(self, make: Callable[[TableSchema], Query]) -> list[Record]:
        """Run a query for whole records and note it."""

        async def read(schema: TableSchema) -> list[Record]:
            rows = await self._noted(make(schema))
            return [record_of(schema, schema.columns, row) for row in rows]

        return await self._with_schema(read)

    async def _noted(self, query: Query) -> list[Row]:
        started = self._clock.monotonic()
        try:
            rows = await self._reader.read(query)
        except DatabaseUnavailable as error:
            self._note(query, started, str(error), failed=True)
            raise
        self._note(query, started, _counted(len(rows)))
        return rows

    async def _change(
        self, make: Callable[[TableSchema], SqlChange]
    ) -> tuple[Changed, Record | None]:
        """Make a change and note it; return what it came to, and the record as it is then."""
        writer = self._check_writable()

        async def write(schema: TableSchema) -> tuple[Changed, Record | None]:
            changed = await self._noted_change(writer, make(schema))
            rows = changed.rows
            return changed, record_of(schema, schema.columns, rows[0]) if rows else None

        return await self._with_schema(write)  # a change was refused as a whole then

    async def _noted_change(self, writer: Writes, change: SqlChange) -> Changed:
        started = self._clock.monotonic()
        try:
            changed = await writer.change(change)
        except (DatabaseUnavailable, ChangeRefused) as error:
            failed = isinstance(error, DatabaseUnavailable)
            self._note(change.query, started, str(error), failed=failed)
            raise
        self._note(change.query, started, _counted(changed.count))
        return changed

    def _note(self, query: Query, started: float, result: str, *, failed: bool = False) -> None:
        words = (query.typed,) if query.typed else ()
        seconds = self._clock.monotonic() - started
        note_steps(Step(Target.DATABASE, query.shown, seconds, result, failed, words))

    def _note_impossible(self, id: Key, why: str) -> None:
        shown = self._dialect.find(self._schema, id, self._longest).shown
        note_steps(Step(Target.DATABASE, shown, 0.0, f"no row, and not asked: {why}"))

    async def _looked(self, id: Key) -> None:
        """See whether the table is as it was, before a record is asked for; note a failure."""
        started = self._clock.monotonic()
        try:
            await self._look.result()
        except DatabaseUnavailable as error:
            query = self._dialect.find(self._schema, id, self._longest)
            self._note(query, started, str(error), failed=True)
            raise

    async def _check_spelling(self, id: Key) -> None:
        """Raise where a row has that key, but spells it otherwise: its copy lies elsewhere."""
        if not others(self._schema, id):
            return
        record = await self.find(id)
        own = id if record is None else record[self._schema.id_column]
        if own != id:
            raise ChangeRefused(
                f"the key of that record is spelled {plain(str(own), 60)!r}; use that"
            )

    async def _check_still(self, id: Key, expected: Record | None) -> None:
        """Raise where a record was not changed although it is there."""
        alike = await self._at_most_one(id)
        if alike:
            if expected is not None and not is_as(alike[0], expected):
                raise ChangedMeanwhile(CHANGED)
            raise ChangeIgnored(IGNORED)
        if expected is not None and (await self.find(id)) is not None:
            raise ChangeRefused("the key of that record is spelled otherwise; use that")

    async def _at_most_one(self, id: Key) -> list[Record]:
        """Return the record with that key, if there is one; raise where there are more."""
        schema = self._schema
        rows = await self._reader.read(self._dialect.find(schema, id, self._longest))
        if len(rows) > 1:
            raise ChangeRefused(f"{self._not_unique(id)}; nothing was changed")
        return [record_of(schema, schema.columns, row) for row in rows]

    async def _look_at_shape(self) -> None:
        """See whether the table has the columns that it had; read them anew if it has not."""
        ((shape, *_),) = await self._reader.read(self._dialect.shape(self._schema))
        if self._shape is None:
            self._shape = str(shape)
        elif self._shape != str(shape):
            await self._reread()
            self._shape = str(shape)
        self._look_due = time.monotonic() + SHAPE_SECONDS

    async def _reread(self) -> None:
        self._schema = await self._read_schema()
        self._look_due = time.monotonic() + SHAPE_SECONDS

    def _check_writable(self) -> Writes:
        if self._writer is None:
            raise ChangeRefused("the database was opened read-only: start with --writable")
        return self._writer

    def _not_unique(self, id: Key) -> str:
        table, column = self._schema.name, self._schema.id_column
        return (
            f"column {column!r} of {table!r} is not unique: more than one row has"
            f" {plain(self._dialect.literal(id), 60)}; name a unique column with --id-column"
        )


def _check_columns(schema: TableSchema, changes: Mapping[str, Scalar]) -> None:
    for name in changes:
        if name not in schema.columns:
            listed = ", ".join(schema.columns)
            raise ChangeRefused(f"there is no column {name!r}; there are {listed}")
        if schema.column(name).computed:
            raise ChangeRefused(f"column {name!r} is computed by the database")


def _counted(count: int) -> str:
    return "no row" if not count else "1 row" if count == 1 else f"{count} rows"
