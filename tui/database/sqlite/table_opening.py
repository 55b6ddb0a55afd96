"""A table is opened: its file, a connection for each kind of work, and what goes with them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from tui.database.sqlite import file
from tui.database.sqlite.aside import answered
from tui.database.sqlite.channel import Channel, open_channel
from tui.database.sqlite.connection import Connection
from tui.database.sqlite.faulty import FaultyStatements, be_late
from tui.database.sqlite.marks import MARK_FUNCTION, mark
from tui.database.sqlite.rows import bound_of
from tui.database.sqlite.scan import LONGEST_SEARCHED
from tui.database.sqlite.search import Search
from tui.database.sqlite.table import SqliteTable
from tui.database.sqlite.table_schema import as_sqlite
from tui.models import MAX_VALUE, TableSchema
from tui.runtime.clock import Clock
from tui.runtime.faults import Faults

VALUES_IN_MEMORY = 16
"""How many values of the longest length SQLite may hold: of all connections, and to write."""


@asynccontextmanager
async def open_table(
    path: Path,
    schema: TableSchema,
    clock: Clock,
    *,
    read_only: bool = False,
    faults: Faults | None = None,
    table_type: type[SqliteTable] = SqliteTable,
    max_value: int = MAX_VALUE,
    complain: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[SqliteTable]:
    """Open the table of an existing file; creates nothing, and closes what it opened.

    Statements obey `faults` where there are some. With `table_type` a subclass can be had.
    Values of more than `max_value` bytes are not read. `complain` is told what a person should
    know although the file can be read. Closing takes some two seconds at most.

    Raises:
        DatabaseUnavailable: the file cannot be opened.
    """

    def look() -> tuple[int, ...] | None:
        file.check(path)
        return file.identity(path)

    identity = await answered(look)

    def connection_on(channel: Channel) -> Connection:
        if faults is None:
            make = partial(Connection, channel.statements, path)
        else:
            statements = FaultyStatements(channel.statements, path, faults)
            make = partial(Connection, statements, path, partial(be_late, faults))
        return make(identity=identity, opened=channel.opened)

    memory = VALUES_IN_MEMORY * max_value
    async with _Channels(path, read_only=read_only, memory=memory) as channels:
        standing_in = as_sqlite(schema).missing_collations
        reader = await channels.open(standing_in, bound_of(schema, max_value))
        await reader.statements.execute_fetchall("PRAGMA query_only = ON")
        searcher = await channels.open(standing_in, min(max_value, LONGEST_SEARCHED))
        await searcher.statements.execute_fetchall("PRAGMA query_only = ON")
        search = Search(connection_on(searcher))
        await searcher.statements.create_function("hitmiss_take", -1, search.take)
        writer = None
        if not read_only:
            # Without stand-ins: what needs an order that is missing here is never written.
            # A row as long as may be read can be written, with its overhead.
            opened = await channels.open((), 2 * max_value)
            # What the schema demands of references holds for writes from here too.
            await opened.statements.execute_fetchall("PRAGMA foreign_keys = ON")
            await opened.statements.create_function(
                MARK_FUNCTION, 2, partial(mark, as_sqlite(schema).encoding), deterministic=True
            )
            writer = connection_on(opened)
        if reader.opened.immutable:
            complain(
                f"{path.name} is read as it lies there, since SQLite cannot keep a write-ahead"
                " log in its folder; when a program writes to it, start hitmiss again"
            )
        yield table_type(
            connection_on(reader), writer, search, schema, clock, max_value=max_value
        )


class _Channels:
    """The connections to one file, which are closed together."""

    def __init__(self, path: Path, *, read_only: bool, memory: int) -> None:
        self._memory = memory
        self._path = path
        self._read_only = read_only
        self._open: list[Channel] = []

    async def open(self, collations: tuple[str, ...], bound: int) -> Channel:
        channel = await open_channel(
            self._path,
            read_only=self._read_only,
            collations=collations,
            bound=bound,
            memory=self._memory,
        )
        self._open.append(channel)
        return channel

    async def __aenter__(self) -> "_Channels":
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(channel.aclose() for channel in self._open))
