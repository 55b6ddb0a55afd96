"""How one database spells what all of them are asked."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from tui.database.sql.query import Query, SqlChange
from tui.models import Key, Record, Scalar, TableSchema


class Dialect(Protocol):
    """Makes the statements about one table; it runs none.

    Every SELECT list has the named columns in their order, and one value more: which of them
    were too long to be read, as `0:20000000,3:17000000` (place and bytes); '' or NULL for none.
    Such a value is NULL in its own place, and was not sent.
    """

    def find(self, schema: TableSchema, id: Key, longest: int) -> Query:
        """Return the query for the rows with exactly that key, two at most.

        No value of more than `longest` bytes is sent, so everywhere here.
        """
        ...

    def spelled(
        self, schema: TableSchema, others: Sequence[str | bytes], longest: int
    ) -> Query:
        """Return the query for the rows, two at most, with one of those keys."""
        ...

    def part(
        self,
        schema: TableSchema,
        ids: Sequence[Key | bytes],
        columns: Sequence[str],
        longest: int,
    ) -> Query:
        """Return the query for these columns of the rows with one of those keys.

        More rows may come than have exactly one of the keys; what comes has its own.
        """
        ...

    def first_keys(self, schema: TableSchema, limit: int) -> Query:
        """Return the query for `limit` keys, the lowest where an index has their order."""
        ...

    def touch(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that writes a column with the value that it has."""
        ...

    def update(
        self,
        schema: TableSchema,
        id: Key,
        changes: Mapping[str, Scalar],
        expected: Record | None,
        longest: int,
    ) -> SqlChange:
        """Return the change of the one row with that key, where it is still as `expected`."""
        ...

    def insert(
        self, schema: TableSchema, record: Mapping[str, Scalar], longest: int
    ) -> SqlChange:
        """Return the change that adds a record."""
        ...

    def delete(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that removes the one row with that key."""
        ...

    def shape(self, schema: TableSchema) -> Query:
        """Return the query for one text that is another when the table's columns are."""
        ...

    def prefix(
        self, schema: TableSchema, column: str, typed: str, limit: int, longest: int
    ) -> Sequence[Query]:
        """Return the queries for rows whose column begins with `typed`, for an index to serve.

        They select the key and the searched columns, each cut after `longest` characters.
        """
        ...

    def scan(self, schema: TableSchema, needle: str, limit: int, longest: int) -> Query:
        """Return the query for the same of rows in which the folded text stands anywhere."""
        ...

    def index(self, schema: TableSchema, columns: Collection[str]) -> str:
        """Return the statement that makes the index which such a search wants; '' for none."""
        ...

    def literal(self, value: Scalar) -> str:
        """Return a value as a person would type it."""
        ...
