"""What the registry is given: a file of SQLite, named by its path or as sqlite:///PATH."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import unquote

from tui.database.port import Examined, Table, TableOptions
from tui.models import TableSchema
from tui.runtime.clock import Clock
from tui.runtime.errors import SettingsError
from tui.runtime.patterns import lazily

URL = lazily(r"(sqlite3?|file)://(?P<path>/[^?#]*)", re.IGNORECASE)
SCHEME = lazily(r"[a-z][a-z0-9+.-]{1,19}://", re.IGNORECASE)


class SqliteStore:
    """Files of SQLite."""

    def check(self, url: str) -> str:
        """Return the path, with `~` as the shell has it; see DatabaseStore.

        Of `sqlite:///a.db` it is `a.db`, of `sqlite:////a.db` `/a.db`, as SQLAlchemy has it.
        """
        text = _path_in(url) if "://" in url else url
        try:
            return str(Path(text).expanduser())
        except RuntimeError as error:
            raise SettingsError(f"--db {text!r}: there is no such home folder") from error

    def name(self, url: str) -> str:
        """Return the file's name."""
        return Path(url).name

    def place(self, url: str) -> str:
        """Return the whole path."""
        return str(Path(url).absolute())

    def address(self, url: str) -> str:
        """Return the whole path."""
        return self.place(url)

    def shared(self, url: str) -> bool:
        """Return that it is a file, and no server."""
        return False

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call sqlite3."""
        return ("sqlite3", "-readonly", self.place(url))

    def read_schema(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> TableSchema:
        """Return what the file says of the table."""
        from tui.database.sqlite.schema import read_schema

        return read_schema(Path(url), table, id_column, read_only=read_only)

    def tables(self, url: str) -> list[str]:
        """Return the names of tables and views."""
        from tui.database.sqlite.schema import read_tables

        return read_tables(Path(url))

    def columns(self, url: str, table: str) -> list[str]:
        """Return the names of a table's columns."""
        from tui.database.sqlite.schema import read_columns

        return read_columns(Path(url), table)

    def load(self) -> None:
        """Import the driver."""
        import tui.database.sqlite.table_opening  # noqa: F401

    def open(
        self, url: str, schema: TableSchema, clock: Clock, options: TableOptions
    ) -> AbstractAsyncContextManager[Table]:
        """Open the table; its driver is imported here."""
        from tui.database.sqlite.table_opening import open_table

        return open_table(
            Path(url), schema, clock,
            read_only=options.read_only, faults=options.faults, max_value=options.max_value,
            complain=options.complain,
        )  # fmt: skip

    def examine(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> Examined:
        """Return what `doctor` is to say of the file."""
        from tui.database.sqlite.checks import database_checks
        from tui.database.sqlite.facts import examine

        facts = examine(Path(url), table, id_column)
        checks = database_checks(Path(url), facts, read_only=read_only)
        return Examined(tuple(checks), facts.schema, facts.rows or 0)

    def version(self) -> tuple[str, str]:
        """Return the version of the SQLite that Python has."""
        from tui.database.sqlite.facts import sqlite_version

        return "sqlite", sqlite_version()

    def to_be_made(self, url: str) -> Examined:
        """Return what `doctor` is to say of the demo database that is not there yet."""
        from tui.database.sqlite.checks import to_be_made

        return Examined((to_be_made(Path(url)),))

    def make_demo(self, url: str) -> bool:
        """Make the demo database from seed.sql."""
        from tui.database.sqlite.demo import make_demo

        return make_demo(Path(url))

    def make_users(
        self,
        url: str,
        count: int,
        *,
        seed: int,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> bool:
        """Make a new file with `count` users."""
        from tui.database.sqlite.seed import make_users

        return make_users(Path(url), count, seed=seed, progress=progress, stopped=stopped)


def _path_in(url: str) -> str:
    match = URL.fullmatch(url)
    if match is not None:
        path = unquote(match["path"])
        return path if match[1].lower() == "file" else path[1:]
    if (scheme := SCHEME.match(url)) is not None:
        raise SettingsError(
            f"--db: {scheme[0]} is no database that hitmiss knows; name a SQLite file, or"
            " postgresql://, mysql://, mariadb:// or mongodb://"
        )
    return url


STORE = SqliteStore()
