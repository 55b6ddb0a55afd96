"""What information_schema says of a table's columns and indexes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from tui.database.mysql.channel import MysqlChannel
from tui.database.mysql.kinds import kind_of, type_of
from tui.database.mysql.literals import quoted
from tui.database.mysql.table_schema import Detail
from tui.database.sql.query import Query
from tui.models.columns import Column, Kind

COLUMNS: Final = """
SELECT column_name, column_type, is_nullable, column_default, extra, character_set_name,
  collation_name, privileges, {srid}
FROM information_schema.columns
WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position
"""
CHECKS: Final = """
SELECT constraint_name, check_clause FROM information_schema.check_constraints
{join} WHERE constraint_schema = ? AND table_name = ?
"""
OF_TABLE: Final = """
JOIN information_schema.table_constraints USING (constraint_schema, constraint_name)
"""
"""What says in MySQL of which table a check is."""
NAME: Final = re.compile(r"`((?:[^`]|``)+)`")
INDEXES: Final = """
SELECT index_name, column_name, non_unique, index_type, {hidden}
FROM information_schema.statistics
WHERE table_schema = ? AND table_name = ? ORDER BY index_name, seq_in_index
"""
PRIMARY: Final = "PRIMARY"
WITH_LENGTH: Final = frozenset({Kind.TEXT, Kind.UUID, Kind.BYTES})


class DescribedColumn(Struct, frozen=True):
    """A column, with what only MySQL says of one."""

    column: Column
    detail: Detail
    is_hidden: bool = False
    """`SELECT *` leaves it out."""
    may_update: bool = True
    """Whether this user may write it."""


class Index(Struct, frozen=True):
    """An index of a table."""

    name: str
    columns: tuple[str, ...]
    """In their order; '' for an expression."""
    unique: bool
    ordered: bool
    """Whether it finds the beginnings of texts."""


async def read_columns(
    channel: MysqlChannel, database: str, table: str, checks: Mapping[str, str]
) -> list[DescribedColumn]:
    """Return the columns of a table that this user may read, in the table's order.

    MariaDB's JSON is a text with one of these `checks`.

    Raises:
        DatabaseUnavailable: no answer.
    """
    is_mariadb = channel.server.is_mariadb
    sql = COLUMNS.format(srid="NULL" if is_mariadb else "srs_id")
    _, rows = await channel.run(Query(sql, (database, table)))
    described = [_described(row) for row in rows if "select" in _listed(row[7])]
    clauses = set(checks.values())
    return [
        _as_json(one) if f"json_valid({quoted(one.column.name)})" in clauses else one
        for one in described
    ]


async def read_checks(channel: MysqlChannel, database: str, table: str) -> dict[str, str]:
    """Return the checks of a table, by their names.

    Raises:
        DatabaseUnavailable: no answer.
    """
    sql = CHECKS.format(join="" if channel.server.is_mariadb else OF_TABLE)
    _, rows = await channel.run(Query(sql, (database, table)))
    return {str(name): str(clause) for name, clause in rows}


def columns_in(clause: str) -> str:
    """Return the names in a check's clause: of columns, but for what functions are called."""
    names = (name.replace("``", "`") for name in NAME.findall(clause))
    return ", ".join(dict.fromkeys(names))


async def read_indexes(channel: MysqlChannel, database: str, table: str) -> list[Index]:
    """Return the indexes of a table.

    Raises:
        DatabaseUnavailable: no answer.
    """
    hidden = "ignored = 'YES'" if channel.server.is_mariadb else "is_visible = 'NO'"
    _, rows = await channel.run(Query(INDEXES.format(hidden=hidden), (database, table)))
    found: dict[str, Index] = {}
    for name, column, non_unique, kind, is_hidden in rows:
        index = found.get(str(name)) or Index(
            str(name), (), unique=not int(non_unique or 0),
            ordered=str(kind) == "BTREE" and not is_hidden,
        )  # fmt: skip
        found[str(name)] = replace(index, columns=(*index.columns, str(column or "")))
    return list(found.values())


def _described(row: Sequence[Any]) -> DescribedColumn:
    name, declared, nullable, default, extra, charset, collation, privileges, srid = row
    its, extras = type_of(str(declared)), str(extra or "").lower()
    kind = kind_of(its)
    # MySQL calls a default that is computed once `DEFAULT_GENERATED`.
    computed = " generated" in extras.replace("default_generated", "")
    column = Column(
        str(name), kind, str(declared),
        computed=computed,
        length=its.length if kind in WITH_LENGTH else None,
        float_bytes=4 if its.word == "float" else 8,
        range=its.range if kind is Kind.INTEGER else None,
        nested=kind is Kind.JSON,
        choices=its.choices if its.word == "enum" else (),
        nullable=str(nullable).upper() == "YES",
        default=_default(default, extras),
    )  # fmt: skip
    detail = Detail(
        its, str(charset or ""), str(collation or ""),
        srid=None if srid is None else int(srid), numbered="auto_increment" in extras,
    )  # fmt: skip
    return DescribedColumn(
        column, detail, "invisible" in extras, "update" in _listed(privileges)
    )


def _default(default: Any, extras: str) -> str:
    """Return what a new record gets where nobody says; MariaDB says that it is NULL."""
    if "auto_increment" in extras:
        return "auto_increment"
    return "" if default is None or default == "NULL" else str(default)


def _as_json(one: DescribedColumn) -> DescribedColumn:
    return replace(one, column=replace(one.column, kind=Kind.JSON, nested=True))


def _listed(privileges: Any) -> list[str]:
    return str(privileges).lower().split(",")
