"""What can be found out about a database without changing it, in bounded time."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tui.database.sqlite import failures, file
from tui.database.sqlite.aside import in_time
from tui.database.sqlite.indexes import has_index
from tui.database.sqlite.opening import Opened, open_file, open_immutable, with_stand_ins
from tui.database.sqlite.schema import (
    Declared,
    declared_columns,
    described_table,
    find_table,
    kinds_of_keys,
)
from tui.database.sqlite.sql import quoted
from tui.models import TableSchema
from tui.runtime.errors import DatabaseUnavailable

COUNT_SECONDS = 0.3
MOST_COUNTED = 1_000_000
STEPS_BETWEEN_LOOKS = 1_000
"""How many of SQLite's steps pass between two looks at the clock."""


@dataclass(slots=True)
class DatabaseFacts:
    """What a file and its table are; None is what was not found out."""

    troubles: dict[str, str] = field(default_factory=dict)
    """What went wrong with the file, the table or its rows; after that nothing was asked."""
    size: int | None = None
    """Bytes of the file."""
    wal: bool | None = None
    """Whether it keeps a write-ahead log."""
    may_read: bool = False
    may_write: bool = False
    may_write_folder: bool = False
    """The log and the journal stand beside the file."""
    schema: TableSchema | None = None
    key_type: str = ""
    """The key column's declared type."""
    is_view: bool = False
    key_is_bytes: bool = False
    """Whether keys are bytes, as far as the first of them tell."""
    key_is_unique: bool = False
    """Whether the schema promises that no two records have one key."""
    key_is_indexed: bool = False
    """Whether a lookup finds its record without reading them all."""
    rows: int | None = None
    """How many rows there are; more than that when `more_rows`."""
    more_rows: bool = False
    unindexed: tuple[str, ...] = ()
    """Searched columns without an index that finds the beginning of a text in any case."""


def examine(path: Path, table: str, id_column: str | None) -> DatabaseFacts:
    """Look at the file at `path` and at its table; what goes wrong is among the facts.

    Waits for a lock as long as a lookup does, and counts for COUNT_SECONDS.
    """
    facts = DatabaseFacts()
    try:
        return in_time(partial(_examine, path, table, id_column, DatabaseFacts()))
    except DatabaseUnavailable as error:
        facts.troubles["file"] = str(error)
        return facts


def _examine(
    path: Path, table: str, id_column: str | None, facts: DatabaseFacts
) -> DatabaseFacts:
    stage = "file"
    try:
        file.check(path)
        _look_at_file(path, facts)
        with _opened(path, wal=bool(facts.wal)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            stage = "table"
            _look_at_table(connection, path, table, id_column, facts)
            stage = "rows"
            if facts.schema is not None:
                facts.key_is_bytes = "blob" in kinds_of_keys(connection, facts.schema)
                _count(connection, facts.schema, facts)
    except DatabaseUnavailable as error:
        facts.troubles[stage] = str(error)
    except OSError as error:
        facts.troubles[stage] = f"{path} cannot be read: {error.strerror}"
    except MemoryError:
        facts.troubles[stage] = str(failures.too_large())
    except failures.ERRORS as error:
        facts.troubles[stage] = str(failures.translate(error, path))
    return facts


def index_sql(schema: TableSchema, column: str) -> str:
    """Give the statement that makes an index for the search in a column."""
    name = quoted(f"{schema.name}_by_{column}")
    return f"CREATE INDEX {name} ON {quoted(schema.name)} ({quoted(column)} COLLATE NOCASE)"


def unique_sql(schema: TableSchema) -> str:
    """Give the statement that makes the key column unique, and finds keys fast."""
    name = quoted(f"{schema.name}_key")
    return f"CREATE UNIQUE INDEX {name} ON {quoted(schema.name)} ({quoted(schema.id_column)})"


def sqlite_version() -> str:
    """Give the version of SQLite itself."""
    return sqlite3.sqlite_version


def _look_at_file(path: Path, facts: DatabaseFacts) -> None:
    facts.may_read = os.access(path, os.R_OK)
    facts.may_write = os.access(path, os.W_OK)
    facts.may_write_folder = os.access(path.absolute().parent, os.W_OK)
    facts.size = path.stat().st_size
    facts.wal = file.has_log(path)


@contextmanager
def _opened(path: Path, *, wal: bool) -> Iterator[Opened]:
    """Open a file for reading, without making one beside it.

    Even mode=ro makes a write-ahead log where there is none yet. Where there is none, nobody
    has the database open, and SQLite may take it for immutable. A log that was left behind
    has to be read all the same.
    """
    alone = wal and not path.with_name(f"{path.name}-shm").exists() and not file.log_size(path)
    open_it = partial(open_immutable, path)
    if not alone:
        open_it = partial(open_file, path, read_only=True)
    with closing(with_stand_ins(open_it)) as opened:
        yield opened
        opened.check_order()


def _look_at_table(
    connection: sqlite3.Connection,
    path: Path,
    table: str,
    id_column: str | None,
    facts: DatabaseFacts,
) -> None:
    name = find_table(connection, path, table)
    columns = declared_columns(connection, name)
    schema = described_table(connection, name, id_column)
    (kind,) = connection.execute(
        "SELECT type FROM sqlite_schema WHERE name = ?", (name,)
    ).fetchone()
    facts.is_view = kind == "view"
    facts.key_type = schema.column(schema.id_column).declared
    facts.key_is_unique = schema.by_rowid or _is_unique(connection, schema, columns)
    key = f"{quoted(name)}.{quoted(schema.id_column)}"
    facts.key_is_indexed = _is_direct(
        connection, f"SELECT * FROM {quoted(name)} WHERE {key} = ?", 1
    )
    facts.unindexed = tuple(
        column for column in schema.search_columns if not has_index(connection, schema, column)
    )
    facts.schema = schema


def _is_unique(
    connection: sqlite3.Connection,
    schema: TableSchema,
    columns: list[Declared],
) -> bool:
    if [its.column.name for its in columns if its.in_key] == [schema.id_column]:
        return True
    indexes = connection.execute(
        'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial', (schema.name,)
    ).fetchall()
    covered = "SELECT name FROM pragma_index_xinfo(?) WHERE key"
    return any(
        connection.execute(covered, index).fetchall() == [(schema.id_column,)]
        for index in indexes
    )


def _is_direct(connection: sqlite3.Connection, sql: str, parameters: int) -> bool:
    """Tell whether SQLite would answer a query without reading the whole table."""
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * parameters).fetchall()
    steps = [str(step) for *_, step in plan]
    return not any(step.startswith("SCAN") for step in steps)


def _count(connection: sqlite3.Connection, schema: TableSchema, facts: DatabaseFacts) -> None:
    end = time.monotonic() + COUNT_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    try:
        (rows,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {quoted(schema.name)} LIMIT ?)",
            (MOST_COUNTED + 1,),
        ).fetchone()
    except sqlite3.OperationalError as error:
        if failures.name_of(error) != "SQLITE_INTERRUPT":
            raise
        return
    facts.rows, facts.more_rows = min(rows, MOST_COUNTED), rows > MOST_COUNTED
