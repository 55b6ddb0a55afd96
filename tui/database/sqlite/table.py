"""One table of a SQLite file: its records, and the search in them."""

import sqlite3
from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any, cast

from msgspec.structs import replace

from tui.database.port import KEYSTROKE_SECONDS
from tui.database.sqlite.change_statements import (
    ChangeStatement,
    delete_statement,
    insert_statement,
    touch_statement,
    update_statement,
)
from tui.database.sqlite.connection import Connection
from tui.database.sqlite.records import record_of
from tui.database.sqlite.rows import Row, RowReader
from tui.database.sqlite.search import Search
from tui.database.sqlite.sql import bare, literal, of_any, quoted, typed
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
from tui.models.scalars import is_as
from tui.models.spelling import spellings
from tui.runtime.clock import Clock
from tui.runtime.errors import (
    READ_ONLY_DATABASE,
    ChangedMeanwhile,
    ChangeIgnored,
    ChangeRefused,
    DatabaseMoved,
    DatabaseUnavailable,
)
from tui.runtime.plain_text import plain

IGNORED = (
    "the database ignored it: a trigger of the table (RAISE(IGNORE)) or a constraint"
    " (ON CONFLICT IGNORE) says so"
)
CHANGED = "somebody else changed the record since it was shown; nothing was changed"


class SqliteTable:
    """The records of one table.

    One connection serves all lookups, another all writes, and the search has its own, so
    that neither a slow write nor a slow search delays a lookup.
    """

    def __init__(
        self,
        reader: Connection,
        writer: Connection | None,
        search: Search,
        schema: TableSchema,
        clock: Clock,
        *,
        max_value: int = MAX_VALUE,
    ) -> None:
        """Read `schema`'s table through `reader`; without a `writer`, change nothing.

        Of one record no more than about `max_value` bytes are read.
        """
        self._reader = reader
        self._writer = writer
        self._search = search
        self._schema = schema
        self._clock = clock
        self._rows = RowReader(reader, max_value)

    @property
    def schema(self) -> TableSchema:
        """The table as the latest read found it."""
        return self._schema

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """There are none: a file is read as it is, and whole."""
        return ()

    async def find(self, id: Key) -> Record | None:
        """Give the record with that key, in bounded time.

        A key that no row has is looked for in its other spellings: a uuid without dashes, or
        as bytes. The record then has the row's own spelling, and is not to be stored under
        this one. What is too long to be read is tui.models.scalars.Unread.

        Raises:
            DatabaseUnavailable: locked, damaged, gone or too slow; or more than one row has
                that key, and nobody can tell which of them is meant.
        """
        few = "" if self._schema.unique else " LIMIT 2"
        shown = f"SELECT * FROM {bare(self._schema.name)} "
        rows = await self._traced(
            self._rows.of_key(self._schema, id, few),
            f"{shown}WHERE {bare(self._schema.id_column)} = {literal(id)}{few}",
            f"SELECT * FROM {quoted(self._schema.name)} {_typed_where(self._schema, id)}{few}",
        )
        others = [] if rows or isinstance(id, int) else spellings(id)
        if others:
            listed = ", ".join(map(of_any, others))
            rows = await self._traced(
                self._rows.of_spellings(self._schema, others),
                f"{shown}WHERE {bare(self._schema.id_column)} IN ({listed}) LIMIT 2",
            )
        if len(rows) > 1:
            raise DatabaseUnavailable(self._not_unique(id))
        return self._record(rows[0], id) if rows else None

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Give the rows with each of those keys, several where it is not unique.

        A row belongs to the key that it has. Where no row has a key, those are its rows that
        the column takes for it: `ada` for `ADA` where its collation is NOCASE. With `columns`
        those and the key are read, and no others.

        Raises:
            DatabaseUnavailable: locked, damaged, too slow, or another file by now: copies are
                not to be held against rows that nobody else sees.
        """
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
        """Give the rows of the first of those keys, of one at least, as find_many does.

        Each of these keys is there, with no rows where there are none. How many they are
        depends on how long the rows are.

        Raises:
            DatabaseUnavailable: as for find_many.
        """
        schema = self._schema
        named = None
        if columns is not None:
            wanted = {*columns, schema.id_column}
            named = tuple(column for column in schema.columns if column in wanted)
        found = await self._rows.of_part(schema, ids, named)
        return {
            id: [self._record(row, id, partial=columns is not None) for row in rows]
            for id, rows in found.items()
        }

    async def first_keys(self, limit: int) -> list[Key]:
        """Give the keys of up to `limit` records: the lowest where an index has their order.

        Raises:
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        return await self._rows.first_keys(self._schema, limit)

    async def touch(self, id: Key) -> bool:
        """Write a record as it is, a column with the value it has; tell whether it is there.

        It is a write like any other, with its lock, its commit and the table's triggers; but
        since no value travels, none can be lost, whoever else writes at the same time.

        Raises:
            ChangeRefused: a view, read-only, more than one row with that key, or ignored.
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        if self._schema.is_view:  # its triggers could do anything
            raise ChangeRefused(
                f"{self._schema.name!r} is a view, which cannot just be touched"
            )
        records = await self._change(touch_statement(self._schema, id))
        if not records and await self._at_most_one(id):
            raise ChangeIgnored(IGNORED)
        return bool(records)

    async def update(
        self,
        id: Key,
        changes: Mapping[str, Scalar],
        *,
        expected: Record | None = None,
    ) -> Record | None:
        """Change these columns of a record; give it as it is then, None if it is not there.

        With `expected`, only if it still has those values: one statement that compares and
        changes, so nobody else's change can come in between.

        Raises:
            ChangeRefused: an unknown column, a constraint, read-only, or more than one row
                with that key.
            ChangedMeanwhile: it is no longer as `expected`.
            ChangeIgnored: the record is there, and the table passed over the change.
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        self._check_columns(changes)
        if self._schema.id_column in changes:
            raise ChangeRefused(f"{self._schema.id_column!r} is the key, which stays as it is")
        statement = update_statement(self._schema, id, changes, expected)
        if self._schema.is_view and expected is not None:
            _check_still(await self._at_most_one(id), expected)
        records = await self._change(statement)
        if not records:
            alike = await self._at_most_one(id)
            if self._schema.is_view:
                records = alike
            elif alike:
                _check_still(alike, expected or {})
                raise ChangeIgnored(IGNORED)
            if not alike and isinstance(id, str):
                await self._check_spelling(id)
        return records[0] if records else None

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a record; give its key, and the record as it is then.

        Raises:
            ChangeRefused: an unknown column, a constraint, or read-only.
            ChangeIgnored: the table passed over it.
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        self._check_columns(record)
        if self._schema.is_view:  # and it need not show what goes in through it
            raise ChangeRefused(f"{self._schema.name!r} is a view; add records to its table")
        records = await self._change(insert_statement(self._schema, record))
        if not records:
            raise ChangeIgnored(IGNORED)
        return cast("Key", records[0][self._schema.id_column]), records[0]

    async def delete(self, id: Key) -> bool:
        """Remove a record; tell whether it was there.

        Raises:
            ChangeRefused: a constraint, read-only, or more than one row with that key.
            ChangeIgnored: the record is there, and the table passed over the change.
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        before = await self._at_most_one(id) if self._schema.is_view else []
        records = await self._change(delete_statement(self._schema, id))
        if not records and await self._at_most_one(id) and not self._schema.is_view:
            raise ChangeIgnored(IGNORED)
        return bool(before or records)

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Give up to `limit` records that hold `text` in a searched column.

        Records that begin with it come first, then those where a word does, then the rest;
        accents and case make no difference. Beginnings come from an index where there is
        one. All else is read row by row, for at most `seconds`; then the result is not
        `complete`.

        Raises:
            DatabaseUnavailable: locked, damaged or gone.
        """
        return await self._search.run(self._schema, text, limit, seconds)

    async def _change(self, statement: ChangeStatement) -> list[Record]:
        """Run a statement that writes; give the records that it returns."""
        if self._writer is None:
            raise ChangeRefused(READ_ONLY_DATABASE)
        work = self._writer.write(statement.sql, statement.parameters)
        rows = await self._traced(work, statement.shown)
        return [self._record(row) for row in rows]

    async def _traced(
        self,
        work: Coroutine[Any, Any, list[sqlite3.Row]],
        shown: str,
        again: str | None = None,
    ) -> list[sqlite3.Row]:
        started = self._clock.monotonic()
        words = () if again is None else (again,)
        try:
            rows = await work
        except (DatabaseUnavailable, ChangeRefused) as error:
            failed = isinstance(error, DatabaseUnavailable)
            seconds = self._clock.monotonic() - started
            if isinstance(error, DatabaseMoved):
                shown, words = "look for the file", ()
            note_steps(Step(Target.DATABASE, shown, seconds, str(error), failed, words))
            raise
        seconds = self._clock.monotonic() - started
        result = "no row" if not rows else "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        note_steps(Step(Target.DATABASE, shown, seconds, result, typed=words))
        return rows

    async def _at_most_one(self, id: Key) -> list[Record]:
        """Give the record with that key, if there is one; raise when there are more."""
        rows = await self._rows.of_key(self._schema, id, " LIMIT 2")
        if len(rows) > 1:
            raise ChangeRefused(f"{self._not_unique(id)}; nothing was changed")
        return [self._record(row) for row in rows]

    async def _check_spelling(self, id: str) -> None:
        """Raise when a row has the key in another spelling, under which it may be cached."""
        others = spellings(id)
        rows = await self._rows.of_spellings(self._schema, others) if others else []
        if rows:
            own = rows[0][self._schema.id_column]
            say = f"spelled {plain(str(own), 60)!r}; use that"
            if isinstance(own, bytes):
                say = "kept as bytes; change it with a program that knows them"
            raise ChangeRefused(f"the key of that record is {say}")

    def _not_unique(self, id: Key) -> str:
        table, column = self._schema.name, self._schema.id_column
        return (
            f"column {column!r} of {table!r} is not unique: more than one row has"
            f" {plain(literal(id), 60)}; name a unique column with --id-column"
        )

    def _check_columns(self, changes: Mapping[str, Scalar]) -> None:
        for column in changes:
            if column not in self._schema.columns:
                listed = ", ".join(self._schema.columns)
                raise ChangeRefused(f"there is no column {column!r}; there are {listed}")

    def _record(self, row: Row, id: Key | None = None, *, partial: bool = False) -> Record:
        record = record_of(row, self._schema.id_column, id)
        if not partial and not isinstance(row, dict) and tuple(record) != self._schema.columns:
            # Somebody altered the table since; cached copies of the old shape are outdated.
            self._schema = replace(self._schema, columns=tuple(record))
        return record


def _typed_where(schema: TableSchema, id: Key) -> str:
    """Return the condition for one record in SQL that the sqlite3 shell takes."""
    place = f"{quoted(schema.name)}.{quoted(schema.id_column)}"
    alike = "" if isinstance(id, int) else f" AND {place} = {typed(id)} COLLATE BINARY"
    return f"WHERE {place} = {typed(id)}{alike}"


def _check_still(alike: list[Record], expected: Record) -> None:
    """Raise when there is a record, but not as `expected`."""
    if alike and not is_as(alike[0], expected):
        raise ChangedMeanwhile(CHANGED)
