"""The database: one table of a SQLite file, its schema, its records, and making files."""

from tui.database.demo import make_demo
from tui.database.schema import read_schema
from tui.database.table import SqliteTable, open_table

__all__ = ["SqliteTable", "make_demo", "open_table", "read_schema"]
