"""One table of a SQLite file, read off the event loop and in bounded time."""

import asyncio
import math
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiosqlite

from tui.clock import Clock
from tui.database import file
from tui.database.search import (
    LAST_CHARACTER,
    beginning_sql,
    fold,
    part_sql,
    quoted,
    rank,
)
from tui.errors import DatabaseUnavailable
from tui.models import (
    Key,
    Match,
    Record,
    Scalar,
    SearchResult,
    Step,
    TableSchema,
    Target,
    Trace,
)
from tui.plain_text import is_unicode

QUERY_SECONDS = 2.0
"""What one query may take, waiting for its turn included."""
SEARCH_SECONDS = 0.4
"""What a search may take: an answer that comes later is of no use to somebody typing."""

INTERRUPTS, INTERRUPT_SECONDS = 5, 0.01
"""How often a query that nobody waits for is interrupted, and how far apart."""


class SqliteTable:
    """The records of one table.

    One connection serves all reads, one after the other, in a thread of its own.
    """

    def __init__(
        self, reader: aiosqlite.Connection, path: Path, schema: TableSchema, clock: Clock
    ) -> None:
        """Read `schema`'s table through `reader`, which the caller closes."""
        self._reader = reader
        self._reading = asyncio.Lock()
        self._path = path
        self._schema = schema
        self._clock = clock

    @property
    def schema(self) -> TableSchema:
        """The table as the latest read found it."""
        return self._schema

    async def find(self, id: Key, trace: Trace) -> Record | None:
        """Give the record with that key, in at most QUERY_SECONDS.

        Raises:
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        table, column = quoted(self._schema.name), quoted(self._schema.id_column)
        sql = f"SELECT * FROM {table} WHERE {table}.{column} = ?"
        shown = _readable(self._schema, id)
        started = self._clock.monotonic()
        try:
            rows = await self._fetch(sql, (id,), QUERY_SECONDS)
        except DatabaseUnavailable as error:
            seconds = self._clock.monotonic() - started
            trace.append(Step(Target.DATABASE, shown, seconds, str(error), failed=True))
            raise
        seconds = self._clock.monotonic() - started
        trace.append(Step(Target.DATABASE, shown, seconds, "1 row" if rows else "no row"))
        if not rows:
            return None
        record = {name: _scalar(rows[0][name]) for name in rows[0].keys()}  # noqa: SIM118
        if tuple(record) != self._schema.columns:
            # Somebody altered the table since; cached copies of the old shape are outdated.
            self._schema = replace(self._schema, columns=tuple(record))
        return record

    async def search(self, text: str, limit: int) -> SearchResult:
        """Give up to `limit` records that hold `text` in a searched column.

        Records that begin with it come first, then those where a word does, then the rest;
        accents and case make no difference. Takes at most SEARCH_SECONDS; then the result
        is what an index could find, and not `complete`.

        Raises:
            DatabaseUnavailable: locked, damaged or gone.
        """
        schema = self._schema
        needle = fold(text).strip()
        # Accents alone fold to nothing, and no record can hold what is not Unicode.
        if not needle or not is_unicode(needle) or not schema.search_columns:
            return SearchResult(text)
        found: dict[Key, Match] = {}
        complete = True
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                for column in schema.search_columns:
                    bounds = (needle, needle + LAST_CHARACTER, limit + 1)
                    rows = await self._fetch(beginning_sql(schema, column), bounds, None)
                    _collect(found, rows, schema)
                if len(found) <= limit:
                    rows = await self._fetch(part_sql(schema), (needle, limit + 1), None)
                    _collect(found, rows, schema)
        except TimeoutError:
            complete = False
        matches = tuple(found.values())
        return SearchResult(text, matches[:limit], len(matches) > limit, complete)

    async def _fetch(
        self, sql: str, parameters: Sequence[Scalar], seconds: float | None
    ) -> list[sqlite3.Row]:
        try:
            async with asyncio.timeout(seconds):
                await self._reading.acquire()
                query = asyncio.ensure_future(self._reader.execute_fetchall(sql, parameters))
                query.add_done_callback(self._read)
                try:
                    rows = await asyncio.shield(query)
                except asyncio.CancelledError:
                    await self._stop(query)
                    raise
        except TimeoutError:
            raise DatabaseUnavailable(
                f"the database did not answer within {QUERY_SECONDS:g} s"
            ) from None
        except sqlite3.Error as error:
            raise file.translate(error, self._path) from error
        return list(rows)

    def _read(self, query: "asyncio.Future[Any]") -> None:
        """Let the next read begin: only a thread that is free gets one to do."""
        self._reading.release()
        if not query.cancelled():
            query.exception()  # whoever asked may be gone, and nobody else would fetch it

    async def _stop(self, query: "asyncio.Future[Any]") -> None:
        """Interrupt a query, which would go on in the thread and hold up all that follow.

        An interrupt before the thread has begun it does nothing, so there are several. One
        that waits for a lock ends by itself, within BUSY_SECONDS.
        """
        for _ in range(INTERRUPTS):
            if query.done():
                return
            await self._reader.interrupt()
            await asyncio.wait([query], timeout=INTERRUPT_SECONDS)


@asynccontextmanager
async def open_table(
    path: Path, schema: TableSchema, clock: Clock, *, read_only: bool = False
) -> AsyncIterator[SqliteTable]:
    """Open the table of an existing file; creates nothing, and closes what it opened.

    Raises:
        DatabaseUnavailable: the file cannot be opened.
    """
    file.check(path)
    uri = file.uri(path, read_only=read_only)
    try:
        reader = await aiosqlite.connect(
            uri, uri=True, timeout=file.BUSY_SECONDS, isolation_level=None
        )
    except sqlite3.Error as error:
        raise file.translate(error, path) from error
    try:
        reader.row_factory = sqlite3.Row
        reader.text_factory = _text
        await reader.execute_fetchall("PRAGMA query_only = ON")
        await reader.create_function("hitmiss_rank", -1, rank, deterministic=True)
        yield SqliteTable(reader, path, schema, clock)
    finally:
        await reader.close()


def _text(stored: bytes) -> str:
    # SQLite takes any bytes as TEXT; one bad record must not make its table unreadable.
    return stored.decode("utf-8", "replace")


def _scalar(value: object) -> Scalar:
    """Give a column's value as a JSON scalar; a BLOB is shown as its size."""
    if isinstance(value, bytes):
        return f"<BLOB, {len(value)} bytes>"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value  # type: ignore[return-value]  # SQLite knows only these types


def _collect(found: dict[Key, Match], rows: list[sqlite3.Row], schema: TableSchema) -> None:
    for row in rows:
        id = row[0]
        if isinstance(id, int if schema.id_is_integer else str):
            texts = (row[1 + i] for i in range(len(schema.search_columns)))
            found.setdefault(id, Match(id, tuple("" if t is None else str(t) for t in texts)))


def _readable(schema: TableSchema, id: Key) -> str:
    """Give the query as a person would type it into the sqlite3 shell."""
    value = str(id) if isinstance(id, int) else "'" + id.replace("'", "''") + "'"
    names = [
        name if name.isidentifier() and name.isascii() else quoted(name)
        for name in (schema.name, schema.id_column)
    ]
    return f"SELECT * FROM {names[0]} WHERE {names[1]} = {value}"
