"""The statements that read rows by their keys."""

from collections.abc import Sequence

from msgspec import Struct

from tui.database.mysql.keys import KeyForm, condition, condition_of_any, form_of
from tui.database.mysql.literals import bare, filled_in, quoted, shown
from tui.database.mysql.query import MysqlQuery
from tui.database.mysql.schema import bare_place, place_of
from tui.database.mysql.selection import Selection, selection_of
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.sql.query import Query
from tui.models import Key

SHORT = 1 << 16
"""Bytes: no key is longer."""


class Find(Struct, frozen=True):
    """How one record of a table is read, spelled once for all keys."""

    schema: MysqlSchema
    longest: int
    """Bytes of one value that are sent."""
    form: KeyForm
    selection: Selection
    sql: str
    shown: str
    """What stands before the key where a person would type it."""
    typed: str
    """The same for the server's own client, with placeholders."""
    few: str
    """How many rows may come, as SQL has it; '' where there is one at most."""

    def query(self, id: Key) -> Query:
        """Return the query for the rows with exactly that key, two at most."""
        literal = str(id) if type(id) is int else shown(id)
        values = self.form.binds(id)
        if values is None:
            listed, place = self.selection.listed, place_of(self.schema)
            return MysqlQuery(
                f"SELECT {listed} FROM {place} WHERE FALSE", shown=f"{self.shown}{literal}"
            )
        return MysqlQuery(
            self.sql, values,
            f"{self.shown}{literal}{self.few}",
            f"{filled_in(self.typed, values)}{self.few}",
            often=True, cells=self.selection.cells,
        )  # fmt: skip


def find_of(schema: MysqlSchema, longest: int) -> Find:
    """Return how one record of a table is read."""
    form, selection = form_of(schema), selection_of(schema, schema.columns, longest)
    few, table = "" if schema.unique else " LIMIT 2", bare_place(schema)
    return Find(
        schema, longest, form, selection,
        f"SELECT {selection.listed} FROM {place_of(schema)} WHERE {form.one}{few}",
        f"SELECT * FROM {table} WHERE {bare(schema.id_column)} = ",
        f"SELECT * FROM {table} WHERE {form_of(schema, bare(schema.id_column)).one}",
        few,
    )  # fmt: skip


def spelled(schema: MysqlSchema, others: Sequence[str | bytes], longest: int) -> Query:
    """Return the query for the rows, two at most, with one of those keys."""
    selection = selection_of(schema, schema.columns, longest)
    each = [condition(schema, other) for other in others]
    where = " OR ".join(f"({one})" for one, _ in each)
    values = tuple(value for _, bound_to in each for value in bound_to)
    listed = ", ".join(map(shown, others))
    return MysqlQuery(
        f"SELECT {selection.listed} FROM {place_of(schema)} WHERE {where} LIMIT 2",
        values,
        f"SELECT * FROM {bare_place(schema)} WHERE {bare(schema.id_column)} IN ({listed})"
        " LIMIT 2",
        cells=selection.cells,
    )


def part(
    schema: MysqlSchema, ids: Sequence[Key | bytes], columns: Sequence[str], longest: int
) -> Query:
    """Return the query for these columns of the rows with one of those keys."""
    selection = selection_of(schema, columns, longest, prepared=False)
    where = condition_of_any(schema, ids)
    return MysqlQuery(
        f"SELECT {selection.listed} FROM {place_of(schema)} WHERE {where}",
        cells=selection.cells,
    )


def first_keys(schema: MysqlSchema, limit: int) -> Query:
    """Return the query for `limit` keys, the lowest where an index has their order."""
    key = f"{place_of(schema)}.{quoted(schema.id_column)}"
    selection = selection_of(schema, (schema.id_column,), SHORT)
    order = f" ORDER BY {key}" if schema.unique else ""
    return MysqlQuery(
        f"SELECT {selection.listed} FROM {place_of(schema)} WHERE {key} IS NOT NULL{order}"
        f" LIMIT {limit:d}",
        cells=selection.cells,
    )
