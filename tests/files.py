"""SQLite files for the tests."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tui.clock import SystemClock
from tui.database import SqliteTable, open_table, read_schema


def make_file(path: Path, script: str) -> Path:
    """Make a database at `path` from a script, or change the one that is there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # it need not outlive a power cut
        connection.executescript(script)
    return path


@asynccontextmanager
async def opened(
    path: Path, table: str = "users", id_column: str | None = None
) -> AsyncIterator[SqliteTable]:
    """Open a table the way the command line does."""
    schema = read_schema(path, table, id_column)
    async with open_table(path, schema, SystemClock()) as found:
        yield found
