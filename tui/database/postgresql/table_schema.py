"""A table of PostgreSQL, with what only PostgreSQL says of one."""

from collections.abc import Mapping

from msgspec import field

from tui.models import TableSchema


class PostgresqlSchema(TableSchema, frozen=True, dict=True, kw_only=True):
    """A table, a view or whatever else can be selected from."""

    namespace: str
    """The schema that it is in."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Of each column the base type's own name: `int8`, `citext`."""
    key_type: str = ""
    """The key column's type, as a cast has it."""
    key_folds: bool = False
    """Whether the key column takes other texts for the same: each has to be looked at."""
    limited: frozenset[str] = frozenset()
    """The columns whose values may be too long to be read unasked."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """How the beginning of an indexed column is asked for: see `dialect.FORMS`."""
    nondeterministic: frozenset[str] = frozenset()
    """The columns whose collation takes other texts for the same: before 18 none for LIKE."""
    encoding: str = "UTF8"
    """In what the database keeps texts, in the server's word."""
    normalizes: bool = True
    """Whether the server takes accents off texts, for the search."""
    checks_texts: bool = False
    """Whether the server tells, before it is one, if a text can be a value of a type."""
    kind: str = "r"
    """`pg_class.relkind`: r table, p partitioned, v view, m materialized view, f foreign."""
    shape: str = ""
    """What tells the table from one with other columns: see `Dialect.shape`."""
    touched: str = ""
    """A column that this user may write, other than the key; '' for none."""


def as_postgresql(schema: TableSchema) -> PostgresqlSchema:
    """Return a schema that was read from PostgreSQL as what it is."""
    assert isinstance(schema, PostgresqlSchema)  # noqa: S101  # one adapter, one kind
    return schema
