"""The statements about one table, as MySQL and MariaDB have them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from tui.database.mysql import reading, searching, writing
from tui.database.mysql.literals import shown
from tui.database.mysql.query import MysqlQuery
from tui.database.mysql.table_schema import as_mysql
from tui.database.sql.query import Query, SqlChange
from tui.models import Key, Record, Scalar, TableSchema

SHAPE: Final = """
SELECT CONCAT_WS(':', COUNT(*), SUM(facts), BIT_XOR(facts)) FROM (
  SELECT CRC32(CONCAT_WS(' ', ordinal_position, column_name, column_type, collation_name,
    extra, column_key)) AS facts
  FROM information_schema.columns WHERE table_schema = ? AND table_name = ?
) AS described
"""


class MysqlDialect:
    """Makes the statements about a table; see Dialect."""

    def __init__(self) -> None:
        """Make them for any table."""
        self._find: reading.Find | None = None

    def find(self, schema: TableSchema, id: Key, longest: int) -> Query:
        """Return the query for the rows with exactly that key, two at most."""
        return self._finding(schema, longest).query(id)

    def spelled(
        self, schema: TableSchema, others: Sequence[str | bytes], longest: int
    ) -> Query:
        """Return the query for the rows, two at most, with one of those keys."""
        return reading.spelled(as_mysql(schema), others, longest)

    def part(
        self,
        schema: TableSchema,
        ids: Sequence[Key | bytes],
        columns: Sequence[str],
        longest: int,
    ) -> Query:
        """Return the query for these columns of the rows with one of those keys."""
        return reading.part(as_mysql(schema), ids, columns, longest)

    def first_keys(self, schema: TableSchema, limit: int) -> Query:
        """Return the query for `limit` keys, the lowest where an index has their order."""
        return reading.first_keys(as_mysql(schema), limit)

    def touch(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that writes a column with the value that it has."""
        return writing.touch(as_mysql(schema), id)

    def update(
        self,
        schema: TableSchema,
        id: Key,
        changes: Mapping[str, Scalar],
        expected: Record | None,
        longest: int,
    ) -> SqlChange:
        """Return the change of the one row with that key, where it is still as `expected`."""
        return writing.update(self._finding(schema, longest), id, changes, expected)

    def insert(
        self, schema: TableSchema, record: Mapping[str, Scalar], longest: int
    ) -> SqlChange:
        """Return the change that adds a record."""
        return writing.insert(self._finding(schema, longest), record)

    def delete(self, schema: TableSchema, id: Key) -> SqlChange:
        """Return the change that removes the one row with that key."""
        return writing.delete(as_mysql(schema), id)

    def shape(self, schema: TableSchema) -> Query:
        """Return the query for one text that is another when the table's columns are."""
        its = as_mysql(schema)
        return MysqlQuery(SHAPE, (its.database, its.table), often=True)

    def prefix(
        self, schema: TableSchema, column: str, typed: str, limit: int, longest: int
    ) -> Sequence[Query]:
        """Return the queries for rows whose column begins with `typed`, by its index."""
        return searching.prefix(as_mysql(schema), column, typed, limit, longest)

    def scan(self, schema: TableSchema, needle: str, limit: int, longest: int) -> Query:
        """Return the query for rows in which the folded text stands anywhere."""
        return searching.scan(as_mysql(schema), needle, limit, longest)

    def index(self, schema: TableSchema, columns: Collection[str]) -> str:
        """Return the statement that makes the indexes which a search wants; '' for none."""
        return searching.index(as_mysql(schema), columns)

    def literal(self, value: Scalar) -> str:
        """Return a value as a person would type it."""
        return shown(value)

    def _finding(self, schema: TableSchema, longest: int) -> reading.Find:
        find = self._find
        if find is None or find.schema is not schema or find.longest != longest:
            find = self._find = reading.find_of(as_mysql(schema), longest)
        return find
