"""Tables on a real MariaDB, as the promises of every database want them."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from contract.tables import Place
from mariadb_server import MariadbServer

from tui.database.mysql.store import STORE
from tui.database.port import Table, TableOptions
from tui.models.columns import Kind
from tui.runtime.clock import SystemClock

PEOPLE: Final = """
    CREATE TABLE people (id bigint PRIMARY KEY, name varchar(200) NOT NULL, city text);
    INSERT INTO people VALUES
      (1, 'Amara Okafor', 'Lagos'), (2, 'Bo Larsson', NULL), (3, 'Chidi Ō', 'Abuja');
"""
THINGS: Final = """
    CREATE TABLE things (id int PRIMARY KEY, `integer` bigint, `decimal` decimal(20, 3),
      `float` double, `boolean` boolean, moment datetime(6), `date` date, `time` time(6),
      uuid uuid, bytes blob, json json, text varchar(40), enum enum('gold', 'silver'),
      network inet6, bit bit(3), geometry point);
    INSERT INTO things (id) VALUES (1);
"""
SCRIPT: Final = PEOPLE + THINGS
TEXTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.MOMENT: ("2026-06-30 12:30:00.000000", "1999-12-31 23:59:59.123456"),
    Kind.TIME: ("12:30:00.000000", "23:59:59.500000"),
    Kind.BIT: ("101",),
    Kind.NETWORK: ("2001:db8::1", "::192.0.2.1"),
}
"""What is typed there in place of what other databases take."""
NUMBERS: Final = itertools.count()
"""A database of its own for each test, on a server that they share."""


def made(server: MariadbServer, script: str = SCRIPT) -> str:
    """Make a database with what a script makes; return its URL."""
    url = server.new_database(f"mysql_{next(NUMBERS)}")
    server.run(script, url=url)
    return url


@asynccontextmanager
async def table(
    url: str, name: str = "people", options: TableOptions | None = None, **keys: str
) -> AsyncIterator[Table]:
    """Open a table, to be written unless options say otherwise."""
    options = options or TableOptions()
    schema = STORE.read_schema(url, name, keys.get("id_column"), read_only=options.read_only)
    async with STORE.open(url, schema, SystemClock(), options) as opened:
        yield opened


@asynccontextmanager
async def opened(
    url: str, name: str = "people", *, read_only: bool = False
) -> AsyncIterator[Place]:
    """Open a table twice; the second connection writes in any case."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(table(url, name, TableOptions(read_only)))
        other = await stack.enter_async_context(table(url, name))
        yield Place(one, other, TEXTS)
