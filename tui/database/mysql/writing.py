"""The statements that change a table, and those that read what became of a record."""

from collections.abc import Mapping

from tui.database.mysql.changes import still, written
from tui.database.mysql.keys import condition, form_of
from tui.database.mysql.literals import Bound, bare, quoted, shown
from tui.database.mysql.query import MysqlQuery
from tui.database.mysql.reading import Find
from tui.database.mysql.schema import bare_place, place_of
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.sql.query import Query, SqlChange
from tui.models import Key, Record, Scalar
from tui.runtime.errors import ChangeRefused


def touch(schema: MysqlSchema, id: Key) -> SqlChange:
    """Return the change that writes a column with the value that it has.

    The row is locked and the change committed, but the server sees that nothing is new, and
    writes no row.
    """
    name = schema.touched or schema.id_column
    where, values, where_shown = _alone(schema, id)
    return SqlChange(
        MysqlQuery(
            f"UPDATE {place_of(schema)} SET {quoted(name)} = {quoted(name)} {where}",
            values,
            f"UPDATE {bare_place(schema)} SET {bare(name)} = {bare(name)} {where_shown}",
            keys=schema.keys,
        )
    )


def update(
    find: Find, id: Key, changes: Mapping[str, Scalar], expected: Record | None
) -> SqlChange:
    """Return the change of the one row with that key, where it is still as `expected`.

    Raises:
        ChangeRefused: a column cannot keep such a value.
    """
    schema = find.schema
    where, where_values, where_shown = _alone(schema, id)
    condition, condition_values = _still(schema, expected or {})
    sets, values = [], list[Bound]()
    for name, value in changes.items():
        put, bound_to = _written(schema, name, value)
        sets.append(f"{quoted(name)} = {put}")
        values += bound_to
    news = ", ".join(f"{bare(name)} = {shown(value)}" for name, value in changes.items())
    query = MysqlQuery(
        f"UPDATE {place_of(schema)} SET {', '.join(sets)} {where}{condition}",
        (*values, *where_values, *condition_values),
        f"UPDATE {bare_place(schema)} SET {news} {where_shown}"
        + (" AND it is as it was shown" if condition else ""),
        keys=schema.keys,
    )
    return SqlChange(query, find.query(id))


def insert(find: Find, record: Mapping[str, Scalar]) -> SqlChange:
    """Return the change that adds a record; MariaDB gives it back by itself.

    Raises:
        ChangeRefused: a column cannot keep such a value, or the record needs a key.
    """
    schema, selection = find.schema, find.selection
    puts, values = [], list[Bound]()
    for name, value in record.items():
        put, bound_to = _written(schema, name, value)
        puts.append(put)
        values += bound_to
    sql = (
        f"INSERT INTO {place_of(schema)} ({', '.join(map(quoted, record))})"
        f" VALUES ({', '.join(puts)})"
    )
    as_shown = (
        f"INSERT INTO {bare_place(schema)} ({', '.join(map(bare, record))})"
        f" VALUES ({', '.join(map(shown, record.values()))})"
    )
    if schema.is_mariadb:
        # A column stands alone there, without its table.
        listed = selection.listed.replace(f"{place_of(schema)}.", "")
        return SqlChange(
            MysqlQuery(
                f"{sql} RETURNING {listed}", tuple(values), as_shown,
                cells=selection.cells, keys=schema.keys,
            )
        )  # fmt: skip
    query = MysqlQuery(sql, tuple(values), as_shown, keys=schema.keys)
    return SqlChange(query, _added(find, record))


def delete(schema: MysqlSchema, id: Key) -> SqlChange:
    """Return the change that removes the one row with that key."""
    where, values, where_shown = _alone(schema, id)
    return SqlChange(
        MysqlQuery(
            f"DELETE FROM {place_of(schema)} {where}",
            values,
            f"DELETE FROM {bare_place(schema)} {where_shown}",
            keys=schema.keys,
        )
    )


def _added(find: Find, record: Mapping[str, Scalar]) -> Query:
    """Return the query for a record that was just added on this connection.

    Raises:
        ChangeRefused: nobody could tell which it is.
    """
    schema = find.schema
    id = record.get(schema.id_column)
    if isinstance(id, int | str):
        return find.query(id)
    if not schema.detail(schema.id_column).numbered:
        raise ChangeRefused(f"give the new record its key, {schema.id_column!r}")
    key = f"{place_of(schema)}.{quoted(schema.id_column)}"
    return MysqlQuery(
        f"SELECT {find.selection.listed} FROM {place_of(schema)}"
        f" WHERE {key} = LAST_INSERT_ID()",
        cells=find.selection.cells,
    )


def _alone(schema: MysqlSchema, id: Key) -> tuple[str, tuple[Bound, ...], str]:
    """Return the condition that holds for one record, and for none where there are more.

    Where the key is unique there are none: to count them would lock the row for reading first,
    and of two who do that at once the server gives up one. MySQL reads the table that it
    changes only where that is made a table of its own.
    """
    where, values = condition(schema, id)
    as_shown = f"WHERE {bare(schema.id_column)} = {shown(id)}"
    if schema.unique:
        return f"WHERE {where}", values, as_shown
    alike = f"SELECT 1 FROM {place_of(schema)} WHERE {where} LIMIT 2"
    counted = f"(SELECT COUNT(*) FROM ({alike}) AS alike) = 1"
    return f"WHERE {where} AND {counted}", values * 2, as_shown


def _still(schema: MysqlSchema, expected: Record) -> tuple[str, list[Bound]]:
    """Return the condition that a record still has these values, and its parameters."""
    text, values = "", list[Bound]()
    for name, value in expected.items():
        if name == schema.id_column:
            continue
        stored = f"{place_of(schema)}.{quoted(name)}"
        column, detail = schema.column(name), schema.detail(name)
        one, bound_to = still(column, detail, stored, value, is_mariadb=schema.is_mariadb)
        text += f" AND {one}"
        values += bound_to
    return text, values


def _written(schema: MysqlSchema, name: str, value: Scalar) -> tuple[str, tuple[Bound, ...]]:
    if name == schema.id_column and isinstance(value, int | str):
        form = form_of(schema)
        values = form.many(value)
        if values is None:
            raise ChangeRefused(f"{shown(value)[:60]} cannot be a key here")
        return form.of_list, values
    column, detail = schema.column(name), schema.detail(name)
    return written(column, detail, value, is_mariadb=schema.is_mariadb)
