"""What the registry is given: a database of MySQL or MariaDB, named by its URL."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tui.database.drivers import check_driver, no_demo
from tui.database.mysql import url as urls
from tui.database.port import Examined, Table, TableOptions
from tui.models import TableSchema
from tui.runtime.clock import Clock


class MysqlStore:
    """Databases of MySQL and of MariaDB."""

    def check(self, url: str) -> str:
        """Return the URL in its usual spelling; see DatabaseStore."""
        parsed = urls.parsed(url)
        check_driver("asyncmy", "mysql")
        return parsed.whole()

    def name(self, url: str) -> str:
        """Return the database's name."""
        return urls.parsed(url).database

    def place(self, url: str) -> str:
        """Return the URL without its password."""
        return urls.parsed(url).place()

    def address(self, url: str) -> str:
        """Return the whole URL."""
        return urls.parsed(url).whole()

    def shared(self, url: str) -> bool:
        """Return that it is a server."""
        return True

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call the client, in a session that can only read."""
        return urls.client_words(urls.parsed(url))

    def read_schema(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> TableSchema:
        """Return what the server says of the table."""
        from tui.database.mysql.asking import read_schema

        return read_schema(url, table, id_column)

    def tables(self, url: str) -> list[str]:
        """Return the names of tables and views."""
        from tui.database.mysql.asking import read_tables

        return read_tables(url)

    def columns(self, url: str, table: str) -> list[str]:
        """Return the names of a table's columns."""
        from tui.database.mysql.asking import read_columns

        return read_columns(url, table)

    def load(self) -> None:
        """Import the driver."""
        import tui.database.mysql.opening  # noqa: F401

    def open(
        self, url: str, schema: TableSchema, clock: Clock, options: TableOptions
    ) -> AbstractAsyncContextManager[Table]:
        """Open the table; its driver is imported here."""
        from tui.database.mysql.opening import open_table

        return open_table(url, schema, clock, options)

    def examine(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> Examined:
        """Return what `doctor` is to say of the server and the table."""
        from tui.database.mysql.checks import examine

        return examine(url, table, id_column, read_only=read_only)

    def version(self) -> tuple[str, str]:
        """Return the version of asyncmy."""
        from importlib.metadata import version

        return "asyncmy", version("asyncmy")

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
        from tui.database.mysql.seeding import make_users

        return make_users(url, count, seed=seed, progress=progress, stopped=stopped)


STORE = MysqlStore()
