"""Indexes of the file itself that find records by the beginning of a text."""

import sqlite3

from tui.database.sqlite.sql import quoted
from tui.models import TableSchema

LAST_CHARACTER = "\U0010ffff"


def beginning_sql(schema: TableSchema, column: str) -> str:
    """Give the query for records whose column begins with a text, for an index to serve.

    Parameters: the text in lower case, since an index that folds case does so with its own
    side alone; the text with LAST_CHARACTER behind it; the limit.
    """
    place = f"{quoted(schema.name)}.{quoted(column)}"
    columns = (schema.id_column, *schema.search_columns)
    selected = ", ".join(f"{quoted(schema.name)}.{quoted(name)}" for name in columns)
    return (
        f"SELECT {selected} FROM {quoted(schema.name)}"
        f" WHERE {place} >= ? COLLATE NOCASE AND {place} < ? COLLATE NOCASE"
        f" ORDER BY {place} COLLATE NOCASE LIMIT ?"
    )


def has_index(connection: sqlite3.Connection, schema: TableSchema, column: str) -> bool:
    """Tell whether an index of the file itself finds records by the column's beginning."""
    sql = f"EXPLAIN QUERY PLAN {beginning_sql(schema, column)}"
    steps = [str(row[3]) for row in connection.execute(sql, ("a", "b", 1))]
    return all(step.startswith("SEARCH ") and "AUTOMATIC" not in step for step in steps)
