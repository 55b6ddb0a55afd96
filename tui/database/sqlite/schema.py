"""Reading a table's columns and key from the database."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui.database.searched import searched
from tui.database.sqlite import failures, file
from tui.database.sqlite.aside import in_time
from tui.database.sqlite.indexes import has_index
from tui.database.sqlite.kinds import affinity_of, described
from tui.database.sqlite.opening import Opened, open_file, with_stand_ins
from tui.database.sqlite.sql import ROWIDS, quoted
from tui.database.sqlite.table_schema import SqliteSchema
from tui.models import TableSchema
from tui.models.columns import Column
from tui.models.scalars import StandIn
from tui.runtime.errors import DatabaseUnavailable

KEYS_LOOKED_AT, LOOK_SECONDS = 20, 0.3
"""How many keys tell what a column holds whose type does not, and the time that they get."""
STEPS_BETWEEN_LOOKS = 1_000
"""How many of SQLite's steps pass between two looks at the clock."""


def read_schema(
    path: Path, table: str, id_column: str | None = None, *, read_only: bool = False
) -> SqliteSchema:
    """Give the table's columns and key, without changing the file.

    Raises:
        DatabaseUnavailable: the file is no usable database, has no such table, or the
            table has no single key column; or it does not answer in time.
    """
    return in_time(partial(_read_schema, path, table, id_column, read_only=read_only))


def _read_schema(
    path: Path, table: str, id_column: str | None, *, read_only: bool
) -> SqliteSchema:
    with _reading(path, read_only=read_only) as connection:
        name = find_table(connection, path, table)
        schema = described_table(connection, name, id_column)
        key = schema.id_column
        is_vague = affinity_of(schema.column(key)) in {"ANY", "NUMERIC"}
        if is_vague and kinds_of_keys(connection, schema) == {"integer"}:
            others = tuple(column for column in schema.search_columns if column != key)
            schema = replace(schema, id_is_integer=True, search_columns=others)
        return replace(
            schema,
            unique=schema.by_rowid or _is_unique(connection, name, schema.id_column),
            is_view=_is_view(connection, name),
            folds_case=_folds_case(connection, name, schema.id_column),
            missing_collations=connection.stand_ins.names if connection.stand_ins else (),
            encoding=_encoding(connection),
            indexed_columns=tuple(
                column
                for column in schema.search_columns
                if has_index(connection, schema, column)
            ),
        )


def read_tables(path: Path) -> list[str]:
    """Give the names of the tables and views, without changing the file.

    Raises:
        DatabaseUnavailable: the file is no usable database.
    """

    def read() -> list[str]:
        with _reading(path, read_only=True) as connection:
            return _tables(connection)

    return in_time(read)


def read_columns(path: Path, table: str) -> list[str]:
    """Give the names of a table's columns, without changing the file.

    Raises:
        DatabaseUnavailable: the file is no usable database, or has no such table.
    """

    def read() -> list[str]:
        with _reading(path, read_only=True) as connection:
            name = find_table(connection, path, table)
            return [its.column.name for its in declared_columns(connection, name)]

    return in_time(read)


@contextmanager
def _reading(path: Path, *, read_only: bool) -> Iterator[Opened]:
    """Give a connection that only reads; what SQLite finds wrong becomes our error."""
    file.check(path)
    try:
        open_it = partial(open_file, path, read_only=read_only)
        with closing(with_stand_ins(open_it)) as opened:
            yield opened
            opened.check_order()
    except MemoryError as error:
        raise failures.too_large() from error
    except failures.ERRORS as error:
        raise failures.translate(error, path) from error


def find_table(connection: sqlite3.Connection, path: Path, table: str) -> str:
    """Return the name of a table as the file spells it.

    Raises:
        DatabaseUnavailable: there is no such table.
    """
    tables = _tables(connection)
    name = _spelled(table, tables)
    if name is not None:
        return name
    listed = ", ".join(tables[:12]) or "none"
    raise DatabaseUnavailable(
        f"{path} has no table {table!r}; its tables: {listed}; name one with --table"
    )


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [
        str(name)
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
    ]


class Declared(Struct, frozen=True):
    """A column, with what only SQLite says of one."""

    column: Column
    in_key: bool
    """Whether it is part of the primary key."""


def declared_columns(connection: sqlite3.Connection, table: str) -> list[Declared]:
    """Return the columns of a table, in its order.

    Raises:
        DatabaseUnavailable: a column has a name that cannot be read.
    """
    rows = connection.execute(
        "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1", (table,)
    ).fetchall()
    for name, *_ in rows:
        if isinstance(name, StandIn):  # Python sends names in UTF-8 alone
            raise DatabaseUnavailable(
                f"table {table!r} has a column whose name is no UTF-8, {str(name)!r}: make a"
                " view that gives it another name, and name that with --table"
            )
    return [
        Declared(described(name, declared, computed=hidden > 1), in_key=pk > 0)
        for name, declared, pk, hidden in rows
    ]


def described_table(
    connection: sqlite3.Connection, table: str, id_column: str | None
) -> SqliteSchema:
    """Return a table as SQLite describes it, whose key is `id_column` if that is named.

    That may be the number that SQLite gives each row, by any of the names that it has.

    Raises:
        DatabaseUnavailable: there is no such column, or no single one is the primary key.
    """
    columns = declared_columns(connection, table)
    names = [its.column.name.casefold() for its in columns]
    rowid = (id_column or "").casefold()
    if rowid not in ROWIDS or rowid in names or not _has_rowid(connection, table, rowid):
        return schema_of(table, columns, id_column)
    hidden = Declared(described(rowid, "INTEGER", computed=False), in_key=False)
    return replace(schema_of(table, [hidden, *columns], rowid), by_rowid=True)


def _has_rowid(connection: sqlite3.Connection, table: str, name: str) -> bool:
    """Tell whether SQLite numbers the rows: not those of a view, or of WITHOUT ROWID."""
    if _is_view(connection, table):
        return False
    try:
        connection.execute(
            f"SELECT {quoted(table)}.{quoted(name)} FROM {quoted(table)} LIMIT 0"
        )
    except sqlite3.OperationalError as error:
        if failures.name_of(error) != "SQLITE_ERROR":
            raise
        return False
    return True


def schema_of(table: str, columns: list[Declared], id_column: str | None) -> SqliteSchema:
    """Return a table as its columns tell it, whose key is `id_column` if that is named.

    Raises:
        DatabaseUnavailable: there is no such column, or no single one is the primary key.
    """
    by_name = {its.column.name: its.column for its in columns}
    key = _key(table, columns, id_column)
    integer = affinity_of(by_name[key]) == "INTEGER"
    search = searched([column for name, column in by_name.items() if name != key])
    return SqliteSchema(
        name=table,
        id_column=key,
        id_is_integer=integer,
        columns=tuple(by_name),
        described=by_name,
        search_columns=search if integer else (*search, key),
    )


def _key(table: str, columns: list[Declared], id_column: str | None) -> str:
    if id_column is None:
        primary = [its.column.name for its in columns if its.in_key]
        if len(primary) != 1:
            what = f"a key of {len(primary)} columns" if primary else "no primary key"
            raise DatabaseUnavailable(
                f"table {table!r} has {what}; name its unique column with --id-column, or"
                " rowid, the number that SQLite gives each row"
            )
        return primary[0]
    names = [its.column.name for its in columns]
    found = _spelled(id_column, names)
    if found is None:
        listed = ", ".join(names)
        raise DatabaseUnavailable(
            f"table {table!r} has no column {id_column!r} (--id-column); it has {listed}"
        )
    return found


def _is_unique(connection: sqlite3.Connection, table: str, column: str) -> bool:
    """Tell whether the schema promises that each value of the column is there once at most.

    It does by a primary key, or a UNIQUE index over every row, of that column alone. In
    whatever collation: keys are compared byte by byte, and each collation has a text equal
    to itself. Of a view, SQLite gives neither.
    """
    primary = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_xinfo(?) WHERE pk", (table,)
        )
    ]
    if primary == [column]:
        return True
    indexes = connection.execute(
        'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial', (table,)
    ).fetchall()
    # An expression, which may be the same for two rows, has no name there.
    of_index = "SELECT name FROM pragma_index_xinfo(?) WHERE key"
    return any(
        connection.execute(of_index, index).fetchall() == [(column,)] for index in indexes
    )


def _folds_case(connection: sqlite3.Connection, table: str, column: str) -> bool:
    """Tell whether an index of that column alone takes `A` for `a`."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM pragma_index_list(?) AS listed,"
        " pragma_index_xinfo(listed.name) AS part WHERE part.key AND part.seqno = 0"
        " AND part.name = ? AND upper(part.coll) = 'NOCASE')", (table, column),
    ).fetchone()  # fmt: skip
    return bool(found)


def kinds_of_keys(connection: sqlite3.Connection, schema: TableSchema) -> set[str]:
    """Return of what types the first keys are, as SQLite's typeof says it.

    A view can take any time to give its first row, and give keys of any length: too long
    is none.
    """
    end = time.monotonic() + LOOK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    key = f"{quoted(schema.name)}.{quoted(schema.id_column)}"
    try:
        kinds = connection.execute(
            f"SELECT typeof({key}) FROM {quoted(schema.name)} LIMIT ?", (KEYS_LOOKED_AT,)
        ).fetchall()
    except (sqlite3.OperationalError, sqlite3.DataError) as error:
        if failures.name_of(error) not in {"SQLITE_INTERRUPT", "SQLITE_TOOBIG"}:
            raise
        return set()
    finally:
        connection.set_progress_handler(None, 0)
    return {kind for (kind,) in kinds}


def _is_view(connection: sqlite3.Connection, table: str) -> bool:
    query = (
        "SELECT type = 'view' FROM sqlite_schema WHERE name = ? AND type IN ('table', 'view')"
    )
    return bool(connection.execute(query, (table,)).fetchone()[0])


def _encoding(connection: sqlite3.Connection) -> str:
    """Return how the file keeps texts: utf-8, utf-16-le or utf-16-be, as Python calls it."""
    ((encoding,),) = connection.execute("PRAGMA encoding")
    return {"UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}.get(encoding, "utf-8")


def _spelled(wanted: str, names: Iterable[str]) -> str | None:
    """Give the name that is meant: as it stands, else whatever its case."""
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return wanted if wanted in alike else next(iter(alike), None)
