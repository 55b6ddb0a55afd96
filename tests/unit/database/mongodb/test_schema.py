"""What a collection is found to hold, and which keys are refused when it is read."""

import asyncio
import uuid
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled

from tui.database.mongodb.sample import DOCUMENTS
from tui.database.mongodb.schema import read_schema
from tui.database.mongodb.store import STORE
from tui.database.mongodb.table_schema import KeyType, MongodbSchema
from tui.models.columns import Kind
from tui.runtime.errors import DatabaseUnavailable

UUID = uuid.UUID("3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
OID = ObjectId("507f1f77bcf86cd799439011")


def schema_of(
    server: MongodbServer, documents: list[dict[str, Any]], id_column: str | None = None
) -> MongodbSchema:
    """Return what is found of a collection with these documents."""
    return read_schema(filled(server, documents), "things", id_column)


def test_columns_come_from_documents(mongodb: MongodbServer) -> None:
    """The key first, then in the order in which they appear; each with its kind."""
    schema = schema_of(
        mongodb,
        [
            {"_id": 1, "name": "a", "price": Decimal128("1.50"), "tags": ["x"]},
            {"_id": 2, "city": "b", "name": "c", "price": None},
        ],
    )
    assert schema.columns == ("_id", "name", "price", "tags", "city")
    kinds = [schema.column(name).kind for name in schema.columns]
    assert kinds == [Kind.INTEGER, Kind.TEXT, Kind.DECIMAL, Kind.JSON, Kind.TEXT]
    assert schema.nested_columns == {"tags"}
    assert schema.id_is_integer
    assert schema.unique
    assert not schema.is_view
    assert schema.search_columns == ("name",)


def test_the_first_and_the_last_documents_are_looked_at(mongodb: MongodbServer) -> None:
    """So that two processes see the same, and both old and new fields."""
    documents: list[dict[str, Any]] = [{"_id": at} for at in range(3 * DOCUMENTS)]
    documents[0]["old"], documents[-1]["new"] = 1, 2
    documents[DOCUMENTS + DOCUMENTS // 2]["between"] = 3
    schema = schema_of(mongodb, documents)
    assert schema.columns == ("_id", "old", "new")
    assert schema == schema_of(mongodb, documents)


def test_an_empty_collection_has_a_key(mongodb: MongodbServer) -> None:
    """Of the kinds that are usual."""
    schema = schema_of(mongodb, [])
    assert schema.columns == ("_id",)
    assert schema.key_types == (KeyType.OBJECT_ID, KeyType.TEXT)
    assert not schema.id_is_integer


def test_a_validator_adds_what_it_knows(mongodb: MongodbServer) -> None:
    """Also columns that no document has yet."""
    rules = {
        "$jsonSchema": {
            "required": ["plan"],
            "properties": {
                "_id": {"bsonType": "long"}, "plan": {"enum": ["free", "pro"]},
                "at": {"bsonType": "date"},
            },
        }
    }  # fmt: skip
    url = filled(mongodb, [{"_id": Int64(1), "plan": "pro"}], validator=rules)
    schema = read_schema(url, "things")
    assert schema.columns == ("_id", "plan", "at")
    assert schema.column("plan").choices == ("free", "pro")
    assert not schema.column("plan").nullable
    assert schema.column("at").kind is Kind.MOMENT
    empty = read_schema(filled(mongodb, [], validator=rules), "things")
    assert empty.id_is_integer


@pytest.mark.parametrize(
    ("ids", "types"),
    [
        ([1, 2.0, 2**40], (KeyType.NUMBER,)), (["a", "b"], (KeyType.TEXT,)),
        ([OID], (KeyType.OBJECT_ID,)), ([Binary.from_uuid(UUID)], (KeyType.UUID,)),
        (["a", "b", OID], (KeyType.TEXT, KeyType.OBJECT_ID)),
    ],
)  # fmt: skip
def test_the_kinds_of_keys_are_found(
    mongodb: MongodbServer, ids: list[Any], types: tuple[KeyType, ...]
) -> None:
    """The most frequent first."""
    schema = schema_of(mongodb, [{"_id": id} for id in ids])
    assert schema.key_types == types
    assert schema.id_is_integer is (types == (KeyType.NUMBER,))


def test_rare_kinds_between_the_first_and_the_last_are_found(mongodb: MongodbServer) -> None:
    """Since the index has the types one behind the other."""
    documents: list[dict[str, Any]] = [{"_id": at} for at in range(2 * DOCUMENTS)]
    documents += [{"_id": "a text"}, {"_id": {"a": 1}}]
    documents += [{"_id": ObjectId()} for _ in range(2 * DOCUMENTS)]
    schema = schema_of(mongodb, documents)
    assert set(schema.key_types) == {KeyType.NUMBER, KeyType.TEXT, KeyType.OBJECT_ID}
    assert schema.odd_keys == ("documents",)


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ({"a": 1, "b": 2}, "documents as _id"), (1.5, "fractions as _id"),
        (True, "truth values as _id"), (b"abc", "bytes as _id"),
        (Decimal128("1"), "decimals as _id"),
        (Binary(UUID.bytes, 3), "uuidRepresentation=javaLegacy"),
    ],
)  # fmt: skip
def test_keys_that_nobody_can_type_are_refused(
    mongodb: MongodbServer, id: Any, words: str
) -> None:
    """With what to do."""
    with pytest.raises(DatabaseUnavailable, match=words):
        schema_of(mongodb, [{"_id": id, "name": "x"}])


def test_old_uuids_are_keys_where_their_order_is_told(mongodb: MongodbServer) -> None:
    """By the option that the drivers have for it."""
    url = filled(mongodb, [{"_id": Binary(UUID.bytes, 3)}])
    schema = read_schema(f"{url}&uuidRepresentation=pythonLegacy", "things")
    assert schema.key_types == (KeyType.OLD_UUID,)


def test_another_field_can_be_the_key(mongodb: MongodbServer) -> None:
    """It is unique where an index says so, found in any case, and no document or path."""
    documents = [{"_id": {"a": 1}, "code": "x", "sub": {"b": 1}, "a.b": 1, "n": 5}]
    url = filled(mongodb, documents)
    schema = read_schema(url, "things", "CODE")
    assert (schema.id_column, schema.unique) == ("code", False)
    with mongodb.client(url) as client:
        client.get_default_database()["things"].create_index("code", unique=True)
    assert read_schema(url, "things", "code").unique
    assert read_schema(url, "things", "n").id_is_integer
    for name, words in {"nope": "no field 'nope'", "sub": "documents", "a.b": "path"}.items():
        with pytest.raises(DatabaseUnavailable, match=words):
            read_schema(url, "things", name)


def test_a_view_is_one(mongodb: MongodbServer) -> None:
    """Nothing promises that its keys are unique."""
    url = filled(mongodb, [{"_id": 1, "name": "x"}])
    with mongodb.client(url) as client:
        client.get_default_database().command(
            {"create": "seen", "viewOn": "things", "pipeline": [{"$match": {"_id": 1}}]}
        )
    schema = read_schema(url, "SEEN")
    assert (schema.name, schema.is_view, schema.unique) == ("seen", True, False)
    assert STORE.tables(url) == ["seen", "things"]


def test_an_index_without_case_finds_beginnings(mongodb: MongodbServer) -> None:
    """An ordinary one in its own case only, which is not all that one wishes."""
    url = filled(mongodb, [{"_id": 1, "name": "x", "email": "y"}])
    with mongodb.client(url) as client:
        things = client.get_default_database()["things"]
        things.create_index("name", collation={"locale": "en", "strength": 2})
        things.create_index("email")
        things.create_index("email", name="part", partialFilterExpression={"email": "y"})
    schema = read_schema(url, "things")
    assert schema.indexed_columns == ("name",)
    assert schema.prefixes["name"].collation == {"locale": "en", "strength": 2}
    assert schema.prefixes["email"].collation is None
    assert schema.unindexed_columns == ("email",)


def test_a_collection_that_is_not_there_is_named(mongodb: MongodbServer) -> None:
    """With those that are."""
    url = filled(mongodb, [])
    with pytest.raises(DatabaseUnavailable, match="no collection 'users'; its collections: th"):
        read_schema(url, "users")
    with pytest.raises(DatabaseUnavailable, match="no collection"):
        STORE.columns(url, "users")
    assert STORE.columns(url, "Things") == ["_id"]


async def test_it_is_read_beside_a_loop_that_runs(mongodb: MongodbServer) -> None:
    """In the very thread."""
    url = filled(mongodb, [{"_id": 1}])
    assert asyncio.get_running_loop().is_running()
    assert read_schema(url, "things").columns == ("_id",)


def test_wrong_logins_and_hosts_are_told(mongodb: MongodbServer) -> None:
    """Each in a line that says what to do, without the password."""
    wrong = mongodb.url.replace(mongodb.password, "wr0ngwr0ng")
    nobody = f"mongodb://127.0.0.1:{mongodb.port}/shop"
    other = mongodb.url.replace("authSource=admin", "authSource=shop")
    for url, words in {
        wrong: "does not let the user in", other: "authSource=admin", nobody: "wants a login",
        "mongodb://127.0.0.1:1/shop": "is the server running there",
    }.items():  # fmt: skip
        with pytest.raises(DatabaseUnavailable, match=words) as caught:
            STORE.tables(url)
        assert "wr0ngwr0ng" not in str(caught.value)
        assert mongodb.password not in str(caught.value)
