"""Databases on a real PostgreSQL, a test's own, with their tables opened."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from postgresql_server import PostgresqlServer

from tui.database.port import Table, TableOptions
from tui.database.postgresql.store import STORE
from tui.models import TableSchema
from tui.runtime.clock import SystemClock

NUMBERS: Final = itertools.count()
"""A database of its own for each test, on a server that they share."""
PEOPLE: Final = """
    CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, city text);
    INSERT INTO people VALUES
      (1, 'Amara Okafor', 'Lagos'), (2, 'Bo Larsson', NULL), (3, 'Chidi Ō', 'Abuja');
"""


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a server, which belongs to `app`."""

    server: PostgresqlServer
    url: str

    @property
    def name(self) -> str:
        """What it is called."""
        return self.url.rpartition("/")[2]

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a statement of `app`, on a connection of its own, gives."""
        return self.server.run(statement, *values, url=self.url)

    def as_admin(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a statement of the superuser gives in it."""
        return self.server.run(statement, *values, url=self.server.as_admin(self.url))

    def url_of(self, user: str) -> str:
        """Return its address for a user that was made by `add_user`."""
        return self.url.replace("//app:", f"//{user}:", 1)

    def add_user(self, user: str, attributes: str = "") -> str:
        """Make a user who can log in, with the password of `app`; return the address."""
        self.as_admin(
            f"DROP ROLE IF EXISTS {user};"
            f" CREATE ROLE {user} LOGIN PASSWORD '{self.server.password}' {attributes}"
        )
        return self.url_of(user)

    def schema(self, table: str = "people", id_column: str | None = None) -> TableSchema:
        """Return what hitmiss knows of a table."""
        return STORE.read_schema(self.url, table, id_column, read_only=False)

    @asynccontextmanager
    async def opened(
        self, table: str = "people", id_column: str | None = None, **options: Any
    ) -> AsyncIterator[Table]:
        """Open a table as the command line does, with further options by name."""
        async with opened(self.url, table, id_column, **options) as found:
            yield found


@asynccontextmanager
async def opened(
    url: str, table: str = "people", id_column: str | None = None, **options: Any
) -> AsyncIterator[Table]:
    """Open the table of a database, to be written unless options say otherwise."""
    checked, asked = STORE.check(url), TableOptions(**options)
    schema = STORE.read_schema(checked, table, id_column, read_only=asked.read_only)
    async with STORE.open(checked, schema, SystemClock(), asked) as found:
        yield found


@contextmanager
def made(server: PostgresqlServer, script: str = "", settings: str = "") -> Iterator[Database]:
    """Make a database with what a script makes; it is gone when the test is over."""
    name = f"postgresql_{next(NUMBERS)}"
    server.run(f"CREATE DATABASE {name} OWNER app {settings}", url=server.admin_url)
    database = Database(server, server.url.replace("/shop", f"/{name}"))
    try:
        if script:
            database.run(script)
        yield database
    finally:
        if server.pids:
            server.run(f"DROP DATABASE {name} WITH (FORCE)", url=server.admin_url)
