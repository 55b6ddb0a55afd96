"""Every database keeps every promise."""

from collections.abc import AsyncIterator
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

from tui.database.port import TableOptions
from tui.database.registry import store_of
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
KINDS = ["fake", "sqlite", "sqlite, write-ahead log", "sqlite, another collation"]


def script(kind: str) -> str:
    """Return what makes the table."""
    match kind:
        case "sqlite, write-ahead log":
            return f"PRAGMA journal_mode = WAL; {PEOPLE_OF_SQLITE} {THINGS_OF_SQLITE}"
        case "sqlite, another collation":
            people = PEOPLE_OF_SQLITE.replace("city TEXT", "city TEXT COLLATE NOCASE")
            return people + THINGS_OF_SQLITE
    return PEOPLE_OF_SQLITE + THINGS_OF_SQLITE


@asynccontextmanager
async def opened(
    kind: str, folder: Path, name: str = "people", *, read_only: bool = False
) -> AsyncIterator[Place]:
    """Open the table twice; the second connection writes in any case."""
    if kind == "fake":
        table = FakeTable(ROWS if name == "people" else {1: NOTHING})
        table.schema = PEOPLE if name == "people" else ONE_OF_EACH
        yield Place(table, table)
        return
    url = str(make_file(folder / "people.db", script(kind)))
    store = store_of(url)
    async with AsyncExitStack() as stack:
        tables = []
        for options in (TableOptions(read_only), TableOptions()):
            schema = store.read_schema(url, name, None, read_only=options.read_only)
            opening = store.open(url, schema, SystemClock(), options)
            tables.append(await stack.enter_async_context(opening))
        yield Place(*tables)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_keeps_its_promises(
    kind: str, promise: Promise, tmp_path: Path
) -> None:
    """Each adapter, and the fake of the unit tests too."""
    async with opened(kind, tmp_path) as place:
        await promise(place)


@pytest.mark.parametrize("promise", THINGS, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_database_keeps_its_promises_of_kinds(
    kind: str, promise: Promise, tmp_path: Path
) -> None:
    """For a column of each kind that it can declare."""
    async with opened(kind, tmp_path, "things") as place:
        await promise(place)


@pytest.mark.parametrize("promise", READ_ONLY, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "fake"])
async def test_a_read_only_database_keeps_its_promises(
    kind: str, promise: Promise, tmp_path: Path
) -> None:
    """Nothing is written."""
    async with opened(kind, tmp_path, read_only=True) as place:
        await promise(place)
