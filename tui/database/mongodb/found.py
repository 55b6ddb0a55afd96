"""What a search has found so far, ranked by how well it matches."""

from collections.abc import Sequence
from typing import Any, Final

from bson.binary import Binary
from bson.objectid import ObjectId

from tui.database.folding import rank
from tui.database.mongodb import keys
from tui.database.mongodb.client import Document
from tui.database.mongodb.table_schema import MongodbSchema
from tui.database.mongodb.values import BsonValues
from tui.models import Key, Match
from tui.runtime.plain_text import is_unicode

LONGEST_SEARCHED: Final = 1 << 16
"""Characters: longer values are passed over, since a search is for names and the like."""
LONGEST_KEPT: Final = 1 << 12
"""Characters that a match keeps of each text."""


class FoundMatches:
    """What a search has found so far."""

    def __init__(self, schema: MongodbSchema, needle: str) -> None:
        """Rank by how well records match the folded `needle`."""
        self.matches: dict[Key, tuple[tuple[int, int], Match]] = {}
        """What was found, by key, with how well it matches and in which column."""
        self.passed_over = 0
        """How many values were too long to be searched."""
        self._schema = schema
        self._needle = needle
        self._values = BsonValues(schema.uuids)

    def take(self, document: Document, *, by_key: bool = False) -> None:
        """Take a document with its key and its searched fields; its key may be what matches."""
        key = keys.shown(self._schema, document.get(self._schema.id_column))
        if key is None:
            return
        texts = [self._text(document.get(name), key, name) for name in self._columns]
        ranks = ((rank(self._needle, text), place) for place, text in enumerate(texts))
        places = [(score, place) for score, place in ranks if score is not None]
        if by_key:
            places.append((0, len(texts) - 1))
        if not places:
            return
        best = min(places)
        if key not in self.matches or best < self.matches[key][0]:
            shown = tuple(text[:LONGEST_KEPT] for text in texts)
            self.matches[key] = (best, Match(key, shown))

    def best(self) -> tuple[Match, ...]:
        """Return the matches: the best first, then by the column, then by the key."""
        ranked = sorted(self.matches.items(), key=lambda item: (item[1][0], item[0]))
        return tuple(match for _, (_, match) in ranked)

    @property
    def _columns(self) -> Sequence[str]:
        return self._schema.search_columns

    def _text(self, value: Any, key: Key, name: str) -> str:
        if name == self._schema.id_column:
            return str(key)
        if isinstance(value, str):
            if len(value) > LONGEST_SEARCHED:
                self.passed_over += 1
                return ""
            return value if is_unicode(value) else value.encode("utf-8", "replace").decode()
        is_short = isinstance(value, ObjectId | Binary)
        scalar = self._values.scalar(value) if is_short else None
        return scalar if type(scalar) is str else ""
