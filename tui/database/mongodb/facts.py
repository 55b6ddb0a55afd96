"""What can be found out about a server and a collection without changing it, in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bson.errors import BSONError
from pymongo.errors import OperationFailure, PyMongoError

from tui.database.mongodb import failures, indexes
from tui.database.mongodb.client import Document, sync_connected
from tui.database.mongodb.schema import schema_in
from tui.database.mongodb.table_schema import MongodbSchema
from tui.database.mongodb.topology import caveats_of
from tui.database.mongodb.url import MongodbUrl, taken_apart
from tui.models import Caveat
from tui.runtime.errors import DatabaseUnavailable, HitmissError, SettingsError
from tui.runtime.plain_text import plain

if TYPE_CHECKING:
    from pymongo import MongoClient
    from pymongo.database import Database

ASKED_MS: Final = 1_000
LOOPBACK: Final = ("localhost", "127.", "[::1]", "%2F", "%2f")
"""How hosts begin between which and us nobody can listen."""
WRITING: Final = frozenset({"insert", "update", "remove"})
"""The actions that change documents. Source: MongoDB manual, 'Privilege Actions'."""
MAY_WRITE: Final = frozenset({"readWrite", "readWriteAnyDatabase", "dbOwner", "root"})
"""The roles of MongoDB's own that may change documents."""
MAY_READ: Final = frozenset({"read", "readAnyDatabase"})
PER_SERVER: Final = {
    "Single": "one server", "Sharded": "a sharded cluster",
    "ReplicaSetWithPrimary": "a replica set", "ReplicaSetNoPrimary": "a replica set",
    "LoadBalanced": "a sharded cluster",
}  # fmt: skip


@dataclass(slots=True)
class CollectionFacts:
    """What a server and its collection are; None is what was not found out."""

    place: str
    """Hosts and database, as they may be shown."""
    troubles: dict[str, str] = field(default_factory=dict)
    """What went wrong with the server, the collection or its documents."""
    version: str | None = None
    topology: str | None = None
    """What it is part of, in words."""
    product: str = ""
    """What it calls itself where it is none of MongoDB's own."""
    user: str = ""
    roles: tuple[str, ...] = ()
    may_write: bool | None = None
    tls: bool = False
    tls_unchecked: bool = False
    """Whether any certificate is taken."""
    is_local: bool = False
    caveats: tuple[Caveat, ...] = ()
    schema: MongodbSchema | None = None
    key_is_indexed: bool = False
    rows: int | None = None
    """How many documents there are, about."""


def examine(url: str, table: str, id_column: str | None) -> CollectionFacts:
    """Look at the server and the collection; what goes wrong is among the facts."""
    try:
        place = taken_apart(url)
    except SettingsError as error:
        return CollectionFacts("", {"server": str(error)})
    facts = CollectionFacts(f"{place.hosts}/{place.database}")
    _look_at_url(place, facts)
    stage = "server"
    try:
        with sync_connected(place) as client:
            _look_at_server(client, facts)
            database = client[place.database]
            _look_at_user(database, facts)
            stage = "collection"
            facts.schema = schema_in(database, place, table, id_column)
            stage = "documents"
            _look_at_documents(database, facts.schema, facts)
    except HitmissError as error:
        facts.troubles[stage] = str(error)
    return facts


def _look_at_url(place: MongodbUrl, facts: CollectionFacts) -> None:
    words = {"true", "1"}
    told = (place.option("tls") or place.option("ssl") or "").lower()
    facts.tls = told in words or (place.scheme == "mongodb+srv" and told not in {"false", "0"})
    loose = ("tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "tlsInsecure")
    facts.tls_unchecked = any((place.option(one) or "").lower() in words for one in loose)
    hosts = place.hosts.split(",")
    facts.is_local = all(host.startswith(LOOPBACK) for host in hosts)


def _look_at_server(client: "MongoClient[Document]", facts: CollectionFacts) -> None:
    told = client.admin.command("hello", maxTimeMS=ASKED_MS)
    seen = client.topology_description
    facts.topology = PER_SERVER.get(seen.topology_type_name, seen.topology_type_name)
    if told.get("setName"):
        facts.topology = f"replica set {plain(str(told['setName']), 60)}"
    facts.caveats = caveats_of(client, seen)
    built: Mapping[str, Any] = client.admin.command("buildInfo", maxTimeMS=ASKED_MS)
    facts.version = plain(str(built.get("version", "?")), 40)
    foreign = next((one for one in built if one.lower().endswith("version")), "version")
    if foreign.lower() not in {"version", "maxwireversion"}:
        facts.product = plain(f"{foreign} {built[foreign]}", 60)


def _look_at_user(database: "Database[Document]", facts: CollectionFacts) -> None:
    try:
        told = database.command("connectionStatus", showPrivileges=True, maxTimeMS=ASKED_MS)
    except OperationFailure:
        return
    known = told.get("authInfo") or {}
    users = known.get("authenticatedUsers") or ()
    facts.user = ", ".join(plain(str(one.get("user")), 60) for one in users)
    roles = known.get("authenticatedUserRoles") or ()
    facts.roles = tuple(plain(f"{one.get('role')} on {one.get('db')}", 80) for one in roles)
    if not users:
        facts.may_write = True  # a server without users lets everybody do everything
        return
    privileges = known.get("authenticatedUserPrivileges") or ()
    facts.may_write = any(
        _is_about(one.get("resource") or {}, database.name)
        and not WRITING.isdisjoint(one.get("actions") or ())
        for one in privileges
    )
    if not privileges:  # then its roles have to tell
        named = {one.get("role") for one in roles}
        only_read = named <= MAY_READ
        facts.may_write = False if only_read else bool(named & MAY_WRITE) or None


def _is_about(resource: Mapping[str, Any], database: str) -> bool:
    return bool(resource.get("anyResource")) or resource.get("db") in {"", database}


def _look_at_documents(
    database: "Database[Document]", schema: MongodbSchema, facts: CollectionFacts
) -> None:
    collection = database[schema.name]
    listed = [] if schema.is_view else indexes.indexes_of(collection)
    facts.key_is_indexed = not schema.is_view and indexes.is_indexed(listed, schema.id_column)
    if schema.is_view:  # whose documents would all have to be made
        return
    try:
        facts.rows = collection.estimated_document_count(maxTimeMS=ASKED_MS)
    except (PyMongoError, BSONError) as error:
        raise DatabaseUnavailable(failures.words_of(error)) from error
