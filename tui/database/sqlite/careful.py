"""Reading rows of which nobody knows how long they are: no value is taken that is too long."""

import math
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from tui.database.sqlite.failures import name_of
from tui.database.sqlite.opening import Opened, Procedure
from tui.database.sqlite.sql import ROWIDS, quoted
from tui.models import Key, Scalar
from tui.models.scalars import StandIn, Unread, mark_of
from tui.models.spelling import canonical, spellings, text_of

COLUMNS_AT_ONCE = 500
"""How many columns one statement asks about: SQLite takes 2,000."""


class Bounded(Procedure):
    """One statement, with a bound of its own for each value that it reads."""

    __slots__ = ("before", "bound", "parameters")
    parameters: Sequence[Any]
    bound: int
    before: Callable[[], None]

    def __new__(
        cls,
        sql: str,
        parameters: Sequence[Any],
        bound: int,
        before: Callable[[], None] = lambda: None,
    ) -> "Bounded":
        """Run `sql`; it fails at a value of more than `bound` bytes, before that is read.

        `before` is called first, in the same thread.
        """
        text = super().__new__(cls, sql)
        text.parameters = parameters
        text.bound = bound
        text.before = before
        return text

    def run(self, opened: Opened) -> Iterable[Any]:
        """Return its rows."""
        self.before()
        before, opened.bound = opened.bound, min(opened.bound, self.bound)
        try:
            rows: list[Any] = opened.execute(str(self), self.parameters).fetchall()
            return rows
        finally:
            opened.bound = before


class RowByParts(Procedure):
    """One row, column by column where need be: what is too long is not read, and said so.

    It gives a record for each row that fits, two at most, and of two no columns.
    """

    __slots__ = ("columns", "key", "longest", "parameters", "table")
    table: str
    columns: Sequence[str]
    key: str
    parameters: Sequence[Any]
    longest: int

    def __new__(
        cls,
        table: str,
        columns: Sequence[str],
        key: str,
        where: str,
        parameters: Sequence[Any],
        longest: int,
    ) -> "RowByParts":
        """Read `columns` of the row of `table` that `where` holds for; `key` as it is stored.

        Of all texts together `longest` bytes are read: the short ones, and of the others as
        many as there is room for.
        """
        text = super().__new__(cls, f"FROM {quoted(table)} {where}")
        text.table = table
        text.columns = columns
        text.key = key
        text.parameters = parameters
        text.longest = longest
        return text

    def run(self, opened: Opened) -> Iterable[dict[str, Any]]:
        """Return the records."""
        before = opened.bound
        opened.load_schema()
        opened.execute("BEGIN")  # so that all parts are of one moment
        try:
            opened.bound = self.longest
            rows = opened.execute(f"SELECT 1 {self!s} LIMIT 2", self.parameters).fetchall()
            return [{} for _ in rows] if len(rows) > 1 else [self._row(opened) for _ in rows]
        finally:
            opened.bound = before
            if opened.in_transaction:
                opened.execute("ROLLBACK")

    def _row(self, opened: Opened) -> dict[str, Any]:
        kinds: dict[str, Any] = {}
        for start in range(0, len(self.columns), COLUMNS_AT_ONCE):
            some = self.columns[start : start + COLUMNS_AT_ONCE]
            kinds |= self._select(opened, some, self.longest, "typeof({})")[0]
        blobs = [column for column in self.columns if kinds.get(column) == "blob"]
        found = self._blobs(opened, blobs)
        others = [column for column in self.columns if column not in found]
        left, share = self.longest, max(1, self.longest // max(1, len(others)))
        long: list[str] = []
        for start in range(0, len(others), COLUMNS_AT_ONCE):
            short, too_long = self._select(
                opened, others[start : start + COLUMNS_AT_ONCE], share, "{}"
            )
            found |= {column: self._as_shown(column, value) for column, value in short.items()}
            left -= sum(map(_size, short.values()))
            long += too_long
        for column in long:
            value: dict[str, Any] = {}
            if left > share:
                value, _ = self._select(opened, [column], left, "{}")
            if value:
                found[column] = self._as_shown(column, value[column])
                left -= _size(value[column])
            else:
                found[column] = self._unread(opened, column, str(kinds.get(column, "value")))
        return {column: found[column] for column in self.columns}

    def _blobs(self, opened: Opened, columns: Sequence[str]) -> dict[str, Any]:
        """Return what stands in for bytes: with a digest, unless they are too many to read."""
        found: dict[str, Any] = {}
        for column in columns:
            value, _ = self._select(opened, [column], self.longest, "{}")
            if not value:
                found[column] = self._unread(opened, column, "blob")
            else:
                found[column] = self._as_shown(column, value[column])
        return found

    def _select(
        self, opened: Opened, columns: Sequence[str], bound: int, form: str
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the values that are no longer than `bound`, and the columns of the others."""
        if not columns:
            return {}, []
        opened.bound = bound
        places = (f"{quoted(self.table)}.{quoted(column)}" for column in columns)
        selected = ", ".join(form.format(place) for place in places)
        try:
            row = opened.execute(f"SELECT {selected} {self!s}", self.parameters).fetchone()
        except sqlite3.DataError as error:
            if name_of(error) != "SQLITE_TOOBIG":
                raise
        else:
            return dict(zip(columns, row, strict=True)), []
        if len(columns) == 1:
            return {}, list(columns)
        middle = len(columns) // 2
        found, long = self._select(opened, columns[:middle], bound, form)
        more, longer = self._select(opened, columns[middle:], bound, form)
        return found | more, long + longer

    def _as_shown(self, column: str, value: object) -> Any:
        return value if column == self.key else as_scalar(value)

    def _unread(self, opened: Opened, column: str, kind: str) -> Unread:
        size = self._size(opened, column)
        if size is None and kind == "blob":  # whose length alone SQLite gives without reading
            size = self._select(opened, [column], self.longest, "length({})")[0].get(column)
        shown = f"more than {self.longest:,}" if size is None else f"{size:,}"
        mark = mark_of(f"unread {kind}", str(size).encode())
        return Unread(f"<{kind.upper()}, {shown} bytes: not read>", mark)

    def _size(self, opened: Opened, column: str) -> int | None:
        """Return the bytes of a value without reading it; None where SQLite does not tell."""
        names = {name.casefold() for name in self.columns}
        rowid = next((name for name in ROWIDS if name not in names), ROWIDS[0])
        with suppress(sqlite3.Error, TypeError):  # a view, WITHOUT ROWID, a computed column
            opened.bound = self.longest
            row = opened.execute(
                f"SELECT {quoted(self.table)}.{rowid} {self!s}", self.parameters
            ).fetchone()
            with opened.blobopen(self.table, column, row[0], readonly=True) as value:
                return len(value)
        return None


def as_scalar(value: object) -> Scalar:
    """Return a column's value as a JSON scalar, or what stands in for it."""
    if isinstance(value, bytes):
        return StandIn(f"<BLOB, {len(value)} bytes>", mark_of("blob", value))
    if isinstance(value, float) and not math.isfinite(value):
        return StandIn(str(value), value)
    return value  # type: ignore[return-value]  # SQLite knows only these types


def as_key(value: object) -> Scalar:
    """Return a key as a JSON scalar: bytes as a uuid, or as hex digits."""
    return text_of(value) if isinstance(value, bytes) else as_scalar(value)


def shown_key(key: object, id: Key | None) -> Scalar:
    """Return a key as it is shown: bytes as the uuid that was asked for, else as any."""
    if not isinstance(key, bytes):
        return as_scalar(key)
    # A uuid may be in the order of Windows, which only the one that was asked for tells.
    asked = len(key) == 16 and isinstance(id, str) and key in spellings(id)
    return StandIn(canonical(str(id)) if asked else text_of(key), mark_of("blob", key))


def _size(value: object) -> int:
    return len(value.encode("utf-8", "replace")) if isinstance(value, str) else 8
