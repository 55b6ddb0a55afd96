"""What BSON holds, as a record has it: stable texts, and nothing that breaks a row."""

import json
import math
import struct
import uuid
from typing import Any

import bson
import pytest
from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.datetime_ms import DatetimeMS
from hypothesis import given
from hypothesis import strategies as st

from tui.database.mongodb.client import LENIENT
from tui.database.mongodb.documents import MOST_COLUMNS, Documents, is_as
from tui.database.mongodb.sample import decoded
from tui.database.mongodb.table_schema import ID, KeyType, MongodbSchema
from tui.database.mongodb.uuids import Order, binary_of, order_of, uuid_of
from tui.database.mongodb.values import BsonValues, Bytes, LongValue
from tui.models import Scalar
from tui.models.columns import Kind
from tui.models.scalars import Nested, StandIn, Unread, mark_of

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
OID = ObjectId("507f1f77bcf86cd799439011")


def raw(*elements: tuple[int, bytes, bytes]) -> bytes:
    """Return a document of elements, each a type, a name and what BSON has for the value."""
    body = b"".join(bytes([kind]) + name + b"\0" + data for kind, name, data in elements)
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def text(content: bytes) -> bytes:
    """Return a text as BSON has it, whatever its bytes are."""
    return struct.pack("<i", len(content) + 1) + content + b"\0"


def number(value: int) -> tuple[int, bytes, bytes]:
    """Return the element `_id` with a number."""
    return 16, b"_id", struct.pack("<i", value)


def schema(*columns: str, **more: Any) -> MongodbSchema:
    """Return a collection with numbers as keys."""
    return MongodbSchema("x", ID, True, (ID, *columns), key_types=(KeyType.NUMBER,), **more)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5, 5), (Int64(2**62), 2**62), (1.5, 1.5), (5.0, 5.0), (True, True), (None, None),
        (Decimal128("10.50"), "10.50"), (Decimal128("1E+3"), "1E+3"), (Decimal128("-0"), "-0"),
        (DatetimeMS(1_782_822_600_123), "2026-06-30 12:30:00.123+00:00"),
        (OID, str(OID)), (Binary.from_uuid(UUID), str(UUID)), ("é", "é"),
        (Timestamp(5, 6), "Timestamp(5, 6)"), (Regex("a/b", "im"), "/a/b/im"),
        (Code("f()"), "f()"), (Code("f()", {"x": 1}), 'f() with {"x": 1}'),
        (MinKey(), "MinKey"), (MaxKey(), "MaxKey"),
    ],
)  # fmt: skip
def test_a_scalar_is_a_scalar_of_json(value: Any, shown: Scalar) -> None:
    """Of exactly that type, and no object of the driver."""
    found = BsonValues().scalar(value)
    assert (type(found), found) == (type(shown), shown)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_a_stand_in(value: float) -> None:
    """By its mark it is known again, as a double and as a decimal."""
    for held in (value, Decimal128(str(value))):
        found = BsonValues().scalar(held)
        assert isinstance(found, StandIn)
        assert str(found.mark) == str(value)


def test_bytes_are_a_stand_in_that_keeps_them() -> None:
    """With the subtype, so that they can be compared and written."""
    for held, subtype in ((b"\0\xff", 0), (Binary(b"\0\xff", 5), 5), (Binary(b"xyz", 4), 4)):
        found = BsonValues().scalar(held)
        assert isinstance(found, Bytes)
        assert (found.content, found.subtype) == (bytes(held), subtype)
        assert found.mark == mark_of("blob", bytes(held))


@pytest.mark.parametrize("order", [Order.PYTHON, Order.JAVA, Order.CSHARP])
def test_an_old_uuid_is_read_in_the_order_that_is_told(order: Order) -> None:
    """As the driver of that name reads it, and written so."""
    held = Binary.from_uuid(UUID, getattr(bson.binary.UuidRepresentation, {
        Order.PYTHON: "PYTHON_LEGACY", Order.JAVA: "JAVA_LEGACY", Order.CSHARP: "CSHARP_LEGACY",
    }[order]))  # fmt: skip
    assert uuid_of(held, order) == str(UUID)
    assert binary_of(str(UUID), order, legacy=True) == held
    assert isinstance(BsonValues().scalar(held), Bytes)
    assert order_of(order.upper()) is order


def test_what_is_nested_is_json_as_an_application_writes_it() -> None:
    """Dates as JavaScript spells them, all digits of decimals, ObjectIds and uuids as texts."""
    held = {
        "at": DatetimeMS(0), "price": Decimal128("10.50"), "ref": OID,
        "u": Binary.from_uuid(UUID), "b": b"\0\xff",
        "n": Int64(5), "x": [1.0, None, {"y": True}], "nan": math.nan,
        "db": DBRef("users", 5),
    }  # fmt: skip
    found = BsonValues().scalar(held)
    assert type(found) is Nested
    assert json.loads(found) == {
        "at": "1970-01-01T00:00:00.000Z", "price": "10.50", "ref": str(OID), "u": str(UUID),
        "b": "AP8=", "n": 5, "x": [1.0, None, {"y": True}], "nan": "NaN",
        "db": {"$ref": "users", "$id": 5},
    }  # fmt: skip


@given(st.binary(min_size=16, max_size=16))
def test_decimals_are_spelled_as_the_driver_spells_them(content: bytes) -> None:
    """Whatever bits they have."""
    value = Decimal128.from_bid(content)
    assert str(BsonValues().scalar(value)).replace("Infinity", "") == str(value).replace(
        "Infinity", ""
    )


def test_a_record_has_all_columns_in_their_order() -> None:
    """None for a field that is not there."""
    documents = Documents(schema("a", "b"))
    record = documents.record({"b": 1, ID: 5})
    assert list(record.items()) == [(ID, 5), ("a", None), ("b", 1)]


def test_a_new_field_becomes_a_column() -> None:
    """At the end, with its kind; from then on all records have it."""
    documents = Documents(schema("a"))
    documents.record({ID: 1, "at": DatetimeMS(0)})
    assert documents.schema.columns == (ID, "a", "at")
    assert documents.schema.column("at").kind is Kind.MOMENT
    assert documents.record({ID: 2}) == {ID: 2, "a": None, "at": None}


def test_a_column_that_comes_to_hold_documents_is_nested() -> None:
    """From then on its scalars are JSON too, and a record that was shown before is the same."""
    documents = Documents(schema("a"))
    before = documents.record({ID: 1, "a": "x"})
    record = documents.record({ID: 2, "a": {"b": 1}})
    assert record["a"] == Nested('{"b": 1}')
    assert documents.schema.nested_columns == {"a"}
    after = documents.record({ID: 1, "a": "x"})
    assert (type(after["a"]), after["a"]) == (Nested, '"x"')
    assert is_as(after, before)
    assert not is_as(after, {**before, "a": "y"})


def test_names_without_end_are_no_columns_without_end() -> None:
    """They stay in their own record."""
    documents = Documents(schema())
    for at in range(MOST_COLUMNS + 50):
        record = documents.record({ID: at, f"f{at}": at})
        assert record[f"f{at}"] == at
    assert len(documents.schema.columns) == MOST_COLUMNS
    assert len(record) == MOST_COLUMNS + 1


def test_a_part_has_the_columns_that_were_asked_for() -> None:
    """And the key, if it is among them."""
    documents = Documents(schema("a", "b"))
    assert documents.part({ID: 5, "b": b"x"}, (ID, "a")) == {ID: 5, "a": None}


def test_what_was_not_sent_is_unread() -> None:
    """It tells type and size."""
    record = Documents(schema("a")).record({ID: 1, "a": LongValue("string", 20_000_000)})
    assert type(record["a"]) is Unread
    assert record["a"] == "<STRING, 20,000,000 bytes: not read>"


def test_a_document_with_odd_bytes_costs_nothing() -> None:
    """A text and a name that are no UTF-8, a far date, a name that is there twice."""
    batch = raw(
        number(1), (2, b"t", text(b"x\xffy")), (16, b"n\xff", struct.pack("<i", 7)),
        (9, b"d", struct.pack("<q", 2**62)), (16, b"x", struct.pack("<i", 1)),
        (16, b"x", struct.pack("<i", 2)), (14, b"s", text(b"sym")), (6, b"u", b""),
    )  # fmt: skip
    ((document, lenient),) = decoded(batch)
    assert lenient
    record = Documents(schema()).record(document, lenient=lenient)
    assert isinstance(record["t"], StandIn)
    assert record["t"] == "x\\xffy"
    assert record["t"].mark == mark_of("text", b"x\xffy")
    assert record["n\\xff"] == 7
    assert record["d"] == "+146140482-04-24 15:36:27.904+00:00"
    assert (record["x"], record["s"], record["u"]) == (2, "sym", None)


def test_a_document_that_is_broken_costs_itself() -> None:
    """The others of its batch are read."""
    broken = raw(number(2), (0x20, b"a", b""))
    batch = raw(number(1)) + broken + raw(number(3))
    assert [document[ID] for document, _ in decoded(batch)] == [1, 3]
    assert list(decoded(b"\xff\xff\xff\x7fxxxx")) == []


def test_deep_documents_cost_themselves() -> None:
    """What the server allows is read, what nobody could is not."""
    inner: Any = 1
    for _ in range(150):
        inner = {"n": inner}
    record = Documents(schema()).record(bson.decode(bson.encode({ID: 1, "v": inner}), LENIENT))
    assert str(record["v"]).count("{") == 150
    deep = b"\5\0\0\0\0"
    for _ in range(5_000):
        deep = raw((3, b"n", deep))
    assert list(decoded(deep + raw(number(3)))) == [({ID: 3}, True)]


def test_nothing_is_equal_to_what_another_value_is() -> None:
    """Numbers that are none, bytes, texts: each only to itself."""
    documents = Documents(schema())
    nan = documents.record({ID: 1, "v": math.nan})
    assert is_as(documents.record({ID: 1, "v": math.nan}), nan)
    assert not is_as(documents.record({ID: 1, "v": "NaN"}), nan)
    one, other = (documents.record({ID: 1, "v": held}) for held in (b"ab", b"ac"))
    assert not is_as(one, other)
    assert not is_as(documents.record({ID: 1, "v": str(one["v"])}), one)
