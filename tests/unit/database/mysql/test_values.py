"""Each kind of value comes as it is stored, also those that a driver has no object for."""

from typing import Any

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made, table

from tui.database.sql.values import Blob
from tui.models import Scalar
from tui.models.columns import Kind
from tui.models.scalars import Nested, StandIn, mark_of
from tui.runtime.errors import ChangedMeanwhile

MOST = 2**64 - 1


def stand_in(word: str, content: bytes) -> StandIn:
    """Return what is shown in place of bytes."""
    return StandIn(f"<{word}, {len(content)} bytes>", mark_of("blob", content))


ODD: dict[str, tuple[str, str, Scalar]] = {
    "big": ("bigint unsigned", f"{MOST}", MOST),
    "num": ("decimal(12,2)", "10.50", "10.50"),
    "wide": ("decimal(65,30)", "-123.45", "-123.450000000000000000000000000000"),
    "dbl": ("double", "0.1", 0.1),
    "huge": ("double", "-1.7976931348623157e308", -1.7976931348623157e308),
    "flt": ("float", "0.1", 0.1),
    "flt7": ("float", "16777215", 16777215.0),
    "yes": ("boolean", "1", True),
    "no": ("tinyint(1)", "0", False),
    "two": ("tinyint(1)", "2", 2),
    "bit1": ("bit(1)", "b'1'", True),
    "bit8": ("bit(8)", "b'00001010'", "00001010"),
    "bit64": ("bit(64)", f"{MOST}", "1" * 64),
    "y": ("year", "2026", 2026),
    "y0": ("year", "0", 0),
    "ti": ("time", "'26:05:06'", "26:05:06"),
    "tif": ("time(6)", "'03:04:05.678'", "03:04:05.678000"),
    "tneg": ("time", "'-838:59:59'", "-838:59:59"),
    "d": ("date", "'2026-01-02'", "2026-01-02"),
    "d0": ("date", "'0000-00-00'", "0000-00-00"),
    "dhalf": ("date", "'2026-00-00'", "2026-00-00"),
    "d9": ("date", "'9999-12-31'", "9999-12-31"),
    "dt": ("datetime", "'2026-01-02 03:04:05'", "2026-01-02 03:04:05"),
    "dt6": ("datetime(6)", "'2026-01-02 03:04:05.678901'", "2026-01-02 03:04:05.678901"),
    "dt0": ("datetime", "'0000-00-00'", "0000-00-00 00:00:00"),
    "ts": ("timestamp(3) null", "'2026-01-02 03:04:05.678'", "2026-01-02 03:04:05.678+00:00"),
    "e": ("enum('a','it''s')", "'it''s'", "it's"),
    "wrong": ("enum('a')", "'b'", ""),
    "s": ("set('x','y','z')", "'z,x'", "x,z"),
    "js": ("json", "'{\"b\": 1, \"a\": [1.0, 2]}'", Nested('{"b": 1, "a": [1.0, 2]}')),
    "jn": ("json", "'null'", Nested("null")),
    "bin": ("binary(4)", "x'00ff'", stand_in("BINARY", b"\0\xff\0\0")),
    "blb": ("longblob", "x'00ff10'", stand_in("LONGBLOB", b"\0\xff\x10")),
    "none": ("blob", "''", stand_in("BLOB", b"")),
    "c": ("char(5)", "'ab  '", "ab"),
    "vc": ("varchar(5)", "'ab  '", "ab  "),
    "t": ("text", "'héllo 😀'", "héllo 😀"),
    "tl": ("text character set latin1", "'é'", "é"),
    "tu": ("text character set ucs2", "'山田'", "山田"),
    "nul": ("text", "'a\\0b'", "a\0b"),
    "p": ("point", "POINT(1, 2.5)", "POINT(1 2.5)"),
    "srid": ("geometry", "ST_GeomFromText('POINT(1 2)', 4326)", "SRID=4326;POINT(1 2)"),
    "med": ("mediumint", "-7", -7),
    "zf": ("int(5) unsigned zerofill", "42", 42),
    "u": ("uuid", "'6F9619FF8B86D011B42D00CF4FC964FF'", "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    "i6": ("inet6", "'2001:DB8::1'", "2001:db8::1"),
    "i4": ("inet4", "'192.0.2.1'", "192.0.2.1"),
    "what?": ("int", "5", 5),
    "back`tick": ("int", "6", 6),
}  # fmt: skip
"""Of each column its type, what is put in, and what a record has then."""


def odd(server: MariadbServer) -> str:
    """Make a table with a column of each, whose record 1 holds these and record 2 nothing."""
    names = ["`" + name.replace("`", "``") + "`" for name in ODD]
    columns = ", ".join(
        f"{name} {declared}" for name, (declared, _, _) in zip(names, ODD.values(), strict=True)
    )
    values = ", ".join(value for _, value, _ in ODD.values())
    return made(
        server,
        "SET SESSION sql_mode = '', time_zone = '+00:00';"
        f" CREATE TABLE odd (id int PRIMARY KEY, {columns}) CHARACTER SET utf8mb4;"
        f" INSERT INTO odd (id, {', '.join(names)}) VALUES (1, {values});"
        " INSERT INTO odd (id) VALUES (2)",
    )


def exact(record: Any) -> dict[str, Any]:
    """Return values with their types."""
    return {name: (StandIn if isinstance(value, StandIn) else type(value), value)
            for name, value in record.items()}  # fmt: skip


async def test_each_value_comes_as_it_is_stored(mariadb: MariadbServer) -> None:
    """The first time as a text, and then prepared: both ways of the protocol give the same."""
    wanted = exact({"id": 1, **{name: value for name, (_, _, value) in ODD.items()}})
    async with table(odd(mariadb), "odd") as one:
        for _ in range(3):
            assert exact(await one.find(1) or {}) == wanted
            assert await one.find(2) == {"id": 2, **dict.fromkeys(ODD)}
        assert exact((await one.find_many([1]))[1][0]) == wanted


async def test_bytes_are_kept_beside_what_is_shown(mariadb: MariadbServer) -> None:
    """So that they can be compared."""
    async with table(odd(mariadb), "odd") as one:
        record = await one.find(1) or {}
        blob = record["blb"]
        assert isinstance(blob, Blob)
        assert blob.content == b"\0\xff\x10"


@pytest.mark.parametrize("name", ODD)
async def test_each_value_is_known_again(name: str, mariadb: MariadbServer) -> None:
    """A change is made where nobody else came in between, and only there."""
    async with table(odd(mariadb), "odd") as one:
        record = await one.find(1) or {}
        own = {key: value for key, value in record.items() if key in {"id", name}}
        other = "med" if name != "med" else "zf"
        assert await one.update(1, {other: 5}, expected=own) == {**record, other: 5}
        await one.update(1, {name: None})
        with pytest.raises(ChangedMeanwhile):
            await one.update(1, {other: 6}, expected=own)
        empty = {"id": 1, name: None}
        assert (await one.update(1, {other: 7}, expected=empty) or {})[other] == 7


@pytest.mark.parametrize("name", [name for name in ODD if name != "wrong"])
async def test_each_value_can_be_written_back(name: str, mariadb: MariadbServer) -> None:
    """It is what it was."""
    async with table(odd(mariadb), "odd") as one:
        record = await one.find(1) or {}
        assert await one.update(2, {name: record[name]}) is not None
        assert exact({name: (await one.find(2) or {})[name]}) == exact({name: record[name]})


async def test_the_columns_are_described(mariadb: MariadbServer) -> None:
    """By kind, and in the database's own words."""
    async with table(odd(mariadb), "odd") as one:
        column = one.schema.column
        assert column("big").declared == "bigint(20) unsigned"
        assert column("big").range == (0, MOST)
        assert (column("js").kind, column("js").nested) == (Kind.JSON, True)
        assert (column("flt").float_bytes, column("dbl").float_bytes) == (4, 8)
        assert column("e").choices == ("a", "it's")
        assert column("vc").length == 5
