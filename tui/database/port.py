"""What every database promises of the one table that is explored."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from tui.models import MAX_VALUE, Caveat, Key, Record, Scalar, SearchResult, TableSchema
from tui.runtime.clock import Clock
from tui.runtime.faults import Faults

if TYPE_CHECKING:
    from tui.models.check import Check

KEYSTROKE_SECONDS = 0.1
"""How long a search may look through row by row, while somebody types."""
FIND_SECONDS = 10.0
"""The same for a command of its own: nobody waits for it with the next key."""


class Records(Protocol):
    """One record at a time, as the service needs it.

    Each call takes bounded time, notes the steps it took (`models.recorder`), in failure too,
    and raises DatabaseUnavailable where there is no answer. A read sees whatever was committed
    before it began, by whomever. A write is one statement that commits by itself. Records hold
    JSON scalars in the order of the columns; a value that JSON cannot hold, or that is too
    long, is a `models.scalars.StandIn`. The schema says of each column its kind; what
    `models.values.typed` makes of a text for a column reads back as it was written.
    """

    @property
    def schema(self) -> TableSchema:
        """The table as the latest read found it."""
        ...

    async def find(self, id: Key) -> Record | None:
        """Return the record with that key; None where there is none.

        Where no row has the key as it is spelled, a row may have it in another spelling. Then
        the record shows the row's own.

        Raises:
            DatabaseUnavailable: no answer, or more than one row has that key.
        """
        ...

    async def update(
        self, id: Key, changes: Mapping[str, Scalar], *, expected: Record | None = None
    ) -> Record | None:
        """Change these columns of a record; return it as it is then, None if it is not there.

        With `expected`, a record or some of its columns, only if it still has those values,
        in the same statement.

        Raises:
            ChangeRefused: read-only, an unknown column, a constraint, or several such rows.
            ChangedMeanwhile: the record is there, but not as `expected`.
            ChangeIgnored: the record is there, and the table passed over the change.
            DatabaseUnavailable: no answer, so nobody knows whether it was changed.
        """
        ...

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a record; return its key, and the record as it is then.

        Raises:
            ChangeRefused, ChangeIgnored, DatabaseUnavailable: as for update.
        """
        ...

    async def delete(self, id: Key) -> bool:
        """Remove a record; tell whether it was there.

        Raises:
            ChangeRefused, ChangeIgnored, DatabaseUnavailable: as for update.
        """
        ...


class Rows(Protocol):
    """Reading in numbers, as the audit and the screens need it; values are as in Records."""

    @property
    def schema(self) -> TableSchema:
        """The table as the latest read found it."""
        ...

    @property
    def caveats(self) -> Sequence[Caveat]:
        """Why what it answers may be old or not all, as the newest connection found.

        Whoever opened the table to write is not answered at all where reads may be old.
        """
        ...

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> Mapping[Key, Sequence[Record]]:
        """Return the rows of the first of those keys, of one key at least.

        Each of these keys is there, with no rows where there are none, and several where it is
        not unique. With `columns` those and the key are read alone.

        Raises:
            DatabaseUnavailable: no answer.
        """
        ...

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> Mapping[Key, Sequence[Record]]:
        """Return the rows with each of those keys, as far as there are any.

        Raises:
            DatabaseUnavailable: no answer.
        """
        ...

    async def first_keys(self, limit: int) -> list[Key]:
        """Return the keys of up to `limit` records, the lowest where that costs nothing.

        Raises:
            DatabaseUnavailable: no answer.
        """
        ...

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Return up to `limit` records that hold `text` in a searched column.

        It stops after `seconds`, and what it does not find is in the result: it never raises
        for a database that fails.
        """
        ...


class Table(Records, Rows, Protocol):
    """All that is asked of a table."""

    async def touch(self, id: Key) -> bool:
        """Write a record as it is; tell whether it is there.

        It costs what a write costs, and no value of anybody else's can be lost by it.

        Raises:
            ChangeRefused, ChangeIgnored, DatabaseUnavailable: as for update.
        """
        ...


class TableOptions(Struct, frozen=True):
    """How a table is to be opened."""

    read_only: bool = False
    """Nothing is written."""
    max_value: int = MAX_VALUE
    """Bytes: of a record no more than about so many are read."""
    faults: Faults | None = None
    """What breaks on purpose."""
    complain: Callable[[str], None] = lambda _: None
    """Told what a person should know although all goes on."""


class Examined(Struct, frozen=True):
    """What `doctor` has found out about a database."""

    checks: "tuple[Check, ...]"
    """What it is to say."""
    schema: TableSchema | None = None
    """The table, where it could be read."""
    rows: int = 0
    """How many rows it has, or at least so many."""


class DatabaseStore(Protocol):
    """A kind of database, found by the scheme of its URLs. Importing it loads no driver."""

    def check(self, url: str) -> str:
        """Return the URL, in the one way in which it is then written.

        Raises:
            SettingsError: it cannot be used, or its driver is not installed. The message never
                holds a password.
        """
        ...

    def name(self, url: str) -> str:
        """Return the database's name, short, as it may be shown."""
        ...

    def place(self, url: str) -> str:
        """Return all of the URL that may be shown, for whoever is in another folder too."""
        ...

    def address(self, url: str) -> str:
        """Return the URL for a process in another folder: whole, with its password."""
        ...

    def shared(self, url: str) -> bool:
        """Tell whether it is a server, whose records are not written unless somebody says."""
        ...

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call the store's own client in a shell, without a password.

        A statement follows. It may change nothing.
        """
        ...

    def read_schema(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> TableSchema:
        """Return what the database says of the table; `id_column` is the key, if named.

        Raises:
            DatabaseUnavailable: it cannot be read, or there is no such table or column.
        """
        ...

    def tables(self, url: str) -> list[str]:
        """Return the names of tables and views.

        Raises:
            DatabaseUnavailable: it cannot be read.
        """
        ...

    def columns(self, url: str, table: str) -> list[str]:
        """Return the names of a table's columns.

        Raises:
            DatabaseUnavailable: it cannot be read, or there is no such table.
        """
        ...

    def load(self) -> None:
        """Import the driver, which takes a while."""
        ...

    def open(
        self, url: str, schema: TableSchema, clock: Clock, options: TableOptions
    ) -> AbstractAsyncContextManager[Table]:
        """Open the table.

        Raises:
            DatabaseUnavailable: it cannot be opened.
        """
        ...

    def examine(
        self, url: str, table: str, id_column: str | None, *, read_only: bool
    ) -> Examined:
        """Return what `doctor` is to say of it; changes nothing, and takes seconds at most."""
        ...

    def version(self) -> tuple[str, str]:
        """Return the name and the version of what reads and writes here."""
        ...

    def to_be_made(self, url: str) -> Examined:
        """Return what `doctor` is to say of a demo database that is not there yet."""
        ...

    def make_demo(self, url: str) -> bool:
        """Make the demo database unless there is one; tell whether it was made.

        It is whole or not there at all, also where two make it at once.

        Raises:
            DatabaseUnavailable: it cannot be made there.
        """
        ...

    def make_users(
        self,
        url: str,
        count: int,
        *,
        seed: int,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> bool:
        """Make the demo's table with `count` users; tell whether it was, or the caller stopped.

        The first are the demo's own, the others are invented, the same ones for the same
        `seed`. `progress` is called with the users written so far, and `stopped` asked often.

        Raises:
            SettingsError: there is something already, which stays as it is.
            DatabaseUnavailable: it cannot be made there; nothing is left behind.
        """
        ...
