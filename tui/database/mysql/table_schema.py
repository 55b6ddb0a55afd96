"""A table of MySQL, with what only MySQL says of one."""

from collections.abc import Mapping

from msgspec import Struct, field

from tui.database.mysql.kinds import ColumnType
from tui.models import TableSchema


class Detail(Struct, frozen=True):
    """What is to be known of a column beside what the port says of one."""

    type: ColumnType
    charset: str = ""
    """Its character set; '' where it holds no texts."""
    collation: str = ""
    """By which its texts are compared."""
    srid: int | None = None
    """The spatial reference system that its shapes have to be in."""
    numbered: bool = False
    """Whether the database gives a new row its number there."""


class MysqlSchema(TableSchema, frozen=True, dict=True, kw_only=True):
    """A table, or a view."""

    database: str
    """The database that it is in."""
    table: str
    """Its name there."""
    is_mariadb: bool = False
    details: Mapping[str, Detail] = field(default_factory=dict)
    """By the column's name."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The columns of its unique keys, by the keys' names."""
    touched: str = ""
    """A column that this user may write, other than the key; '' for none."""

    def detail(self, name: str) -> Detail:
        """Return what is known of a column; of one that came later, that it is a text."""
        return self.details.get(name) or UNKNOWN


UNKNOWN = Detail(ColumnType("text"), "utf8mb4", "utf8mb4_bin")


def as_mysql(schema: TableSchema) -> MysqlSchema:
    """Return a schema that was read from MySQL as what it is."""
    assert isinstance(schema, MysqlSchema)  # noqa: S101  # one adapter, one kind
    return schema
