"""The search: by an index where there is one, else for a while, and what would help."""

from collections.abc import Iterator
from typing import Final

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import PEOPLE, Database, made

from tui.database.port import Table
from tui.database.postgresql.asking import asking
from tui.models import Key
from tui.runtime.errors import DatabaseUnavailable

ROWS: Final = 300_000
MANY: Final = f"""
    CREATE TABLE t (id int PRIMARY KEY, name text, email text);
    INSERT INTO t SELECT g, 'Person ' || g, 'p' || g || '@example.com'
      FROM generate_series(1, {ROWS}) AS g;
    INSERT INTO t VALUES (-1, 'Zoé Ångström', 'zoe@example.com'), (-2, 'zoë', 'x@example.com'),
      (-3, 'Maria José Zo', 'y@example.com'), (-4, 'ZOE MILLER', NULL);
    ANALYZE t;
"""


@pytest.fixture(scope="module")
def many(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A table of 300,000 rows without an index for a search."""
    with made(postgresql, MANY) as database:
        yield database


async def found(table: Table, text: str, seconds: float = 10) -> list[Key]:
    """Return whom a search finds, with time enough for all rows."""
    result = await table.search(text, 20, seconds=seconds)
    assert (result.reason, result.text) == (None, text)
    return [match.id for match in result.matches]


async def test_without_an_index(many: Database) -> None:
    """All is found with time enough; else what was found so far, and what would help."""
    async with many.opened("t") as table:
        result = await table.search("zo", 20, seconds=20)
        assert [match.id for match in result.matches] == [-4, -2, -1, -3]
        assert (result.complete, result.more, result.reason) == (True, False, None)
        assert result.matches[2].texts == ("Zoé Ångström", "zoe@example.com")
        short = await table.search("299999", 20, seconds=0.0)
        assert not short.complete
        assert short.index == "CREATE INDEX ON t (lower(name::text) text_pattern_ops)"
        assert short.advice == f"stopped, an index would help: {short.index}"
        crowd = await table.search("person", 5, seconds=20)
        assert (len(crowd.matches), crowd.more) == (5, True)


INDEXES: Final = {
    "lower": "CREATE INDEX ON u (lower(name) text_pattern_ops)",
    "lower of a text": "CREATE INDEX ON u (lower(name::text) text_pattern_ops)",
    "plain": "CREATE INDEX ON u (name text_pattern_ops)",
    "C": 'CREATE INDEX ON u (name COLLATE "C")',
    "trigram": "CREATE INDEX ON u USING gin (name gin_trgm_ops)",
    "trigram, gist": "CREATE INDEX ON u USING gist (name gist_trgm_ops)",
}


@pytest.mark.parametrize("index", INDEXES)
async def test_the_beginning_by_an_index(database: Database, index: str) -> None:
    """It is found in no time, in each usual case, whatever the index is made of."""
    database.as_admin("CREATE EXTENSION pg_trgm")
    database.run(
        "CREATE TABLE u (id int PRIMARY KEY, name text);"
        "INSERT INTO u VALUES (1, 'Zoe'), (2, 'zoe b'), (3, 'ZOE C'), (4, 'Azoe'), (5, '100%');"
        "INSERT INTO u SELECT g, 'n' || g FROM generate_series(10, 3000) AS g;"
        f"{INDEXES[index]}"
    )
    async with database.opened("u") as table:
        assert table.schema.indexed_columns == ("name",)
        assert table.schema.unindexed_columns == ()
        for text in ("zoe", "Zoe", "ZOE"):
            at_once = await table.search(text, 20, seconds=0.0)
            wanted = {1, 2, 3, 4} if "trigram" in index else {1, 2, 3}
            assert {match.id for match in at_once.matches} >= wanted
            assert set(await found(table, text)) == {1, 2, 3, 4}
        assert [m.id for m in (await table.search("100%", 9, seconds=0.0)).matches] == [5]
        assert await found(table, "z%e") == []
        few = await table.search("n", 3, seconds=5)
        assert (len(few.matches), few.more, few.complete) == (3, True, True)


async def test_a_column_with_a_collation_of_its_own(database: Database) -> None:
    """Its plain index serves beginnings, as that of a database in C does."""
    database.run(
        'CREATE TABLE u (id int PRIMARY KEY, name text COLLATE "C");'
        "INSERT INTO u VALUES (1, 'Zoe'); CREATE INDEX ON u (name)"
    )
    async with database.opened("u") as table:
        assert table.schema.indexed_columns == ("name",)
        assert [m.id for m in (await table.search("zo", 9, seconds=0.0)).matches] == [1]


@pytest.mark.parametrize("table", ["t", 'Odd "Table"'])
async def test_the_index_that_is_advised_helps(many: Database, table: str) -> None:
    """Once it is made, beginnings are found without reading the rows."""
    quoted = '"' + table.replace('"', '""') + '"'
    many.run(f"CREATE TABLE IF NOT EXISTS {quoted} AS SELECT * FROM t")
    async with many.opened(table, "id") as opened:
        before = await opened.search("person 299999", 5, seconds=0.0)
        assert not before.complete
    try:
        many.run(before.index)
        async with many.opened(table, "id") as opened:
            assert opened.schema.indexed_columns == ("name",)
            after = await opened.search("person 299999", 5, seconds=0.0)
            assert [match.id for match in after.matches] == [299_999]
            assert after.index == before.index.replace("name", "email")
    finally:
        names = many.run(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class AS c"
            " ON c.oid = indrelid WHERE relname = %s AND NOT indisprimary", table
        )  # fmt: skip
        for (name,) in names:
            many.run(f"DROP INDEX {name}")


async def test_accents_and_case(database: Database) -> None:
    """They make no difference, in any script, composed or not."""
    names = {
        1: "José", 2: "Jose\u0301", 3: "JOSÉ", 4: "Straße", 5: "ΩΜΕΓΑ", 6: "Дом", 7: "ﬁne",
        8: "Ångström", 9: "山田", 10: "İzmir", 11: "Maria José",
    }  # fmt: skip
    database.run("CREATE TABLE u (id int PRIMARY KEY, name text)")
    for id, name in names.items():
        database.run("INSERT INTO u VALUES (%s, %s)", id, name)
    wanted = {
        "jose": [1, 2, 3, 11], "JOSÉ": [1, 2, 3, 11], "jose\u0301": [1, 2, 3, 11],
        "strasse": [4], "straße": [4], "ωμεγα": [5], "дом": [6], "fine": [7], "ang": [8],
        "ÅNG": [8], "山": [9], "izmir": [10], "maria jose": [11],
    }  # fmt: skip
    for index in ("", "CREATE INDEX ON u (lower(name) text_pattern_ops)"):
        database.run(index or "SELECT 1")
        async with database.opened("u") as table:
            for text, ids in wanted.items():
                assert sorted(map(int, await found(table, text))) == ids, text
    database.as_admin("CREATE EXTENSION pg_trgm")
    database.run("CREATE INDEX ON u USING gin (name gin_trgm_ops)")
    async with database.opened("u") as table:
        for text, ids in wanted.items():
            assert sorted(map(int, await found(table, text))) == ids, text


HOSTILE: Final = (
    "100%", "a_b", "back\\slash", "it's", 'say "hi"', "$1", "%s", "{}", "(", "[a-z]", ".*",
    "; --", "\x1b[31m", "tab\tend", "\U0001f98a", "' OR 1=1 --",
)  # fmt: skip


@pytest.mark.parametrize("index", ["", "lower", "plain", "trigram"])
async def test_texts_are_meant_as_they_are(database: Database, index: str) -> None:
    """No character of a needle is anything but itself, by an index or without."""
    database.as_admin("CREATE EXTENSION pg_trgm")
    database.run("CREATE TABLE u (id int PRIMARY KEY, name text)")
    for id, text in enumerate(HOSTILE):
        database.run("INSERT INTO u VALUES (%s, %s), (%s, %s)", id, text, 100 + id, f"x{text}")
    database.run(INDEXES.get(index, "SELECT 1"))
    async with database.opened("u") as table:
        for id, text in enumerate(HOSTILE):
            assert set(await found(table, text)) == {id, 100 + id}, text
        for text in ("", " ", "%", "_", "\\", "a\0b", "\ud800", "x" * 10_000, "\u0301"):
            result = await table.search(text, 50, seconds=5)
            assert result.reason is None
            assert len(result.matches) <= 4
        assert set(await found(table, "%")) == {0, 100, 6, 106}
        assert set(await found(table, "_")) == {1, 101}


async def test_what_was_found_so_far_is_kept(database: Database) -> None:
    """A server keeps rows back until there are many, and gives them when it is stopped."""
    database.run(
        "CREATE TABLE u (id int PRIMARY KEY, name text);"
        "INSERT INTO u SELECT g, 'n' || g FROM generate_series(1, 100) AS g;"
        "CREATE VIEW v AS SELECT id, name || CASE WHEN id > 50 THEN pg_sleep(60)::text ELSE ''"
        " END AS name FROM u"
    )
    async with database.opened("v", "id") as table:
        result = await table.search("n", 200, seconds=0.5)
        assert result.reason is None
        assert not result.complete
        assert result.advice == "stopped before it had read every row"
        assert {match.id for match in result.matches} == set(range(1, 51))


async def test_keys_are_searched_too(database: Database) -> None:
    """Where they are texts; a number or a uuid is looked up instead."""
    database.run(
        "CREATE TABLE u (code text PRIMARY KEY, name text); INSERT INTO u VALUES ('abc', 'x');"
        "CREATE TABLE w (id uuid PRIMARY KEY, kind text);"
        "INSERT INTO w VALUES ('3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35', 'y')"
    )
    async with database.opened("u") as table:
        assert table.schema.search_columns == ("name", "code")
        assert await found(table, "b") == ["abc"]
    async with database.opened("w") as table:
        assert table.schema.search_columns == ("kind",)
        assert await found(table, "y") == ["3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"]


async def test_columns_of_other_types(database: Database) -> None:
    """Enumerations, addresses and uuids are searched by their texts."""
    database.run(
        "CREATE TYPE color AS ENUM ('red', 'green'); CREATE TABLE u (id int PRIMARY KEY,"
        " a color, b inet, c uuid);"
        "INSERT INTO u VALUES (1, 'green', '192.0.2.7', '3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35')"
    )
    async with database.opened("u") as table:
        for text in ("gre", "2.7", "3F2B"):
            assert await found(table, text) == [1]


async def test_a_table_without_texts(database: Database) -> None:
    """There is nothing to search, which is no failure."""
    database.run("CREATE TABLE u (id int PRIMARY KEY, n int); INSERT INTO u VALUES (1, 2)")
    async with database.opened("u") as table:
        assert await found(table, "2") == []


async def test_it_never_fails(database: Database) -> None:
    """Whatever happens to the database, there is a reason instead of an answer."""
    database.run(
        f"{PEOPLE} CREATE VIEW v AS SELECT id, left(name, id::int - 2) AS name FROM people"
    )
    database.run("CREATE VIEW w AS SELECT id, (1 / (id - 1))::text AS name FROM people")
    async with database.opened("w", "id") as table:
        assert "division by zero" in ((await table.search("a", 5)).reason or "")
    async with database.opened() as table:
        database.run("DROP TABLE people CASCADE")
        assert "no table 'public.people'" in ((await table.search("a", 5)).reason or "")
        with pytest.raises(DatabaseUnavailable):
            await table.find(1)


def test_a_small_table_has_an_index_too(database: Database) -> None:
    """The planner would rather read all of it, and is asked what it would do with more."""
    database.run(
        "CREATE TABLE u (id int PRIMARY KEY, name text);"
        "CREATE INDEX ON u (lower(name) text_pattern_ops)"
    )
    assert database.schema("u").indexed_columns == ("name",)
    with asking(database.url) as connection:
        plan = str(connection.ask("EXPLAIN SELECT * FROM u WHERE lower(name) LIKE 'a%'"))
    assert "u" in plan
