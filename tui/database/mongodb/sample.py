"""The documents that tell what a collection holds: the first and the last, a bounded number."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import bson
from bson.errors import InvalidBSON
from pymongo.errors import OperationFailure

from tui.database.mongodb.client import LENIENT, STRICT, Document
from tui.database.mongodb.failures import TOO_LATE
from tui.database.mongodb.table_schema import ID
from tui.database.mongodb.values import named

if TYPE_CHECKING:
    from pymongo.collection import Collection

DOCUMENTS: Final = 100
"""So many at each end, by `_id`; as many are seen by every process that asks."""
AT_ONCE: Final = 20
MOST_BYTES: Final = 4 << 20
"""At each end, about."""
SECONDS: Final = 1.0
"""At each end, on the server and here."""


def sampled(collection: "Collection[Document]", *, ordered: bool) -> list[Document]:
    """Return some documents: the first and the last by `_id`, or any where that has no index.

    Those that cannot be read are left out.

    Raises:
        PyMongoError: it cannot be read.
    """
    if not ordered:
        return list(_some(collection, None))
    first = list(_some(collection, 1))
    if len(first) < DOCUMENTS:
        return first
    return [*first, *reversed(list(_some(collection, -1)))]


def decoded(batch: bytes) -> Iterator[tuple[Document, bool]]:
    """Give the documents of a batch; whether texts of each are perhaps no Unicode.

    One that cannot be read costs itself, and is left out.
    """
    try:
        yield from ((document, False) for document in bson.decode_all(batch, STRICT))
    except InvalidBSON:
        yield from _one_by_one(batch)


def parts_of(batch: bytes) -> Iterator[bytes]:
    """Give the documents of a batch as the bytes that they are."""
    at = 0
    while at + 5 <= len(batch):
        size = int.from_bytes(batch[at : at + 4], "little")
        if size < 5 or at + size > len(batch):
            return
        yield batch[at : at + size]
        at += size


def _one_by_one(batch: bytes) -> Iterator[tuple[Document, bool]]:
    for part in parts_of(batch):
        try:
            yield bson.decode(part, LENIENT), True
        except (InvalidBSON, RecursionError):
            continue


def _some(collection: "Collection[Document]", direction: int | None) -> Iterator[Document]:
    """Give up to DOCUMENTS documents, in bounded time and bytes."""
    order: Sequence[tuple[str, int]] | None = None if direction is None else [(ID, direction)]
    most = 2 * DOCUMENTS if direction is None else DOCUMENTS
    end, size, count = time.monotonic() + SECONDS, 0, 0
    cursor = collection.find_raw_batches(
        sort=order, limit=most, batch_size=AT_ONCE, max_time_ms=round(SECONDS * 1000)
    )
    with cursor:
        batches = iter(cursor)
        while True:
            try:
                batch: Any = next(batches, None)
            except OperationFailure as error:
                if error.code != TOO_LATE:
                    raise
                return  # a slow view: what was found so far has to do
            if batch is None:
                return
            size += len(batch)
            for document, lenient in decoded(batch):
                yield dict(named(document)) if lenient else document
                count += 1
            if size > MOST_BYTES or count >= most or time.monotonic() > end:
                return
