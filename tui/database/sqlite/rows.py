"""Rows by their keys: one in a hurry, many in parts that are not too long."""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from tui.database.sqlite.careful import Bounded, RowByParts, as_key
from tui.database.sqlite.connection import Connection, TooSlow
from tui.database.sqlite.failures import OrderUnknown, TooLong
from tui.database.sqlite.sql import quoted
from tui.database.sqlite.table_schema import all_columns
from tui.models import Key, Scalar, TableSchema
from tui.models.spelling import spellings

if TYPE_CHECKING:
    import sqlite3

Row: TypeAlias = "sqlite3.Row | dict[str, Any]"
"""A row as SQLite gives it; or by its columns, where it was read by parts."""
Found = TypeVar("Found")
MOST_KEYS = 500
"""How many keys are asked for at once."""
MOST_SPELLED = 100
"""How many of them when each may be spelled in several ways."""
QUICK_SECONDS = 0.5
"""In how much time keys are read of which more may be asked for the next time."""


class RowReader:
    """The rows of a table, of which no more is read at once than `longest` bytes of text."""

    def __init__(self, connection: Connection, longest: int) -> None:
        """Read through `connection`, whose own bound is `bound_of(...)` of that."""
        self._connection = connection
        self._longest = longest
        self._at_once = MOST_KEYS
        self._scan = False
        """Whether keys are compared row by row: nobody knows the order that the index has."""

    async def of_key(self, schema: TableSchema, id: Key, few: str) -> list[Any]:
        """Return the rows with that key, `few` of them: '' or a limit as SQL has it.

        Raises:
            DatabaseUnavailable: as for SqliteTable.find; so of all that follow.
        """
        where, bound = self._where(schema, id)
        sql = f"SELECT {all_columns(schema)} FROM {quoted(schema.name)} {where}{few}"
        try:
            return await self._connection.read(sql, bound)
        except TooLong:
            return await self._in_any_order(
                lambda: self._by_parts(schema, schema.columns, *self._where(schema, id))
            )
        except OrderUnknown:
            if self._scan:
                raise
        return await self._row_by_row(lambda: self.of_key(schema, id, few))

    async def of_spellings(
        self, schema: TableSchema, spelled: Sequence[str | bytes]
    ) -> list[Any]:
        """Return the rows, two at most, with one of those keys."""
        key = f"+{place(schema)} COLLATE BINARY" if self._scan else place(schema)
        where = f"WHERE {key} IN ({', '.join('?' * len(spelled))})"
        sql = f"SELECT {all_columns(schema)} FROM {quoted(schema.name)} {where} LIMIT 2"
        try:
            return await self._connection.read(sql, spelled)
        except TooLong:
            return await self._by_parts(schema, schema.columns, where, spelled)

    async def of_part(
        self, schema: TableSchema, ids: Sequence[Key], columns: Sequence[str] | None
    ) -> dict[Key, list[Any]]:
        """Return the rows of the first of those keys.

        The fewer at once, the longer they were of late, and the longer it took.
        """
        while True:
            began = time.monotonic()
            part = list(ids[: self._at_once])
            try:
                found = await self._of_all(schema, part, columns)
            except (TooLong, TooSlow):
                if len(part) == 1:
                    raise
                self._at_once = max(1, len(part) // 8)
                continue
            if time.monotonic() - began < QUICK_SECONDS:
                self._at_once = min(MOST_KEYS, self._at_once * 2)
            return found

    async def first_keys(self, schema: TableSchema, limit: int) -> list[Key]:
        """Return up to `limit` keys, the lowest where an index has their order."""

        async def read() -> list[Key]:
            order = f"ORDER BY {place(schema)}" if schema.unique and not self._scan else ""
            rows = await self._connection.read(
                f"SELECT {place(schema)} FROM {quoted(schema.name)}"
                f" WHERE {place(schema)} IS NOT NULL {order} LIMIT ?",
                (limit,),
            )
            return [cast("Key", as_key(row[0])) for row in rows]

        return await self._in_any_order(read)

    async def _of_all(
        self, schema: TableSchema, ids: Sequence[Key], columns: Sequence[str] | None
    ) -> dict[Key, list[Any]]:
        found: dict[Key, list[Any]] = {id: [] for id in ids}
        for key, row in await self._with_keys(schema, ids, columns):
            if key in found:
                found[key].append(row)
        missing = [id for id, rows in found.items() if not rows]
        if missing and not schema.id_is_integer:
            stored = await self._in_any_order(lambda: self._alike(schema, missing))
            if stored:
                for key, row in await self._with_keys(schema, list(stored), columns):
                    for id in stored.get(key, ()):
                        found[id].append(row)
        return found

    async def _with_keys(
        self, schema: TableSchema, keys: Sequence[Any], columns: Sequence[str] | None
    ) -> list[tuple[Any, Any]]:
        """Return the rows with those keys, as they are stored, and each row's key before it."""
        names = schema.columns if columns is None else columns
        table = quoted(schema.name)
        listed = ", ".join(f"{table}.{quoted(n)} AS {quoted(n)}" for n in names)
        if columns is None:
            listed = all_columns(schema)

        look = partial(self._connection.check_place, "nothing was compared")

        async def read() -> list[tuple[Any, Any]]:
            key = f"+{place(schema)} COLLATE BINARY" if self._scan else place(schema)
            where = f"WHERE {key} IN ({', '.join('?' * len(keys))})"
            bound = max(1, self._longest // (len(keys) * len(names)))
            try:
                rows = await self._connection.read(
                    Bounded(f"SELECT {listed} FROM {table} {where}", keys, bound, look), ()
                )
            except TooLong:
                if len(keys) > 1:
                    raise
                rows = await self._by_parts(schema, names, where, keys)
                return [(keys[0], row) for row in rows]
            return [(row[schema.id_column], row) for row in rows]

        return await self._in_any_order(read)

    async def _alike(
        self, schema: TableSchema, ids: Sequence[Key]
    ) -> dict[Scalar | bytes, list[Key]]:
        """Return the stored keys that the column takes for one of `ids`, or that are its kin.

        Those are other spellings of the same uuid, and bytes for their hex digits.
        """
        pairs = [(id, other) for id in ids for other in (id, *spellings(str(id)))]
        exactly = " COLLATE BINARY" if self._scan else ""
        wanted = quoted(f"keys wanted of {schema.name}")  # another name than the table's
        found: dict[Scalar | bytes, list[Key]] = {}
        for start in range(0, len(pairs), MOST_SPELLED):
            some = pairs[start : start + MOST_SPELLED]
            rows = await self._connection.read(
                f"SELECT {wanted}.column1, {place(schema)}"
                f" FROM (VALUES {', '.join(['(?, ?)'] * len(some))}) AS {wanted}"
                f" JOIN {quoted(schema.name)}"
                f" ON {'+' * self._scan}{place(schema)} = {wanted}.column2{exactly}",
                [value for pair in some for value in pair],
            )
            for id, key in rows:
                if id not in found.setdefault(key, []):
                    found[key].append(id)
        return found

    async def _by_parts(
        self, schema: TableSchema, columns: Sequence[str], where: str, bound: Sequence[Any]
    ) -> list[Any]:
        return await self._connection.read(
            RowByParts(schema.name, columns, schema.id_column, where, bound, self._longest), ()
        )

    def _where(self, schema: TableSchema, id: Key) -> tuple[str, tuple[Key, ...]]:
        if self._scan and isinstance(id, str):
            return f"WHERE +{place(schema)} = ? COLLATE BINARY", (id,)
        return where_key(schema, id)

    async def _in_any_order(self, read: Callable[[], Awaitable[Found]]) -> Found:
        """Read, and once more row by row if it takes an order that only another program has."""
        try:
            return await read()
        except OrderUnknown:
            if self._scan:
                raise
        return await self._row_by_row(read)

    async def _row_by_row(self, read: Callable[[], Awaitable[Found]]) -> Found:
        self._scan = True
        try:
            return await read()
        except OrderUnknown:  # it is not for the key
            self._scan = False
            raise


def bound_of(schema: TableSchema, longest: int) -> int:
    """Return how long a value may be that is read in a hurry, in bytes.

    All of a row are then no longer than `longest` together.
    """
    return max(1, longest // max(1, len(schema.columns)))


def place(schema: TableSchema) -> str:
    """Return the key column as SQL has it.

    Qualified, since SQLite takes an unknown "name" alone for a text.
    """
    return f"{quoted(schema.name)}.{quoted(schema.id_column)}"


def where_key(schema: TableSchema, id: Key) -> tuple[str, tuple[Key, ...]]:
    """Return the condition for one record, with what is bound to it."""
    if isinstance(id, int):
        return f"WHERE {place(schema)} = ?", (id,)
    # The first condition is the one that an index serves, in the column's collation.
    # Where that takes `A` for `a`, the second keeps the two keys apart, as the cache does.
    return f"WHERE {place(schema)} = ? AND {place(schema)} = ? COLLATE BINARY", (id, id)
