"""A table as the database describes it: its columns, its key, what a search can use."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.collations import folds_case
from tui.database.mysql.columns import (
    DescribedColumn,
    Index,
    columns_in,
    read_checks,
    read_columns,
    read_indexes,
)
from tui.database.mysql.literals import bare, quoted
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.searched import searched
from tui.database.sql.query import Query
from tui.models.columns import Column, Kind
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.plain_text import plain

TABLES: Final = """
SELECT table_name, table_type FROM information_schema.tables
WHERE table_schema = ? AND table_type <> 'SEQUENCE' ORDER BY table_name
"""
DATABASES: Final = "SELECT schema_name FROM information_schema.schemata"
MOST_LISTED: Final = 12
KEY_KINDS: Final = frozenset({
    Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.BYTES, Kind.ENUM, Kind.DECIMAL, Kind.DATE,
    Kind.MOMENT, Kind.TIME, Kind.NETWORK,
})  # fmt: skip
"""The kinds of values by which a record can be told from all others, and cached."""
VIEWS: Final = frozenset({"VIEW", "SYSTEM VIEW"})


async def read_schema(
    channel: MysqlChannel, database: str, table: str, id_column: str | None
) -> MysqlSchema:
    """Return a table's columns and key; `id_column` is the key, if it is named.

    Raises:
        DatabaseUnavailable: there is no such table or column, it has no single key column, or
            there is no answer.
    """
    where, name, is_view = await find_table(channel, database, table)
    shown = name if where == database else f"{where}.{name}"
    checks = await read_checks(channel, where, name)
    all_columns = await read_columns(channel, where, name, checks)
    if not all_columns:
        raise DatabaseUnavailable(
            f"this user may read no column of {shown!r}: GRANT SELECT, or name another table"
        )
    indexes = await read_indexes(channel, where, name)
    key = _key(shown, all_columns, indexes, id_column)
    described = [one for one in all_columns if not one.is_hidden or one.column.name == key]
    columns = {one.column.name: _as_key(one, key) for one in described}
    integer = columns[key].kind is Kind.INTEGER
    search = searched([column for name, column in columns.items() if name != key])
    search = search if integer or columns[key].kind is Kind.BYTES else (*search, key)
    details = {one.column.name: one.detail for one in described}
    writable = (
        one.column.name for one in described if one.may_update and not one.column.computed
    )
    return MysqlSchema(
        name=shown, id_column=key, id_is_integer=integer, columns=tuple(columns),
        described=columns, search_columns=search,
        indexed_columns=tuple(
            name for name in search
            if folds_case(details[name].collation) and _begins(indexes, name)
        ),
        unique=_is_unique(indexes, key), is_view=is_view,
        folds_case=folds_case(details[key].collation),
        database=where, table=name, is_mariadb=channel.server.is_mariadb, details=details,
        keys={
            **{name: columns_in(clause) for name, clause in checks.items()},
            **{index.name: ", ".join(index.columns) for index in indexes if index.unique},
        },
        touched=next((name for name in writable if name != key), ""),
    )  # fmt: skip


async def find_table(channel: MysqlChannel, database: str, table: str) -> tuple[str, str, bool]:
    """Return the database and the name of a table as they are spelled, and if it is a view.

    `table` may have the database before it: `crm.customers`.

    Raises:
        DatabaseUnavailable: there is no such table.
    """
    tables = await read_tables(channel, database)
    found = spelled(_unquoted(table), tables)
    if found is not None:
        return database, found, tables[found]
    other, dot, name = table.partition(".")
    if dot:
        _, rows = await channel.run(Query(DATABASES))
        other = spelled(_unquoted(other), [str(row[0]) for row in rows]) or other
        others = await read_tables(channel, other)
        found = spelled(_unquoted(name), others)
        if found is not None:
            return other, found, others[found]
    names = [plain(name, 60) for name in tables]
    listed = ", ".join(names[:MOST_LISTED]) + ", …" * (len(names) > MOST_LISTED) or "none"
    raise DatabaseUnavailable(
        f"the database {database!r} has no table {table!r} that this user may read; its tables:"
        f" {listed}; name one with --table"
    )


async def read_tables(channel: MysqlChannel, database: str) -> dict[str, bool]:
    """Return the names of tables and views, and whether each is a view.

    Raises:
        DatabaseUnavailable: no answer.
    """
    _, rows = await channel.run(Query(TABLES, (database,)))
    return {str(name): str(kind) in VIEWS for name, kind in rows}


def spelled(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that is meant: as it stands, else whatever its case."""
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    return wanted if wanted in alike else next(iter(alike), None)


def _unquoted(name: str) -> str:
    """Return a name without the quotes that SQL puts round it."""
    if len(name) > 2 and name[0] == name[-1] == "`":
        return name[1:-1].replace("``", "`")
    return name


def place_of(schema: MysqlSchema) -> str:
    """Return the table as statements have it, whatever database the connection is in."""
    return f"{quoted(schema.database)}.{quoted(schema.table)}"


def bare_place(schema: MysqlSchema) -> str:
    """Return the table as a person would write it."""
    if schema.name == schema.table:
        return bare(schema.table)
    return f"{bare(schema.database)}.{bare(schema.table)}"


def _key(
    table: str,
    described: Collection[DescribedColumn],
    indexes: Sequence[Index],
    id_column: str | None,
) -> str:
    names = [one.column.name for one in described]
    if id_column is None:
        key = _own_key(table, names, indexes)
    else:
        found = spelled(id_column, names)
        if found is None:
            raise DatabaseUnavailable(
                f"table {table!r} has no column {id_column!r} (--id-column) that this user may"
                f" read; it has {', '.join(names)}"
            )
        key = found
    column = next(one.column for one in described if one.column.name == key)
    if column.kind not in KEY_KINDS:
        raise DatabaseUnavailable(
            f"column {key!r} of {table!r} is {column.declared}, which is no key; name another"
            " with --id-column"
        )
    return key


def _own_key(table: str, names: Collection[str], indexes: Sequence[Index]) -> str:
    """Return the primary key, or the only column that is unique."""
    primary = next((index.columns for index in indexes if index.name == "PRIMARY"), ())
    alone = [index.columns[0] for index in indexes if index.unique and len(index.columns) == 1]
    if len(primary) == 1 and primary[0] in names:
        return primary[0]
    if not primary and len(set(alone)) == 1 and alone[0] in names:
        return alone[0]
    what = "no primary key"
    if len(primary) > 1:
        what = f"a key of {len(primary)} columns ({', '.join(primary)})"
    elif primary:
        what = f"a primary key that this user may not read ({primary[0]})"
    raise DatabaseUnavailable(
        f"table {table!r} has {what}; name its unique column with --id-column"
    )


def _as_key(one: DescribedColumn, key: str) -> Column:
    """Return a column; one of texts that is the key may hold other texts than uuids."""
    column = one.column
    if column.name == key and column.kind is Kind.UUID and column.length is not None:
        return replace(column, kind=Kind.TEXT)
    return column


def _is_unique(indexes: Iterable[Index], key: str) -> bool:
    return any(index.unique and index.columns == (key,) for index in indexes)


def _begins(indexes: Iterable[Index], column: str) -> bool:
    return any(index.ordered and index.columns[:1] == (column,) for index in indexes)
