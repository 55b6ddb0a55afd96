"""Tables that need a collation which only another program has."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from files import opened

from tui.database.sqlite.collations import named_in
from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_schema
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

SCRIPT = """
    CREATE TABLE tags (tag TEXT NOT NULL PRIMARY KEY COLLATE unicase, usn INT) WITHOUT ROWID;
    CREATE TABLE kinds (name TEXT NOT NULL PRIMARY KEY COLLATE unicase, usn INT);
    CREATE TABLE free (name TEXT COLLATE unicase, usn INT);
    CREATE TABLE decks (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE unicase, usn INT);
    CREATE UNIQUE INDEX decks_by_name ON decks (name);
    CREATE TABLE made (id INTEGER PRIMARY KEY, name TEXT COLLATE unicase, same AS (name = 'B'));
    CREATE VIEW joined AS SELECT decks.id, kinds.usn FROM decks JOIN kinds USING (name);
    CREATE VIEW plain AS SELECT * FROM kinds;
    INSERT INTO tags VALUES ('B', 1), ('a', 2), ('C', 3), ('d', 4), ('ab', 5), ('A b', 6);
    INSERT INTO kinds SELECT * FROM tags;
    INSERT INTO free SELECT * FROM tags;
    INSERT INTO decks SELECT usn, tag, usn FROM tags;
    INSERT INTO made (id, name) VALUES (1, 'b');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file whose texts are in an order without case, as the other program has it."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_collation(
            "unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower())
        )
        connection.executescript(SCRIPT)
    return path


@pytest.mark.parametrize("table", ["tags", "kinds", "free", "plain"])
async def test_rows_are_found_by_such_a_key(path: Path, table: str) -> None:
    """Each key finds its own row, exactly, although nobody knows the order of the index."""
    keys = ["B", "a", "C", "d", "ab", "A b"]
    column = "tag" if table == "tags" else "name"
    async with opened(path, table, column) as found:
        for number, key in enumerate(keys, 1):
            assert await found.find(key) == {column: key, "usn": number}
        assert await found.find("b") is None
        many = await found.find_many([*keys, "b", "nobody"])
        assert {id: [row["usn"] for row in rows] for id, rows in many.items()} == {
            key: [number] for number, key in enumerate(keys, 1)
        }
        assert set(await found.first_keys(10)) == set(keys)
        matches = (await found.search("b", 9)).matches
        assert {match.id for match in matches} == {"B", "ab", "A b"}


async def test_such_an_index_alone_disturbs_nobody(path: Path) -> None:
    """A record with a number for a key is read and searched like any other."""
    async with opened(path, "decks") as decks:
        assert await decks.find(3) == {"id": 3, "name": "C", "usn": 3}
        assert [match.id for match in (await decks.search("ab", 9)).matches] == [5]


@pytest.mark.parametrize(("table", "key"), [("joined", 1), ("made", 1)])
async def test_what_needs_the_order_is_no_answer(path: Path, table: str, key: int) -> None:
    """A join or a computed column that compares by it is refused, and the collation named."""
    async with opened(path, table, "id") as found:
        for ask in (found.find(key), found.find_many([key])):
            with pytest.raises(DatabaseUnavailable, match="by the collation 'unicase'"):
                await ask


async def test_nothing_is_written_in_an_order_that_is_unknown(path: Path) -> None:
    """A change that needs it is refused and made by nobody; any other is made."""
    async with opened(path, "decks") as decks:
        with pytest.raises(ChangeRefused, match=r"only the program .* unicase"):
            await decks.update(1, {"name": "Z"})
        assert (await decks.update(1, {"usn": 9}) or {})["usn"] == 9
    async with opened(path, "tags") as tags:
        with pytest.raises(ChangeRefused, match="only the program"):
            await tags.update("a", {"usn": 9})
        assert await tags.find("a") == {"tag": "a", "usn": 2}


def test_all_of_it_is_examined(path: Path) -> None:
    """The doctor finds the table, its key and its rows."""
    found = examine(path, "tags", None)
    assert found.troubles == {}
    assert (found.rows, found.key_is_unique) == (6, True)
    assert read_schema(path, "tags").missing_collations == ("unicase",)


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("CREATE TABLE t (a COLLATE one, b COLLATE\n two)", ["one", "two"]),
        ("""a collate "o ""ne", b COLLATE 't''wo', c Collate [three x]""",
         ['o "ne', "t'wo", "three x"]),
        ("a COLLATE/**/`fo``ur` b COLLATE -- x\n five", ["fo`ur", "five"]),
        ("a DEFAULT 'COLLATE none' -- COLLATE none\n /* COLLATE none */", []),
        ("a DEFAULT 'it''s COLLATE none' COLLATE 'one'", ["one"]),
        ('"COLLATE" none, [collate] none', []),
        ("a COLLATE ümlaut /* never ends", ["ümlaut"]),
        ("a COLLATE", []),
    ],
)  # fmt: skip
def test_names_are_read_from_the_schema(sql: str, names: list[str]) -> None:
    """However they are quoted, and not where the word stands in a text or a comment."""
    assert list(named_in(sql)) == names


@pytest.mark.parametrize("name", ['"two words"', "'it''s'", "[br]", "`tick`", "ünï"])
async def test_any_name_is_stood_in_for(tmp_path: Path, name: str) -> None:
    """A table whose key is in that order is read."""
    path = tmp_path / "a.db"
    bare = next(named_in(f"COLLATE {name}"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_collation(bare, lambda a, b: (a < b) - (a > b))
        connection.executescript(
            f"CREATE TABLE t (k TEXT PRIMARY KEY COLLATE {name}) WITHOUT ROWID;"
            "INSERT INTO t VALUES ('a'), ('b'), ('c');"
        )
    async with opened(path, "t") as found:
        assert await found.find("a") == {"k": "a"}
        assert await found.find("c") == {"k": "c"}
