"""Finding records by a text: by an index where there is one, else row by row for a while."""

import asyncio

from tui.database.folding import fold, rank
from tui.database.sql.dialect import Dialect
from tui.database.sql.keys import key_of
from tui.database.sql.query import Row, Streams
from tui.models import Key, Match, SearchResult, TableSchema
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.plain_text import is_unicode

ANSWER_SECONDS = 0.4
"""What the indexes may take: an answer that comes later is of no use to somebody typing."""
LONGEST_SEARCHED = 1 << 12
"""Characters: of a longer value the beginning is searched, since a search is for names."""
MOST_MATCHES = 1_000
"""How many records a scan may find before the best of them are given."""
WAIT_SECONDS = 2.0
"""How long a search waits for a database that gives no answer at all."""


class SqlSearch:
    """The search in a table, on connections of its own."""

    def __init__(self, reader: Streams, dialect: Dialect) -> None:
        """Search through `reader`, in statements of `dialect`."""
        self._reader = reader
        self._dialect = dialect

    async def run(
        self, schema: TableSchema, text: str, limit: int, seconds: float
    ) -> SearchResult:
        """Return up to `limit` records that hold `text`, the best first; see Rows.search.

        Those that begin with it come first, then those where a word does, then the others.

        Raises:
            DatabaseUnavailable: no answer.
        """
        typed = text.strip()
        needle = fold(typed).strip()
        # Accents alone fold to nothing, and no record can hold what is not Unicode.
        if not needle or not is_unicode(typed) or "\0" in typed or not schema.search_columns:
            return SearchResult(text)
        await self._connect()
        found = MatchCollector(schema, needle)
        complete = await self._by_index(schema, typed, limit, found)
        if complete and len(found.matches) <= limit:
            complete = await self._by_reading(schema, needle, seconds, found)
        best = found.best()
        index = self._dialect.index(schema, schema.unindexed_columns)
        return SearchResult(text, best[:limit], len(best) > limit, complete, index=index)

    async def _connect(self) -> None:
        """Wait for a connection, which to a server far away takes longer than a search may."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._reader.connect()
        except TimeoutError:
            raise DatabaseUnavailable(
                f"the database did not answer within {WAIT_SECONDS:g} s"
            ) from None

    async def _by_index(
        self, schema: TableSchema, typed: str, limit: int, found: "MatchCollector"
    ) -> bool:
        """Find what begins with the text, where an index knows; tell whether it all did."""
        answered = not schema.indexed_columns
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                for column in schema.indexed_columns:
                    for query in self._dialect.prefix(
                        schema, column, typed, limit + 1, LONGEST_SEARCHED
                    ):
                        for row in await self._reader.read(query):
                            found.take(row)
                        answered = True
                        if len(found.matches) > limit:
                            return True
        except TimeoutError:
            if not answered:
                raise DatabaseUnavailable(
                    f"the database did not answer within {ANSWER_SECONDS:g} s"
                ) from None
            return False
        return True

    async def _by_reading(
        self, schema: TableSchema, needle: str, seconds: float, found: "MatchCollector"
    ) -> bool:
        """Find where the text stands anywhere, row by row; tell whether all rows were read."""
        query = self._dialect.scan(schema, needle, MOST_MATCHES + 1, LONGEST_SEARCHED)
        before = found.taken
        try:
            async with asyncio.timeout(seconds):
                await self._reader.stream(query, found.take)
        except TimeoutError:
            return False
        return found.taken - before <= MOST_MATCHES


class MatchCollector:
    """What a search has found so far."""

    def __init__(self, schema: TableSchema, needle: str) -> None:
        """Rank by how well records match the folded `needle`."""
        self.matches: dict[Key, tuple[tuple[int, int], Match]] = {}
        """What was found, by key, with how well it matches and in which column."""
        self.taken = 0
        """How many rows came."""
        self._needle = needle
        self._integer = schema.id_is_integer

    def take(self, row: Row) -> None:
        """Take a row: its key, then its searched columns."""
        self.taken += 1
        key = key_of(row[0], integer=self._integer)
        if not isinstance(key, int if self._integer else str):
            return
        texts = tuple("" if value is None else str(value) for value in row[1:])
        ranks = ((rank(self._needle, text), place) for place, text in enumerate(texts))
        places = [(score, place) for score, place in ranks if score is not None]
        if not places:
            return
        best = min(places)
        if key not in self.matches or best < self.matches[key][0]:
            self.matches[key] = (best, Match(key, texts))

    def best(self) -> tuple[Match, ...]:
        """Return the matches: the best first, then by the column, then by the key."""
        ranked = sorted(self.matches.items(), key=lambda item: (item[1][0], item[0]))
        return tuple(match for _, (_, match) in ranked)
