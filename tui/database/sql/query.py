"""Statements of SQL as they travel: what is run, what is bound, what is shown."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from tui.models import Scalar

Parameter: TypeAlias = Scalar | bytes | Sequence[int] | Sequence[str]
"""What can be bound; a sequence is an array, where the database has such."""
Row: TypeAlias = Sequence[Scalar]
"""A row's values in the order of the SELECT list."""


class Query(Struct, frozen=True, gc=False):
    """One statement."""

    sql: str
    """What is run, with the placeholders of the database."""
    parameters: tuple[Parameter, ...] = ()
    """What is bound to it, in order."""
    shown: str = ""
    """The same as a person would type it; '' for what nobody is shown."""
    typed: str = ""
    """One statement that can be run again in the database's own client; '' for none."""
    often: bool = False
    """Whether it is run again and again with other values, and worth preparing."""


class SqlChange(Struct, frozen=True, gc=False):
    """A statement that writes, and the one that reads what it wrote."""

    query: Query
    """What writes; where the database returns rows of that, it gives them."""
    then: Query | None = None
    """What reads the record in the same transaction, where the database does not."""


class Changed(Struct, frozen=True, gc=False):
    """What a change came to."""

    count: int
    """How many rows it matched, changed or not."""
    rows: Sequence[Row] = ()
    """The records as they are then."""


class Reads(Protocol):
    """What runs queries in bounded time."""

    async def read(self, query: Query) -> list[Row]:
        """Return the rows of a query.

        Raises:
            DatabaseUnavailable: no answer, or none in time.
        """
        ...


class Streams(Reads, Protocol):
    """What gives rows as they come, too."""

    async def connect(self) -> None:
        """See to it that there is a connection, for whoever counts the time of a statement.

        Raises:
            DatabaseUnavailable: none can be made.
        """
        ...

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Call `take` with each row, for as long as the caller lets it.

        Raises:
            DatabaseUnavailable: no answer.
        """
        ...


class Writes(Protocol):
    """What makes changes in bounded time."""

    async def change(self, change: SqlChange) -> Changed:
        """Make a change; return what it came to.

        Raises:
            ChangeRefused: the database does not allow it; nothing was changed.
            DatabaseUnavailable: no answer, so nobody may know whether it was made.
        """
        ...
