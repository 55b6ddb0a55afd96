"""Values of every type of PostgreSQL: read, found again, and not lost."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from postgresql_server import PostgresqlServer
from unit.database.postgresql.places import Database, made

from tui.database.sql.values import Blob
from tui.models.columns import Kind
from tui.models.scalars import Nested, StandIn
from tui.models.values import spelled, typed
from tui.runtime.errors import ChangedMeanwhile

if TYPE_CHECKING:
    from tui.models import Record, Scalar


class Value(NamedTuple):
    """A value of a type: how it is written in SQL, what is read, and another one."""

    type: str
    kind: Kind
    sql: str
    read: object
    other: str


INFINITE: Final = "'infinity'"
TYPES: Final = """
    CREATE TYPE color AS ENUM ('red', 'it''s "green"', E'new\nline', 'ünï');
    CREATE TYPE pair AS (a int, b text);
    CREATE TYPE float_range AS RANGE (subtype = float8);
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE DOMAIN small AS positive CHECK (value < 100);
    CREATE DOMAIN mail AS citext;
    CREATE DOMAIN tint AS color;
    CREATE DOMAIN document AS jsonb;
    CREATE DOMAIN photo AS bytea;
    CREATE DOMAIN ids AS int[];
"""
HUGE: Final = "9" * 5000
VALUES: Final = (
    Value("date", Kind.DATE, INFINITE, "infinity", "'-infinity'"),
    Value("date", Kind.DATE, "'0044-03-15 BC'", "0044-03-15 BC", "'0044-03-15'"),
    Value("date", Kind.DATE, "'20000-01-01'", "20000-01-01", "'5874897-12-31'"),
    Value("time", Kind.TIME, "'24:00'", "24:00:00", "'00:00'"),
    Value("timetz", Kind.TIME, "'24:00+05:30'", "24:00:00+05:30", "'23:00+04:30'"),
    Value("timestamp", Kind.MOMENT, "'-infinity'", "-infinity", INFINITE),
    Value(
        "timestamp", Kind.MOMENT, "'294276-12-31 23:59:59.999999'",
        "294276-12-31 23:59:59.999999", "'294276-12-31 23:59:59.999998'",
    ),
    Value("timestamp", Kind.MOMENT, "'0001-01-01 BC'", "0001-01-01 00:00:00 BC", "now()"),
    Value(
        "timestamptz", Kind.MOMENT, "'2026-06-30 12:30+02'", "2026-06-30 10:30:00+00",
        "'2026-06-30 12:30+01'",
    ),
    Value("timestamptz", Kind.MOMENT, "'20000-01-01Z'", "20000-01-01 00:00:00+00", "now()"),
    Value(
        "timestamp(0)", Kind.MOMENT, "'2026-06-30 12:30:00.7'", "2026-06-30 12:30:01",
        "now()",
    ),
    Value(
        "interval", Kind.INTERVAL, "'-1 years 2 mons -3 days +04:05:06.789'",
        "-10 mons -3 days +04:05:06.789", "'-10 mons -3 days -04:05:06.789'",
    ),
    Value("interval", Kind.INTERVAL, "'2 mons -1 day'", "2 mons -1 days", "'59 days'"),
    Value("interval", Kind.INTERVAL, "'1 mon'", "1 mon", "'30 days'"),
    Value("interval", Kind.INTERVAL, INFINITE, "infinity", "'0'"),
    Value("float4", Kind.FLOAT, "0.1", 0.1, "0.2"),
    Value("float4", Kind.FLOAT, "'1e-45'", 1e-45, "0"),
    Value("float4", Kind.FLOAT, INFINITE, StandIn("Infinity", float("inf")), "'-infinity'"),
    Value("float8", Kind.FLOAT, "5e-324", 5e-324, "0"),
    Value("float8", Kind.FLOAT, "0.1", 0.1, "0.10000000000000002"),
    Value("float8", Kind.FLOAT, "'-infinity'", StandIn("-Infinity", -float("inf")), "1"),
    Value("numeric", Kind.DECIMAL, "'NaN'", "NaN", "0"),
    Value("numeric", Kind.DECIMAL, HUGE, HUGE, f"{HUGE}.1"),
    Value("numeric", Kind.DECIMAL, "1.10", "1.10", "1.1"),
    Value("numeric(10,2)", Kind.DECIMAL, "10.5", "10.50", "10.51"),
    Value("numeric(20)", Kind.DECIMAL, "12345678901234567890", "12345678901234567890", "1"),
    Value("money", Kind.DECIMAL, "'-12345.67'", "-12345.67", "'12345.67'"),
    Value("bytea", Kind.BYTES, r"'\x00ff'", Blob.of(b"\x00\xff", "BYTEA"), r"'\x00fe'"),
    Value("json", Kind.JSON, """'{"a": 1, "a":2}'""", Nested('{"a": 1, "a":2}'), "'[]'"),
    Value("json", Kind.JSON, "'null'", Nested("null"), "NULL"),
    Value("json", Kind.JSON, r"""'"\u0000"'""", Nested(r'"\u0000"'), "'0'"),
    Value("jsonb", Kind.JSON, """'{"a":1,"a":2}'""", Nested('{"a": 2}'), "'{\"a\": 2.0}'"),
    Value("jsonb", Kind.JSON, "'null'", Nested("null"), "NULL"),
    Value("jsonb", Kind.JSON, f"'{HUGE}.10'", Nested(f"{HUGE}.10"), f"'{HUGE}.1'"),
    Value("int[]", Kind.ARRAY, "'{{1,2},{3,NULL}}'", "{{1,2},{3,NULL}}", "'{{1,2},{3,0}}'"),
    Value("int[]", Kind.ARRAY, "'[0:1]={1,2}'", "[0:1]={1,2}", "'{1,2}'"),
    Value(
        "text[]", Kind.ARRAY, """ARRAY['a,b', '"q"', NULL, 'NULL', '', '\\', '{x}']""",
        r'{"a,b","\"q\"",NULL,"NULL","","\\","{x}"}', "'{}'",
    ),
    Value("int4range", Kind.RANGE, "'[1,4]'", "[1,5)", "'empty'"),
    Value(
        "tstzrange", Kind.RANGE, "'[2026-06-30 12:30+02,infinity)'",
        '["2026-06-30 10:30:00+00",infinity)', "'(,)'",
    ),
    Value("int4multirange", Kind.RANGE, "'{[5,8),[1,3)}'", "{[1,3),[5,8)}", "'{}'"),
    Value("float_range", Kind.RANGE, "'[0.1,NaN]'", "[0.1,NaN]", "'[0.1,)'"),
    Value("pair", Kind.UNKNOWN, """ROW(1, 'a "b", c')""", '(1,"a ""b"", c")', "ROW(1, 'a')"),
    Value("pair", Kind.UNKNOWN, "ROW(3, NULL)", "(3,)", "ROW(NULL, NULL)"),
    Value("pair", Kind.UNKNOWN, "ROW(NULL, NULL)", "(,)", "NULL"),
    Value("small", Kind.INTEGER, "5", 5, "6"),
    Value("mail", Kind.TEXT, "'Ada@x.org '", "Ada@x.org ", "'ada@x.org '"),
    Value("tint", Kind.ENUM, "'ünï'", "ünï", "'red'"),
    Value("document", Kind.JSON, "'[1]'", Nested("[1]"), "'[1, 1]'"),
    Value("photo", Kind.BYTES, r"'\xab'", Blob.of(b"\xab", "BYTEA"), "''"),
    Value("ids", Kind.ARRAY, "'{1,2}'", "{1,2}", "'{2,1}'"),
    Value("color", Kind.ENUM, """'it''s "green"'""", 'it\'s "green"', "E'new\\nline'"),
    Value("bit(5)", Kind.BIT, "'00101'", "00101", "'00100'"),
    Value("varbit", Kind.BIT, "''", "", "'0'"),
    Value("inet", Kind.NETWORK, "'192.0.2.1'", "192.0.2.1", "'192.0.2.1/24'"),
    Value("inet", Kind.NETWORK, "'2001:db8::1/64'", "2001:db8::1/64", "'2001:db8::1'"),
    Value("cidr", Kind.NETWORK, "'10/8'", "10.0.0.0/8", "'10.0.0.0/9'"),
    Value("macaddr", Kind.NETWORK, "'08002b:010203'", "08:00:2b:01:02:03", "'08002b:010204'"),
    Value("tsvector", Kind.UNKNOWN, "'a fat:2 cat:1A'", "'a' 'cat':1A 'fat':2", "'a'"),
    Value("hstore", Kind.UNKNOWN, "'a=>NULL, b=>x'", '"a"=>NULL, "b"=>"x"', "'a=>\"NULL\"'"),
    Value("citext", Kind.TEXT, "'ÄbC'", "ÄbC", "'äbc'"),
    Value("ltree", Kind.UNKNOWN, "'a.b'", "a.b", "'a.c'"),
    Value("name", Kind.TEXT, "'a name'", "a name", "'a Name'"),
    Value('"char"', Kind.UNKNOWN, r"'\351'", r"\351", "''"),
    Value("oid", Kind.INTEGER, "4294967295", 2**32 - 1, "0"),
    Value("xid8", Kind.INTEGER, "'18446744073709551615'", 2**64 - 1, "'0'"),
    Value("regclass", Kind.UNKNOWN, "'pg_class'", "pg_class", "0"),
    Value("pg_lsn", Kind.UNKNOWN, "'16/B374D848'", "16/B374D848", "'0/0'"),
    Value("char(5)", Kind.TEXT, "'ab'", "ab   ", "'ac'"),
    Value("varchar(5)", Kind.TEXT, "'ab  '", "ab  ", "'ab'"),
    Value("text", Kind.TEXT, r"E'a\n\t\x01\x1b[31m'", "a\n\t\x01\x1b[31m", "''"),
    Value("text", Kind.TEXT, "'NULL'", "NULL", "NULL"),
    Value(
        "uuid", Kind.UUID, "'{3F2B8C1E5d7a4e908b160c9d2a7f4e35}'",
        "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35", "'00000000-0000-0000-0000-000000000000'",
    ),
    Value("point", Kind.GEOMETRY, "'(1.5,NaN)'", "(1.5,NaN)", "'(1.5,1)'"),
    Value("polygon", Kind.GEOMETRY, "'((0,0),(1,1))'", "((0,0),(1,1))", "'((0,0),(1,2))'"),
    Value("bool", Kind.BOOLEAN, "false", False, "true"),
    Value("int2", Kind.INTEGER, "-32768", -(2**15), "0"),
    Value("int8", Kind.INTEGER, "'-9223372036854775808'", -(2**63), "'-9223372036854775807'"),
    Value("jsonpath", Kind.UNKNOWN, "'$.a[*]'", '$."a"[*]', "'$.a'"),
)  # fmt: skip
PLACES: Final = {f"c{place}": value for place, value in enumerate(VALUES)}
NAMES: Final = [pytest.param(name, id=f"{v.type} {v.sql:.30}") for name, v in PLACES.items()]

TYPED: Final = [name for name in NAMES if PLACES[str(name.values[0])].kind is not Kind.BYTES]
"""All but bytes, which cannot be typed."""


@pytest.fixture(scope="module")
def things(postgresql: PostgresqlServer) -> Iterator[Database]:
    """A table with a column for each of these values."""
    columns = ", ".join(f"{name} {value.type}" for name, value in PLACES.items())
    values = ", ".join(value.sql for value in VALUES)
    with made(postgresql) as database:
        database.as_admin(
            "CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree"
        )
        database.run(
            f"{TYPES} CREATE TABLE things (id int PRIMARY KEY, {columns});"
            f" INSERT INTO things VALUES (1, {values}); INSERT INTO things (id) VALUES (2);"
        )
        yield database


async def test_each_value_is_read_as_what_it_is(things: Database) -> None:
    """Numbers are numbers, what JSON lacks is stood in for, all else is PostgreSQL's text."""
    async with things.opened("things") as table:
        found = await table.find(1)
        assert found is not None
        for name, value in PLACES.items():
            assert (type(found[name]), found[name]) == (type(value.read), value.read), value
        assert await table.find(2) == {name: 2 if name == "id" else None for name in found}


def test_each_column_has_its_kind(things: Database) -> None:
    """That of the type under a domain, and under a domain over that."""
    schema = things.schema("things")
    kinds = {name: schema.column(name).kind for name in PLACES}
    assert kinds == {name: value.kind for name, value in PLACES.items()}
    assert schema.column("id").declared == "integer"
    assert [c for c in schema.columns if schema.column(c).nested] == [
        name for name, value in PLACES.items() if value.kind is Kind.JSON
    ]


async def test_many_are_read_as_one_is(things: Database) -> None:
    """The audit compares with the same values."""
    async with things.opened("things") as table:
        many = await table.find_many([1, 2, 3])
        for id in (1, 2):
            assert many[id] == [await table.find(id)]
        assert 3 not in many


@pytest.mark.parametrize("name", NAMES)
async def test_an_unchanged_value_is_known_again(things: Database, name: str) -> None:
    """A record that nobody changed can be changed, whatever it holds."""
    async with things.opened("things") as table:
        for id in (1, 2):
            before = await table.find(id)
            assert before is not None
            expected: Record = {"id": id, name: before[name]}
            changed = await table.update(id, {"c0": before["c0"]}, expected=expected)
            assert changed == before


@pytest.mark.parametrize("name", NAMES)
async def test_a_changed_value_is_not_overwritten(things: Database, name: str) -> None:
    """However alike both look: nobody else's change is lost."""
    value = PLACES[name]
    async with things.opened("things") as table:
        before = await table.find(1)
        assert before is not None
        expected: Record = {"id": 1, name: before[name]}
        for other in {value.other, "NULL"}:
            things.run(f"UPDATE things SET {name} = {other} WHERE id = 1")
            with pytest.raises(ChangedMeanwhile):
                await table.update(1, {name: None}, expected=expected)
        things.run(f"UPDATE things SET {name} = {value.sql} WHERE id = 1")
        assert await table.find(1) == before
        empty = await table.find(2)
        assert empty is not None
        things.run(f"UPDATE things SET {name} = {value.sql} WHERE id = 2")
        with pytest.raises(ChangedMeanwhile):
            await table.update(2, {name: None}, expected={"id": 2, name: None})
        things.run(f"UPDATE things SET {name} = NULL WHERE id = 2")
        assert await table.find(2) == empty


@pytest.mark.parametrize("name", TYPED)
async def test_what_is_read_can_be_written(things: Database, name: str) -> None:
    """What is shown, typed as a person would, is the same value again."""
    value = PLACES[name]
    column = things.schema("things").column(name)
    async with things.opened("things") as table:
        before = await table.find(1)
        assert before is not None
        text = spelled(before[name])
        digits = isinstance(before[name], int) or text.lstrip("-")[:1].isdigit()
        if value.kind in {Kind.FLOAT, Kind.DECIMAL, Kind.INTEGER} and not digits:
            text = f"'{text}'"  # NaN and infinities are no numbers to whoever types
        written: Scalar = 2**64 - 1  # which is more than can be typed
        if value.type != "xid8":
            written = typed(text, column, [before[name]])
        assert await table.update(1, {name: written}) == before


async def test_not_a_number_is_known_again(database: Database) -> None:
    """NaN is no number, equal to none, and still the value that was read."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, a float4, b float8);"
        "INSERT INTO t VALUES (1, 'NaN', 'NaN')"
    )
    async with database.opened("t") as table:
        before = await table.find(1)
        assert before is not None
        assert [str(before[name]) for name in "ab"] == ["NaN", "NaN"]
        assert all(isinstance(before[name], StandIn) for name in "ab")
        assert await table.update(1, {"a": 1.5}, expected=before) is not None
        with pytest.raises(ChangedMeanwhile):
            await table.update(1, {"a": 2.5}, expected=before)


async def test_money_has_one_text(database: Database) -> None:
    """Whatever money looks like in the server's language."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, price money);"
        "INSERT INTO t VALUES (1, 1234.5::numeric)"
    )
    database.as_admin(f"ALTER DATABASE {database.name} SET lc_monetary = 'C'")
    async with database.opened("t") as table:
        record = await table.find(1)
        assert record == {"id": 1, "price": "1234.50"}
        changed = await table.update(1, {"price": "-2.05"}, expected=record)
        assert changed == {"id": 1, "price": "-2.05"}


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "UTC"])
async def test_moments_do_not_depend_on_the_zone(
    database: Database, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not on the server's, the database's or the user's, nor on what the environment says."""
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, moment timestamptz, day date, span interval);"
        "INSERT INTO t VALUES (1, '2026-06-30 12:30:00+02', '2026-06-30', '1 day -2 hours')"
    )
    database.as_admin(
        f"ALTER DATABASE {database.name} SET timezone = '{zone}';"
        f"ALTER DATABASE {database.name} SET datestyle = 'German';"
        f"ALTER ROLE app IN DATABASE {database.name} SET intervalstyle = 'sql_standard'"
    )
    wanted = {
        "id": 1, "moment": "2026-06-30 10:30:00+00", "day": "2026-06-30",
        "span": "1 day -02:00:00",
    }  # fmt: skip
    for name, value in {"": "", "PGTZ": zone, "PGDATESTYLE": "German"}.items():
        if name:
            monkeypatch.setenv(name, value)
        for read_only in (False, True):
            async with database.opened("t", read_only=read_only) as table:
                assert await table.find(1) == wanted
                assert await table.find_many([1]) == {1: [wanted]}
                assert not table.caveats


async def test_columns_that_the_database_fills(database: Database) -> None:
    """Generated ones and identities that nobody may give a value are known as such."""
    ((version,),) = database.run("SELECT current_setting('server_version_num')::int")
    virtual = "VIRTUAL" if version >= 180_000 else "STORED"
    database.run(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int DEFAULT 1 + 1,"
        " twice int GENERATED ALWAYS AS (n * 2) STORED,"
        f" thrice int GENERATED ALWAYS AS (n * 3) {virtual}, other serial)"
    )
    async with database.opened("t") as table:
        columns = [table.schema.column(name) for name in table.schema.columns]
        assert [c.name for c in columns if c.computed] == ["id", "twice", "thrice"]
        assert table.schema.column("n").default == "(1 + 1)"
        assert await table.insert({"n": 5}) == (
            1, {"id": 1, "n": 5, "twice": 10, "thrice": 15, "other": 1}
        )  # fmt: skip
        assert await table.insert({}) == (
            2, {"id": 2, "n": 2, "twice": 4, "thrice": 6, "other": 2}
        )  # fmt: skip
        before = await table.find(1)
        changed = await table.update(1, {"n": 7}, expected=before)
        assert changed == {"id": 1, "n": 7, "twice": 14, "thrice": 21, "other": 1}
        assert await table.touch(1)


@pytest.mark.parametrize(
    ("encoding", "text"), [("LATIN1", "é"), ("EUC_JP", "山"), ("UTF8", "é 山 \U0001f600")]
)
async def test_databases_of_other_encodings(
    postgresql: PostgresqlServer, encoding: str, text: str
) -> None:
    """Texts are the same texts in keys and values; what one has no room for is refused."""
    settings = f"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    script = "CREATE TABLE t (id text PRIMARY KEY, name text)"
    with made(postgresql, script, settings) as database:
        async with database.opened("t") as table:
            await table.insert({"id": text, "name": text})
            assert await table.find(text) == {"id": text, "name": text}
            found = await table.search(text[-1], 5, seconds=5)
            assert ([match.id for match in found.matches], found.reason) == ([text], None)
            smile = "\U0001f600"
            assert await table.find(smile) is None
            assert await table.find_many([text, smile]) == {text: [{"id": text, "name": text}]}
            assert (await table.search(smile, 5, seconds=5)).reason is None
            if encoding != "UTF8":
                with pytest.raises(Exception, match="no equivalent in encoding"):
                    await table.update(text, {"name": smile})


async def test_a_database_without_an_encoding(postgresql: PostgresqlServer) -> None:
    """What is no UTF-8 is shown as bytes, and breaks no other record."""
    settings = "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    script = r"""
        SET client_encoding = 'SQL_ASCII'; CREATE TABLE t (id text PRIMARY KEY, name text);
        INSERT INTO t VALUES ('a', E'Zo\xe9'), ('b', E'Zo\xc3\xa9')
    """
    with made(postgresql, script, settings) as database:
        async with database.opened("t") as table:
            odd = await table.find("a")
            assert odd == {"id": "a", "name": r"Zo\xe9"}
            assert isinstance(odd["name"], StandIn)
            plain = {"id": "b", "name": "Zoé"}
            assert await table.find_many(["a", "b"]) == {"a": [odd], "b": [plain]}
            changed = await table.update("b", {"name": "Ō"}, expected=plain)
            assert changed == {"id": "b", "name": "Ō"}
            assert [m.id for m in (await table.search("zo", 5, seconds=5)).matches] == ["a"]
