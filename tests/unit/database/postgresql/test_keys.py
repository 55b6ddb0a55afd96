"""Keys of every kind: found as they are spelled, and never another row's."""

from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from unit.database.postgresql.places import Database

from tui.database.postgresql.asking import asking
from tui.database.postgresql.dialect import PostgresqlDialect
from tui.database.sql.keys import cannot_be
from tui.models import Key
from tui.models.columns import Kind
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

UUID: Final = "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"
KEYS: Final[Mapping[str, tuple[str, Key, Sequence[Key]]]] = {
    "int2": ("7", 7, (8, -7, 32_768, -(2**63))),
    "int4": ("7", 7, (2**31, -(2**31) - 1)),
    "int8": ("9223372036854775807", 2**63 - 1, (2**63, 0, -(2**63) - 1)),
    "oid": ("4294967295", 2**32 - 1, (2**32, -1, 1)),
    "xid8": ("'18446744073709551615'", 2**64 - 1, (2**64, -1, 1)),
    "numeric(20)": ("12345678901234567890", 12345678901234567890, (10**20, 1)),
    "numeric": ("1.50", "1.50", ("1.5", "x", "", "1e400000", "9" * 200_000, "NaN", "1e0")),
    "numeric(10,2)": ("1.5", "1.50", ("1.5", "1.500", "1")),
    "uuid": (f"'{UUID}'", UUID, ("x", "", f"{UUID}0", UUID[:-1] + "6")),
    "text": ("'Ada'", "Ada", ("ada", "Ada ", "", "a\0b", "\ud800", "Ada%")),
    "varchar(5)": ("'Ada'", "Ada", ("ada", "Ada ", "Ada Lovelace")),
    "name": ("'Ada'", "Ada", ("ada", "x" * 100)),
    "citext": ("'Ada'", "Ada", ("ada", "ADA", "Ada ")),
    "color": ("'red'", "red", ("Red", "blue", "")),
    "inet": ("'192.0.2.1'", "192.0.2.1", ("192.0.2.1/32", "192.0.2.2", "x", "::")),
    "cidr": ("'10/8'", "10.0.0.0/8", ("10/8", "10.0.0.0/9")),
    "date": ("'2026-06-30'", "2026-06-30", ("2026-06-31", "30.06.2026", "today", "x")),
    "timestamptz": (
        "'2026-06-30 12:30Z'", "2026-06-30 12:30:00+00", ("2026-06-30 12:30:00", "now", "x"),
    ),
    "interval": ("'1 mon'", "1 mon", ("30 days", "x")),
    "bytea": ("'Ada'", "416461", ("x", "41646", "616461")),
    "int[]": ("'{1,2}'", "{1,2}", ("{1, 2}", "x")),
    "key_of_text": ("'Ada'", "Ada", ("ada", "Ada ")),
}  # fmt: skip
"""By type: a key as SQL has it, the key as it is shown, and what is no row's key."""


async def made(database: Database, type: str, *keys: str) -> None:
    """Make a table with keys of that type."""
    if "citext" in type:
        database.as_admin("CREATE EXTENSION citext")
    values = ", ".join(f"({key}, 'n{number}')" for number, key in enumerate(keys))
    database.run(
        "CREATE TYPE color AS ENUM ('red', 'green'); CREATE DOMAIN key_of_text AS varchar(9);"
        f"CREATE TABLE t (id {type} PRIMARY KEY, name text); INSERT INTO t VALUES {values}"
    )


@pytest.mark.parametrize("type", KEYS)
async def test_a_key_of_any_type(database: Database, type: str) -> None:
    """It is found, read with others, listed, searched, changed and removed; no other is."""
    sql, key, others = KEYS[type]
    await made(database, type, sql)
    async with database.opened("t") as table:
        assert table.schema.id_is_integer is isinstance(key, int)
        for other in others:
            assert await table.find(other) is None, other
            assert await table.update(other, {"name": "x"}) is None, other
            assert not await table.delete(other), other
            assert not await table.touch(other), other
        record = await table.find(key)
        assert record is not None
        assert list(record.values())[1:] == ["n0"]
        if type != "citext":
            assert await table.find_many([key, *others]) == {key: [record]}
            assert await table.find_many([*others]) == {}
        assert await table.first_keys(5) == [key]
        found = await table.search("n0", 5, seconds=5)
        assert [match.id for match in found.matches] == [key]
        assert await table.touch(key)
        changed = await table.update(key, {"name": "new"}, expected=record)
        assert changed == {**record, "name": "new"}
        assert await table.delete(key)
        assert await table.find(key) is None


INDEXED: Final = (
    "int8",
    "numeric(20)",
    "numeric",
    "text",
    "citext",
    "uuid",
    "date",
    "inet",
    "color",
)


@pytest.mark.parametrize("type", INDEXED)
async def test_a_key_is_found_by_its_index(database: Database, type: str) -> None:
    """Whether it is spelled as one or not, neither a look-up nor a batch reads every row."""
    sql, key, others = KEYS[type]
    await made(database, type, sql)
    schema, dialect = database.schema("t"), PostgresqlDialect()
    asked = [one for one in (key, *others) if cannot_be(schema, one) is None]
    queries = [dialect.find(schema, one, 100) for one in asked]
    queries.append(dialect.part(schema, asked, schema.columns, 100))
    with asking(database.url) as connection:
        connection.ask("SET enable_seqscan = off")
        for query in queries:
            plan = str(connection.ask(f"EXPLAIN {query.sql}", *query.parameters))
            assert "Index Cond" in plan or "One-Time Filter: false" in plan
            assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    "spelling",
    [
        UUID.upper(),
        UUID.replace("-", ""),
        f"{{{UUID}}}",
        f"urn:uuid:{UUID}",
        f"{{{UUID.upper()}}}",
    ],
)
async def test_a_uuid_in_any_spelling(database: Database, spelling: str) -> None:
    """The row is one, and shows its own, under which alone it is changed."""
    await made(database, "uuid", f"'{UUID}'")
    row = {"id": UUID, "name": "n0"}
    async with database.opened("t") as table:
        assert await table.find(spelling) == row
        assert await table.find_many([spelling]) == {spelling: [row]}
        assert await table.find_many([UUID, spelling]) == {UUID: [row], spelling: [row]}
        for change in (table.update(spelling, {"name": "x"}), table.delete(spelling)):
            with pytest.raises(ChangeRefused, match=f"is spelled '{UUID}'; use that"):
                await change
        assert await table.update(UUID, {"name": "x"}, expected=row) == {**row, "name": "x"}
        assert await table.touch(UUID)
        assert await table.delete(UUID)


@pytest.mark.parametrize("type", ["text", "varchar(40)", "citext"])
async def test_a_text_that_is_a_uuid_in_another_spelling(database: Database, type: str) -> None:
    """The row shows its own, and is changed under that alone."""
    bare = UUID.replace("-", "")
    await made(database, type, f"'{bare}'", "'x'")
    row = {"id": bare, "name": "n0"}
    async with database.opened("t") as table:
        for spelling in (UUID, UUID.upper(), f"{{{UUID}}}"):
            assert await table.find(spelling) == row
            assert await table.find_many([spelling, "x"]) == {
                spelling: [row], "x": [{"id": "x", "name": "n1"}]
            }  # fmt: skip
            with pytest.raises(ChangeRefused, match=f"is spelled '{bare}'; use that"):
                await table.update(spelling, {"name": "y"}, expected=row)
        assert await table.update(bare, {"name": "y"}, expected=row) == {**row, "name": "y"}


async def test_blanks_at_the_end_of_a_char(database: Database) -> None:
    """They mean nothing in `char(n)`, so a key is found with and without, and shows them."""
    await made(database, "char(5)", "'ab'", "'ac'")
    row = {"id": "ab   ", "name": "n0"}
    async with database.opened("t") as table:
        for key in ("ab", "ab ", "ab   ", "ab      "):
            assert await table.find(key) == row
            assert await table.find_many([key, "b", "ab c"]) == {key: [row]}
        assert await table.find("AB") is None
        assert await table.find_many(["a", "AB   "]) == {}
        with pytest.raises(ChangeRefused, match="is spelled 'ab   '; use that"):
            await table.update("ab", {"name": "x"}, expected=row)
        changed = await table.update("ab   ", {"name": "x"}, expected=row)
        assert changed == {**row, "name": "x"}


async def test_keys_of_other_case_are_other_keys(database: Database) -> None:
    """The cache tells them apart; who compares copies hears of the row all the same."""
    await made(database, "citext", "'Ada'")
    async with database.opened("t") as table:
        assert table.schema.folds_case
        assert await table.find("ADA") is None
        assert await table.update("ADA", {"name": "x"}) is None
        assert not await table.delete("ADA")
        assert await table.find_many(["ADA"]) == {"ADA": [{"id": "Ada", "name": "n0"}]}
        assert await table.find("Ada") == {"id": "Ada", "name": "n0"}


async def test_an_extension_in_a_schema_of_its_own(database: Database) -> None:
    """Its types are found where nobody looks for them unasked."""
    database.as_admin("CREATE SCHEMA more; CREATE EXTENSION citext SCHEMA more")
    database.as_admin("GRANT USAGE ON SCHEMA more TO app")
    database.run(
        "CREATE TABLE t (id more.citext PRIMARY KEY, name text);INSERT INTO t VALUES ('A', 'x')"
    )
    async with database.opened("t") as table:
        assert await table.find("A") == {"id": "A", "name": "x"}
        assert await table.find_many(["A", "b"]) == {"A": [{"id": "A", "name": "x"}]}


async def test_bytes_are_written_as_a_uuid_or_in_hex_digits(database: Database) -> None:
    """Sixteen as a uuid, others digit by digit, and found again by what is shown."""
    await made(
        database, "bytea", f"decode('{UUID.replace('-', '')}', 'hex')", r"'\x00ff'", "'Ada'"
    )
    async with database.opened("t") as table:
        keys = await table.first_keys(5)
        assert sorted(map(str, keys)) == ["00ff", UUID, "416461"]
        for key in keys:
            record = await table.find(key)
            assert record is not None
            assert (record["id"], await table.find_many([key])) == (key, {key: [record]})
        assert (await table.find("Ada") or {})["name"] == "n2"


NOT_UNIQUE: Final = {
    "no index": "CREATE TABLE t (id int, name text)",
    "an index that is not unique": "CREATE TABLE t (id int, name text); CREATE INDEX ON t (id)",
    "a partial one": (
        "CREATE TABLE t (id int, name text); CREATE UNIQUE INDEX ON t (id) WHERE name = 'a'"
    ),
    "two columns": "CREATE TABLE t (id int, name text, UNIQUE (id, name))",
    "a partition's": (
        "CREATE TABLE t (id int, name text, PRIMARY KEY (id, name)) PARTITION BY LIST (name);"
        "CREATE TABLE a PARTITION OF t FOR VALUES IN ('a');"
        "CREATE TABLE b PARTITION OF t DEFAULT; CREATE UNIQUE INDEX ON a (id)"
    ),
    "a view": (
        "CREATE TABLE u (id int, name text, PRIMARY KEY (id, name));"
        "CREATE VIEW t AS SELECT * FROM u"
    ),
    "inheritance": (
        "CREATE TABLE t (id int PRIMARY KEY, name text); CREATE TABLE u () INHERITS (t);"
        "INSERT INTO u VALUES (2, 'c')"
    ),
    "an expression": (
        "CREATE TABLE t (id int, name text); CREATE UNIQUE INDEX ON t ((id::text || name))"
    ),
}


@pytest.mark.parametrize("script", NOT_UNIQUE.values(), ids=list(NOT_UNIQUE))
async def test_a_key_of_two_rows_is_no_record(database: Database, script: str) -> None:
    """It is an error that names the way out; nothing is ever written, and others are read."""
    database.run(
        f"{script}; INSERT INTO t VALUES (1, 'a'), (2, 'a');"
        f" {'' if 'INHERITS' in script else 'INSERT INTO t VALUES (2, $$b$$)'}"
    )
    before = database.run("SELECT * FROM t ORDER BY 1, 2")
    async with database.opened("t", "id") as table:
        assert not table.schema.unique
        with pytest.raises(
            DatabaseUnavailable, match=r"not unique: more than one .*--id-column"
        ):
            await table.find(2)
        for change in (table.update(2, {"name": "x"}), table.delete(2), table.touch(2)):
            with pytest.raises(ChangeRefused, match=r"nothing was changed|is a view"):
                await change
        assert database.run("SELECT * FROM t ORDER BY 1, 2") == before
        many = await table.find_many([1, 2, 3])
        assert {key: len(rows) for key, rows in many.items()} == {1: 1, 2: 2}
        assert await table.find(1) == {"id": 1, "name": "a"}
        assert await table.update(1, {"name": "a"}) == {"id": 1, "name": "a"}
        assert await table.delete(1)


async def test_a_promise_that_is_broken_while_open(database: Database) -> None:
    """When the index goes, and a second row comes, neither row is taken for the record."""
    database.run(
        "CREATE TABLE t (id int CONSTRAINT k PRIMARY KEY, name text);"
        "INSERT INTO t VALUES (1, 'a')"
    )
    async with database.opened("t") as table:
        assert table.schema.unique
        database.run("ALTER TABLE t DROP CONSTRAINT k; INSERT INTO t VALUES (1, 'b')")
        with pytest.raises(DatabaseUnavailable, match="not unique"):
            await table.find(1)
        with pytest.raises(ChangeRefused, match="not unique"):
            await table.update(1, {"name": "x"})
        with pytest.raises(ChangeRefused, match="not unique"):
            await table.delete(1)
    assert database.run("SELECT name FROM t ORDER BY 1") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b))", "a key of 2 columns"),
        ("CREATE TABLE t (a int, b int)", "no primary key"),
        ("CREATE TABLE t ()", "no columns"),
        ("CREATE VIEW t AS SELECT 1 AS a", "no primary key"),
    ],
)
def test_a_table_without_one_key_column(database: Database, script: str, message: str) -> None:
    """It says so, and which option names the key."""
    database.run(script)
    with pytest.raises(DatabaseUnavailable, match=message):
        database.schema("t")


@pytest.mark.parametrize("type", ["float8", "float4", "bool", "json", "jsonb", "money"])
def test_a_key_column_of_a_type_that_has_no_keys(database: Database, type: str) -> None:
    """It is refused, with its type and the way out."""
    database.run(f"CREATE TABLE t (id {type}, name text)")
    with pytest.raises(DatabaseUnavailable, match=r"'id' is of type .* --id-column"):
        database.schema("t", "id")


@pytest.mark.parametrize("column", ["b", "B"])
async def test_a_key_column_that_is_named(database: Database, column: str) -> None:
    """Exactly, else in whatever case; what is unknown is said with those that there are."""
    database.run('CREATE TABLE t (a int, "B" text UNIQUE, c int)')
    assert database.schema("t", column).id_column == "B"
    assert database.schema("t", column).unique
    assert database.schema("t", column).search_columns == ("B",)
    with pytest.raises(DatabaseUnavailable, match=r"no column 'x' .*it has a, B, c"):
        database.schema("t", "x")


async def test_a_key_that_is_not_a_number(database: Database) -> None:
    """NaN is a row's key all the same, and makes no other unreadable."""
    database.run(
        "CREATE TABLE t (id numeric(9) PRIMARY KEY, name text);"
        "INSERT INTO t VALUES (1, 'one'), ('NaN', 'none')"
    )
    async with database.opened("t") as table:
        assert table.schema.id_is_integer
        assert await table.find(1) == {"id": 1, "name": "one"}
        assert await table.find_many([1, 2]) == {1: [{"id": 1, "name": "one"}]}
        assert [m.id for m in (await table.search("on", 5, seconds=5)).matches] == [1]
        assert 1 in await table.first_keys(5)


def test_kinds_of_keys(database: Database) -> None:
    """Whole numbers are numbers, all else is a text."""
    database.run(
        "CREATE DOMAIN number AS int8; CREATE TABLE t (a number, b numeric(9), c numeric(9, 2),"
        " d oid, f text, g uuid)"
    )
    integers = {name: database.schema("t", name).id_is_integer for name in "abcdfg"}
    assert [name for name, is_one in integers.items() if is_one] == ["a", "b", "d"]
    assert database.schema("t", "g").column("g").kind is Kind.UUID
