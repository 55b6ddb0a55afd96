"""Keys that more than one row may have: what is promised, what is read, what is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import recorded
from files import make_file, opened
from serving import serving

from tui.database.sqlite.schema import read_schema
from tui.models import Label
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

TWINS = """
    CREATE TABLE users (code INT, tag TEXT, name TEXT, id INTEGER PRIMARY KEY);
    INSERT INTO users (code, tag, name) VALUES
      (1, 'a', 'one'), (2, 'b', 'two'), (2, 'b', 'too'), (3, 'A', 'three');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a database, with nothing there yet."""
    return tmp_path / "a.db"


def rows(path: Path, query: str = "SELECT code, name FROM users ORDER BY id") -> list[object]:
    """Give what another program sees in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("script", "id_column", "unique"),
    [
        pytest.param("(k INTEGER PRIMARY KEY)", None, True, id="rowid"),
        pytest.param("(k TEXT PRIMARY KEY)", None, True, id="text"),
        pytest.param("(k TEXT PRIMARY KEY) WITHOUT ROWID", None, True, id="without rowid"),
        pytest.param("(id INTEGER PRIMARY KEY, k TEXT UNIQUE)", "k", True, id="UNIQUE"),
        pytest.param("(k TEXT UNIQUE COLLATE NOCASE)", "k", True, id="another collation"),
        pytest.param("(k); CREATE UNIQUE INDEX i ON t (k)", "k", True, id="index"),
        pytest.param("(a INT, k INT AS (a + 1) UNIQUE)", "k", True, id="generated"),
        pytest.param("(k)", "k", False, id="nothing"),
        pytest.param("(k); CREATE INDEX i ON t (k)", "k", False, id="index that is not unique"),
        pytest.param(
            "(k, a); CREATE UNIQUE INDEX i ON t (k) WHERE a > 0", "k", False, id="partial"
        ),
        pytest.param("(k, a, UNIQUE (k, a))", "k", False, id="two columns"),
        pytest.param("(k, a, PRIMARY KEY (k, a))", "k", False, id="half a primary key"),
        pytest.param(
            "(k, a, PRIMARY KEY (a, k)) WITHOUT ROWID", "k", False, id="half, without rowid"
        ),
        pytest.param(
            "(k); CREATE UNIQUE INDEX i ON t (abs(k))", "k", False, id="an expression of it"
        ),
        pytest.param("(a INTEGER PRIMARY KEY, k INT)", "k", False, id="beside the primary key"),
    ],
)
def test_what_the_schema_promises(
    path: Path, script: str, id_column: str | None, unique: bool
) -> None:
    """A key is unique by a primary key or a full UNIQUE index of that column alone."""
    make_file(path, f"CREATE TABLE t {script}")
    assert read_schema(path, "t", id_column).unique is unique


def test_a_view_promises_nothing(users_db: Path) -> None:
    """Not even when what it shows is a primary key."""
    make_file(users_db, "CREATE VIEW v AS SELECT * FROM users")
    assert not read_schema(users_db, "v", "id").unique


def test_names_of_any_kind_keep_their_promise(path: Path) -> None:
    """Quotes, dots, brackets and emoji in names hide no UNIQUE index, and show none."""
    make_file(
        path,
        """CREATE TABLE "a.""b"" [c] '🦊'" ("x.y ""z"" " TEXT UNIQUE, "🐟 [1]" TEXT,
             "É" UNIQUE, "é")""",
    )
    table = "a.\"b\" [c] '🦊'"
    promised = {
        name: read_schema(path, table, name).unique for name in ('x.y "z" ', "🐟 [1]", "É", "é")
    }
    assert promised == {'x.y "z" ': True, "🐟 [1]": False, "É": True, "é": False}


@pytest.mark.parametrize(("column", "one", "two"), [("code", 1, 2), ("tag", "a", "b")])
async def test_a_key_of_two_rows_is_no_record(
    path: Path, column: str, one: int | str, two: int | str
) -> None:
    """Instead of one of them there is a reason that names the option; the others are read."""
    make_file(path, TWINS)
    trace = recorded()
    async with opened(path, "users", column) as users:
        assert (await users.find(one) or {})["name"] == "one"
        with pytest.raises(DatabaseUnavailable, match=r"not unique: more .*--id-column"):
            await users.find(two)
        assert await users.find(9 if column == "code" else "x") is None
    assert [step.result for step in trace] == ["1 row", "2 rows", "no row"]
    shown = f"SELECT * FROM users WHERE {column} = {one!r} LIMIT 2"
    assert trace[0].command == shown


async def test_a_key_of_two_rows_is_not_cached(path: Path) -> None:
    """The outcome is an ERROR with the reason, now and when it is asked for again."""
    make_file(path, TWINS)
    async with serving("embedded", path, id_column="code") as services:
        for _ in range(2):
            outcome = await services.service.look_up(2)
            assert (outcome.label, outcome.record) == (Label.ERROR, None)
            assert "'code' of 'users' is not unique" in (outcome.reason or "")
        assert (await services.service.look_up(1)).label is Label.DB


async def test_no_change_ever_touches_two_rows(path: Path) -> None:
    """An update and a delete of such a key are refused; of a key of one row they are made."""
    make_file(path, TWINS)
    before = rows(path)
    async with opened(path, "users", "code") as users:
        for change in (users.update(2, {"name": "x"}), users.delete(2)):
            with pytest.raises(ChangeRefused, match=r"not unique.*nothing was changed"):
                await change
        assert rows(path) == before
        assert (await users.update(1, {"name": "x"}) or {})["name"] == "x"
        assert await users.delete(3)
        assert await users.update(9, {"name": "x"}) is None
        assert not await users.delete(9)
    assert rows(path) == [(1, "x"), (2, "two"), (2, "too")]


async def test_a_promise_broken_while_open(path: Path) -> None:
    """When the UNIQUE index is dropped meanwhile, rows alike are told apart as little."""
    make_file(
        path,
        "CREATE TABLE users (code INT, name TEXT); CREATE UNIQUE INDEX i ON users (code);"
        "INSERT INTO users VALUES (1, 'one')",
    )
    async with opened(path, "users", "code") as users:
        assert users.schema.unique
        make_file(path, "DROP INDEX i; INSERT INTO users VALUES (1, 'won')")
        with pytest.raises(DatabaseUnavailable, match="not unique"):
            await users.find(1)
        with pytest.raises(ChangeRefused, match="not unique"):
            await users.update(1, {"name": "x"})
    assert rows(path, "SELECT name FROM users ORDER BY name") == [("one",), ("won",)]


async def test_keys_of_other_case_are_other_keys(path: Path) -> None:
    """Where a column takes `A` for `a` the cache does not, so a lookup and a write do not."""
    make_file(
        path,
        "CREATE TABLE users (mail TEXT PRIMARY KEY COLLATE NOCASE, name TEXT);"
        "INSERT INTO users VALUES ('ann@example.com', 'Ann')",
    )
    async with opened(path) as users:
        assert await users.find("ANN@example.com") is None
        assert await users.update("ANN@example.com", {"name": "x"}) is None
        assert not await users.delete("ANN@example.com")
        assert await users.find("ann@example.com") == {
            "mail": "ann@example.com",
            "name": "Ann",
        }


async def test_keys_of_other_case_do_not_make_a_key_ambiguous(path: Path) -> None:
    """`a` and `A` are two records, whatever the column's collation."""
    make_file(
        path,
        "CREATE TABLE users (k TEXT COLLATE NOCASE, name TEXT);"
        "CREATE UNIQUE INDEX i ON users (k COLLATE BINARY);"
        "INSERT INTO users VALUES ('a', 'small'), ('A', 'big')",
    )
    async with opened(path, "users", "k") as users:
        assert users.schema.unique
        assert (await users.find("A") or {})["name"] == "big"
        assert (await users.update("a", {"name": "tiny"}) or {})["name"] == "tiny"
    assert rows(path, "SELECT name FROM users ORDER BY name") == [("big",), ("tiny",)]


@pytest.mark.parametrize(("column", "key"), [("email", "amara.okafor@example.com"), ("id", 1)])
def test_a_unique_key_is_found_by_its_index(seeded: Path, column: str, key: int | str) -> None:
    """Neither the comparison byte by byte nor the guard of a change reads every row."""
    with closing(sqlite3.connect(seeded)) as connection:
        where = f'"users"."{column}" = ? AND "users"."{column}" = ? COLLATE BINARY'
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT * FROM users WHERE {where}", (key, key)
        ).fetchall()
    assert [row[3].split()[0] for row in plan] == ["SEARCH"]


async def test_a_view_without_triggers_is_not_changed(users_db: Path) -> None:
    """It is read; a change is refused in the database's words, and is no outage."""
    make_file(users_db, "CREATE VIEW v AS SELECT id, name FROM users")
    async with opened(users_db, "v", "id") as view:
        assert (await view.find(1) or {})["name"] == "Amara Okafor"
        for change in (view.update(1, {"name": "x"}), view.delete(1)):
            with pytest.raises(ChangeRefused, match="cannot modify v because it is a view"):
                await change
        with pytest.raises(ChangeRefused, match="'v' is a view; add records to its table"):
            await view.insert({"id": 7, "name": "x"})


async def test_a_view_with_triggers_is_changed_one_row_at_a_time(path: Path) -> None:
    """INSTEAD OF triggers run for a key of one row, and never for a key of two."""
    make_file(
        path,
        TWINS
        + """CREATE VIEW v AS SELECT code, name FROM users;
        CREATE TRIGGER up INSTEAD OF UPDATE ON v BEGIN
          UPDATE users SET name = NEW.name WHERE code = OLD.code AND name = OLD.name; END;
        CREATE TRIGGER down INSTEAD OF DELETE ON v BEGIN
          DELETE FROM users WHERE code = OLD.code; END;""",
    )
    async with opened(path, "v", "code") as view:
        assert await view.update(1, {"name": "x"}) == {"code": 1, "name": "x"}
        for change in (view.update(2, {"name": "x"}), view.delete(2)):
            with pytest.raises(ChangeRefused, match="not unique"):
                await change
        assert await view.delete(3)
        assert not await view.delete(9)
        assert await view.update(9, {"name": "x"}) is None
    assert rows(path) == [(1, "x"), (2, "two"), (2, "too")]


async def test_a_virtual_table_is_not_changed(path: Path) -> None:
    """A table of a module gives back no row that it changed, so it is left alone."""
    make_file(
        path,
        "CREATE VIRTUAL TABLE t USING rtree (id, low, high); INSERT INTO t VALUES (1, 2, 3)",
    )
    async with opened(path, "t", "id") as t:
        with pytest.raises(ChangeRefused, match="RETURNING is not available"):
            await t.update(1, {"high": 4})


async def test_records_of_a_table_without_rowid(path: Path) -> None:
    """Text keys, names in quotes and computed columns: read, changed and removed as usual."""
    make_file(
        path,
        """CREATE TABLE "o'brien.""s" ("🔑 ""k"" " TEXT PRIMARY KEY, "a.b" INT,
             twice INT AS ("a.b" * 2)) WITHOUT ROWID;
           INSERT INTO "o'brien.""s" VALUES ('it''s', 1), ('it', 7);""",
    )
    async with opened(path, "o'brien.\"s") as t:
        assert await t.find("it's") == {'🔑 "k" ': "it's", "a.b": 1, "twice": 2}
        trace = recorded()
        changed = await t.update("it's", {"a.b": 5})
        assert (changed or {})["a.b"] == 5
        assert trace[0].command == (
            """UPDATE "o'brien.""s" SET "a.b" = 5 WHERE "🔑 ""k"" " = 'it''s'"""
        )
        with pytest.raises(ChangeRefused, match="generated column"):
            await t.update("it's", {"twice": 1})
        assert await t.delete("it's")
    assert rows(path, """SELECT * FROM "o'brien.""s" """) == [("it", 7, 14)]
