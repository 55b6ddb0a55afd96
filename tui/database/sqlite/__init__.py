"""The database: one table of a SQLite file, its schema, its records, and making files."""

from tui.database.sqlite.demo import make_demo
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table import SqliteTable, open_table

__all__ = ["SqliteTable", "make_demo", "open_table", "read_schema"]
