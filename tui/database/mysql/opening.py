"""A table is opened: connections for each kind of work, and what goes with them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from tui.database.mysql.caveats import caveats_of, check_may_write
from tui.database.mysql.dialect import MysqlDialect
from tui.database.mysql.schema import read_schema
from tui.database.mysql.session import Opener
from tui.database.mysql.table_schema import MysqlSchema, as_mysql
from tui.database.mysql.url import parsed
from tui.database.port import TableOptions
from tui.database.sql.connections import QUERY_SECONDS, StatementReader, StatementWriter
from tui.database.sql.faulty import FaultyChannel, be_late_of, check_up
from tui.database.sql.pool import Pool, ServerChannel, TooManyConnections
from tui.database.sql.search import SqlSearch
from tui.database.sql.table import SqlTable
from tui.models import Caveat, TableSchema
from tui.runtime.clock import Clock

SEARCH_SECONDS: Final = 12.0
"""What a search may take on the server; whoever searches stops it before."""
MOST_SEARCHES: Final = 2
MOST_WRITERS: Final = 4
PAUSES: Final = (0.02, 0.05, 0.1, 0.2)
"""Seconds between attempts while the server takes notice of what was closed."""


class MysqlConnector:
    """Makes connections for one table, and remembers what the latest was told."""

    def __init__(self, url: str, options: TableOptions) -> None:
        """Connect to what `url` names.

        Raises:
            SettingsError: a file for TLS cannot be used.
        """
        self._opener = Opener(parsed(url))
        self._searching = Opener(parsed(url), SEARCH_SECONDS)
        self._options = options
        self.caveats: Sequence[Caveat] = ()
        """What the latest connection found."""
        self.make_room: Callable[[], None] = lambda: None
        """Closes connections that nobody uses now, where the server gives no further one."""

    async def reading(self) -> ServerChannel:
        """Return a new connection that can only read.

        Raises:
            DatabaseUnavailable: none can be made, or what it reads may be old and the table is
                to be written.
        """
        return await self._connected(self._opener, read_only=True)

    async def searching(self) -> ServerChannel:
        """Return a new connection that can only read, and take longer.

        Raises:
            DatabaseUnavailable: as for reading.
        """
        return await self._patiently(self._searching, read_only=True)

    async def writing(self) -> ServerChannel:
        """Return a new connection that can write.

        Raises:
            DatabaseUnavailable: as for reading.
        """
        return await self._patiently(self._opener, read_only=False)

    async def read_schema(self, schema: MysqlSchema) -> TableSchema:
        """Read a table's columns anew.

        Raises:
            DatabaseUnavailable: no answer, or the table is no longer there.
        """
        channel = await self._opener.open()
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                name = schema.name
                return await read_schema(channel, self._opener.database, name, schema.id_column)
        finally:
            await channel.aclose()

    async def _patiently(self, opener: Opener, *, read_only: bool) -> ServerChannel:
        """Connect, in the place of connections that read where there is none left."""
        for seconds in PAUSES:
            try:
                return await self._connected(opener, read_only=read_only)
            except TooManyConnections:
                self.make_room()
            await asyncio.sleep(seconds)
        return await self._connected(opener, read_only=read_only)

    async def _connected(self, opener: Opener, *, read_only: bool) -> ServerChannel:
        faults = self._options.faults
        check_up(faults, opener.place)
        channel = await opener.open(read_only=read_only)
        try:
            caveats = await caveats_of(channel)
            if not self._options.read_only:
                check_may_write(caveats)
        except BaseException:
            await channel.aclose()
            raise
        self.caveats = caveats
        return channel if faults is None else FaultyChannel(channel, faults, opener.place)


@asynccontextmanager
async def open_table(
    url: str, schema: TableSchema, clock: Clock, options: TableOptions
) -> AsyncIterator[SqlTable]:
    """Open the table; closes what it opened.

    Raises:
        DatabaseUnavailable: the database cannot be reached, or what it says may be old and
            the table is to be written.
    """
    its = as_mysql(schema)
    connector, dialect = MysqlConnector(url, options), MysqlDialect()
    be_late = be_late_of(options.faults)
    readers = Pool(connector.reading)
    connector.make_room = readers.discard_free
    reader = StatementReader(readers, be_late)
    searcher = StatementReader(Pool(connector.searching, MOST_SEARCHES), be_late)
    writer = (
        None
        if options.read_only
        else StatementWriter(Pool(connector.writing, MOST_WRITERS), be_late)
    )
    try:
        readers.give(await readers.take())
        yield SqlTable(
            reader, writer, SqlSearch(searcher, dialect), dialect, its, clock,
            caveats=lambda: connector.caveats,
            read_schema=partial(connector.read_schema, its), max_value=options.max_value,
        )  # fmt: skip
    finally:
        await asyncio.gather(
            reader.aclose(), searcher.aclose(), *([writer.aclose()] if writer else [])
        )
