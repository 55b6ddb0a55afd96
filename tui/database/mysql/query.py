"""A statement of MySQL, with what is made of the values that come back."""

from collections.abc import Mapping
from typing import Final

from tui.database.mysql.cells import Cells
from tui.database.sql.query import Query

NO_KEYS: Final[Mapping[str, str]] = {}


class MysqlQuery(Query, frozen=True, gc=False):
    """One statement."""

    cells: Cells = ()
    """What makes our values, with the place of each in a row; all others come as they are."""
    keys: Mapping[str, str] = NO_KEYS
    """The columns of the table's unique keys, by the keys' names: for what is refused."""


class WalkQuery(MysqlQuery, frozen=True, gc=False, kw_only=True):
    """A query for rows of a whole table, asked of one stretch after the other: see `walk`.

    `sql` ends where the condition for the stretch stands.
    """

    asked: str
    """What follows that condition, up to the number of rows."""
    ends: str
    """The query for the last key of a stretch and its rows, up to the condition."""
    in_order: str
    """What follows there, up to the number of rows."""
    after: str
    """The condition for what follows a key."""
    until: str
    """The condition for what does not."""
    limit: int
    """How many rows are wanted at most."""
