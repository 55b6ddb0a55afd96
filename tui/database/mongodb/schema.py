"""A collection's columns and its key, as documents, validator and indexes tell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from pymongo.errors import OperationFailure

from tui.database.mongodb import indexes
from tui.database.mongodb.client import Document, sync_connected
from tui.database.mongodb.described import column_of, searched_of
from tui.database.mongodb.documents import MOST_COLUMNS
from tui.database.mongodb.failures import UNAUTHORIZED
from tui.database.mongodb.key_types import check_key, key_types
from tui.database.mongodb.keys import type_of
from tui.database.mongodb.sample import sampled
from tui.database.mongodb.table_schema import (
    ID,
    KeyType,
    MongodbSchema,
    PrefixIndex,
    is_odd,
)
from tui.database.mongodb.url import MongodbUrl, taken_apart
from tui.database.mongodb.uuids import order_of
from tui.database.mongodb.validator import Rules, rules_of
from tui.database.mongodb.values import BsonValues
from tui.models.columns import Column
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.plain_text import is_unicode, plain

if TYPE_CHECKING:
    from pymongo.collection import Collection
    from pymongo.database import Database

INTERNAL: Final = "system."
MOST_NAMED: Final = 12
"""How many names an error lists."""
ASKED_MS: Final = 1_000
SHARDED: Final = frozenset({"Sharded", "LoadBalanced"})


class DescribedCollection(Struct, frozen=True):
    """What the server itself says of a collection."""

    name: str
    kind: str = "collection"
    options: Mapping[str, Any] = {}

    @property
    def is_view(self) -> bool:
        """Whether it is made of another collection."""
        return self.kind == "view"


def read_schema(url: str, table: str, id_column: str | None = None) -> MongodbSchema:
    """Return a collection's columns and key; changes nothing, and takes some seconds at most.

    Raises:
        DatabaseUnavailable: it cannot be read, there is no such collection or field, or its
            keys are none that hitmiss can look up.
    """
    place = taken_apart(url)
    with sync_connected(place) as client:
        return schema_in(client[place.database], place, table, id_column)


def read_tables(url: str) -> list[str]:
    """Return the names of collections and views.

    Raises:
        DatabaseUnavailable: they cannot be read.
    """
    place = taken_apart(url)
    with sync_connected(place) as client:
        return _names(client[place.database])


def read_columns(url: str, table: str) -> list[str]:
    """Return the names of the fields that documents of a collection have.

    Raises:
        DatabaseUnavailable: they cannot be read, or there is no such collection.
    """
    place = taken_apart(url)
    with sync_connected(place) as client:
        database = client[place.database]
        described = find_collection(database, place, table)
        documents = sampled(database[described.name], ordered=described.kind == "collection")
        values = BsonValues(order_of(place.option("uuidRepresentation")))
        return list(columns_of(documents, rules_of(described.options), values))


def schema_in(
    database: "Database[Document]", place: MongodbUrl, table: str, id_column: str | None
) -> MongodbSchema:
    """Return the schema of a collection of `database`; see `read_schema`.

    Raises:
        PyMongoError, DatabaseUnavailable: as there.
    """
    described = find_collection(database, place, table)
    collection = database[described.name]
    is_ordinary = described.kind == "collection"
    documents = sampled(collection, ordered=is_ordinary)
    order = order_of(place.option("uuidRepresentation"))
    rules = rules_of(described.options)
    columns = columns_of(documents, rules, BsonValues(order))
    key = _key(described.name, columns, id_column)
    if columns[key].nested:  # arrays and documents are no keys, whatever else they are
        columns[key] = column_of(
            key, filter(type_of, (one.get(key) for one in documents)), BsonValues(order)
        )
    types, odd = key_types(collection, key, documents, columns[key], ordered=is_ordinary)
    check_key(described.name, key, types, odd, order)
    listed = [] if described.is_view else indexes.indexes_of(collection)
    integer = types == (KeyType.NUMBER,)
    search = searched_of([column for name, column in columns.items() if name != key])
    search = search if integer else (*search, key)
    prefixes, indexed = _prefixes(collection, listed, search, key)
    collation = described.options.get("collation") or {}
    return MongodbSchema(
        is_open=True,
        name=described.name,
        id_column=key,
        id_is_integer=integer,
        columns=tuple(columns),
        search_columns=search,
        indexed_columns=indexed,
        described=columns,
        unique=_is_unique(collection, described, key, listed),
        is_view=described.is_view,
        folds_case=_folds(collation, listed, key),
        key_types=types,
        odd_keys=odd,
        uuids=order,
        is_collated=collation.get("locale", "simple") != "simple",
        prefixes=prefixes,
        has_validator=rules.properties != {},
        is_series=described.kind == "timeseries",
    )


def find_collection(
    database: "Database[Document]", place: MongodbUrl, table: str
) -> DescribedCollection:
    """Return a collection as the server describes it, found as it is spelled, else in any case.

    Raises:
        DatabaseUnavailable: there is no such collection.
    """
    names = _names(database)
    alike = [name for name in names if name.casefold() == table.casefold()]
    if not alike:
        listed = ", ".join(plain(name, 60) for name in names[:MOST_NAMED]) or "none"
        raise DatabaseUnavailable(
            f"database {place.database!r} has no collection {plain(table, 60)!r}; its"
            f" collections: {listed}; name one with --table"
        )
    name = table if table in alike else alike[0]
    try:
        for one in database.list_collections(filter={"name": name}):
            return DescribedCollection(
                name, str(one.get("type", "collection")), one.get("options") or {}
            )
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
    return DescribedCollection(name)


def columns_of(
    documents: Sequence[Document], rules: Rules, values: BsonValues
) -> dict[str, Column]:
    """Return the columns of documents, the key first, then in the order in which they came."""
    found: dict[str, list[Any]] = {ID: []}
    for document in documents:
        for name, value in document.items():
            if name in found or len(found) < MOST_COLUMNS:
                found.setdefault(name, []).append(value)
    columns = {
        name: rules.column(name, column_of(name, seen, values)) for name, seen in found.items()
    }
    for name in rules.properties:
        if name not in columns and len(columns) < MOST_COLUMNS and is_unicode(name):
            columns[name] = rules.column(name, None)
    if not found[ID]:
        columns[ID] = rules.column(ID, None)
    return columns


def _names(database: "Database[Document]") -> list[str]:
    listed = database.list_collection_names(authorizedCollections=True)
    return sorted(name for name in listed if not name.startswith(INTERNAL))


def _key(table: str, columns: Mapping[str, Column], id_column: str | None) -> str:
    if id_column is None:
        return ID
    alike = [name for name in columns if name.casefold() == id_column.casefold()]
    if not alike:
        listed = ", ".join(plain(name, 60) for name in list(columns)[: 2 * MOST_NAMED])
        raise DatabaseUnavailable(
            f"collection {table!r} has no field {plain(id_column, 60)!r} (--id-column) in the"
            f" documents that were looked at; they have {listed}"
        )
    name = id_column if id_column in alike else alike[0]
    if is_odd(name):
        raise DatabaseUnavailable(
            f"field {plain(name, 60)!r} cannot be the key (--id-column): MongoDB takes such a"
            " name for a path"
        )
    return name


def _is_unique(
    collection: "Collection[Document]",
    described: DescribedCollection,
    key: str,
    listed: Iterable[Mapping[str, Any]],
) -> bool:
    """Tell whether nobody can add a second document with the same key."""
    if described.kind != "collection":
        return False
    if _is_sharded(collection):  # each shard has a unique index of its own
        return False
    return key == ID or indexes.is_unique(listed, key)


def _is_sharded(collection: "Collection[Document]") -> bool:
    client = collection.database.client
    if client.topology_description.topology_type_name not in SHARDED:
        return False
    try:
        told = collection.database.command("collStats", collection.name, maxTimeMS=ASKED_MS)
    except OperationFailure:
        return True
    return bool(told.get("sharded"))


def _folds(collation: Mapping[str, Any], listed: Iterable[Mapping[str, Any]], key: str) -> bool:
    own = (one.get("collation") for one in listed if list(one.get("key", ())) == [key])
    return indexes.folds(collation) or any(map(indexes.folds, own))


def _prefixes(
    collection: "Collection[Document]",
    listed: Sequence[Mapping[str, Any]],
    search: Sequence[str],
    key: str,
) -> tuple[dict[str, PrefixIndex], tuple[str, ...]]:
    """Return the indexes that find beginnings, and the columns of which they do in any case.

    Of `_id` nobody can make another index, so nothing is to be wished there.
    """
    prefixes: dict[str, PrefixIndex] = {}
    indexed: list[str] = []
    for field in search:
        found = None if is_odd(field) else indexes.prefix_index(listed, field)
        if found is None or not indexes.is_used(collection, field, found[0]):
            if field == ID == key:
                indexed.append(field)
            continue
        prefixes[field] = found[0]
        if found[1] or field == ID:
            indexed.append(field)
    return prefixes, tuple(indexed)
