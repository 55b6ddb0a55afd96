"""Rows that are longer than is good for a process: what is not read of them, and said so."""

import tracemalloc
from pathlib import Path

import pytest
from files import make_file, opened

from tui.models import Key
from tui.models.scalars import StandIn, Unread, is_whole
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

KIB = 1 << 10
LONG, LONGER = 100_000, 3_000_000
SCRIPT = f"""
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, body TEXT, photo BLOB, n INT);
    INSERT INTO t VALUES
      (1, 'Ada', printf('%.*c', {LONG}, 'y'), x'00', 7), (2, 'Bo', 'z', zeroblob({LONG}), 8),
      (3, 'Cy', printf('%.*c', 50000, 'y'), NULL, 9),
      (4, printf('%.*c', {LONG}, 'n'), 'd', 1.5, 1);
    CREATE TABLE w (k TEXT PRIMARY KEY, a TEXT, b TEXT) WITHOUT ROWID;
    INSERT INTO w SELECT name, n, body FROM t WHERE id < 4;
    CREATE VIEW v AS SELECT * FROM t;
"""
BOUND = 64 * KIB


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a few rows, of which some are longer than BOUND."""
    return make_file(tmp_path / "a.db", SCRIPT)


async def test_what_is_too_long_is_not_read(path: Path) -> None:
    """The record is there, with its type and its bytes in place of a value; it is not whole."""
    async with opened(path, "t", max_value=BOUND) as t:
        first, second, third = [await t.find(id) for id in (1, 2, 3)]
    assert first == {
        "id": 1, "name": "Ada", "body": "<TEXT, 100,000 bytes: not read>",
        "photo": "<BLOB, 1 bytes>", "n": 7,
    }  # fmt: skip
    assert isinstance(first["body"], Unread)
    assert second is not None
    assert second["photo"] == "<BLOB, 100,000 bytes: not read>"
    assert third is not None
    assert third["body"] == "y" * 50_000
    assert [is_whole(record) for record in (first, second, third)] == [False, False, True]


@pytest.mark.parametrize(("table", "key"), [("v", 1), ("w", "Ada")])
async def test_a_size_that_nobody_tells(path: Path, table: str, key: Key) -> None:
    """Of a view's text, and WITHOUT ROWID, it is known alone that it is too long."""
    async with opened(path, table, {"v": "id", "w": "k"}[table], max_value=BOUND) as found:
        record = await found.find(key)
    assert record is not None
    assert record["body" if table == "v" else "b"] == "<TEXT, more than 65,536 bytes: not read>"


@pytest.mark.parametrize("columns", [60, 1_998])
async def test_many_values_are_too_long_together(tmp_path: Path, columns: int) -> None:
    """Of a row with many columns no more is read than one value may have."""
    names = ", ".join(f"c{number} TEXT" for number in range(columns))
    sets = ", ".join(
        f"c{number} = printf('%.*c', 5000, 'a')" for number in range(400)[:columns]
    )
    path = make_file(
        tmp_path / "a.db",
        f"CREATE TABLE wide (id INTEGER PRIMARY KEY, {names});"
        f"INSERT INTO wide (id) VALUES (1); UPDATE wide SET {sets};",
    )
    async with opened(path, "wide", max_value=BOUND) as wide:
        record = await wide.find(1)
    assert record is not None
    assert list(record) == list(wide.schema.columns)
    texts = [v for v in record.values() if isinstance(v, str) and not isinstance(v, StandIn)]
    assert 0 < sum(map(len, texts)) <= BOUND
    assert not is_whole(record)


async def test_many_rows_that_are_too_long_for_one_go(tmp_path: Path) -> None:
    """All are found, part by part, each as it is alone."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, body TEXT);"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 150)"
        " INSERT INTO t SELECT i, 'n' || i, printf('%.*c', i * 700, 'b') FROM c;",
    )
    ids = list(range(150, -1, -1))
    async with opened(path, "t", max_value=BOUND) as t:
        rows = await t.find_many(ids)
        part = await t.find_part(ids)
        assert 0 < len(part) < len(ids)
        for id, (row,) in rows.items():
            assert row == await t.find(id)
        few = await t.find_part(ids, {"name", "no column"})
    assert sorted(rows) == list(range(1, 151))
    assert list(part) == ids[: len(part)]
    assert next(iter(few.values())) == [{"id": 150, "name": "n150"}]


async def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Reading rows of megabytes, alone and together, takes no more than a few of the bound."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, body TEXT, photo BLOB);"
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20)"
        f" INSERT INTO t SELECT i, 'n', printf('%.*c', {LONGER}, 'b'), zeroblob({LONGER})"
        " FROM c;",
    )
    async with opened(path, "t", max_value=256 * KIB) as t:
        tracemalloc.start()
        try:
            await t.find(1)
            for id in range(1, 20):
                await t.find_part([id, id + 1])
            await t.search("n", 50)
            await t.search("b" * 50, 50)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * 256 * KIB


async def test_a_record_that_is_not_whole_is_not_changed(path: Path) -> None:
    """What was not compared could be lost; and SQLite would have to hold all of it."""
    async with opened(path, "t", max_value=32 * KIB) as t:
        before = await t.find(1)
        assert before is not None
        for expected in (None, before):
            with pytest.raises(ChangeRefused, match=r"not changed: give a larger --max-value"):
                await t.update(1, {"name": "Zed"}, expected=expected)
        with pytest.raises(ChangeRefused, match="larger --max-value"):
            await t.touch(1)
        assert (await t.find(1) or {})["name"] == "Ada"
    async with opened(path, "t") as t:
        assert (await t.update(1, {"name": "Zed"}) or {})["name"] == "Zed"


@pytest.mark.parametrize("table", ["t", "v", "w"])
async def test_the_search_goes_round_long_values(path: Path, table: str) -> None:
    """Every other value is searched, and how many were not is said."""
    id_column = "k" if table == "w" else "id"
    async with opened(path, table, id_column, max_value=BOUND) as found:
        result = await found.search("cy", 5)
        nothing = await found.search("yyyy", 5)
    assert [match.id for match in result.matches] == ["Cy" if table == "w" else 3]
    assert nothing.passed_over > 0
    # Without numbers of their own, rows cannot be read one by one.
    assert result.complete is nothing.complete is (table == "t")
    assert "but for" in nothing.advice


async def test_what_a_search_keeps_is_short(tmp_path: Path) -> None:
    """Of a long text that matches the beginning is given, the shorter the more are wanted."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name COLLATE"
        " NOCASE); INSERT INTO t VALUES (1, 'Ada' || printf('%.*c', 90000, 'y') || 'end');",
    )
    async with opened(path, "t") as t:
        for text in ("ada", "yend"):
            (match,) = (await t.search(text, 5)).matches
            assert 10_000 < len(match.texts[0]) < 90_000
            assert match.texts[0].endswith("y…")
            (match,) = (await t.search(text, 10_000)).matches
            assert len(match.texts[0]) < 500


async def test_a_schema_longer_than_the_bound_is_read(tmp_path: Path) -> None:
    """The bound is one for values: with the smallest, any table is read and written."""
    names = ", ".join(f"a_column_with_a_long_name_{number} TEXT" for number in range(300))
    path = make_file(
        tmp_path / "a.db",
        f"CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, {names});"
        "INSERT INTO users (id, name) VALUES (1, 'Ada');",
    )
    async with opened(path, max_value=KIB) as users:
        assert (await users.find(1) or {})["name"] == "Ada"
        assert [match.id for match in (await users.search("da", 5)).matches] == [1]
        assert (await users.update(1, {"name": "Bo"}) or {})["name"] == "Bo"
        make_file(path, "ALTER TABLE users ADD COLUMN city TEXT DEFAULT 'Lome'")
        assert (await users.find(1) or {})["name"] == "Bo"


async def test_a_view_that_asks_for_everything(tmp_path: Path) -> None:
    """Values that are made up in gigabytes are not made: they are too long like any other."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"
        "CREATE VIEW v AS SELECT id, zeroblob(900000000) AS a, randomblob(900000000) AS b"
        " FROM t;",
    )
    async with opened(path, "v", "id", max_value=BOUND) as v:
        record = await v.find(1)
    assert record is not None
    assert [record[name] for name in "ab"] == ["<VALUE, more than 65,536 bytes: not read>"] * 2


async def test_keys_that_are_too_long(tmp_path: Path) -> None:
    """They are said to be, and hold up no other key."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT);"
        f"INSERT INTO t VALUES ('b', 'x'), (printf('%.*c', {LONGER}, 'k'), 'y');",
    )
    async with opened(path, "t", max_value=BOUND) as t:
        assert await t.find("b") == {"k": "b", "a": "x"}
        assert await t.find_many(["b", "c"]) == {"b": [{"k": "b", "a": "x"}]}
        with pytest.raises(DatabaseUnavailable, match="longer than --max-value"):
            await t.find("k" * LONGER)
        with pytest.raises(DatabaseUnavailable, match="longer than --max-value"):
            await t.first_keys(5)
