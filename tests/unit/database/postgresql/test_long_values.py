"""Values that are longer than is good for a process: never sent, and said so."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import Database, made, opened
from unit.database.postgresql.wire import wired

from tui.models.scalars import Unread, is_whole
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused

KIB: Final = 1 << 10
BOUND: Final = 256 * KIB
LONG: Final = 3_000_000
ANY: Final = "[0-9],[0-9]{3},[0-9]{3}"
COLUMNS: Final = {
    "body": ("text", f"repeat('y', {LONG})", "TEXT", f"{LONG:,}"),
    "note": ("varchar", f"repeat('é', {LONG // 2})", "CHARACTER VARYING", f"{LONG:,}"),
    "photo": ("bytea", f"decode(repeat('00', {LONG}), 'hex')", "BYTEA", f"{LONG:,}"),
    "data": ("jsonb", f"to_jsonb(repeat('x', {LONG}))", "JSONB", f"{LONG + 2:,}"),
    "raw": ("json", f"to_json(repeat('x', {LONG}))", "JSON", f"{LONG + 2:,}"),
    "numbers": (
        "int[]", "array(SELECT g FROM generate_series(1, 500000) AS g)", r"INTEGER\[\]", ANY
    ),
    "noise": (
        "jsonb", "to_jsonb(array(SELECT md5(g::text) FROM generate_series(1, 100000) AS g))",
        "JSONB", ANY,
    ),
}  # fmt: skip
"""By column: its type, a value that is too long, the type as it is shown, and the bytes.

Of what is long even as it is kept that number is told, which is about as much.
"""


@pytest.fixture(scope="module")
def long(postgresql: PostgresqlServer) -> Iterator[Database]:
    """Records of which one value, or all of them, are too long."""
    columns = ", ".join(f"{name} {one[0]}" for name, one in COLUMNS.items())
    alone = "".join(
        f"INSERT INTO t (id, name, {name}) VALUES ({id}, 'n{id}', {one[1]});"
        for id, (name, one) in enumerate(COLUMNS.items(), start=1)
    )
    values = ", ".join(one[1] for one in COLUMNS.values())
    script = (
        f"CREATE TABLE t (id int PRIMARY KEY, name text, {columns}); {alone}"
        f"INSERT INTO t VALUES (100, 'all', {values});"
        "INSERT INTO t (id, name, body) SELECT g, 'n' || g, 'short' FROM"
        " generate_series(200, 400) AS g"
    )
    with made(postgresql, script) as database:
        yield database


async def test_what_is_too_long_is_not_sent(long: Database) -> None:
    """In its place stands its type with its bytes; all else of the record is there."""
    with wired(long) as (wire, url):
        async with opened(url, "t", max_value=BOUND) as table:
            for id, (name, (_, _, word, size)) in enumerate(COLUMNS.items(), start=1):
                record = await table.find(id)
                assert record is not None
                shown = f"<{word}, {size} bytes: not read>"
                assert re.fullmatch(shown, str(record[name])), record[name]
                assert isinstance(record[name], Unread)
                others = {k: v for k, v in record.items() if k not in {"id", "name", name}}
                assert (record["name"], set(others.values())) == (f"n{id}", {None})
                assert not is_whole(record)
                assert await table.find_many([id]) == {id: [record]}
            record = await table.find(100)
            assert record is not None
            assert all(isinstance(record[name], Unread) for name in COLUMNS)
        assert wire.received < 200 * KIB


async def test_many_at_once(long: Database) -> None:
    """Those with long values cost no other its place, and not much is sent."""
    ids = [*range(1, len(COLUMNS) + 1), 100, 150, *range(200, 401)]
    with wired(long) as (wire, url):
        async with opened(url, "t", max_value=BOUND) as table:
            found = await table.find_many(ids)
            assert list(found) == [id for id in ids if id != 150]
            for id, rows in found.items():
                assert rows == [await table.find(int(id))]
            few = await table.find_many(ids, {"name"})
            assert few[100] == [{"id": 100, "name": "all"}]
        assert wire.received < 4 * BOUND


async def test_what_fits_is_read(long: Database) -> None:
    """With room enough each value is whole."""
    async with long.opened("t", max_value=10 * LONG * len(COLUMNS)) as table:
        record = await table.find(100)
        assert record is not None
        assert is_whole(record)
        assert record["body"] == "y" * LONG
        assert len(str(record["noise"])) == 3_600_000
        assert await table.update(100, {"name": "all"}, expected=record) == record


async def test_values_at_the_bound(database: Database) -> None:
    """One byte decides."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES"
        f" (1, repeat('a', {BOUND // 2})), (2, repeat('a', {BOUND // 2 + 1})),"
        f" (3, repeat('é', {BOUND // 4}))"
    )
    async with database.opened("t", max_value=BOUND) as table:
        found = [is_whole(await table.find(id) or {}) for id in (1, 2, 3)]
    assert found == [True, False, True]


async def test_a_record_that_is_not_whole_is_not_changed(long: Database) -> None:
    """What was not compared could be lost; what nobody compares can be written."""
    async with long.opened("t", max_value=BOUND) as table:
        before = await table.find(1)
        with pytest.raises(ChangeRefused, match="not changed: give a larger --max-value"):
            await table.update(1, {"name": "x"}, expected=before)
        assert await table.find(1) == before
        assert (await table.update(1, {"name": "n1"})) == before
        assert await table.touch(1)


async def test_a_record_that_grew(database: Database) -> None:
    """A value that is too long by now is somebody else's change."""
    database.run("CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'a')")
    async with database.opened("t", max_value=BOUND) as table:
        before = await table.find(1)
        database.run(f"UPDATE t SET a = repeat('b', {LONG})")
        with pytest.raises(ChangedMeanwhile):
            await table.update(1, {"a": "c"}, expected=before)
    assert database.run("SELECT length(a) FROM t") == [(LONG,)]


async def test_the_search_reads_the_beginning(long: Database) -> None:
    """Of a long text that is searched no more is sent."""
    with wired(long) as (wire, url):
        async with opened(url, "t", max_value=BOUND) as table:
            assert (
                "body" in table.schema.search_columns or "name" in table.schema.search_columns
            )
            found = await table.search("all", 5, seconds=5)
            assert [match.id for match in found.matches] == [100]
        assert wire.received < 100 * KIB
    long.run("CREATE VIEW texts AS SELECT id, body, note FROM t")
    with wired(long) as (wire, url):
        async with opened(url, "texts", "id", max_value=BOUND) as table:
            found = await table.search("yyy", 5, seconds=5)
            assert {match.id for match in found.matches} == {1, 100}
            assert all(len(text) <= 4096 for match in found.matches for text in match.texts)
        assert wire.received < 100 * KIB


async def test_a_value_that_takes_long_to_unpack(database: Database) -> None:
    """Compressed a hundred times over, it costs its own place, not the record's."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, name text, data jsonb, more jsonb);"
        "INSERT INTO t SELECT 1, 'Ada', jsonb_agg(repeat('x', 1000000)), jsonb_agg(g)"
        " FROM generate_series(1, 40) AS g"
    )
    database.run("UPDATE t SET more = data")
    async with database.opened("t") as table:
        record = await table.find(1)
        assert record is not None
        assert record["name"] == "Ada"
        assert all(isinstance(record[name], Unread) for name in ("data", "more"))
        assert await table.find_many([1, 2]) == {1: [record]}


async def test_a_view_that_makes_values_up(database: Database) -> None:
    """However long they would be, none is sent."""
    database.run(
        f"CREATE VIEW v AS SELECT 1 AS id, repeat('a', {LONG}) AS a, 'b' AS b,"
        f" to_json(repeat('c', {LONG})) AS c"
    )
    with wired(database) as (wire, url):
        async with opened(url, "v", "id", max_value=BOUND) as table:
            record = await table.find(1)
            assert record is not None
            assert record["a"] == f"<TEXT, {LONG:,} bytes: not read>"
            assert (record["b"], type(record["c"])) == ("b", Unread)
        assert wire.received < 100 * KIB


async def test_a_key_that_is_too_long(database: Database) -> None:
    """It is found no less; a record without its key is none."""
    database.run(
        "CREATE TABLE t (id text, name text); INSERT INTO t VALUES"
        f" ('a', 'short'), (repeat('k', {LONG}), 'long')"
    )
    async with database.opened("t", "id", max_value=BOUND) as table:
        assert await table.find("a") == {"id": "a", "name": "short"}
        assert await table.find_many(["a", "b"]) == {"a": [{"id": "a", "name": "short"}]}
        assert (await table.search("short", 5, seconds=5)).complete
