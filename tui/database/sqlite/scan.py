"""Reading all rows of a table for a text that may stand anywhere in them."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from msgspec.structs import replace

from tui.database.folding import rank
from tui.database.sqlite.failures import name_of
from tui.database.sqlite.opening import Opened, Procedure
from tui.database.sqlite.sql import ROWIDS, quoted
from tui.database.sqlite.table_schema import as_sqlite
from tui.models import Key, Match, Scalar, TableSchema
from tui.models.spelling import text_of

LONGEST_SEARCHED = 1 << 20
"""Bytes: longer values are passed over, since a search is for names and the like."""
MOST_KEPT = 4 << 20
"""Characters of searched columns that all matches have together, about."""
ROWS_AT_ONCE = 500
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""The first and the last number that a row may have."""


_Found: TypeAlias = tuple[tuple[int, int], tuple[str, ...]]
"""How well a record matches and in which column, and the searched columns."""


class Scan:
    """What one reading of all rows has found so far; it may be stopped at any row."""

    def __init__(self, needle: str, limit: int, schema: TableSchema) -> None:
        """Keep the best `limit` records that hold the folded text `needle`."""
        self.passed_over = 0
        """How many values were too long to be searched."""
        self.is_whole = True
        """Whether everything else was."""
        self._needle = needle
        self._limit = limit
        self._most = kept_of(limit)
        self._encoding = as_sqlite(schema).encoding
        self._key_type = int if schema.id_is_integer else str
        self._found: dict[Key, _Found] = {}

    def take(self, id: Scalar | bytes, kind: str, texts: Sequence[bytes | None]) -> None:
        """Look at one row, in the thread of the connection.

        `kind` is the key's type in SQLite. Texts come as the bytes that the file has.
        """
        shown = [None if text is None else self._decoded(text) for text in texts]
        ranks = (None if text is None else rank(self._needle, text) for text in shown)
        places = [(score, column) for column, score in enumerate(ranks) if score is not None]
        key = id
        if isinstance(id, bytes):
            key = text_of(id) if kind == "blob" else self._decoded(id)
        if not places or not isinstance(key, self._key_type):
            return
        best = min(places)
        if key not in self._found or best < self._found[key][0]:
            self._found[key] = (best, tuple(kept(text, self._most) for text in shown))
        if len(self._found) > self._most:
            self._found = dict(self._best())

    def matches(self) -> list[Match]:
        """Give what was found: the best first, then by the column, then by the key."""
        return [Match(key, texts) for key, (_, texts) in self._best()]

    def _best(self) -> list[tuple[Key, _Found]]:
        best = sorted(self._found.items(), key=lambda item: (item[1][0], item[0]))
        return best[: self._limit]

    def _decoded(self, stored: bytes) -> str:
        return stored.decode(self._encoding, "replace")


class ScanByParts(Procedure):
    """The same where some value is too long: the rows a few at a time, then one by one."""

    __slots__ = ("bound", "scan", "schema")
    schema: TableSchema
    bound: Sequence[Any]
    scan: Scan

    def __new__(cls, schema: TableSchema, bound: Sequence[Any], scan: Scan) -> "ScanByParts":
        """Read the table for `scan`, to whose query these values are bound."""
        text = super().__new__(cls, part_sql(schema))
        text.schema = schema
        text.bound = bound
        text.scan = scan
        return text

    def run(self, opened: Opened) -> Iterable[Any]:
        """Return no rows; what is found is the scan's."""
        opened.load_schema()
        rowid = self._rowid(opened)
        if rowid is None:
            return self._by_columns(opened)
        first = SMALLEST
        while first <= LARGEST:
            rows = opened.execute(
                f"SELECT {rowid} FROM {quoted(self.schema.name)} WHERE {rowid} >= ?"
                f" ORDER BY {rowid} LIMIT ?",
                (first, ROWS_AT_ONCE),
            ).fetchall()
            if not rows:
                break
            self._read(opened, rowid, [row[0] for row in rows])
            first = rows[-1][0] + 1
        return ()

    def _rowid(self, opened: Opened) -> str | None:
        """Return what a row's own number is called; None where rows have none."""
        names = {name.casefold() for name in self.schema.columns}
        free = next((name for name in ROWIDS if name not in names), None)
        if free is None or self.schema.is_view:
            return None
        with suppress(sqlite3.OperationalError):  # WITHOUT ROWID
            rowid = f"{quoted(self.schema.name)}.{free}"
            opened.execute(f"EXPLAIN SELECT {rowid} FROM {quoted(self.schema.name)}")
            return rowid
        return None

    def _read(self, opened: Opened, rowid: str, numbers: Sequence[int]) -> None:
        sql = f"{self!s} AND {rowid} BETWEEN ? AND ?"
        if self._is_read(opened, sql, (*self.bound, numbers[0], numbers[-1])):
            return
        if len(numbers) == 1:
            self._read_one(opened, rowid, numbers[0])
            return
        middle = len(numbers) // 2
        self._read(opened, rowid, numbers[:middle])
        self._read(opened, rowid, numbers[middle:])

    def _read_one(self, opened: Opened, rowid: str, number: int) -> None:
        source = f"FROM {quoted(self.schema.name)} WHERE {rowid} = ?"
        values: list[Any] = []
        for expression in (*key_of(self.schema), *texts_of(self.schema)):
            try:
                row = opened.execute(f"SELECT {expression} {source}", (number,)).fetchone()
            except sqlite3.DataError as error:
                if name_of(error) != "SQLITE_TOOBIG":
                    raise
                self.scan.passed_over += 1
                row = (None,)
            values.append(None if row is None else row[0])
        id, kind, *texts = values
        self.scan.take(id, str(kind), texts)

    def _by_columns(self, opened: Opened) -> Iterable[Any]:
        """Search each column by itself, without those in which a value is too long."""
        columns = self.schema.search_columns
        for column in columns:
            one = replace(self.schema, search_columns=(column,))
            texts = ", ".join(
                texts_of(one)[0] if name == column else "NULL" for name in columns
            )
            if not self._is_read(opened, part_sql(one, texts), self.bound[:2]):
                self.scan.passed_over += 1
                self.scan.is_whole = False  # what comes behind that value was not read
        return ()

    @staticmethod
    def _is_read(opened: Opened, sql: str, bound: Sequence[Any]) -> bool:
        try:
            opened.execute(sql, bound).fetchall()
        except sqlite3.DataError as error:
            if name_of(error) != "SQLITE_TOOBIG":
                raise
            return False
        return True


def part_sql(schema: TableSchema, texts: str | None = None) -> str:
    """Give the query that hands every row in which a text may stand to `hitmiss_take`.

    SQLite itself passes over the rows of plain ASCII that do not hold it, which is many
    times faster; in all other rows accents and case are for us to fold. What is handed over
    are `texts`, in SQL, or else the searched columns.
    Parameters: the scan's number, then the folded text, once for each searched column.
    """
    places = [f"{quoted(schema.name)}.{quoted(column)}" for column in schema.search_columns]
    handed = ", ".join((*key_of(schema), *(texts_of(schema) if texts is None else (texts,))))
    is_odd = "length({}) <> length(CAST({} AS BLOB))"
    if (
        as_sqlite(schema).encoding != "utf-8"
    ):  # whose lengths tell nothing of what is beyond ASCII
        is_odd = "{} GLOB '*[^' || char(1) || '-' || char(127) || ']*'"
    maybe = " OR ".join(f"instr(lower({p}), ?) OR {is_odd.format(p, p)}" for p in places)
    return f"SELECT count(hitmiss_take(?, {handed})) FROM {quoted(schema.name)} WHERE ({maybe})"


def key_of(schema: TableSchema) -> tuple[str, str]:
    """Give the key as SQL hands it over, texts as bytes, and its type."""
    key = f"{quoted(schema.name)}.{quoted(schema.id_column)}"
    return (
        f"CASE typeof({key}) WHEN 'text' THEN CAST({key} AS BLOB) WHEN 'integer' THEN {key}"
        f" WHEN 'blob' THEN {key} END",
        f"typeof({key})",
    )


def texts_of(schema: TableSchema) -> tuple[str, ...]:
    """Give the searched columns as SQL hands them over.

    As bytes: a TEXT that is not UTF-8 cannot be handed to a function of ours.
    """
    places = (f"{quoted(schema.name)}.{quoted(column)}" for column in schema.search_columns)
    return tuple(
        f"CASE typeof({place}) WHEN 'text' THEN CAST({place} AS BLOB) END" for place in places
    )


def kept_of(limit: int) -> int:
    """Return how many records are kept at once where `limit` are wanted."""
    return 2 * limit + 100


def kept(text: str | None, matches: int) -> str:
    """Give what one of so many matches keeps of a text; '' for NULL."""
    longest = MOST_KEPT // matches
    if text is None or len(text) <= longest:
        return text or ""
    return text[:longest] + "…"
