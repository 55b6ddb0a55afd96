"""What the registry is given: a collection on a MongoDB, named by a URL."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from tui.database.drivers import check_driver
from tui.database.mongodb.url import taken_apart
from tui.database.port import Examined, Table, TableOptions
from tui.models import TableSchema
from tui.runtime.clock import Clock
from tui.runtime.errors import SettingsError

NO_DEMO: Final = "a demo database is made as a file: name one, or make users by `hitmiss seed`"


class MongodbStore:
    """Databases of MongoDB."""

    def check(self, url: str) -> str:
        """Return the URL in the one way in which it is written; see DatabaseStore."""
        place = taken_apart(url)
        check_driver("pymongo", "mongodb")
        return place.whole()

    def name(self, url: str) -> str:
        """Return the database's name."""
        return taken_apart(url).database

    def place(self, url: str) -> str:
        """Return the URL without its password."""
        return taken_apart(url).place()

    def address(self, url: str) -> str:
        """Return the whole URL."""
        return taken_apart(url).whole()

    def shared(self, url: str) -> bool:
        """Return that it is a server."""
        return True

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call mongosh, which asks for a password where one is needed.

        It knows no way to be read-only; but what is run by it here only reads.
        """
        return ("mongosh", taken_apart(url).for_shell(), "--quiet", "--eval")

    def read_schema(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> TableSchema:
        """Return what the documents of a collection hold."""
        from tui.database.mongodb.schema import read_schema

        return read_schema(url, table, id_column)

    def tables(self, url: str) -> list[str]:
        """Return the names of collections and views."""
        from tui.database.mongodb.schema import read_tables

        return read_tables(url)

    def columns(self, url: str, table: str) -> list[str]:
        """Return the names of the fields of a collection's documents."""
        from tui.database.mongodb.schema import read_columns

        return read_columns(url, table)

    def load(self) -> None:
        """Import the driver."""
        import tui.database.mongodb.opening  # noqa: F401

    def open(
        self, url: str, schema: TableSchema, clock: Clock, options: TableOptions
    ) -> AbstractAsyncContextManager[Table]:
        """Open the collection; its driver is imported here."""
        from tui.database.mongodb.opening import open_table

        return open_table(url, schema, clock, options)

    def examine(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> Examined:
        """Return what `doctor` is to say of the server and the collection."""
        from tui.database.mongodb.checks import database_checks
        from tui.database.mongodb.facts import examine

        facts = examine(url, table, id_column)
        return Examined(
            tuple(database_checks(facts, read_only=read_only)), facts.schema, facts.rows or 0
        )

    def version(self) -> tuple[str, str]:
        """Return the version of the driver, which speaks MongoDB's protocol."""
        from importlib.metadata import version

        return "pymongo", version("pymongo")

    def to_be_made(self, url: str) -> Examined:
        """Refuse it: a demo database is a file.

        Raises:
            SettingsError: always.
        """
        raise SettingsError(NO_DEMO)

    def make_demo(self, url: str) -> bool:
        """Refuse it, too.

        Raises:
            SettingsError: always.
        """
        raise SettingsError(NO_DEMO)

    def make_users(
        self,
        url: str,
        count: int,
        *,
        seed: int,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> bool:
        """Make a new collection with `count` users."""
        from tui.database.mongodb.seed import make_users

        return make_users(url, count, seed=seed, progress=progress, stopped=stopped)


STORE = MongodbStore()
