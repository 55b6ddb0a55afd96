"""Reading records from a real SQLite file, whatever is in it and whoever holds it."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from fakes import recorded
from files import make_file, opened

from tui.database.sqlite import connection, file
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table_opening import open_table
from tui.models import TableSchema, Target
from tui.runtime.clock import SystemClock
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.service.payload import decode, encode

ENDLESS = """
    CREATE TABLE switch (endless INTEGER);
    INSERT INTO switch VALUES (1);
    CREATE VIEW v AS WITH RECURSIVE r(n) AS (
      SELECT 1 UNION ALL SELECT n FROM r, switch WHERE endless
    ) SELECT count(*) AS id, 'x' AS name FROM r;
"""
"""A view that can be read only when the switch is off: then it holds record 1."""
ENDLESS_SCHEMA = TableSchema("v", "id", True, ("id", "name"), ("name",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a database, with nothing there yet."""
    return tmp_path / "a.db"


async def test_a_record_is_found(seeded: Path) -> None:
    """The record has all columns in order, and the trace the query as one would type it."""
    trace = recorded()
    async with opened(seeded) as users:
        record = await users.find(1)
    assert record is not None
    assert list(record)[:3] == ["id", "name", "email"]
    assert (record["id"], record["name"], record["credit"]) == (1, "Amara Okafor", 42.5)
    assert [(step.target, step.command, step.result, step.failed) for step in trace] == [
        (Target.DATABASE, "SELECT * FROM users WHERE id = 1", "1 row", False)
    ]
    assert trace[0].seconds > 0


@pytest.mark.parametrize("key", [0, -1, 601, 2**63 - 1, -(2**63)])
async def test_no_record_is_a_value(seeded: Path, key: int) -> None:
    """A key that is not there gives None, up to the ends of what a column can hold."""
    trace = recorded()
    async with opened(seeded) as users:
        assert await users.find(key) is None
    assert (trace[0].result, trace[0].failed) == ("no row", False)


@pytest.mark.parametrize(
    "key", ["a'b", "x' OR '1'='1", "'; DROP TABLE t; --", "ключ", "\0", "%"]
)
async def test_keys_are_bound(path: Path, key: str) -> None:
    """A text key with SQL in it finds its own record and does nothing else."""
    make_file(path, "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES ('other')")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO t VALUES (?)", (key,))
    trace = recorded()
    async with opened(path, "t") as t:
        assert await t.find(key) == {"k": key}
        assert await t.find(f"{key} ") is None
        assert await t.find("other") == {"k": "other"}
    assert trace[0].command == "SELECT * FROM t WHERE k = '" + key.replace("'", "''") + "'"


async def test_hostile_names_are_quoted(path: Path) -> None:
    """Tables and columns of any name are read, and shown as SQL that could be typed."""
    make_file(
        path,
        'CREATE TABLE "t""; DROP TABLE x--" ("k 1" INTEGER PRIMARY KEY, "名前" TEXT,'
        """ "a""b" INT); INSERT INTO "t""; DROP TABLE x--" VALUES (7, 'x', 1)""",
    )
    trace = recorded()
    async with opened(path, 't"; DROP TABLE x--') as t:
        assert await t.find(7) == {"k 1": 7, "名前": "x", 'a"b': 1}
        assert (await t.search("x", 5)).matches[0].id == 7
    assert trace[0].command == 'SELECT * FROM "t""; DROP TABLE x--" WHERE "k 1" = 7'


async def test_a_view_is_read_by_its_named_column(users_db: Path) -> None:
    """With --id-column a view gives records and can be searched."""
    make_file(users_db, "CREATE VIEW v AS SELECT email AS mail, id AS number FROM users")
    async with opened(users_db, "v", "number") as view:
        assert await view.find(1) == {"mail": "amara.okafor@example.com", "number": 1}
        assert (await view.search("amara.okafor", 5)).matches[0].id == 1


async def test_values_become_json_scalars(path: Path) -> None:
    """A BLOB is its size, infinities and bytes that are no UTF-8 are text; the rest stays."""
    make_file(
        path,
        """CREATE TABLE t (id INTEGER PRIMARY KEY, blob, none, up, down, bad TEXT, big, small,
             zero REAL, nul TEXT);
           INSERT INTO t VALUES (1, x'00ff', NULL, 9e999, -9e999, CAST(x'61ff62' AS TEXT),
             9223372036854775807, -9223372036854775808, 0, CAST(x'610062' AS TEXT));""",
    )
    async with opened(path, "t") as t:
        record = await t.find(1)
    assert record == {
        "id": 1,
        "blob": "<BLOB, 2 bytes>",
        "none": None,
        "up": "inf",
        "down": "-inf",
        "bad": "a\ufffdb",
        "big": 2**63 - 1,
        "small": -(2**63),
        "zero": 0.0,
        "nul": "a\0b",
    }
    columns = frozenset(record)
    assert decode(encode(record), id=1, id_column="id", columns=columns) == record


async def test_every_seeded_record_survives_the_cache(seeded: Path) -> None:
    """All 600 users can be stored and read back the same."""
    async with opened(seeded) as users:
        for key in range(1, 601):
            record = await users.find(key)
            assert record is not None
            columns = frozenset(users.schema.columns)
            assert decode(encode(record), id=key, id_column="id", columns=columns) == record


async def test_a_column_added_while_open_is_seen(users_db: Path) -> None:
    """The next read has the new column, and the schema too: cached copies are outdated."""
    async with opened(users_db) as users:
        assert "phone" not in (await users.find(1) or {})
        make_file(users_db, "ALTER TABLE users ADD COLUMN phone TEXT DEFAULT 'none'")
        record = await users.find(1)
        assert record is not None
        assert record["phone"] == "none"
        assert users.schema.columns == tuple(record)


async def test_a_change_by_another_program_is_seen(users_db: Path) -> None:
    """Each read sees what was committed before it."""
    async with opened(users_db) as users:
        make_file(users_db, "UPDATE users SET name = 'New' WHERE id = 1")
        assert (await users.find(1) or {})["name"] == "New"
        make_file(users_db, "DELETE FROM users WHERE id = 1")
        assert await users.find(1) is None


@pytest.mark.parametrize(
    "change", ["DROP TABLE users", "ALTER TABLE users RENAME id TO number"]
)
async def test_a_table_that_went_away_is_an_error(users_db: Path, change: str) -> None:
    """A table or key column dropped while open is a reason, not 'no such record'."""
    trace = recorded()
    async with opened(users_db) as users:
        make_file(users_db, change)
        with pytest.raises(DatabaseUnavailable, match="the database failed: no such"):
            await users.find(1)
    assert trace[0].failed
    assert trace[0].result.startswith("the database failed: no such")


async def test_a_damaged_page_is_an_error(users_db: Path) -> None:
    """Damage behind an intact schema is found by the read, and called damage."""
    with users_db.open("r+b") as stream:
        pages = len(stream.read()) - 4096
        stream.seek(4096)
        stream.write(b"\xff" * pages)
    async with opened(users_db) as users:
        with pytest.raises(DatabaseUnavailable, match="damaged"):
            await users.find(1)
        with pytest.raises(DatabaseUnavailable, match="damaged"):
            await users.search("a", 5)


async def test_a_locked_file_is_an_error_in_bounded_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exclusive lock in a file without WAL ends in a reason; afterwards all is well."""
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    make_file(path, "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1)")
    async with opened(path) as users:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            trace = recorded()
            with pytest.raises(DatabaseUnavailable, match="locked by another program"):
                await users.find(1)
            assert trace[0].failed
        assert await users.find(1) == {"id": 1}


async def test_a_writer_does_not_hold_up_readers_with_wal(users_db: Path) -> None:
    """In the demo's mode a write under way is simply not seen yet."""
    with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE users SET name = 'New' WHERE id = 1")
        async with opened(users_db) as users:
            assert (await users.find(1) or {})["name"] == "Amara Okafor"


async def test_a_query_that_takes_too_long_is_stopped(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query without end gives a reason, and its thread is free for the next."""
    make_file(path, "PRAGMA journal_mode = WAL;" + ENDLESS)
    async with open_table(path, ENDLESS_SCHEMA, SystemClock()) as view:
        with monkeypatch.context() as patch:
            patch.setattr(connection, "QUERY_SECONDS", 0.05)
            trace = recorded()
            with pytest.raises(DatabaseUnavailable, match=r"did not answer within 0\.05 s"):
                await view.find(1)
            assert trace[0].failed
        make_file(path, "UPDATE switch SET endless = 0")
        assert await view.find(1) == {"id": 1, "name": "x"}


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
async def test_a_cancelled_query_frees_its_thread(path: Path, turns: int) -> None:
    """However soon after its beginning a query is cancelled, it does not hold up the next."""
    make_file(path, "PRAGMA journal_mode = WAL;" + ENDLESS)
    async with open_table(path, ENDLESS_SCHEMA, SystemClock()) as view:
        lookup = asyncio.create_task(view.find(1))
        for _ in range(turns):
            await asyncio.sleep(0)
        lookup.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lookup
        make_file(path, "UPDATE switch SET endless = 0")
        assert await view.find(1) == {"id": 1, "name": "x"}


async def test_a_query_that_waits_its_turn_can_be_cancelled(path: Path) -> None:
    """Leaving the queue disturbs neither the query under way nor those behind."""
    make_file(path, "PRAGMA journal_mode = WAL;" + ENDLESS)
    async with open_table(path, ENDLESS_SCHEMA, SystemClock()) as view:
        lookups = [asyncio.create_task(view.find(1)) for _ in range(3)]
        await asyncio.sleep(0)
        lookups[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await lookups[1]
        lookups[0].cancel()
        make_file(path, "UPDATE switch SET endless = 0")
        assert await lookups[2] == {"id": 1, "name": "x"}


async def test_concurrent_reads_are_all_answered(seeded: Path) -> None:
    """Reads share one connection and take turns; each gets its own record."""
    async with opened(seeded) as users:
        records = await asyncio.gather(*(users.find(key) for key in range(1, 51)))
    assert [record["id"] for record in records if record] == list(range(1, 51))


async def test_a_failed_open_creates_nothing_and_leaves_no_thread(
    seeded: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that vanishes between check and open is a reason; mode=rw never makes one."""
    schema = read_schema(seeded, "users")
    threads = threading.active_count()
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        async with open_table(path, schema, SystemClock()):
            pass
    monkeypatch.setattr(file, "check", lambda _: None)
    with pytest.raises(DatabaseUnavailable, match="cannot open"):
        async with open_table(path, schema, SystemClock()):
            pass
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        thread.join(5)
    assert threading.active_count() <= threads
    assert list(path.parent.iterdir()) == []


async def test_no_file_is_left_behind(users_db: Path) -> None:
    """After closing there is the database alone: the write-ahead log is gone again."""
    async with opened(users_db) as users:
        await users.find(1)
        assert len(list(users_db.parent.iterdir())) > 1
    assert list(users_db.parent.iterdir()) == [users_db]


async def test_a_text_that_is_not_utf8_hides_no_other_record(path: Path) -> None:
    """One bad TEXT in the table is searched as what it shows as; the others are found."""
    make_file(
        path,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
        "INSERT INTO users VALUES (1, CAST(x'ff80' AS TEXT)), (2, 'A Zebra');",
    )
    async with open_table(path, read_schema(path, "users"), SystemClock()) as users:
        result = await users.search("zeb", 5)
    assert [match.id for match in result.matches] == [2]


async def test_a_search_in_a_locked_database_says_so(path: Path) -> None:
    """No answer is no 'nothing found'."""
    make_file(path, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
    async with open_table(path, read_schema(path, "users"), SystemClock()) as users:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(DatabaseUnavailable, match="locked"):
                await users.search("zeb", 5)
            other.execute("ROLLBACK")


async def test_a_key_is_never_changed_by_an_update(path: Path) -> None:
    """A record that moved would leave what is cached under its new key wrong."""
    make_file(path, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")
    async with open_table(path, read_schema(path, "users"), SystemClock()) as users:
        with pytest.raises(ChangeRefused, match="'id' is the key"):
            await users.update(1, {"id": 2})


async def test_a_touch_writes_and_changes_nothing(path: Path) -> None:
    """The row is written, which its trigger sees, and all of it is as it was, bytes too."""
    make_file(
        path,
        """CREATE TABLE t (id INTEGER PRIMARY KEY, odd, plain TEXT);
           CREATE TABLE writes (id);
           CREATE TRIGGER seen AFTER UPDATE ON t BEGIN INSERT INTO writes VALUES (new.id); END;
           INSERT INTO t VALUES (1, x'00ff', 'a'), (2, 9e999, 'b');""",
    )
    trace = recorded()
    async with opened(path, "t") as table:
        assert await table.touch(1)
        assert await table.touch(2)
        assert not await table.touch(3)
    assert trace[0].command == "UPDATE t SET odd = odd WHERE id = 1"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM t").fetchall() == [
            (1, b"\x00\xff", "a"),
            (2, float("inf"), "b"),
        ]
        assert connection.execute("SELECT id FROM writes").fetchall() == [(1,), (2,)]


async def test_a_view_is_not_touched(path: Path) -> None:
    """What its triggers would do with it, nobody knows."""
    make_file(
        path,
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a);
           INSERT INTO t VALUES (1, 'x');
           CREATE VIEW v AS SELECT * FROM t;
           CREATE TRIGGER more INSTEAD OF UPDATE ON v BEGIN DELETE FROM t; END;""",
    )
    async with opened(path, "v", "id") as table:
        with pytest.raises(ChangeRefused, match="view"):
            await table.touch(1)
        assert await table.find(1) is not None


async def test_the_first_keys_are_keys_of_records(path: Path) -> None:
    """As many as were asked for, the lowest, and never NULL, which is no key."""
    make_file(
        path,
        """CREATE TABLE t (code TEXT UNIQUE, a);
           INSERT INTO t VALUES ('y', 1), (NULL, 2), ('x', 3);""",
    )
    async with opened(path, "t", "code") as table:
        assert await table.first_keys(10) == ["x", "y"]
        assert await table.first_keys(1) == ["x"]


async def test_what_the_schema_demands_of_references_holds(tmp_path: Path) -> None:
    """A write that would leave a reference to nothing is refused."""
    path = make_file(
        tmp_path / "two.db",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1);"
        "CREATE TABLE child (id INTEGER PRIMARY KEY, ref INTEGER REFERENCES parent (id));"
        "INSERT INTO child VALUES (1, 1);",
    )
    async with opened(path, "child") as child:
        with pytest.raises(ChangeRefused, match="FOREIGN KEY"):
            await child.update(1, {"ref": 99})
        assert await child.find(1) == {"id": 1, "ref": 1}
