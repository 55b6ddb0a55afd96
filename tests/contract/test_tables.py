"""Every database keeps every promise."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from contract.tables import (
    NOTHING,
    ONE_OF_EACH,
    PEOPLE,
    PROMISES,
    READ_ONLY,
    ROWS,
    THINGS,
    Place,
    Promise,
)
from fakes import FakeTable
from files import make_file
from unit.database.mysql import places as of_mariadb

from tui.database.port import TableOptions
from tui.database.registry import store_of
from tui.models.columns import Kind
from tui.runtime.clock import SystemClock

PEOPLE_OF_SQLITE = """
    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
    INSERT INTO people VALUES
      (1, 'Amara Okafor', 'Lagos'), (2, 'Bo Larsson', NULL), (3, 'Chidi Ō', 'Abuja');
"""
THINGS_OF_SQLITE = """
    CREATE TABLE things (id INTEGER PRIMARY KEY, integer BIGINT, decimal DECIMAL(20, 2),
      float DOUBLE, boolean BOOLEAN, moment DATETIME, date DATE, time TIME, interval INTERVAL,
      uuid CHAR(36), bytes BLOB, json JSON, text VARCHAR(40), enum ENUM, network INET,
      range INT4RANGE, geometry POINT, unknown);
    INSERT INTO things (id) VALUES (1);
"""
PEOPLE_OF_POSTGRESQL = """
    CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, city text);
    INSERT INTO people VALUES
      (1, 'Amara Okafor', 'Lagos'), (2, 'Bo Larsson', NULL), (3, 'Chidi Ō', 'Abuja');
"""
THINGS_OF_POSTGRESQL = """
    CREATE TYPE medal AS ENUM ('gold', 'silver');
    CREATE TABLE things (id integer PRIMARY KEY, integer bigint, decimal numeric(20, 3),
      float double precision, boolean boolean, moment timestamp, date date, time time,
      interval interval, uuid uuid, bytes bytea, json jsonb, "array" text[], text text,
      enum medal, network inet, range int4range, bit bit(3), geometry point);
    INSERT INTO things (id) VALUES (1);
"""
SCRIPTS = {
    "postgresql": PEOPLE_OF_POSTGRESQL + THINGS_OF_POSTGRESQL,
    "mariadb": of_mariadb.SCRIPT,
}
"""What makes the tables on a server."""
TEXTS: dict[str, Mapping[Kind, tuple[str, ...]]] = {
    "postgresql": {Kind.GEOMETRY: ("(1,2)",), Kind.BIT: ("101",)},
    "mariadb": of_mariadb.TEXTS,
}
"""What is typed there in place of what other databases take."""
NUMBERS = itertools.count()
"""A database of its own for each test, on a server that they share."""
KINDS = [
    "fake", "sqlite", "sqlite, write-ahead log", "sqlite, another collation", "postgresql",
    "mariadb",
]  # fmt: skip


def script(kind: str) -> str:
    """Return what makes the table."""
    match kind:
        case "sqlite, write-ahead log":
            return f"PRAGMA journal_mode = WAL; {PEOPLE_OF_SQLITE} {THINGS_OF_SQLITE}"
        case "sqlite, another collation":
            people = PEOPLE_OF_SQLITE.replace("city TEXT", "city TEXT COLLATE NOCASE")
            return people + THINGS_OF_SQLITE
    return PEOPLE_OF_SQLITE + THINGS_OF_SQLITE


def made(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """Make a database with both tables; return its URL."""
    if kind.startswith("sqlite"):
        return str(make_file(folder / "people.db", script(kind)))
    server = request.getfixturevalue(kind)
    url: str = server.new_database(f"contract_{next(NUMBERS)}")
    server.run(SCRIPTS[kind], url=url)
    return url


@asynccontextmanager
async def opened(
    kind: str, url: str, name: str = "people", *, read_only: bool = False
) -> AsyncIterator[Place]:
    """Open the table twice; the second connection writes in any case."""
    if kind == "fake":
        table = FakeTable(ROWS if name == "people" else {1: NOTHING})
        table.schema = PEOPLE if name == "people" else ONE_OF_EACH
        yield Place(table, table)
        return
    store = store_of(url)
    async with AsyncExitStack() as stack:
        tables = []
        for options in (TableOptions(read_only), TableOptions()):
            schema = store.read_schema(url, name, None, read_only=options.read_only)
            opening = store.open(url, schema, SystemClock(), options)
            tables.append(await stack.enter_async_context(opening))
        yield Place(tables[0], tables[1], TEXTS.get(kind, {}))


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of that kind with both tables; '' for the fake, which needs none."""
    return "" if kind == "fake" else made(kind, tmp_path, request)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_keeps_its_promises(kind: str, promise: Promise, url: str) -> None:
    """Each adapter, and the fake of the unit tests too."""
    async with opened(kind, url) as place:
        await promise(place)


@pytest.mark.parametrize("promise", THINGS, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_keeps_its_promises_of_kinds(
    kind: str, promise: Promise, url: str
) -> None:
    """For a column of each kind that it can declare."""
    async with opened(kind, url, "things") as place:
        await promise(place)


@pytest.mark.parametrize("promise", READ_ONLY, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "fake"])
async def test_a_read_only_database_keeps_its_promises(
    kind: str, promise: Promise, url: str
) -> None:
    """Nothing is written."""
    async with opened(kind, url, read_only=True) as place:
        await promise(place)
