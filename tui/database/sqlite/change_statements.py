"""The statements that change a table: what is run, what is bound, and what is shown."""

from collections.abc import Mapping
from typing import NamedTuple

from tui.database.sqlite.failures import NOT_WHOLE
from tui.database.sqlite.marks import MARK_FUNCTION
from tui.database.sqlite.rows import where_key
from tui.database.sqlite.sql import bare, literal, quoted
from tui.database.sqlite.table_schema import all_columns
from tui.models import Key, Record, Scalar, TableSchema
from tui.models.scalars import StandIn, Unread
from tui.runtime.errors import ChangeRefused


class ChangeStatement(NamedTuple):
    """One statement that writes."""

    sql: str
    """What is run: it returns the records that it wrote, but of a view none."""
    parameters: tuple[Scalar | bytes, ...]
    """What is bound to it, in order."""
    shown: str
    """The same as a person would type it."""


def touch_statement(schema: TableSchema, id: Key) -> ChangeStatement:
    """Return the statement that writes a column of one record with the value that it has."""
    others = (name for name in schema.columns if name != schema.id_column)
    named = next(others, schema.id_column)
    where, bound, shown = _where_alone(schema, id)
    return ChangeStatement(
        f"UPDATE {quoted(schema.name)} SET {quoted(named)} = {quoted(named)}"
        f" {where}{_returning(schema)}",
        bound,
        f"UPDATE {bare(schema.name)} SET {bare(named)} = {bare(named)} {shown}",
    )


def update_statement(
    schema: TableSchema, id: Key, changes: Mapping[str, Scalar], expected: Record | None
) -> ChangeStatement:
    """Return the statement that changes a record where it is still as `expected`.

    Raises:
        ChangeRefused: what is expected was not read whole.
    """
    where, bound, shown = _where_alone(schema, id)
    condition, values = _still(schema, expected or {})
    sets = ", ".join(f"{quoted(column)} = ?" for column in changes)
    news = ", ".join(f"{bare(column)} = {literal(new)}" for column, new in changes.items())
    return ChangeStatement(
        f"UPDATE {quoted(schema.name)} SET {sets} {where}{condition}{_returning(schema)}",
        (*changes.values(), *bound, *values),
        f"UPDATE {bare(schema.name)} SET {news} {shown}"
        + (" AND it is as it was shown" if condition else ""),
    )


def insert_statement(schema: TableSchema, record: Mapping[str, Scalar]) -> ChangeStatement:
    """Return the statement that adds a record, and returns it as it is then."""
    columns = ", ".join(map(quoted, record))
    values = ", ".join(map(literal, record.values()))
    return ChangeStatement(
        f"INSERT INTO {quoted(schema.name)} ({columns})"
        f" VALUES ({', '.join('?' * len(record))}) RETURNING {all_columns(schema)}",
        tuple(record.values()),
        f"INSERT INTO {bare(schema.name)} ({columns}) VALUES ({values})",
    )


def delete_statement(schema: TableSchema, id: Key) -> ChangeStatement:
    """Return the statement that removes one record."""
    where, bound, shown = _where_alone(schema, id)
    return ChangeStatement(
        f"DELETE FROM {quoted(schema.name)} {where}{_returning(schema)}",
        bound,
        f"DELETE FROM {bare(schema.name)} {shown}",
    )


def _returning(schema: TableSchema) -> str:
    # Told to return what it did to a view, SQLite does nothing and calls it done.
    return "" if schema.is_view else f" RETURNING {all_columns(schema)}"


def _where_alone(schema: TableSchema, id: Key) -> tuple[str, tuple[Key, ...], str]:
    """Return the condition that holds for one record, and for none where there are more.

    It stands in every change, whatever the schema promised when it was read.
    """
    where, bound = where_key(schema, id)
    shown = f"WHERE {bare(schema.id_column)} = {literal(id)}"
    alike = f"SELECT 1 FROM {quoted(schema.name)} {where} LIMIT 2"
    return f"{where} AND (SELECT count(*) FROM ({alike})) = 1", bound * 2, shown


def _still(schema: TableSchema, expected: Record) -> tuple[str, list[Scalar | bytes]]:
    """Return the condition that a record still has these values, and its parameters.

    What cannot be shown as it is stored is known again by its mark.
    """
    condition, values = "", list[Scalar | bytes]()
    for column, value in expected.items():
        if isinstance(value, Unread):
            raise ChangeRefused(f"{NOT_WHOLE}: give a larger --max-value")
        place = f"{quoted(schema.name)}.{quoted(column)}"
        if isinstance(value, StandIn):
            values.append(value.mark)
            if isinstance(value.mark, bytes):
                place = f"{MARK_FUNCTION}(typeof({place}), CAST({place} AS BLOB))"
        else:
            values.append(value)
        condition += f" AND {place} IS ? COLLATE BINARY"
    return condition, values
