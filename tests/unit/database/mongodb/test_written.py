"""What is written keeps the type that its field has, and what no type takes is refused."""

import json
import uuid
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, MinKey, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS

from tui.database.mongodb.uuids import Order
from tui.database.mongodb.values import BsonValues, Bytes
from tui.database.mongodb.written import Writing
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, Unread
from tui.runtime.errors import ChangeRefused

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
OID = ObjectId("507f1f77bcf86cd799439011")


def column(kind: Kind, declared: str, *, nested: bool = False) -> Column:
    """Return a column of that kind."""
    return Column("c", kind, declared, nested=nested)


INTEGER = column(Kind.INTEGER, "int")
FLOAT = column(Kind.FLOAT, "double")
DECIMAL = column(Kind.DECIMAL, "decimal")
MOMENT = column(Kind.MOMENT, "date")
TEXT = column(Kind.TEXT, "string")
ANY = column(Kind.UNKNOWN, "int | string")
NESTED = column(Kind.JSON, "object", nested=True)


@pytest.mark.parametrize(
    ("value", "field", "now", "stored"),
    [
        (None, INTEGER, 5, None),
        (7, INTEGER, 5, 7), (7, INTEGER, Int64(5), Int64(7)), (7, INTEGER, 5.0, 7.0),
        (7, INTEGER, None, 7), (2**40, INTEGER, 5, Int64(2**40)),
        (2**40, INTEGER, None, Int64(2**40)), (7, column(Kind.INTEGER, "long"), None, Int64(7)),
        (7, FLOAT, None, 7.0), (1.5, FLOAT, 5, 1.5), (7, FLOAT, 5, 7),
        (1.5, column(Kind.FLOAT, "int | double"), Int64(5), 1.5),
        ("10.50", DECIMAL, Decimal128("1"), Decimal128("10.50")),
        ("10.50", DECIMAL, None, Decimal128("10.50")), ("7", DECIMAL, 5, Decimal128("7")),
        ("2026-06-30 12:30:00.5", MOMENT, DatetimeMS(0), DatetimeMS(1_782_822_600_500)),
        ("2026-06-30", MOMENT, None, DatetimeMS(1_782_777_600_000)),
        ("n/a", TEXT, None, "n/a"), ("", TEXT, "x", ""),
        (True, column(Kind.BOOLEAN, "bool"), None, True),
        (1, column(Kind.BOOLEAN, "bool"), False, True),
        (str(OID), column(Kind.TEXT, "objectId"), None, OID), (str(OID), TEXT, OID, OID),
        (str(UUID), column(Kind.UUID, "uuid"), None, Binary.from_uuid(UUID)),
        (str(UUID).upper(), column(Kind.UUID, "uuid"), Binary.from_uuid(UUID),
         Binary.from_uuid(UUID)),
        (5, ANY, None, 5), ("x", ANY, None, "x"), ("2026-01-01", ANY, None, "2026-01-01"),
        ("gold", column(Kind.ENUM, "string"), None, "gold"),
    ],
)  # fmt: skip
def test_a_value_is_of_the_type_that_is_there(
    value: Scalar, field: Column, now: Any, stored: Any
) -> None:
    """Else of the type that the others have."""
    found = Writing().stored(value, field, now)
    assert (type(found), str(found)) == (type(stored), str(stored))


@pytest.mark.parametrize(
    ("value", "field", "now", "words"),
    [
        ("x", INTEGER, 5, "a whole number"), (1.5, INTEGER, 5, "a whole number"),
        (2**63, INTEGER, None, "64 bits"), (True, INTEGER, None, "a whole number"),
        (2**53 + 1, FLOAT, None, "15 digits"), ("x", FLOAT, None, "a number"),
        ("x", DECIMAL, None, "10.50"), ("1" * 35, DECIMAL, None, "34 digits"),
        ("1E+7000", DECIMAL, None, "34 digits"),
        ("2026-06-30 12:30:00.1234", MOMENT, None, "whole milliseconds"),
        (5, MOMENT, None, "a moment"), ("soon", MOMENT, DatetimeMS(0), "a moment"),
        (5, TEXT, "x", "a text"), ("x", column(Kind.TEXT, "objectId"), None, "24 hex digits"),
        ("x", column(Kind.UUID, "uuid"), None, "a uuid"),
        (2, column(Kind.BOOLEAN, "bool"), None, "true or false"),
        ("x", column(Kind.BYTES, "binData"), None, "cannot be typed"),
        ("x", ANY, Timestamp(1, 1), "type timestamp"), ("/b/", ANY, Regex("a"), "type regex"),
        ("x", ANY, MinKey(), "type minKey"), ("a\ud800", TEXT, None, "Unicode"),
        (Unread("<STRING, 9 bytes: not read>", b"x"), TEXT, "x", "only stands for"),
        ("{", NESTED, {}, "JSON"), ("NaN", NESTED, {}, "JSON"),
        ('{"a": 1e999}', NESTED, {}, "JSON"),
        ('{"a\\u0000": 1}', NESTED, {}, "without NUL"), ('"\\ud800"', NESTED, None, "Unicode"),
        (str(2**63), NESTED, None, "64 bits"),
    ],
)  # fmt: skip
def test_what_a_field_does_not_take_is_refused(
    value: Scalar, field: Column, now: Any, words: str
) -> None:
    """By the column's name, with what it takes."""
    with pytest.raises(ChangeRefused, match="column 'c' takes ") as caught:
        Writing().stored(value, field, now)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "now", [Regex("a", "i"), Timestamp(5, 6), MinKey(), b"ab", Binary(b"ab", 5), 5.0, "x", OID]
)
def test_what_is_there_can_be_written_again(now: Any) -> None:
    """As it is shown, of whatever type it is."""
    shown = BsonValues().scalar(now)
    found = Writing().stored(shown, ANY, now)
    assert (type(found), found) == (type(now), now)


def test_bytes_and_numbers_that_are_none_are_what_they_stand_for() -> None:
    """Where they go into another record."""
    writing = Writing()
    field = column(Kind.BYTES, "binData")
    assert writing.stored(Bytes.of(b"ab", 5), field) == Binary(b"ab", 5)
    assert str(writing.stored(StandIn("NaN", float("nan")), FLOAT)) == "nan"
    assert writing.stored(StandIn("Infinity", float("inf")), DECIMAL, Decimal128("1")) == (
        Decimal128("Infinity")
    )


def test_an_old_uuid_stays_an_old_uuid() -> None:
    """In the order of the driver that wrote it."""
    held = Binary(UUID.bytes, 3)
    assert Writing(Order.PYTHON).stored(str(UUID), column(Kind.UUID, "uuid"), held) == held


def test_what_is_nested_keeps_its_types() -> None:
    """At each place the type that stands there; where there is none, as JSON has it."""
    now = {
        "at": DatetimeMS(0), "price": Decimal128("1.50"), "ref": OID, "n": Int64(5), "x": 1.0,
        "u": Binary.from_uuid(UUID), "b": b"ab", "list": [DatetimeMS(0)], "t": "text",
    }  # fmt: skip
    typed = json.loads(str(BsonValues().nested(now)))
    assert Writing().stored(json.dumps(typed), NESTED, now) == now
    typed |= {
        "at": "2026-06-30T12:30:00.000Z", "price": "2.50", "n": 6, "x": 2, "new": 7,
        "list": ["2026-06-30", "2026-06-30"], "t": None, "b": "YWM=",
    }  # fmt: skip
    found = Writing().stored(json.dumps(typed), NESTED, now)
    moment, day = DatetimeMS(1_782_822_600_000), DatetimeMS(1_782_777_600_000)
    assert found == {
        **now, "at": moment, "price": Decimal128("2.50"), "n": Int64(6), "x": 2.0, "new": 7,
        "list": [day, day], "t": None, "b": Binary(b"ac", 0),
    }  # fmt: skip
    assert [type(found[name]) for name in ("n", "x", "at")] == [Int64, float, DatetimeMS]


def test_what_is_nested_may_come_to_be_of_another_type() -> None:
    """Where what is typed is none of the type that stood there."""
    found = Writing().stored('{"at": "soon", "n": "x"}', NESTED, {"at": DatetimeMS(0), "n": 5})
    assert found == {"at": "soon", "n": "x"}
    assert Writing().stored('"a text"', NESTED, {"a": 1}) == "a text"
    assert Writing().stored(Nested("[1, 2.5]"), NESTED) == [1, 2.5]
