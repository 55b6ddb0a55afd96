"""SQLite files for the tests."""

import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table import SqliteTable
from tui.database.sqlite.table_opening import open_table
from tui.runtime.clock import SystemClock

UNSTOPPABLE = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'Ada');
    CREATE VIEW v AS SELECT id, name, instr(
      printf('%.*c', 5000000, 'a'), printf('%.*c', 2500000, 'a') || 'b'
    ) AS slow FROM t;
"""
"""A view whose record takes SQLite minutes in one step, which cannot be interrupted."""


def make_file(path: Path, script: str) -> Path:
    """Make a database at `path` from a script, or change the one that is there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # it need not outlive a power cut
        connection.executescript(script)
    return path


@contextmanager
def limited(most: int) -> Iterator[None]:
    """Let no file of this process grow beyond `most` bytes meanwhile, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@asynccontextmanager
async def opened(
    path: Path, table: str = "users", id_column: str | None = None, **options: Any
) -> AsyncIterator[SqliteTable]:
    """Open a table the way the command line does, with further options by name."""
    read_only = bool(options.get("read_only"))
    schema = read_schema(path, table, id_column, read_only=read_only)
    async with open_table(path, schema, SystemClock(), **options) as found:
        yield found
