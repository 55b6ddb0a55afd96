"""What a type of MySQL holds, by its words."""

import struct

import pytest

from tui.database.mysql.cells import bits, json, shortest, truth
from tui.database.mysql.kinds import ColumnType, kind_of, type_of
from tui.models.columns import Kind
from tui.models.scalars import Nested


@pytest.mark.parametrize(
    ("declared", "its"),
    [
        ("bigint(20) unsigned", ColumnType("bigint", "20", unsigned=True)),
        ("int unsigned", ColumnType("int", "", unsigned=True)),
        ("int(5) unsigned zerofill", ColumnType("int", "5", unsigned=True)),
        ("decimal(12,2)", ColumnType("decimal", "12,2")),
        ("enum('a','it''s','(x)')", ColumnType("enum", "'a','it''s','(x)'")),
        ("timestamp(3)", ColumnType("timestamp", "3")),
        ("VARCHAR(40)", ColumnType("varchar", "40")),
        ("", ColumnType("")),
    ],
)
def test_a_type_is_taken_apart(declared: str, its: ColumnType) -> None:
    """Its word, what stands in parentheses, and its sign."""
    assert type_of(declared) == its


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("tinyint(1)", Kind.BOOLEAN), ("tinyint(4)", Kind.INTEGER), ("bit(1)", Kind.BOOLEAN),
        ("bit(8)", Kind.BIT), ("year(4)", Kind.INTEGER), ("double", Kind.FLOAT),
        ("float", Kind.FLOAT), ("decimal(10,0)", Kind.DECIMAL), ("datetime(6)", Kind.MOMENT),
        ("time", Kind.TIME), ("char(36)", Kind.UUID), ("char(35)", Kind.TEXT),
        ("varchar(36)", Kind.TEXT), ("binary(16)", Kind.BYTES), ("set('a','b')", Kind.ENUM),
        ("inet6", Kind.NETWORK), ("point", Kind.GEOMETRY), ("json", Kind.JSON),
        ("vector(3)", Kind.BYTES), ("xmltype", Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_its_kind(declared: str, kind: Kind) -> None:
    """In words of no store."""
    assert kind_of(type_of(declared)) is kind


def test_what_it_holds() -> None:
    """Its least and largest number, its choices, its digits, its longest value."""
    assert type_of("tinyint(3) unsigned").range == (0, 255)
    assert type_of("bigint(20)").range == (-(2**63), 2**63 - 1)
    assert type_of("year(4)").range == (0, 2155)
    assert type_of("varchar(9)").range is None
    assert type_of("enum('a','it''s')").choices == ("a", "it's")
    assert (type_of("decimal(12,2)").places, type_of("time(6)").places) == (2, 6)
    assert (type_of("decimal(12)").places, type_of("date").places) == (0, None)
    assert type_of("varchar(100)").longest == 400
    assert type_of("varbinary(100)").longest == 100
    assert type_of("text").longest == 65536
    assert type_of("longtext").longest is None
    assert type_of("json").longest is None


def test_floats_of_four_bytes_have_no_more_digits_than_they_need() -> None:
    """And are still the same float."""
    for wanted in (
        0.1,
        1.5,
        16777216.0,
        3.4028234663852886e38,
        1e-45,
        -0.3333333432674408,
        0.0,
    ):
        (stored,) = struct.unpack("<f", struct.pack("<f", wanted))
        shown = shortest(stored)
        assert struct.pack("<f", shown) == struct.pack("<f", stored)
    assert shortest(0.10000000149011612) == 0.1
    assert shortest(0.30000001192092896) == 0.3


def test_values_that_are_made() -> None:
    """Truth values that are none stay numbers; a text that is no JSON stays one."""
    assert [truth(value) for value in (0, 1, 2)] == [False, True, 2]
    assert (bits(8, 10), bits(3, 0)) == ("00001010", "000")
    assert type(json('{"a": 1}')) is Nested
    assert type(json("{'a': 1}")) is str
