"""Finding records by a text: by an index where there is one, else document by document."""

import asyncio
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from bson.binary import UUID_SUBTYPE, Binary
from bson.objectid import ObjectId

from tui.database.folding import fold, spellings
from tui.database.mongodb.client import Document
from tui.database.mongodb.exchange import SERVER_MS, MongodbExchange
from tui.database.mongodb.found import FoundMatches
from tui.database.mongodb.indexes import beginning, index_statement
from tui.database.mongodb.sample import decoded
from tui.database.mongodb.table_schema import ID, KeyType, MongodbSchema, is_odd
from tui.models import SearchResult
from tui.runtime.plain_text import is_unicode

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

ANSWER_SECONDS: Final = 0.4
"""What the indexes may take: an answer that comes later is of no use to somebody typing."""
AT_ONCE: Final = 200
"""How many documents come in one batch, at first."""
MOST_MATCHES: Final = 1_000
"""How many records a scan may find before the best of them are given."""
LONGEST_TEXT: Final = 200
"""Characters of what is searched for; nobody has a longer name."""
NO_ASCII: Final = "[^\\x00-\\x7f]"
"""Texts in which case and accents are for us to fold."""
HEX: Final = re.compile(r"[0-9a-f]+", re.ASCII)
OBJECT_ID_DIGITS: Final = 24
UUID_DIGITS: Final = 32


class DocumentSearch:
    """The search in a collection, on a connection of its own: it delays no look-up."""

    def __init__(
        self, collection: "AsyncCollection[Document]", exchange: MongodbExchange
    ) -> None:
        """Search through `collection`."""
        self._collection = collection
        self._exchange = exchange

    async def run(
        self, schema: MongodbSchema, text: str, limit: int, seconds: float
    ) -> SearchResult:
        """Return up to `limit` records that hold `text`, the best first; see Rows.search.

        Those that begin with it come first, then those where a word does, then the others.

        Raises:
            DatabaseUnavailable: no answer.
        """
        typed = text.strip()
        needle = fold(typed).strip()
        # Accents alone fold to nothing, and no record can hold what is not Unicode.
        if not needle or not is_unicode(typed) or not schema.search_columns:
            return SearchResult(text)
        found = FoundMatches(schema, needle)
        if len(needle) > LONGEST_TEXT:
            return SearchResult(text)
        complete = await self._by_index(schema, typed, limit, found)
        if complete and len(found.matches) <= limit:
            complete = await self._by_reading(schema, needle, seconds, found)
        best = found.best()
        index = index_statement(schema, schema.unindexed_columns)
        return SearchResult(
            text, best[:limit], len(best) > limit, complete, index=index,
            passed_over=found.passed_over,
        )  # fmt: skip

    async def _by_index(
        self, schema: MongodbSchema, typed: str, limit: int, found: FoundMatches
    ) -> bool:
        """Find what begins with the text, where an index knows; tell whether it all did."""
        queries = list(_beginnings(schema, typed))
        answered = False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if not queries:  # else nobody knows whether a scan is slow, or nobody there
                    await self._exchange.read(self._any, seconds=None)
                    answered = True
                for where, collation in queries:
                    await self._read(
                        schema, where, found, collation=collation, limit=limit + 1,
                        by_key=schema.id_column in where and collation is None,
                    )  # fmt: skip
                    answered = True
                    if len(found.matches) > limit:
                        return True
        except TimeoutError:
            if not answered:
                raise self._exchange.no_answer(ANSWER_SECONDS) from None
            return False
        return True

    async def _any(self) -> None:
        await self._collection.find_one({}, {ID: True}, max_time_ms=SERVER_MS)

    async def _by_reading(
        self, schema: MongodbSchema, needle: str, seconds: float, found: FoundMatches
    ) -> bool:
        """Find where the text stands anywhere, bit by bit; tell whether all was read."""
        pattern = f"{escaped(needle)}|{NO_ASCII}" if needle.isascii() else NO_ASCII
        fields = [name for name in schema.search_columns if not is_odd(name)]
        where = {
            "$or": [{name: {"$regex": pattern, "$options": "i"}} for name in fields] or [{}]
        }
        before = len(found.matches)
        try:
            async with asyncio.timeout(seconds):
                await self._read(schema, where, found, seconds=seconds, limit=0)
        except TimeoutError:
            return False
        return len(found.matches) - before < MOST_MATCHES

    async def _read(
        self,
        schema: MongodbSchema,
        where: Document,
        found: FoundMatches,
        *,
        limit: int,
        seconds: float | None = None,
        collation: Any = None,
        by_key: bool = False,
    ) -> None:
        """Hand documents to `found` as they come."""
        fields = (schema.id_column, *schema.search_columns)
        projection: dict[str, bool] | None = None
        if not any(map(is_odd, fields)):
            projection = {ID: False, **dict.fromkeys(fields, True)}
        most = SERVER_MS if seconds is None else max(SERVER_MS, round(seconds * 1000) + 100)

        async def read() -> None:
            cursor: Any = self._collection.find_raw_batches(
                where, projection, limit=limit, batch_size=AT_ONCE, max_time_ms=most,
                collation=collation,
            )  # fmt: skip
            async with cursor:
                async for batch in cursor:
                    for document, _ in decoded(batch):
                        found.take(document, by_key=by_key)
                    if len(found.matches) > MOST_MATCHES:
                        return
                    await asyncio.sleep(0)  # whoever looks something up comes first

        await self._exchange.read(read, seconds=None)


def escaped(text: str) -> str:
    """Return a pattern that means the text and nothing else. Source: PCRE2, 'pcre2pattern'."""
    return "".join(
        one if one.isalnum() else f"\\x{ord(one):02x}" if one < " " else f"\\{one}"
        for one in text
    )


def _beginnings(schema: MongodbSchema, typed: str) -> Iterator[tuple[Document, Any]]:
    """Give what finds records that begin with a text, with the collation of its index."""
    yield from ((where, None) for where in _key_beginnings(schema, typed))
    for name in schema.search_columns:
        index = schema.prefixes.get(name)
        if index is None:
            continue
        if index.collation is not None:
            # Without accents it stands before all that have some, and sorts with them.
            yield beginning(name, fold(typed), index), dict(index.collation)
            continue
        for spelling in spellings(typed):
            yield beginning(name, spelling, index), None


def _key_beginnings(schema: MongodbSchema, typed: str) -> Iterator[Document]:
    """Give what finds documents by the first digits of their key."""
    digits, key = typed.lower().replace("-", ""), schema.id_column
    if not HEX.fullmatch(digits):
        return
    if KeyType.OBJECT_ID in schema.key_types and len(typed) <= OBJECT_ID_DIGITS:
        first, last = (ObjectId(digits.ljust(OBJECT_ID_DIGITS, one)) for one in "0f")
        yield {key: {"$gte": first, "$lte": last}}
    if KeyType.UUID in schema.key_types and len(digits) <= UUID_DIGITS:
        ends = (bytes.fromhex(digits.ljust(UUID_DIGITS, one)) for one in "0f")
        lowest, highest = (Binary(content, UUID_SUBTYPE) for content in ends)
        yield {key: {"$gte": lowest, "$lte": highest}}
