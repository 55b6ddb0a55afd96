"""Many rows by their keys: in parts that are neither too long nor too slow."""

import time
from collections.abc import Sequence

from tui.database.sql.connections import StatementTooSlow
from tui.database.sql.dialect import Dialect
from tui.database.sql.keys import cannot_be, is_that, key_of, others
from tui.database.sql.query import Reads, Row
from tui.database.sql.records import record_of
from tui.models import Key, Record, Scalar, TableSchema
from tui.models.spelling import canonical

MOST_KEYS = 500
"""How many keys are asked for at once."""
MOST_SPELLED = 100
"""How many other spellings of keys are asked for at once."""
QUICK_SECONDS = 0.5
"""In how much time keys are read of which more may be asked for the next time."""
SHORTEST = 4096
"""Bytes: a value that is no longer is always read along with the others'."""
FEW = 8
"""So many records with long values are read one by one before fewer are read at once."""


class BatchReader:
    """The rows of a table, of which about `longest` bytes are held at once."""

    def __init__(self, reader: Reads, dialect: Dialect, longest: int) -> None:
        """Read through `reader` what `dialect` asks."""
        self._reader = reader
        self._dialect = dialect
        self._longest = longest
        self._at_once = MOST_KEYS

    async def of_part(
        self, schema: TableSchema, ids: Sequence[Key], columns: Sequence[str]
    ) -> dict[Key, list[Record]]:
        """Return the rows of the first of those keys, as `Rows.find_part` has it.

        The fewer at once, the longer they were of late, and the longer it took.

        Raises:
            DatabaseUnavailable: no answer.
        """
        while True:
            began = time.monotonic()
            part = list(ids[: self._at_once])
            try:
                found = await self._of_all(schema, part, columns)
            except StatementTooSlow:
                if len(part) == 1:
                    raise
                self._at_once = max(1, len(part) // 8)
                continue
            if time.monotonic() - began < QUICK_SECONDS:
                self._at_once = min(MOST_KEYS, self._at_once * 2)
            return found

    async def _of_all(
        self, schema: TableSchema, ids: Sequence[Key], columns: Sequence[str]
    ) -> dict[Key, list[Record]]:
        found: dict[Key, list[Record]] = {id: [] for id in ids}
        asked = [id for id in found if cannot_be(schema, id) is None]
        records = await self._records(schema, asked, columns)
        for key, record in records:
            if key in found:
                found[key].append(record)  # type: ignore[index]  # it is one of them
        missing = [id for id in asked if not found[id]]
        if missing and not schema.id_is_integer:
            _give_to(schema, missing, records, found)
            missing = [id for id in missing if not found[id]]
            _give_to(schema, missing, await self._spelled(schema, missing, columns), found)
        return found

    async def _spelled(
        self, schema: TableSchema, ids: Sequence[Key], columns: Sequence[str]
    ) -> list[tuple[Scalar, Record]]:
        """Return the rows that have one of these keys in another spelling."""
        spelled = [other for id in ids for other in others(schema, id)]
        found: list[tuple[Scalar, Record]] = []
        for start in range(0, len(spelled), MOST_SPELLED):
            some = spelled[start : start + MOST_SPELLED]
            found += await self._records(schema, some, columns)
        return found

    async def _records(
        self, schema: TableSchema, ids: Sequence[Key | bytes], columns: Sequence[str]
    ) -> list[tuple[Scalar, Record]]:
        """Return the rows with one of those keys, with what each has for a key."""
        if not ids:
            return []
        share = max(SHORTEST, self._longest // (len(ids) * len(columns)))
        rows = await self._reader.read(self._dialect.part(schema, ids, columns, share))
        place, integer = columns.index(schema.id_column), schema.id_is_integer
        long: list[Row] = []
        found: list[tuple[Scalar, Record]] = []
        for row in rows:
            if row[-1] and len(ids) > 1:
                long.append(row)
                continue
            key = row[place]
            if type(key) is not int:
                key = key_of(key, integer=integer)
            found.append((key, record_of(schema, columns, row)))
        if len(long) > FEW:
            self._at_once = max(1, len(ids) // 8)
        alone = dict.fromkeys(key_of(row[place], integer=integer) for row in long)
        for key in alone:
            if isinstance(key, int | str):
                found += await self._records(schema, [key], columns)
        return found


def _give_to(
    schema: TableSchema,
    missing: Sequence[Key],
    alike: Sequence[tuple[Scalar, Record]],
    found: dict[Key, list[Record]],
) -> None:
    """Give the rows that have a key in another spelling to those who asked for it."""
    folded: dict[str, list[Record]] = {}
    for key, record in alike:
        folded.setdefault(_folded(str(key)), []).append(record)
    for id in missing:
        for record in folded.get(_folded(str(id)), ()):
            key = key_of(record[schema.id_column], integer=False)
            if is_that(schema, id, key) or (schema.folds_case and _is_alike(id, key)):
                found[id].append(record)


def _folded(key: str) -> str:
    return canonical(key).casefold().rstrip(" ")


def _is_alike(id: Key, key: Scalar) -> bool:
    """Tell whether two keys are the same but for the case of their letters."""
    return canonical(str(id)).casefold() == canonical(str(key)).casefold()
