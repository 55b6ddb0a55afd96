"""Changes of one document, each in one command that nobody else's change can get into."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from pymongo import ReturnDocument

from tui.database.mongodb import keys
from tui.database.mongodb.client import LENIENT, Document
from tui.database.mongodb.exact import is_as_read
from tui.database.mongodb.exchange import SERVER_MS, MongodbExchange
from tui.database.mongodb.shell import call
from tui.database.mongodb.table_schema import ID, KeyType, MongodbSchema, is_odd
from tui.database.mongodb.written import Writing
from tui.models import Scalar
from tui.runtime.errors import ChangeRefused

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

SIMPLE: Final = {"locale": "simple"}
"""The collation that compares texts byte by byte."""
TOUCH: Final[list[Document]] = [{"$replaceWith": "$$ROOT"}]
"""Makes a document what it is."""


class DocumentChange(Struct, frozen=True):
    """One command that changes a document."""

    where: Document
    """Which document, in which state."""
    update: Document | list[Document]
    """What becomes of it."""
    collation: Document | None
    """How its texts are compared; None as the collection has it."""
    shown: str
    """The same, as one would type it."""


class DocumentWriter:
    """Writes into one collection; the driver waits until most servers have what it wrote."""

    def __init__(
        self, collection: "AsyncCollection[Document]", exchange: MongodbExchange
    ) -> None:
        """Write into `collection`, whose write concern is `majority`."""
        self._collection = collection.with_options(codec_options=LENIENT)
        self._exchange = exchange

    async def update(self, change: DocumentChange, *, whole: bool) -> Document | None:
        """Make a change; return the document as it is then, None where there is none as told.

        If not `whole`, with its key alone: it may be too long.

        Raises:
            ChangeRefused: the collection does not allow it.
            DatabaseUnavailable: no answer; so of all that follow.
        """
        return await self._exchange.write(
            lambda: self._collection.find_one_and_update(
                change.where, change.update, None if whole else {ID: True},
                return_document=ReturnDocument.AFTER, collation=change.collation,
                maxTimeMS=SERVER_MS,
            )
        )  # fmt: skip

    async def touch(self, where: Document) -> bool:
        """Write a document as it is; tell whether it was there."""
        found = await self._exchange.write(
            lambda: self._collection.find_one_and_update(
                where, TOUCH, {ID: True}, maxTimeMS=SERVER_MS
            )
        )
        return found is not None

    async def insert(self, document: Document) -> None:
        """Add a document."""
        await self._exchange.write(lambda: self._collection.insert_one(document))

    async def delete(self, where: Document) -> bool:
        """Remove a document; tell whether it was there."""
        found = await self._exchange.write(
            lambda: self._collection.find_one_and_delete(where, {ID: True}, maxTimeMS=SERVER_MS)
        )
        return found is not None


def update_of(
    schema: MongodbSchema,
    document: Document,
    changes: Mapping[str, Scalar],
    expected: Sequence[str] | None,
    writing: Writing,
) -> DocumentChange:
    """Return the command that changes a document which was just read.

    With `expected` it does so only while these fields are to the letter as they were read.

    Raises:
        ChangeRefused: a field does not take what it is to hold.
    """
    values = {
        name: writing.stored(value, schema.column(name), document.get(name))
        for name, value in changes.items()
    }
    id = document[ID]
    # An index in the collection's own order finds texts by that order alone.
    simple = schema.is_collated and not isinstance(id, str)
    held = [] if expected is None else list(expected)
    if schema.is_collated or schema.id_column != ID:
        held = [*held, *({ID, schema.id_column} - set(held))]
    conditions = is_as_read(document, held, collated=schema.is_collated and not simple)
    where: Document = {ID: id}
    if conditions:
        where["$expr"] = {"$and": conditions}
    shown = {ID: id, **{name: document.get(name) for name in held}}
    return DocumentChange(
        where,
        _set(values),
        SIMPLE if simple else None,
        call(schema.name, "findOneAndUpdate", shown, {"$set": values}),
    )


def where_document(schema: MongodbSchema, document: Document) -> Document:
    """Return what finds a document that was just read, as long as its key is the same."""
    where: Document = {ID: document[ID]}
    held = [ID] if schema.id_column == ID else [ID, schema.id_column]
    if schema.is_collated or len(held) > 1:
        conditions = is_as_read(document, held, collated=schema.is_collated)
        where["$expr"] = {"$and": conditions}
    return where


def document_of(
    schema: MongodbSchema, record: Mapping[str, Scalar], writing: Writing
) -> Document:
    """Return a new document.

    Raises:
        ChangeRefused: a field does not take what it is to hold, or the key is missing.
    """
    odd = next((name for name in record if not name or name[0] == "$"), None)
    if odd is not None:
        raise ChangeRefused(f"column {odd!r} cannot be written: MongoDB gives it a meaning")
    document: Document = {}
    key = schema.id_column
    if record.get(key) is not None:
        document[key] = keys.new(schema, record[key])
        if document[key] is None:
            raise ChangeRefused(f"column {key!r}: {keys.impossible(schema)}")
    elif key != ID or schema.key_types[0] is not KeyType.OBJECT_ID:
        raise ChangeRefused(f"column {key!r} is the key of a new record: name it")
    for name, value in record.items():
        if name != key:
            document[name] = writing.stored(value, schema.column(name))
    return document


def _set(values: Mapping[str, Any]) -> Document | list[Document]:
    """Return what sets fields, whatever their names."""
    if not any(map(is_odd, values)):
        return {"$set": dict(values)}
    stages: list[Document] = []
    for name, value in values.items():
        field = {"field": {"$literal": name}, "input": "$$ROOT", "value": {"$literal": value}}
        stages.append({"$replaceWith": {"$setField": field}})
    return stages
