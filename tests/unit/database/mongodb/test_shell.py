"""Lines for mongosh: whatever names and values are, they mean just that."""

import math
import uuid
from typing import Any

import pytest
from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.datetime_ms import DatetimeMS

from tui.database.mongodb.shell import call, collection_text, find_text, literal

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (5, "5"), (Int64(5), "5"), (2**60, f'Long("{2**60}")'),
        (1.5, "1.5"), (5.0, "Double(5)"), (math.nan, "NaN"), (-math.inf, "-Infinity"),
        ("it's", '"it\'s"'), ('a"b\\', '"a\\"b\\\\"'), ("\u2028\x1b", '"\\u2028\\u001b"'),
        ("Ō", '"Ō"'), ("x\udcff", '"x\\\\xff"'),
        (ObjectId("507f1f77bcf86cd799439011"), 'ObjectId("507f1f77bcf86cd799439011")'),
        (Decimal128("10.50"), 'Decimal128("10.50")'),
        (DatetimeMS(0), 'ISODate("1970-01-01T00:00:00.000Z")'),
        (Binary.from_uuid(UUID), f'UUID("{UUID}")'), (b"ab", 'BinData(0, "YWI=")'),
        (Binary(b"ab", 5), 'BinData(5, "YWI=")'), (Timestamp(1, 2), "Timestamp(1, 2)"),
        (MaxKey(), "MaxKey()"), (Code("f()"), 'Code("f()")'), (Regex("a/b"), 'RegExp("a/b")'),
        (DBRef("u", 5), '{$ref: "u", $id: 5}'), ([1, [2]], "[1, [2]]"),
        ({"a": 1, "b c": 2, "$x": 3, "d.e": 4}, '{a: 1, "b c": 2, $x: 3, "d.e": 4}'),
        ({"": 5}, '{"": 5}'),
        ({"__proto__": 1}, '{["__proto__"]: 1}'),
    ],
)  # fmt: skip
def test_a_value_is_javascript(value: Any, text: str) -> None:
    """Of its own type, and nothing in it is run."""
    assert literal(value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("users", "db.users"), ("Users_2", "db.Users_2"),
        ("stats", 'db.getCollection("stats")'), ("a.b", 'db.getCollection("a.b")'),
        ('x"); db.dropDatabase(); ("', 'db.getCollection("x\\"); db.dropDatabase(); (\\"")'),
        ("2fast", 'db.getCollection("2fast")'), ("_x", 'db.getCollection("_x")'),
        ("constructor", 'db.getCollection("constructor")'),
    ],
)  # fmt: skip
def test_a_collection_is_got_whatever_it_is_called(name: str, text: str) -> None:
    """Also as something that `db` has itself."""
    assert collection_text(name) == text


def test_long_values_are_cut_where_they_are_only_shown() -> None:
    """What can be run again is whole."""
    long = "x" * 1_000
    assert long in find_text("t", {"_id": long})
    assert len(call("t", "insertOne", {"_id": long})) < 300
