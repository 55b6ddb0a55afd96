"""The collections of the promises (tests/contract/tables.py), and others of a test's own."""

import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from contract.tables import ROWS, Place
from mongodb_server import MongodbServer
from msgspec.structs import replace

from tui.database.mongodb.store import STORE
from tui.database.mongodb.table import MongodbTable
from tui.database.port import KEYSTROKE_SECONDS, Table, TableOptions
from tui.database.registry import store_of
from tui.models import Caveat, Key, Record, Scalar, SearchResult, TableSchema
from tui.models.columns import Kind
from tui.runtime.clock import SystemClock

KEY = "_id"
PEOPLE = [{KEY: key, "name": row["name"], "city": row["city"]} for key, row in ROWS.items()]
THINGS = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": [KEY],
        "properties": {
            KEY: {"bsonType": ["int", "long"]},
            "integer": {"bsonType": ["long", "int", "null"]},
            "decimal": {"bsonType": ["decimal", "null"]},
            "float": {"bsonType": ["double", "null"]},
            "boolean": {"bsonType": ["bool", "null"]},
            "moment": {"bsonType": ["date", "null"]},
            "bytes": {"bsonType": ["binData", "null"]},
            "json": {"bsonType": ["object", "array", "string", "null"]},
            "text": {"bsonType": ["string", "null"]},
            "enum": {"enum": ["gold", "silver", None]},
            "unknown": {},
        },
    }
}
"""A field of each kind that a validator can declare: uuids are bytes to it."""
TYPED = {Kind.MOMENT: ("2026-06-30 12:30:00+00:00", "1999-12-31 23:59:59.123+00:00")}
"""What is typed: a date of BSON is in UTC, and has milliseconds."""


def new_database(server: MongodbServer) -> str:
    """Return the address of a database with the collections `people` and `things`."""
    url = server.new_database(f"promises_{secrets.token_hex(4)}")
    with server.client(url) as client:
        database = client.get_default_database()
        database["people"].insert_many(PEOPLE)
        database.create_collection("things", validator=THINGS)
        database["things"].insert_one({KEY: 1})
    return url


@asynccontextmanager
async def opened(
    server: MongodbServer, name: str = "people", *, read_only: bool = False
) -> AsyncIterator[Place]:
    """Open a collection twice; the second one writes in any case.

    The key, which MongoDB calls `_id`, is called `id`, as the promises have it.
    """
    url = new_database(server)
    store = store_of(url)
    async with AsyncExitStack() as stack:
        tables = []
        for options in (TableOptions(read_only), TableOptions()):
            schema = store.read_schema(url, name, None, read_only=options.read_only)
            opening = store.open(url, schema, SystemClock(), options)
            tables.append(WithId(await stack.enter_async_context(opening)))
        table, other = tables
        yield Place(table, other, TYPED)


def filled(server: MongodbServer, documents: Sequence[Mapping[str, Any]], **more: Any) -> str:
    """Return the address of a database whose collection `things` has these documents.

    `more` is what the collection is created with.
    """
    url = server.new_database(f"filled_{secrets.token_hex(4)}")
    with server.client(url) as client:
        database = client.get_default_database()
        database.create_collection("things", **more)
        if documents:
            database["things"].insert_many(map(dict, documents))
    return url


@asynccontextmanager
async def table_at(
    url: str,
    name: str = "things",
    id_column: str | None = None,
    **options: Any,
) -> AsyncIterator[MongodbTable]:
    """Open a collection that is there, as TableOptions say."""
    schema = STORE.read_schema(url, name, id_column, read_only=False)
    async with STORE.open(url, schema, SystemClock(), TableOptions(**options)) as table:
        assert isinstance(table, MongodbTable)
        yield table


class WithId:
    """A table whose key column is called `id`; all else is as it is."""

    def __init__(self, table: Table) -> None:
        """Call the key of `table` so."""
        self._table = table

    @property
    def schema(self) -> TableSchema:
        """The schema, with the key's other name."""
        schema = self._table.schema
        described = {_outer(name): replace(column, name=_outer(name))
                     for name, column in schema.described.items()}  # fmt: skip
        return replace(
            schema, id_column="id", columns=tuple(map(_outer, schema.columns)),
            described=described,
        )  # fmt: skip

    @property
    def caveats(self) -> Sequence[Caveat]:
        """Those of the table."""
        return self._table.caveats

    async def find(self, id: Key) -> Record | None:
        """Return a record."""
        return _renamed(await self._table.find(id))

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change a record."""
        wanted = None if expected is None else _inner(expected)
        return _renamed(await self._table.update(id, _inner(changes), expected=wanted))

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a record."""
        key, added = await self._table.insert(_inner(record))
        return key, _renamed(added) or {}

    async def delete(self, id: Key) -> bool:
        """Remove a record."""
        return await self._table.delete(id)

    async def touch(self, id: Key) -> bool:
        """Write a record as it is."""
        return await self._table.touch(id)

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> Mapping[Key, Sequence[Record]]:
        """Return some rows."""
        return _all_renamed(await self._table.find_part(ids, columns))

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> Mapping[Key, Sequence[Record]]:
        """Return all rows with these keys."""
        return _all_renamed(await self._table.find_many(ids, columns))

    async def first_keys(self, limit: int) -> list[Key]:
        """Return the first keys."""
        return await self._table.first_keys(limit)

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Search."""
        return await self._table.search(text, limit, seconds=seconds)


def _outer(name: str) -> str:
    return "id" if name == KEY else name


def _renamed(record: Record | None) -> Record | None:
    return None if record is None else {_outer(name): value for name, value in record.items()}


def _inner(values: Mapping[str, Any]) -> dict[str, Any]:
    return {KEY if name == "id" else name: value for name, value in values.items()}


def _all_renamed(
    found: Mapping[Key, Sequence[Record]],
) -> dict[Key, Sequence[Record]]:
    return {id: [_renamed(row) or {} for row in rows] for id, rows in found.items()}
