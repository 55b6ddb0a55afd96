"""What a column is, told by values and by a validator."""

from collections.abc import Sequence
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS

from tui.database.mongodb.described import column_of, searched_of
from tui.database.mongodb.validator import rules_of
from tui.database.mongodb.values import BsonValues
from tui.models.columns import Column, Kind

OID = ObjectId("507f1f77bcf86cd799439011")


@pytest.mark.parametrize(
    ("values", "kind", "declared"),
    [
        ([], Kind.UNKNOWN, ""), ([None, None], Kind.UNKNOWN, ""),
        ([1, 2], Kind.INTEGER, "int"), ([1, Int64(2), 3], Kind.INTEGER, "int | long"),
        ([1, 2.5], Kind.FLOAT, "double | int"),
        ([1, Decimal128("1")], Kind.DECIMAL, "decimal | int"),
        (["a", None], Kind.TEXT, "string"), ([OID], Kind.TEXT, "objectId"),
        ([DatetimeMS(0)] * 10 + ["n/a"], Kind.MOMENT, "date | string"),
        ([DatetimeMS(0)] * 8 + ["n/a"], Kind.UNKNOWN, "date | string"),
        ([1, "a"], Kind.UNKNOWN, "int | string"), ([b"x"], Kind.BYTES, "binData"),
        ([Binary(b"x" * 16, 4)], Kind.UUID, "uuid"),
        ([Binary(b"x" * 16, 3)], Kind.BYTES, "binData"),
        ([True], Kind.BOOLEAN, "bool"), ([{}], Kind.JSON, "object"),
        (["a"] * 99 + [[]], Kind.JSON, "string | array"),
    ],
)  # fmt: skip
def test_values_tell_what_a_column_holds(
    values: Sequence[Any], kind: Kind, declared: str
) -> None:
    """The kind of nearly all of them; of any nested one that it holds JSON."""
    column = column_of("c", values, BsonValues())
    assert (column.kind, column.declared) == (kind, declared)
    assert column.nested is (kind is Kind.JSON)


def test_names_and_addresses_are_searched_first() -> None:
    """Else the first texts; what refers to another document is none."""
    columns = [Column(name, Kind.TEXT, "string") for name in ("a", "email", "name", "b")]
    assert searched_of(columns) == ("name", "email")
    plain = [Column("ref", Kind.TEXT, "objectId"), Column("n", Kind.INTEGER, "int"),
             *(Column(name, Kind.TEXT, "string") for name in "abcd")]  # fmt: skip
    assert searched_of(plain) == ("a", "b", "c")
    assert searched_of([Column("e", Kind.ENUM, "string")]) == ("e",)


VALIDATOR = {
    "$jsonSchema": {
        "required": ["name", "plan", "nothing"],
        "properties": {
            "name": {"bsonType": "string", "maxLength": 40},
            "plan": {"enum": ["free", "pro"]},
            "level": {"enum": [1, 2]},
            "maybe": {"bsonType": ["date", "null"]},
            "old": {"type": ["string", "null"]},
            "bytes": {"bsonType": "binData"},
            "tags": {"bsonType": "array"},
            "odd": {"bsonType": "nonsense"},
            "nothing": {},
        },
    }
}


def test_a_validator_tells_kinds_and_bounds() -> None:
    """Types, lengths, choices, and what is always there."""
    rules = rules_of({"validator": VALIDATOR})
    name = rules.column("name", None)
    assert name == Column("name", Kind.TEXT, "string", length=40, nullable=False)
    plan = rules.column("plan", Column("plan", Kind.TEXT, "string"))
    assert (plan.kind, plan.choices, plan.nullable) == (Kind.ENUM, ("free", "pro"), False)
    assert rules.column("level", None).choices == ()
    maybe = rules.column("maybe", None)
    assert (maybe.kind, maybe.nullable) == (Kind.MOMENT, True)
    assert rules.column("old", None).kind is Kind.TEXT
    assert rules.column("tags", None).nested
    assert rules.column("odd", None).kind is Kind.UNKNOWN
    assert rules.column("bytes", None).kind is Kind.BYTES
    seen = Column("bytes", Kind.UUID, "uuid")
    assert rules.column("bytes", seen).kind is Kind.UUID
    assert rules.column("nothing", Column("nothing")).nullable
    assert rules.column("else", None) == Column("else")


@pytest.mark.parametrize("more", [{"validationAction": "warn"}, {"validationLevel": "off"}])
def test_a_validator_that_only_warns_binds_nothing(more: dict[str, str]) -> None:
    """Its types are taken for a hint."""
    plan = rules_of({"validator": VALIDATOR, **more}).column("plan", None)
    assert (plan.choices, plan.nullable) == ((), True)


@pytest.mark.parametrize(
    "validator",
    [
        None, 5, {}, {"$jsonSchema": 5}, {"$jsonSchema": {"properties": [], "required": 5}},
        {"a": {"$type": "int"}}, {"$and": 5}, {"$and": [5]},
        {"$jsonSchema": {"properties": {"name": 5}}},
    ],
)  # fmt: skip
def test_an_odd_validator_says_nothing(validator: Any) -> None:
    """Whatever it is."""
    assert rules_of({"validator": validator}).column("name", None) == Column("name")


def test_several_schemas_hold_together() -> None:
    """As the parts of a conjunction."""
    rules = rules_of({"validator": {"$and": [VALIDATOR, {"a": 1}]}})
    assert rules.column("name", None).length == 40
