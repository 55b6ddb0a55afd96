"""A table over a database that is altered meanwhile, told by hand."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import pytest
from fakes import ManualClock, settle

from tui.database.sql import table as tables
from tui.database.sql.failures import SchemaChanged
from tui.database.sql.query import Changed, Query, Row, SqlChange
from tui.database.sql.search import SqlSearch
from tui.database.sql.table import SqlTable
from tui.models import Key, Record, Scalar, TableSchema
from tui.models.columns import Column, Kind
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused, DatabaseUnavailable


def schema(*columns: str) -> TableSchema:
    """Return a table with a number for a key, and these columns of texts."""
    described = {name: Column(name, Kind.TEXT) for name in columns}
    return TableSchema(
        "t", "id", True, ("id", *columns),
        described={"id": Column("id", Kind.INTEGER), **described},
    )  # fmt: skip


class PlainDialect:
    """Spells what is asked in a few words."""

    def find(self, schema: TableSchema, id: Key, longest: int) -> Query:
        """Name the columns."""
        return Query(f"find {','.join(schema.columns)}", (id,))

    def spelled(
        self, schema: TableSchema, others: Sequence[str | bytes], longest: int
    ) -> Query:
        """Ask for other spellings."""
        return Query("spelled")

    def part(
        self,
        schema: TableSchema,
        ids: Sequence[Key | bytes],
        columns: Sequence[str],
        longest: int,
    ) -> Query:
        """Name the columns."""
        return Query(f"part {','.join(columns)}", (list(ids),))  # type: ignore[arg-type]

    def first_keys(self, schema: TableSchema, limit: int) -> Query:
        """Ask for keys."""
        return Query(f"keys {schema.id_column}")

    def touch(self, schema: TableSchema, id: Key) -> SqlChange:
        """Touch it."""
        return SqlChange(Query("touch"))

    def update(
        self,
        schema: TableSchema,
        id: Key,
        changes: Mapping[str, Scalar],
        expected: Record | None,
        longest: int,
    ) -> SqlChange:
        """Name what is changed."""
        return SqlChange(Query(f"update {','.join(changes)} of {','.join(schema.columns)}"))

    def insert(
        self, schema: TableSchema, record: Mapping[str, Scalar], longest: int
    ) -> SqlChange:
        """Name what is given."""
        return SqlChange(Query(f"insert {','.join(record)}"))

    def delete(self, schema: TableSchema, id: Key) -> SqlChange:
        """Remove it."""
        return SqlChange(Query("delete"))

    def shape(self, schema: TableSchema) -> Query:
        """Ask for the columns."""
        return Query("shape")

    def prefix(
        self, schema: TableSchema, column: str, typed: str, limit: int, longest: int
    ) -> Sequence[Query]:
        """Ask nothing."""
        return []

    def scan(self, schema: TableSchema, needle: str, limit: int, longest: int) -> Query:
        """Search."""
        return Query("scan")

    def index(self, schema: TableSchema, columns: Collection[str]) -> str:
        """Know of none."""
        return ""

    def literal(self, value: Scalar) -> str:
        """Return it as it is."""
        return str(value)


class Database:
    """A table with one record, whose columns a test changes."""

    def __init__(self, *columns: str) -> None:
        """Begin with these columns."""
        self.schema = schema(*columns)
        self.gate: asyncio.Event | None = None
        self.asked: list[str] = []

    async def read(self, query: Query) -> list[Row]:
        """Answer with what each column is called, as long as there are those."""
        self.asked.append(query.sql)
        word, _, named = query.sql.partition(" ")
        if word == "shape":
            return [(",".join(self.schema.columns),)]
        columns = named.split(",")
        rows = [(*(1 if name in {"id", "key"} else f"its {name}" for name in columns), None)]
        if not set(columns) <= set(self.schema.columns):
            raise SchemaChanged("other columns")
        if self.gate is not None:
            await self.gate.wait()
        return [*rows]

    async def change(self, change: SqlChange) -> Changed:
        """Answer, as long as there are those columns."""
        self.asked.append(change.query.sql)
        names = change.query.sql.split(" ")[1].split(",")
        if not set(names) <= set(self.schema.columns):
            raise SchemaChanged("other columns")
        values = (1 if name == "id" else f"its {name}" for name in self.schema.columns)
        return Changed(1, [(*values, None)])

    async def stream(self, query: Query, take: object) -> None:
        """Find nothing."""

    async def connect(self) -> None:
        """Need no connection."""

    async def read_schema(self) -> TableSchema:
        """Return what it is by now."""
        if not self.schema.described:
            raise DatabaseUnavailable("there is no such table")
        return self.schema

    def table(self, shape: str | None = None) -> SqlTable:
        """Return it, opened."""
        dialect = PlainDialect()
        return SqlTable(
            self, self, SqlSearch(self, dialect), dialect, self.schema, ManualClock(),
            caveats=list, read_schema=self.read_schema, shape=shape,
        )  # fmt: skip


async def test_rows_are_understood_with_the_columns_that_were_asked_for() -> None:
    """Whatever others have learnt of the table while the answer was under way."""
    database = Database("a", "b")
    table = database.table()
    gate = database.gate = asyncio.Event()
    slow = asyncio.ensure_future(table.find(1))
    await settle()
    database.gate = None
    database.schema = schema("b", "c")
    assert await table.find(1) == {"id": 1, "b": "its b", "c": "its c"}
    gate.set()
    assert await slow == {"id": 1, "a": "its a", "b": "its b"}


async def test_a_change_of_a_column_that_is_gone() -> None:
    """It is refused, and what there is by now is said."""
    database = Database("a", "b")
    table = database.table()
    database.schema = schema("b")
    with pytest.raises(ChangeRefused, match="no column 'a'; there are id, b"):
        await table.update(1, {"a": "x"})
    with pytest.raises(ChangeRefused, match="no column 'a'"):
        await table.insert({"a": "x"})
    assert database.asked == ["update a of id,a,b"]
    assert table.schema.columns == ("id", "b")


async def test_a_change_of_what_was_shown_with_a_column_that_is_gone() -> None:
    """The record is no longer as it was."""
    database = Database("a", "b")
    table = database.table()
    before = await table.find(1)
    database.schema = schema("b")
    database.schema = TableSchema("t", "id", True, ())
    with pytest.raises(DatabaseUnavailable):
        await table.find(1)
    database.schema = schema("b")
    await table.find(1)
    with pytest.raises(ChangedMeanwhile):
        await table.update(1, {"b": "x"}, expected=before)


async def test_columns_that_come_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since the shape is another than when the columns were read; by whoever asks first."""
    monkeypatch.setattr(tables, "SHAPE_SECONDS", 0.0)
    database = Database("a")
    for ask in ("find", "find_many"):
        table = database.table("id,a")
        database.schema = schema("a", "b")
        wanted = {"id": 1, "a": "its a", "b": "its b"}
        if ask == "find":
            assert await table.find(1) == wanted
        else:
            assert await table.find_many([1]) == {1: [wanted]}
        database.schema = schema("a")


async def test_keys_of_a_table_that_changed() -> None:
    """They are asked for with what it is by now."""
    database = Database("a")
    table = database.table()
    database.schema = TableSchema(
        "t", "key", True, ("key",), described={"key": Column("key", Kind.INTEGER)}
    )
    assert await table.first_keys(5) == [1]
    assert database.asked == ["keys id", "keys key"]
