"""A statement of PostgreSQL, with what its parameters are for."""

from tui.database.sql.query import Query
from tui.models.columns import Column


class ChangeQuery(Query, frozen=True, gc=False):
    """A statement that writes."""

    given: tuple[Column | None, ...] = ()
    """The columns that its parameters go into; None for one that goes into none."""


def columns_of(query: Query) -> tuple[Column | None, ...] | None:
    """Return the columns that the parameters of a change go into; None for what only reads."""
    return query.given if isinstance(query, ChangeQuery) else None
