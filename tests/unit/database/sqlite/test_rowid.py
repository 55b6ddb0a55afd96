"""The number that SQLite gives each row, as the key of a table that has no other."""

from pathlib import Path

import pytest
from files import make_file

from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table_opening import open_table
from tui.runtime.clock import SystemClock
from tui.runtime.errors import DatabaseUnavailable

LOG = """
    CREATE TABLE log (who TEXT, what BLOB);
    INSERT INTO log VALUES ('ada', x'00ff'), ('bo', NULL), ('cy', 'x');
    CREATE TABLE named (rowid TEXT, n INTEGER);
    CREATE TABLE keyed (id INTEGER PRIMARY KEY, n TEXT);
    INSERT INTO keyed VALUES (7, 'seven');
    CREATE TABLE without (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;
    CREATE VIEW seen AS SELECT * FROM log;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with tables that have a key, and some that have none."""
    return make_file(tmp_path / "a.db", LOG)


@pytest.mark.parametrize("name", ["rowid", "ROWID", "_rowid_", "oid"])
async def test_a_table_without_a_key_is_read_and_changed_by_it(path: Path, name: str) -> None:
    """Whichever of its names is given; it stands first in each record."""
    schema = read_schema(path, "log", name)
    key = name.lower()
    assert (schema.id_column, schema.id_is_integer, schema.unique) == (key, True, True)
    assert schema.columns == (key, "who", "what")
    async with open_table(path, schema, SystemClock()) as table:
        record = await table.find(2)
        assert record == {key: 2, "who": "bo", "what": None}
        assert await table.find(9) is None
        rows = await table.find_many([1, 3, 9], ["who"])
        assert {id: [row["who"] for row in found] for id, found in rows.items() if found} == {
            1: ["ada"], 3: ["cy"],
        }  # fmt: skip
        assert await table.first_keys(2) == [1, 2]
        changed = await table.update(2, {"who": "Bo"}, expected=record)
        assert changed == {key: 2, "who": "Bo", "what": None}
        assert await table.touch(3)
        assert (await table.insert({"who": "dee"}))[1] == {key: 4, "who": "dee", "what": None}
        assert await table.delete(1)
        assert [match.id for match in (await table.search("dee", 5)).matches] == [4]


async def test_a_key_of_its_own_can_be_named_so(path: Path) -> None:
    """Then the column and the number are one, and the record has both."""
    schema = read_schema(path, "keyed", "rowid")
    async with open_table(path, schema, SystemClock()) as table:
        assert await table.find(7) == {"rowid": 7, "id": 7, "n": "seven"}


def test_a_column_of_that_name_is_that_column(path: Path) -> None:
    """It is no number that SQLite gives, and need not be unique."""
    schema = read_schema(path, "named", "rowid")
    assert (schema.columns, schema.id_is_integer, schema.unique) == (
        ("rowid", "n"),
        False,
        False,
    )


@pytest.mark.parametrize("table", ["without", "seen"])
def test_where_rows_have_no_number_that_is_said(path: Path, table: str) -> None:
    """Of a table WITHOUT ROWID, and of a view."""
    with pytest.raises(DatabaseUnavailable, match="has no column 'rowid'"):
        read_schema(path, table, "rowid")


def test_who_names_no_key_is_told_of_it(path: Path) -> None:
    """In the sentence that says that there is none; doctor knows it for unique and direct."""
    with pytest.raises(DatabaseUnavailable, match="or rowid, the number that SQLite gives"):
        read_schema(path, "log")
    facts = examine(path, "log", "rowid")
    assert (facts.key_is_unique, facts.key_is_indexed, facts.rows) == (True, True, 3)
