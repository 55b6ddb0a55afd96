"""Changes: nobody else's is lost, whatever a field holds, and each type stays what it is."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import (
    Binary,
    Code,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb.changes import document_of, update_of, where_document
from tui.database.mongodb.client import LENIENT
from tui.database.mongodb.table_schema import ID, KeyType, MongodbSchema
from tui.database.mongodb.written import Writing
from tui.models.columns import Column, Kind
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused

OID = ObjectId("507f1f77bcf86cd799439011")
MOMENT = datetime(2026, 6, 30, 12, 30, 0, 123_000, tzinfo=UTC)
HELD: dict[str, tuple[Any, Any]] = {
    "int": (5, 6), "long": (Int64(5), Int64(6)), "double": (1.5, 2.5),
    "nan": (float("nan"), 1.0), "decimal": (Decimal128("10.50"), Decimal128("10.51")),
    "digits": (Decimal128("10.50"), Decimal128("10.5")), "type": (5, 5.0),
    "bool": (True, False),
    "date": (MOMENT, MOMENT.replace(second=1)), "string": ("x", "X"), "null": (None, 1),
    "objectId": (OID, ObjectId()), "uuid": (Binary(b"x" * 16, 4), Binary(b"y" * 16, 4)),
    "bytes": (b"ab", b"ac"), "regex": (Regex("a"), Regex("b")),
    "code": (Code("f()"), Code("g()")),
    "timestamp": (Timestamp(1, 2), Timestamp(1, 3)), "key": (MinKey(), MaxKey()),
    "object": ({"a": 1, "b": 2}, {"a": 1, "b": 3}),
    "array": ([1, 2], [1, 3]), "element": (1, [1, 2]), "empty": ("", None),
}  # fmt: skip
"""What a field holds, and what somebody else makes of it."""


@pytest.mark.parametrize("name", HELD)
async def test_nobody_elses_change_is_lost(mongodb: MongodbServer, name: str) -> None:
    """Made before it, or between the reading and the writing."""
    before, after = HELD[name]
    url = filled(mongodb, [{ID: 1, "v": before, "other": 1}])
    async with table_at(url) as table:
        record = await table.find(1)
        assert record is not None
        with mongodb.client(url) as client:
            things = client.get_default_database()["things"]
            again = await table.update(1, {"other": 2}, expected=record)
            assert again is not None, "it was still as it was read"
            things.update_one({ID: 1}, {"$set": {"v": after}})
            if name != "type":  # which look the same
                with pytest.raises(ChangedMeanwhile):
                    await table.update(1, {"other": 3}, expected=again)
            assert things.find_one({ID: 1}, {"other": True}) == {ID: 1, "other": 2}


@pytest.mark.parametrize("name", HELD)
def test_the_command_holds_for_what_was_read_alone(mongodb: MongodbServer, name: str) -> None:
    """Whatever comes between the reading and the writing."""
    before, after = HELD[name]
    url = filled(mongodb, [{ID: 1, "v": before, "other": 1}])
    schema = MongodbSchema(
        "things", ID, True, (ID, "v", "other"), key_types=(KeyType.NUMBER,),
        described={"other": Column("other", Kind.INTEGER, "int")},
    )  # fmt: skip
    with mongodb.client(url) as client:
        things = client.get_default_database()["things"].with_options(LENIENT)
        document = things.find_one({ID: 1})
        assert document is not None
        change = update_of(schema, document, {"other": 2}, ["v"], Writing())
        things.update_one({ID: 1}, {"$set": {"v": after}})
        assert things.find_one_and_update(change.where, change.update) is None
        things.update_one({ID: 1}, {"$set": {"v": before}})
        assert things.find_one_and_update(change.where, change.update) is not None


async def test_of_many_at_once_one_wins_each_time(mongodb: MongodbServer) -> None:
    """A counter that is raised by what was read loses no step."""
    url = filled(mongodb, [{ID: 1, "n": 0}])
    async with table_at(url) as table, table_at(url) as other:

        async def raise_it(table: Any) -> int:
            for lost in range(1_000):
                record = await table.find(1)
                try:
                    await table.update(1, {"n": record["n"] + 1}, expected=record)
                except ChangedMeanwhile:
                    await asyncio.sleep(0.001 * (lost % 7))
                else:
                    return lost
            raise AssertionError

        await asyncio.gather(*(raise_it(one) for one in (table, other) for _ in range(10)))
        assert await table.find(1) == {ID: 1, "n": 20}


async def test_a_change_beside_it_is_no_hindrance(mongodb: MongodbServer) -> None:
    """Where it is in a field that is not expected to be anything."""
    url = filled(mongodb, [{ID: 1, "a": 1, "b": 1}])
    async with table_at(url) as table, table_at(url) as other:
        await other.update(1, {"b": 2})
        after = await table.update(1, {"a": 5}, expected={"a": 1})
        assert after == {ID: 1, "a": 5, "b": 2}


async def test_types_stay(mongodb: MongodbServer) -> None:
    """Of each field its own, whatever the others of its column have."""
    url = filled(
        mongodb,
        [
            {ID: 1, "n": 5, "d": MOMENT, "p": Decimal128("1"), "t": "x"},
            {ID: 2, "n": Int64(5), "d": None, "p": 1.5, "t": OID},
        ],
    )
    async with table_at(url) as table:
        await table.update(1, {"n": 6, "d": "2026-01-01 10:00:00", "p": "2.50"})
        await table.update(2, {"n": 6, "d": "2026-01-01 10:00:00", "p": "2.5", "t": str(OID)})
    with mongodb.client(url) as client:
        one, two = client.get_default_database()["things"].find().sort(ID)
    assert [type(one[name]) for name in "ndp"] == [int, datetime, Decimal128]
    assert [type(two[name]) for name in "ndpt"] == [Int64, datetime, Decimal128, ObjectId]


async def test_null_is_a_value_and_a_touch_adds_none(mongodb: MongodbServer) -> None:
    """A field that is not there stays so, unless somebody sets it."""
    url = filled(mongodb, [{ID: 1, "a": 1, "b": 2}, {ID: 2, "a": 1}])
    async with table_at(url) as table:
        assert await table.touch(2)
        assert not await table.touch(3)
        await table.update(1, {"a": None})
        assert await table.update(2, {}, expected={"b": None}) is not None
    with mongodb.client(url) as client:
        documents = list(client.get_default_database()["things"].find().sort(ID))
    assert documents == [{ID: 1, "a": None, "b": 2}, {ID: 2, "a": 1}]


async def test_a_validator_refuses_by_the_column(mongodb: MongodbServer) -> None:
    """And nothing is changed."""
    rules = {"$jsonSchema": {"required": ["n"], "properties": {"n": {"maximum": 9}}}}
    url = filled(mongodb, [{ID: 1, "n": 5}], validator=rules)
    async with table_at(url) as table:
        with pytest.raises(ChangeRefused, match="column 'n': the collection's validator"):
            await table.update(1, {"n": 10})
        with pytest.raises(ChangeRefused, match="column 'n': the collection's validator"):
            await table.insert({ID: 2})
        assert await table.find(1) == {ID: 1, "n": 5}


async def test_an_index_refuses_by_the_column(mongodb: MongodbServer) -> None:
    """Without the value of anybody else."""
    url = filled(mongodb, [{ID: 1, "mail": "a"}, {ID: 2, "mail": "b"}])
    with mongodb.client(url) as client:
        client.get_default_database()["things"].create_index("mail", unique=True)
    async with table_at(url) as table:
        with pytest.raises(ChangeRefused, match="column 'mail': another record has"):
            await table.update(1, {"mail": "b"})


async def test_documents_are_changed_from_the_inside(mongodb: MongodbServer) -> None:
    """What is nested keeps its types."""
    held = {"at": MOMENT, "price": Decimal128("1.50"), "ref": OID}
    url = filled(mongodb, [{ID: 1, "doc": held}])
    async with table_at(url) as table:
        record = await table.find(1) or {}
        typed = str(record["doc"]).replace("1.50", "2.50")
        after = await table.update(1, {"doc": typed}, expected=record)
        assert after == {ID: 1, "doc": typed}
    with mongodb.client(url) as client:
        document = client.get_default_database()["things"].find_one() or {}
    assert document["doc"] == {
        "at": MOMENT.replace(tzinfo=None), "price": Decimal128("2.50"), "ref": OID
    }  # fmt: skip


def test_a_collection_with_an_order_of_its_own_compares_bytes() -> None:
    """It would take `A` for `a`: of texts that are keys, too."""
    schema = MongodbSchema(
        "t", ID, False, (ID, "v"), key_types=(KeyType.TEXT,), is_collated=True, folds_case=True
    )
    where = where_document(schema, {ID: "ada", "v": "x"})
    assert where[ID] == "ada"
    assert "$indexOfBytes" in str(where["$expr"])
    change = update_of(schema, {ID: "ada", "v": "x"}, {"v": "y"}, ["v"], Writing())
    assert str(change.where["$expr"]).count("$indexOfBytes") == 2
    assert change.collation is None
    other = update_of(schema, {ID: 5, "v": "x"}, {"v": "y"}, ["v"], Writing())
    assert other.collation == {"locale": "simple"}


def test_a_new_document_has_no_name_that_means_something() -> None:
    """And a key, where MongoDB would not make one of the same type."""
    schema = MongodbSchema("t", ID, True, (ID, "$x"), key_types=(KeyType.NUMBER,))
    with pytest.raises(ChangeRefused, match=r"'\$x' cannot be written"):
        document_of(schema, {ID: 1, "$x": 1}, Writing())
    with pytest.raises(ChangeRefused, match="is the key of a new record"):
        document_of(schema, {"a": 1}, Writing())


def test_a_uuid_is_a_key_of_a_new_document() -> None:
    """In whatever spelling."""
    schema = MongodbSchema("t", ID, False, (ID,), key_types=(KeyType.UUID,))
    key = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
    assert document_of(schema, {ID: key.hex}, Writing()) == {ID: Binary.from_uuid(key)}
