"""A table is opened: a client for look-ups and writes, another for the search."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from tui.database.mongodb.changes import DocumentWriter
from tui.database.mongodb.client import STRICT, close, connect, connected
from tui.database.mongodb.exchange import MongodbExchange
from tui.database.mongodb.reads import DocumentReader
from tui.database.mongodb.search import DocumentSearch
from tui.database.mongodb.table import MongodbTable
from tui.database.mongodb.table_schema import as_mongodb
from tui.database.mongodb.topology import Watch
from tui.database.mongodb.url import taken_apart
from tui.database.port import TableOptions
from tui.models import TableSchema
from tui.runtime.clock import Clock

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient

SEARCHES: Final = 2
"""How many connections the search has: the next one may begin before the last has ended."""


@asynccontextmanager
async def open_table(
    url: str, schema: TableSchema, clock: Clock, options: TableOptions
) -> AsyncIterator[MongodbTable]:
    """Open a collection; close all that was opened, in some seconds at most.

    Who may write reads from the primary, and by an `_id` only from one that most servers take
    for the primary still. A write waits until most servers have it.

    Raises:
        SettingsError: the driver does not take the URL.
        DatabaseUnavailable: nobody knows where its servers are.
    """
    place = taken_apart(url)
    described = as_mongodb(schema)
    async with AsyncExitStack() as stack:
        client = connected(place)
        stack.push_async_callback(close, client)
        aside = connected(place, SEARCHES)
        stack.push_async_callback(close, aside)
        await connect(client, place)
        await connect(aside, place)
        watch = Watch(client, read_only=options.read_only)
        exchange = MongodbExchange(watch, place, options.faults)
        collection = _collection(client, place.database, schema.name)
        reader = DocumentReader(
            collection, exchange, watch,
            linearizable=not options.read_only, max_value=options.max_value,
        )  # fmt: skip
        writer = None
        if not options.read_only:
            primary = collection.with_options(
                read_preference=ReadPreference.PRIMARY,
                write_concern=WriteConcern("majority"),
            )
            writer = DocumentWriter(primary, exchange)
        searched = _collection(aside, place.database, schema.name)
        beside = MongodbExchange(
            Watch(aside, read_only=options.read_only), place, options.faults
        )
        yield MongodbTable(
            reader, writer, DocumentSearch(searched, beside), watch, described, clock
        )


def _collection(client: "AsyncMongoClient[dict[str, Any]]", database: str, name: str) -> Any:
    return client.get_database(database).get_collection(
        name, codec_options=STRICT, read_concern=ReadConcern("local")
    )
