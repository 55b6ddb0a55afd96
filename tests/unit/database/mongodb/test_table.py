"""Reading a collection: keys of all kinds, documents of any size, and what is noted of it."""

import asyncio
import uuid
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.models.recorder import Recorder
from tui.models.scalars import Unread
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
OID = ObjectId("507f1f77bcf86cd799439011")


async def test_a_key_is_found_in_any_spelling(mongodb: MongodbServer) -> None:
    """The record shows its own."""
    held = [OID, Binary.from_uuid(UUID), "ada", "7", 5, 6.0]
    url = filled(mongodb, [{"_id": id, "n": at} for at, id in enumerate(held)])
    async with table_at(url) as table:
        for at, asked in enumerate([str(OID).upper(), UUID.hex, "ada", "7", "5", "6"]):
            record = await table.find(asked)
            assert record is not None
            assert record["n"] == at
        assert (await table.find(UUID.hex) or {})["_id"] == str(UUID)
        found = await table.find_many([UUID.hex, "5", "nobody"])
        assert {id: [row["n"] for row in rows] for id, rows in found.items()} == {
            UUID.hex: [1], "5": [4],
        }  # fmt: skip
        assert sorted(await table.first_keys(9)) == sorted(
            [str(OID), str(UUID), "ada", "7", "5", "6"]
        )


async def test_a_number_and_its_text_are_one_key_that_is_there_twice(
    mongodb: MongodbServer,
) -> None:
    """So nobody can tell which is meant; the audit sees both."""
    url = filled(mongodb, [{"_id": 5, "n": 1}, {"_id": "5", "n": 2}])
    async with table_at(url) as table:
        with pytest.raises(DatabaseUnavailable, match="not unique"):
            await table.find("5")
        with pytest.raises(ChangeRefused, match="not unique"):
            await table.update("5", {"n": 3})
        assert len((await table.find_many(["5"]))["5"]) == 2


async def test_what_cannot_be_a_key_is_not_asked_for(mongodb: MongodbServer) -> None:
    """It is not found, and the step says why."""
    url = filled(mongodb, [{"_id": OID}])
    async with table_at(url) as table:
        with Recorder() as steps:
            assert await table.find("ada") is None
        assert "not asked: a key is 24 hex digits" in steps[0].result
        assert steps[0].typed == ()
        assert await table.update("ada", {}) is None
        assert not await table.delete("ada")
        assert await table.find_many(["ada", "x"]) == {}


async def test_documents_that_have_no_usable_key_are_passed_over(
    mongodb: MongodbServer,
) -> None:
    """They cost nothing."""
    url = filled(mongodb, [{"_id": {"a": 1}}, {"_id": "x"}, {"_id": 1.5}])
    async with table_at(url) as table:
        assert await table.first_keys(9) == ["x"]
        assert list(await table.find_many(["x"])) == ["x"]


async def test_a_key_of_another_field(mongodb: MongodbServer) -> None:
    """An array is none of its elements, null is none, and two are one too many."""
    url = filled(
        mongodb,
        [
            {"_id": 1, "code": "x", "n": 1}, {"_id": 2, "code": ["y", "x"], "n": 2},
            {"_id": 3, "code": None, "n": 3}, {"_id": 4, "n": 4},
            {"_id": 5, "code": "z", "n": 5}, {"_id": 6, "code": "z", "n": 6},
        ],
    )  # fmt: skip
    async with table_at(url, id_column="code") as table:
        assert (await table.find("x") or {})["n"] == 1
        assert await table.find("y") is None
        with pytest.raises(DatabaseUnavailable, match="'code' of 'things' is not unique"):
            await table.find("z")
        found = await table.find_many(["x", "y", "z"], {"n"})
        assert found == {
            "x": [{"code": "x", "n": 1}],
            "z": [{"code": "z", "n": 5}, {"code": "z", "n": 6}],
        }
        assert await table.first_keys(9) == ["x", "z", "z"]
        assert (await table.update("x", {"n": 9}) or {})["n"] == 9
        for call in (table.update("z", {"n": 9}), table.delete("z"), table.touch("z")):
            with pytest.raises(ChangeRefused, match="not unique"):
                await call
        with pytest.raises(ChangeRefused, match="key"):
            await table.update("x", {"_id": 9})
        assert await table.insert({"code": "new", "n": 7}) == (
            "new", {"_id": (await table.find("new") or {})["_id"], "code": "new", "n": 7},
        )  # fmt: skip
        assert await table.delete("new")


async def test_long_values_are_not_sent(mongodb: MongodbServer) -> None:
    """They are shown by their size; the rest of the record is read."""
    url = filled(
        mongodb, [{"_id": 1, "name": "x", "long": "y" * 50_000}, {"_id": 2, "name": "z"}]
    )
    async with table_at(url, max_value=10_000) as table:
        record = await table.find(1) or {}
        assert (record["_id"], record["name"]) == (1, "x")
        assert type(record["long"]) is Unread
        assert str(record["long"]).startswith("<STRING, 50,0")
        assert await table.find(2) == {"_id": 2, "name": "z", "long": None}
        assert await table.find(3) is None
        many = await table.find_many([1, 2])
        assert type(many[1][0]["long"]) is Unread
        assert await table.find_many([1], {"name"}) == {1: [{"_id": 1, "name": "x"}]}
        with pytest.raises(ChangeRefused, match="--max-value"):
            await table.update(1, {"name": "w"}, expected=record)
        changed = await table.update(1, {"name": "w"}) or {}
        assert changed["name"] == "w"
        assert type(changed["long"]) is Unread
        assert (await table.update(1, {"long": "short"}) or {})["long"] == "short"


async def test_long_documents_are_read_a_few_at_once(mongodb: MongodbServer) -> None:
    """No more than some are in memory together, and all of them come."""
    url = filled(mongodb, [{"_id": at, "long": "y" * 4_000_000} for at in range(12)])
    async with table_at(url) as table:
        part = await table.find_part(list(range(12)))
        assert 1 <= len(part) < 12
        assert len(await table.find_many(list(range(12)), {"long"})) == 12


async def test_fields_that_come_up_become_columns(mongodb: MongodbServer) -> None:
    """In the order in which they do, and can be written from then on."""
    url = filled(mongodb, [{"_id": 1, "name": "x"}])
    async with table_at(url) as table:
        with pytest.raises(ChangeRefused, match="no column 'age'"):
            await table.update(1, {"age": 5})
        with mongodb.client(url) as client:
            client.get_default_database()["things"].insert_one({"_id": 2, "age": 5})
        assert await table.find(2) == {"_id": 2, "name": None, "age": 5}
        assert table.schema.columns == ("_id", "name", "age")
        assert await table.find(1) == {"_id": 1, "name": "x", "age": None}
        assert (await table.update(1, {"age": 7}) or {})["age"] == 7


async def test_a_view_is_read_and_never_written(mongodb: MongodbServer) -> None:
    """MongoDB's own rule, which this server does not know."""
    url = filled(mongodb, [{"_id": 1, "name": "x"}, {"_id": 2, "name": "y"}])
    with mongodb.client(url) as client:
        client.get_default_database().command(
            {"create": "seen", "viewOn": "things", "pipeline": [{"$match": {"_id": 1}}]}
        )
    async with table_at(url, "seen") as table:
        assert await table.find(1) == {"_id": 1, "name": "x"}
        assert await table.find(2) is None
        assert await table.find_many([1, 2]) == {1: [{"_id": 1, "name": "x"}]}
        for call in (table.update(1, {"name": "z"}), table.touch(1), table.delete(1)):
            with pytest.raises(ChangeRefused, match="is a view"):
                await call
        with pytest.raises(ChangeRefused, match="is a view"):
            await table.insert({"_id": 3})


async def test_steps_can_be_typed_into_the_shell(mongodb: MongodbServer) -> None:
    """What reads as one statement; what writes is only shown."""
    url = filled(mongodb, [{"_id": OID, "n": 1}])
    async with table_at(url) as table:
        with Recorder() as steps:
            await table.find(str(OID))
            await table.update(str(OID), {"n": 2})
            await table.touch(str(OID))
        find = f'db.things.findOne({{_id: ObjectId("{OID}")}})'
        assert [step.typed for step in steps] == [(find,), (find,), (), (find,), ()]
        assert steps[2].command == (
            f'db.things.findOneAndUpdate({{_id: ObjectId("{OID}")}}, {{$set: {{n: 2}}}})'
        )
        assert steps[0].result == "1 document"


async def test_a_cancelled_look_up_leaves_nothing_behind(mongodb: MongodbServer) -> None:
    """The next one gets its own answer, however often and at whatever point."""
    url = filled(mongodb, [{"_id": at, "n": at} for at in range(50)])
    async with table_at(url) as table:
        for at in range(50):
            look_up = asyncio.ensure_future(table.find(at))
            for _ in range(at):
                await asyncio.sleep(0)
            look_up.cancel()
            assert (await table.find(49 - at) or {})["n"] == 49 - at
            await asyncio.gather(look_up, return_exceptions=True)


async def test_many_look_ups_share_a_few_connections(mongodb: MongodbServer) -> None:
    """Each has its own answer."""
    url = filled(mongodb, [{"_id": at, "n": at} for at in range(100)])
    async with table_at(url) as table:
        found = await asyncio.gather(*(table.find(at) for at in range(100)))
        assert [(record or {})["n"] for record in found] == list(range(100))


@pytest.mark.parametrize("name", ["a.b", "$set", "sp ace", 'qu"ote', "x.$y", "ключ"])
async def test_hostile_names_are_only_names(mongodb: MongodbServer, name: str) -> None:
    """Read, searched by, compared and written as any other."""
    url = filled(mongodb, [{"_id": 1, name: "x", "other": 5}, {"_id": 2, "other": 6}])
    async with table_at(url) as table:
        record = await table.find(1)
        assert record == {"_id": 1, name: "x", "other": 5}
        after = await table.update(1, {name: "y", "other": 7}, expected=record)
        assert after == {"_id": 1, name: "y", "other": 7}
        assert await table.update(2, {name: "z"}, expected=await table.find(2)) == {
            "_id": 2, "other": 6, name: "z",
        }  # fmt: skip
        assert await table.find_many([1], {name}) == {1: [{"_id": 1, name: "y"}]}
        assert [match.id for match in (await table.search("y", 5)).matches] == [1]


async def test_a_new_record_has_the_types_that_the_others_have(mongodb: MongodbServer) -> None:
    """By its columns; a key of its own it gets where ObjectIds are usual."""
    first: dict[str, Any] = {
        "_id": OID, "n": Int64(1), "price": Decimal128("1.50"), "ref": OID, "tags": ["a"],
    }  # fmt: skip
    url = filled(mongodb, [first])
    async with table_at(url) as table:
        key, record = await table.insert(
            {"n": 2, "price": "2.50", "ref": str(OID), "tags": '["b"]'}
        )
        assert record == {"_id": key, "n": 2, "price": "2.50", "ref": str(OID), "tags": '["b"]'}
        assert await table.find(key) == record
        with mongodb.client(url) as client:
            held = client.get_default_database()["things"].find_one({"_id": ObjectId(str(key))})
        assert held is not None
        assert [type(held[name]) for name in ("n", "price", "ref")] == [
            Int64, Decimal128, ObjectId,
        ]  # fmt: skip
        with pytest.raises(ChangeRefused, match="24 hex digits"):
            await table.insert({"_id": "ada"})
        with pytest.raises(ChangeRefused, match="column '_id': another record has that value"):
            await table.insert({"_id": str(OID)})
