"""Finding records by the beginning or a part of a word, whatever the accents and case."""

import asyncio
import itertools
import sqlite3
from typing import TypeAlias

from tui.database.connection import Connection
from tui.database.folding import fold, rank, spellings
from tui.database.sql import quoted
from tui.errors import DatabaseUnavailable
from tui.models import Key, Match, Scalar, SearchResult, TableSchema
from tui.plain_text import is_unicode

LAST_CHARACTER = "\U0010ffff"
ANSWER_SECONDS = 0.4
"""What the indexes may take: an answer that comes later is of no use to somebody typing."""
KEYSTROKE_SECONDS = 0.1
"""What reading row by row may take behind that, while somebody types."""
ANY_ROW = "SELECT 1 FROM sqlite_schema LIMIT 1"

Found: TypeAlias = tuple[tuple[int, int], Key, tuple[bytes | None, ...]]
"""How well it matches and in which column, the key, and the searched columns as stored."""


class Search:
    """The search in a table, on a connection of its own: it delays no lookup."""

    def __init__(self, connection: Connection) -> None:
        """Search through `connection`, where `take` is the SQL function `hitmiss_take`."""
        self._connection = connection
        self._numbers = itertools.count()
        self._scans: dict[int, Scan] = {}

    async def run(
        self, schema: TableSchema, text: str, limit: int, seconds: float
    ) -> SearchResult:
        """Give up to `limit` records that hold `text`; see SqliteTable.search.

        Raises:
            DatabaseUnavailable: locked, damaged or gone.
        """
        typed = text.strip()
        needle = fold(typed).strip()
        # Accents alone fold to nothing, and no record can hold what is not Unicode.
        if not needle or not is_unicode(needle) or not schema.search_columns:
            return SearchResult(text)
        found: dict[Key, Match] = {}
        complete = await self._find_beginnings(schema, typed, limit, found)
        if complete and len(found) <= limit:
            scan = Scan(needle, limit + 1, integer=schema.id_is_integer)
            complete = await self._find_parts(schema, needle, scan, seconds)
            for match in scan.matches():
                found.setdefault(match.id, match)
        matches = tuple(found.values())
        more = len(matches) > limit
        return SearchResult(
            text, matches[:limit], more, complete, unindexed=schema.unindexed_columns
        )

    async def _find_beginnings(
        self, schema: TableSchema, typed: str, limit: int, found: dict[Key, Match]
    ) -> bool:
        """Find what begins with the text, where an index knows; tell whether it all did."""
        answered = False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # Whoever waits for a lock is told so, not that there are too many rows.
                await self._connection.read(ANY_ROW, (), bounded=False)
                answered = True
                for column in schema.indexed_columns:
                    for spelling in spellings(typed):
                        bounds = (spelling, spelling + LAST_CHARACTER, limit + 1)
                        rows = await self._connection.read(
                            beginning_sql(schema, column), bounds, bounded=False
                        )
                        _collect(found, rows, schema)
                        if len(found) > limit:
                            return True
        except TimeoutError:
            if not answered:
                raise DatabaseUnavailable(
                    f"the database did not answer within {ANSWER_SECONDS:g} s; is it locked?"
                ) from None
            return False
        return True

    async def _find_parts(
        self, schema: TableSchema, needle: str, scan: "Scan", seconds: float
    ) -> bool:
        """Find where the text stands anywhere, row by row; tell whether all rows were read."""
        number = next(self._numbers)
        self._scans[number] = scan
        bound = [needle] * len(schema.search_columns)
        try:
            async with asyncio.timeout(seconds):
                await self._connection.read(part_sql(schema), (number, *bound), bounded=False)
        except TimeoutError:
            return False
        finally:
            del self._scans[number]
        return True

    def take(self, number: int, id: Scalar | bytes, *texts: bytes | None) -> None:
        """Take a row for a scan that still goes on; it is the SQL function `hitmiss_take`."""
        scan = self._scans.get(number)
        if scan is not None:
            scan.take(id, texts)


class Scan:
    """What one reading of all rows has found so far; it may be stopped at any row."""

    def __init__(self, needle: str, limit: int, *, integer: bool) -> None:
        """Keep the best `limit` records that hold the folded text `needle`."""
        self._needle = needle
        self._limit = limit
        self._key_type = int if integer else str
        self._found: list[Found] = []

    def take(self, id: Scalar | bytes, texts: tuple[bytes | None, ...]) -> None:
        """Look at one row, in the thread of the connection."""
        ranks = (None if text is None else rank(self._needle, _decoded(text)) for text in texts)
        places = [(score, column) for column, score in enumerate(ranks) if score is not None]
        key = _decoded(id) if isinstance(id, bytes) else id
        if not places or not isinstance(key, self._key_type):
            return
        self._found.append((min(places), key, texts))
        if len(self._found) > 8 * self._limit:
            self._found = self._best()

    def matches(self) -> list[Match]:
        """Give what was found: the best first, then by the column, then by the key."""
        return [
            Match(key, tuple("" if text is None else _decoded(text) for text in texts))
            for _, key, texts in self._best()
        ]

    def _best(self) -> list[Found]:
        return sorted(self._found, key=lambda found: found[:2])[: self._limit]


def beginning_sql(schema: TableSchema, column: str) -> str:
    """Give the query for records whose column begins with a text, for an index to serve.

    Parameters: the text in lower case, since an index that folds case does so with its own
    side alone; the text with LAST_CHARACTER behind it; the limit.
    """
    place = f"{quoted(schema.name)}.{quoted(column)}"
    columns = (schema.id_column, *schema.search_columns)
    selected = ", ".join(f"{quoted(schema.name)}.{quoted(name)}" for name in columns)
    return (
        f"SELECT {selected} FROM {quoted(schema.name)}"
        f" WHERE {place} >= ? COLLATE NOCASE AND {place} < ? COLLATE NOCASE"
        f" ORDER BY {place} COLLATE NOCASE LIMIT ?"
    )


def part_sql(schema: TableSchema) -> str:
    """Give the query that hands every row in which a text may stand to `hitmiss_take`.

    SQLite itself passes over the rows of plain ASCII that do not hold it, which is many
    times faster; in all other rows accents and case are for us to fold.
    Parameters: the scan's number, then the folded text, once for each searched column.
    """
    places = [f"{quoted(schema.name)}.{quoted(column)}" for column in schema.search_columns]
    # As bytes: a TEXT that is not UTF-8 cannot be handed to a function of ours.
    texts = ", ".join(
        f"CASE typeof({p}) WHEN 'text' THEN CAST({p} AS BLOB) END" for p in places
    )
    key = f"{quoted(schema.name)}.{quoted(schema.id_column)}"
    id = (
        f"CASE typeof({key}) WHEN 'text' THEN CAST({key} AS BLOB) WHEN 'integer' THEN {key} END"
    )
    maybe = " OR ".join(
        f"instr(lower({p}), ?) OR length({p}) <> length(CAST({p} AS BLOB))" for p in places
    )
    return (
        f"SELECT count(hitmiss_take(?, {id}, {texts})) FROM {quoted(schema.name)} WHERE {maybe}"
    )


def has_index(connection: sqlite3.Connection, schema: TableSchema, column: str) -> bool:
    """Tell whether an index of the file itself finds records by the column's beginning."""
    sql = f"EXPLAIN QUERY PLAN {beginning_sql(schema, column)}"
    steps = [str(row[3]) for row in connection.execute(sql, ("a", "b", 1))]
    return all(step.startswith("SEARCH ") and "AUTOMATIC" not in step for step in steps)


def _collect(found: dict[Key, Match], rows: list[sqlite3.Row], schema: TableSchema) -> None:
    for row in rows:
        id = row[0]
        if isinstance(id, int if schema.id_is_integer else str):
            texts = (row[1 + i] for i in range(len(schema.search_columns)))
            found.setdefault(id, Match(id, tuple("" if t is None else str(t) for t in texts)))


def _decoded(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")
