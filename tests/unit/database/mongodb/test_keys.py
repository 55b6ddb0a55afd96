"""Keys: what a document may have for one, and how each is shown."""

import uuid
from typing import Any

import pytest
from bson import Binary, Code, Decimal128, Int64, ObjectId

from tui.database.mongodb import keys
from tui.database.mongodb.table_schema import ID, KeyType, MongodbSchema
from tui.database.mongodb.uuids import Order
from tui.models import Key

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
OID = ObjectId("507f1f77bcf86cd799439011")


def schema(*types: KeyType, order: Order = Order.UNKNOWN) -> MongodbSchema:
    """Return a collection whose keys are of these types."""
    return MongodbSchema(
        "x", ID, types == (KeyType.NUMBER,), (ID,), key_types=types, uuids=order
    )


NUMBERS, TEXTS = schema(KeyType.NUMBER), schema(KeyType.TEXT)
OBJECT_IDS, UUIDS = schema(KeyType.OBJECT_ID), schema(KeyType.UUID)
MIXED = schema(KeyType.OBJECT_ID, KeyType.TEXT, KeyType.NUMBER)


@pytest.mark.parametrize(
    ("table", "id", "held"),
    [
        (NUMBERS, 5, [5]), (NUMBERS, -(2**63), [Int64(-(2**63))]), (NUMBERS, 2**63, []),
        (TEXTS, "x", ["x"]), (TEXTS, "5", ["5"]), (TEXTS, "a\ud800", []), (TEXTS, "", [""]),
        (OBJECT_IDS, str(OID), [OID]), (OBJECT_IDS, str(OID).upper(), [OID]),
        (OBJECT_IDS, "x", []), (OBJECT_IDS, "507f1f77bcf86cd79943901", []),
        (UUIDS, str(UUID), [Binary.from_uuid(UUID)]),
        (UUIDS, UUID.hex, [Binary.from_uuid(UUID)]),
        (UUIDS, "x", []),
        (MIXED, str(OID), [OID, str(OID)]), (MIXED, "5", ["5", 5]), (MIXED, "007", ["007"]),
        (MIXED, "99999999999999999999", ["99999999999999999999"]),
        (schema(KeyType.OLD_UUID, order=Order.PYTHON), str(UUID), [Binary(UUID.bytes, 3)]),
    ],
)  # fmt: skip
def test_a_key_is_looked_for_as_what_it_may_be(
    table: MongodbSchema, id: Key, held: list[Any]
) -> None:
    """Nothing is asked for that cannot be a key there."""
    found = keys.stored(table, id)
    assert [(type(one), one) for one in found] == [(type(one), one) for one in held]


@pytest.mark.parametrize(
    ("table", "held", "shown"),
    [
        (NUMBERS, 5, 5), (NUMBERS, Int64(5), 5), (NUMBERS, 5.0, 5), (NUMBERS, 5.5, None),
        (NUMBERS, "5", None), (NUMBERS, True, None), (NUMBERS, 1e300, None),
        (TEXTS, "x", "x"), (TEXTS, "\udcff", None), (MIXED, 5, "5"),
        (OBJECT_IDS, OID, str(OID)),
        (UUIDS, Binary.from_uuid(UUID), str(UUID)), (UUIDS, Binary(b"x", 4), None),
        (UUIDS, Binary(b"x" * 16, 3), None), (TEXTS, {"a": 1}, None),
        (TEXTS, Code("f()"), None), (TEXTS, None, None),
        (NUMBERS, Decimal128("5"), None),
    ],
)  # fmt: skip
def test_a_key_has_one_text(table: MongodbSchema, held: Any, shown: Key | None) -> None:
    """Or is none that hitmiss has a word for."""
    found = keys.shown(table, held)
    assert (type(found), found) == (type(shown), shown)
    if shown is not None:
        assert held in keys.stored(table, shown)


def test_a_new_key_is_what_its_text_looks_like() -> None:
    """Where keys are of several types."""
    assert keys.new(MIXED, str(OID)) == OID
    assert keys.new(MIXED, "ada") == "ada"
    assert keys.new(OBJECT_IDS, "ada") is None
    assert keys.new(NUMBERS, 1.5) is None
    assert keys.impossible(MIXED) == (
        "a key is 24 hex digits or a text or a whole number of 64 bits"
    )
