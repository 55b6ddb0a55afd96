"""Files of old programs, whose names and texts are in an encoding of their own."""

from pathlib import Path

import pytest
from files import make_file, opened

from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_schema
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

USERS = "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (1, 'a');"


def latin_file(path: Path, script: str) -> Path:
    """Make a database in which each J of the script is an e with an accent in Latin-1."""
    make_file(path, script)
    path.write_bytes(path.read_bytes().replace(b"J", b"\xe9"))
    return path


@pytest.mark.parametrize(
    "view", ["SELECT id, nJm FROM t", "SELECT id, nJm(n) AS n FROM t", "SELECT * FROM nJm"]
)
def test_an_error_that_names_something_so_is_told(tmp_path: Path, view: str) -> None:
    """A view onto what is not there is what fails, not hitmiss."""
    path = latin_file(tmp_path / "a.db", f"{USERS} CREATE VIEW v AS {view};")
    with pytest.raises(DatabaseUnavailable, match=r"no such .*n\\xe9m"):
        read_schema(path, "v", "id")
    assert r"n\xe9m" in examine(path, "v", "id").troubles["table"]


async def test_a_constraint_with_such_a_name_refuses(tmp_path: Path) -> None:
    """It is a refusal as any other."""
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, CONSTRAINT kJn CHECK (n <> 'x'));"
    path = latin_file(tmp_path / "a.db", f"{script} INSERT INTO t VALUES (1, 'a');")
    async with opened(path, "t") as t:
        with pytest.raises(ChangeRefused, match=r"does not allow it: CHECK .*k\\xe9n"):
            await t.update(1, {"n": "x"})


async def test_a_trigger_that_says_something_so_is_told(tmp_path: Path) -> None:
    """Its words are shown, with what is no UTF-8 made visible."""
    trigger = "CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'nJ!'); END;"
    path = latin_file(tmp_path / "a.db", f"{USERS} {trigger}")
    async with opened(path, "t") as t:
        with pytest.raises(DatabaseUnavailable, match=r"failed: n\\xe9!"):
            await t.update(1, {"n": "x"})


async def test_a_row_that_cannot_be_read_for_such_a_name_is_told(tmp_path: Path) -> None:
    """A computed column that calls an unknown function makes the table fail."""
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, g AS (abs(n)));"
    path = make_file(tmp_path / "a.db", f"{script} INSERT INTO t (id, n) VALUES (1, 'a');")
    path.write_bytes(path.read_bytes().replace(b"abs(", b"ab\xe9("))
    async with opened(path, "t") as t:
        with pytest.raises(DatabaseUnavailable, match=r"unknown function: ab\\xe9"):
            await t.find(1)
    assert examine(path, "t", None).troubles


def test_a_column_with_such_a_name_is_told(tmp_path: Path) -> None:
    """Python cannot name it to SQLite; a view can."""
    path = latin_file(tmp_path / "a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, nJm TEXT);")
    with pytest.raises(DatabaseUnavailable, match=r"column whose name is no UTF-8, .*view"):
        read_schema(path, "t", None)
