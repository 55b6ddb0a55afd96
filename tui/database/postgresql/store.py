"""What the registry is given: a PostgreSQL database, named by its URL."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tui.database.drivers import check_driver, no_demo
from tui.database.port import Examined, Table, TableOptions
from tui.database.postgresql import url as urls
from tui.models import TableSchema
from tui.runtime.clock import Clock


class PostgresqlStore:
    """Databases of PostgreSQL, and of what speaks as it does."""

    def check(self, url: str) -> str:
        """Return the URL, with the options that libpq knows; see DatabaseStore."""
        parsed = urls.parsed(url)
        check_driver("psycopg", "postgresql")
        return parsed.whole()

    def name(self, url: str) -> str:
        """Return the database's name."""
        its = urls.parsed(url)
        return its.database or its.user or "postgresql"

    def place(self, url: str) -> str:
        """Return the URL without password and options that nobody is to see."""
        return urls.shown(urls.parsed(url))

    def address(self, url: str) -> str:
        """Return the whole URL."""
        return urls.parsed(url).whole()

    def shared(self, url: str) -> bool:
        """Return that it is a server."""
        return True

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call psql, in a session that can only read."""
        switch = "PGOPTIONS=-c default_transaction_read_only=on"
        place = urls.shown(urls.for_psql(urls.parsed(url)))
        return ("env", switch, "psql", place, "-c")

    def read_schema(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> TableSchema:
        """Return what the catalogue says of the table."""
        from tui.database.postgresql.schema import read_schema

        return read_schema(url, table, id_column)

    def tables(self, url: str) -> list[str]:
        """Return the names of tables and views."""
        from tui.database.postgresql.schema import read_tables

        return read_tables(url)

    def columns(self, url: str, table: str) -> list[str]:
        """Return the names of a table's columns."""
        from tui.database.postgresql.schema import read_columns

        return read_columns(url, table)

    def load(self) -> None:
        """Import the driver."""
        import tui.database.postgresql.opening  # noqa: F401

    def open(
        self, url: str, schema: TableSchema, clock: Clock, options: TableOptions
    ) -> AbstractAsyncContextManager[Table]:
        """Open the table; its driver is imported here."""
        from tui.database.postgresql.opening import open_table

        return open_table(url, schema, clock, options)

    def examine(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> Examined:
        """Return what `doctor` is to say of the server and the table."""
        from tui.database.postgresql.checks import examine

        return examine(url, table, id_column, read_only=read_only)

    def version(self) -> tuple[str, str]:
        """Return the version of psycopg."""
        from importlib.metadata import version

        return "psycopg", version("psycopg")

    def to_be_made(self, url: str) -> Examined:
        """Refuse it: the demo database is a file."""
        raise no_demo()

    def make_demo(self, url: str) -> bool:
        """Refuse it: the demo database is a file."""
        raise no_demo()

    def make_users(
        self,
        url: str,
        count: int,
        *,
        seed: int,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> bool:
        """Make the table `users` in the database, with `count` users."""
        from tui.database.postgresql.seeding import make_users

        return make_users(url, count, seed=seed, progress=progress, stopped=stopped)


STORE = PostgresqlStore()
