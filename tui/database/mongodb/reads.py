"""Documents by their keys: one in a hurry, many in parts that are not too long."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bson.errors import InvalidBSON
from msgspec import Struct
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from tui.database.mongodb import keys
from tui.database.mongodb.bounded import cut, pipeline_of
from tui.database.mongodb.client import LENIENT, Document
from tui.database.mongodb.exact import is_text
from tui.database.mongodb.exchange import SERVER_MS, MongodbExchange
from tui.database.mongodb.failures import (
    NO_LINEARIZABLE,
    OperationStopped,
    OperationTooSlow,
    TooMuch,
)
from tui.database.mongodb.sample import decoded
from tui.database.mongodb.table_schema import ID, MongodbSchema, is_odd
from tui.database.mongodb.topology import Watch
from tui.models import Key

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

MOST_KEYS: Final = 1_000
"""How many keys are asked for at once."""
FIRST_KEYS: Final = 200
"""How many at first: it grows while answers come quickly."""
QUICK_SECONDS, SLOW_SECONDS = 0.03, 0.4
MOST_TWINS: Final = 100
"""How many documents are read that have one key, where nothing keeps keys unique."""
WHOLE: Final = 16 << 20
"""Bytes: no document is longer, so nothing has to be cut from this limit on."""
MOST_AT_ONCE: Final = 32 << 20
"""Bytes of one answer's documents that are taken into memory."""


class FoundDocument(Struct, frozen=True, gc=False):
    """A document as it came."""

    document: Document
    lenient: bool = False
    """Whether its texts are perhaps no Unicode."""


class DocumentReader:
    """Reads one collection."""

    def __init__(
        self,
        collection: "AsyncCollection[Document]",
        exchange: MongodbExchange,
        watch: Watch,
        *,
        linearizable: bool,
        max_value: int,
    ) -> None:
        """Read `collection`: of one document no more than about `max_value` bytes.

        Where it is to be `linearizable`, a look-up by a unique key has the primary make sure
        that it still is one.
        """
        self._collection = collection
        self._lenient = collection.with_options(codec_options=LENIENT)
        self._confirmed = collection.with_options(read_concern=ReadConcern("linearizable"))
        self._exchange = exchange
        self._watch = watch
        self._linearizable = linearizable
        self._most = max_value
        self._bounded = max_value < WHOLE
        self._at_once = FIRST_KEYS

    async def of_key(
        self, schema: MongodbSchema, values: Sequence[Any], *, confirmed: bool
    ) -> list[FoundDocument]:
        """Return the documents, two at most, that have one of these as their key.

        Raises:
            DatabaseUnavailable: no answer; so of all that follow.
        """
        where = where_key(schema, values)
        one = schema.unique and len(values) == 1
        confirmed = confirmed and one and self._linearizable
        return await self._exchange.read(lambda: self._of_key(where, one, confirmed))

    async def of_part(
        self, schema: MongodbSchema, ids: Sequence[Key], names: Sequence[str] | None
    ) -> tuple[int, list[FoundDocument]]:
        """Return how many of the first keys were asked for, and the documents that have them.

        The fewer at once, the longer they were of late, and the longer it took.
        """
        projection = _projection(schema, names)
        while True:
            began = time.monotonic()
            part = list(ids[: self._at_once])
            values = [value for id in part for value in keys.stored(schema, id)]
            if not values:
                return len(part), []
            try:
                found = await self._exchange.read(
                    partial(self._of_all, schema, values, projection, some=len(part) > 1)
                )
            except (TooMuch, OperationTooSlow) as error:
                self._at_once = max(1, len(part) // 8)
                # Where no answer came at all, a shorter question would wait as long.
                if len(part) == 1 or not isinstance(error, TooMuch | OperationStopped):
                    raise
                continue
            seconds = time.monotonic() - began
            if seconds < QUICK_SECONDS:
                self._at_once = min(MOST_KEYS, self._at_once * 2)
            elif seconds > SLOW_SECONDS:
                self._at_once = max(1, self._at_once // 2)
            return len(part), found

    async def first_keys(
        self, schema: MongodbSchema, limit: int, *, ordered: bool
    ) -> list[Any]:
        """Return what up to `limit` documents have as their key: the lowest, if `ordered`."""
        key = schema.id_column
        where: Document = {} if key == ID else {key: {"$ne": None}}
        projection = {key: True} if key == ID else {key: True, ID: False}

        async def read() -> list[Any]:
            cursor = self._lenient.find(
                where, projection, limit=limit, max_time_ms=SERVER_MS,
                sort=[(key, 1)] if ordered else None,
            )  # fmt: skip
            async with cursor:
                return [document.get(key) async for document in cursor]

        return await self._exchange.read(read)

    async def _of_key(self, where: Document, one: bool, confirmed: bool) -> list[FoundDocument]:
        if confirmed and self._linearizable and self._watch.may_be_linearizable:
            try:
                return await self._strictly(self._confirmed, where, one)
            except OperationFailure as error:
                if error.code not in NO_LINEARIZABLE:
                    raise
                self._linearizable = False
        return await self._strictly(self._collection, where, one)

    async def _strictly(
        self, collection: "AsyncCollection[Document]", where: Document, one: bool
    ) -> list[FoundDocument]:
        """Read documents whose texts are UTF-8; where one's are not, once more."""
        try:
            return await self._read(collection, where, one)
        except InvalidBSON:
            lenient = collection.with_options(codec_options=LENIENT)
        return [FoundDocument(f.document, True) for f in await self._read(lenient, where, one)]

    async def _read(
        self, collection: "AsyncCollection[Document]", where: Document, one: bool
    ) -> list[FoundDocument]:
        if self._bounded:
            stages: list[Document] = [{"$match": where}, {"$limit": 2}]
            stages += pipeline_of(self._most)
            cursor = await collection.aggregate(stages, maxTimeMS=SERVER_MS)
            async with cursor:
                return [FoundDocument(cut(document)) async for document in cursor]
        if one:
            document = await collection.find_one(where, max_time_ms=SERVER_MS)
            return [] if document is None else [FoundDocument(document)]
        documents = collection.find(where, limit=-2, max_time_ms=SERVER_MS)
        async with documents:
            return [FoundDocument(document) async for document in documents]

    async def _of_all(
        self,
        schema: MongodbSchema,
        values: Sequence[Any],
        projection: Mapping[str, bool] | None,
        *,
        some: bool,
    ) -> list[FoundDocument]:
        """Return the documents of these keys, as long as they are not too many bytes."""
        where = where_key(schema, values)
        most = 0 if schema.unique else len(values) * MOST_TWINS
        size = len(values) + 1
        if self._bounded:
            stages: list[Document] = [{"$match": where}, *([{"$limit": most}] if most else ())]
            if projection:
                stages.append({"$project": projection})
            share = max(1, self._most // len(values))
            raw: Any = await self._collection.aggregate_raw_batches(
                [*stages, *pipeline_of(share)], batchSize=size, maxTimeMS=SERVER_MS
            )
        else:
            raw = self._collection.find_raw_batches(
                where, projection, limit=most, batch_size=size, max_time_ms=SERVER_MS
            )
        found: list[FoundDocument] = []
        taken = 0
        async with raw:
            async for batch in raw:
                taken += len(batch)
                if taken > MOST_AT_ONCE and some:
                    raise TooMuch("the documents are too long to be read at once")
                found += [
                    FoundDocument(document, lenient) for document, lenient in decoded(batch)
                ]
        return (
            [FoundDocument(cut(f.document), f.lenient) for f in found]
            if self._bounded
            else found
        )


def where_key(schema: MongodbSchema, values: Sequence[Any]) -> Document:
    """Return what finds the documents with one of these keys, and no others.

    A field that holds an array counts as each of its elements to MongoDB, and a collection's
    own order may take `A` for `a`.
    """
    key = schema.id_column
    condition: Document = {"$eq": values[0]} if len(values) == 1 else {"$in": list(values)}
    where: Document = {key: values[0] if len(values) == 1 and key == ID else condition}
    if key != ID:
        where[key] = {**condition, "$not": {"$type": "array"}}
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == 1 and not schema.unique and (schema.folds_case or schema.is_collated):
        # Those that only seem alike are not to take the place of the one that is.
        other = {"$ne": [{"$type": f"${key}"}, "string"]}
        where["$expr"] = {"$or": [other, is_text(f"${key}", texts[0])]}
    return where


def _projection(
    schema: MongodbSchema, names: Sequence[str] | None
) -> Mapping[str, bool] | None:
    """Return what of the documents is to be sent; None for all of it.

    A name that MongoDB takes for a path cannot be asked for.
    """
    if names is None or any(map(is_odd, names)):
        return None
    projection = dict.fromkeys((*names, schema.id_column), True)
    return projection if ID in projection else {**projection, ID: False}
