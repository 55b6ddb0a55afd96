"""Finding records by the beginning or a part of a word, whatever the accents and case."""

import asyncio
import itertools
import sqlite3

from tui.database.folding import fold, spellings
from tui.database.sqlite.careful import Bounded, as_key
from tui.database.sqlite.connection import Connection
from tui.database.sqlite.failures import TooLong
from tui.database.sqlite.indexes import LAST_CHARACTER, beginning_sql
from tui.database.sqlite.scan import (
    Scan,
    ScanByParts,
    kept,
    kept_of,
    part_sql,
)
from tui.models import Key, Match, Scalar, SearchResult, TableSchema
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.plain_text import is_unicode

ANSWER_SECONDS = 0.4
"""What the indexes may take: an answer that comes later is of no use to somebody typing."""
MOST_FOUND = 16 << 20
"""Bytes that the rows of one answer of an index may have together."""
ANY_ROW = "SELECT 1 FROM sqlite_schema LIMIT 1"


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
        scan = Scan(needle, limit + 1, schema)
        if complete and len(found) <= limit:
            complete = await self._find_parts(schema, needle, scan, seconds)
            for match in scan.matches():
                found.setdefault(match.id, match)
        matches = tuple(found.values())
        more = len(matches) > limit
        return SearchResult(
            text,
            matches[:limit],
            more,
            complete,
            index=_missing_index(schema),
            passed_over=scan.passed_over,
        )

    async def _find_beginnings(
        self, schema: TableSchema, typed: str, limit: int, found: dict[Key, Match]
    ) -> bool:
        """Find what begins with the text, where an index knows; tell whether it all did."""
        answered = False
        share = MOST_FOUND // ((limit + 1) * (1 + len(schema.search_columns)))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # Whoever waits for a lock is told so, not that there are too many rows.
                await self._connection.read(ANY_ROW, (), bounded=False)
                answered = True
                for column in schema.indexed_columns:
                    for spelling in spellings(typed):
                        bounds = (spelling, spelling + LAST_CHARACTER, limit + 1)
                        query = Bounded(beginning_sql(schema, column), bounds, share)
                        rows = await self._connection.read(query, (), bounded=False)
                        _collect(found, rows, schema, kept_of(limit))
                        if len(found) > limit:
                            return True
        except TooLong:
            return True  # the scan finds it, and what begins with the text all the same
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
        bound: list[Scalar] = [number, *[needle] * len(schema.search_columns)]
        try:
            async with asyncio.timeout(seconds):
                try:
                    await self._connection.read(part_sql(schema), bound, bounded=False)
                except TooLong:
                    by_parts = ScanByParts(schema, bound, scan)
                    await self._connection.read(by_parts, (), bounded=False)
                    return scan.is_whole
        except TimeoutError:
            return False
        finally:
            del self._scans[number]
        return True

    def take(self, number: int, id: Scalar | bytes, kind: str, *texts: bytes | None) -> None:
        """Take a row for a scan that still goes on; it is the SQL function `hitmiss_take`."""
        scan = self._scans.get(number)
        if scan is not None:
            scan.take(id, kind, texts)


def _missing_index(schema: TableSchema) -> str:
    """Return the index that would find beginnings sooner; '' where there is nothing to add."""
    columns = schema.unindexed_columns
    return f"COLLATE NOCASE on {', '.join(columns)}" if columns else ""


def _collect(
    found: dict[Key, Match], rows: list[sqlite3.Row], schema: TableSchema, most: int
) -> None:
    for row in rows:
        id = as_key(row[0])
        if isinstance(id, int if schema.id_is_integer else str):
            texts = (row[1 + i] for i in range(len(schema.search_columns)))
            shown = tuple(kept(None if t is None else str(t), most) for t in texts)
            found.setdefault(id, Match(id, shown))
