"""A table of SQLite: what every table has, and what no other database says of one."""

from tui.database.sqlite.sql import quoted
from tui.models import TableSchema


class SqliteSchema(TableSchema, frozen=True, dict=True):
    """The explored table, as SQLite describes it."""

    missing_collations: tuple[str, ...] = ()
    """The collations that the file names, and only its own program has."""
    encoding: str = "utf-8"
    """How the file keeps texts, as Python calls it."""
    by_rowid: bool = False
    """Whether the key is the number that SQLite gives each row, which `*` leaves out."""


def all_columns(schema: TableSchema) -> str:
    """Return what selects all columns of the schema."""
    if not as_sqlite(schema).by_rowid:
        return "*"
    key = quoted(schema.id_column)
    return f"{key} AS {key}, *"


PLAIN = SqliteSchema("", "", True, ())


def as_sqlite(schema: TableSchema) -> SqliteSchema:
    """Return what only SQLite says of a table: of one that came from elsewhere, the usual."""
    return schema if isinstance(schema, SqliteSchema) else PLAIN
