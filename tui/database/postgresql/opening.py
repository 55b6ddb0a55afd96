"""A table is opened: connections for each kind of work, and what goes with them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import psycopg

from tui.database.port import TableOptions
from tui.database.postgresql import failures
from tui.database.postgresql.channel import PostgresqlChannel
from tui.database.postgresql.dialect import PostgresqlDialect
from tui.database.postgresql.greeting import Greeting, check_may_write, greeted
from tui.database.postgresql.names import source
from tui.database.postgresql.pooled import PooledChannel
from tui.database.postgresql.schema import read_schema
from tui.database.postgresql.settings import SECONDS_TO_CONNECT, options_of, settings_of
from tui.database.postgresql.table_schema import PostgresqlSchema, as_postgresql
from tui.database.postgresql.url import conninfo, learn_passwords, parsed
from tui.database.sql.connections import QUERY_SECONDS, Reader, Writer
from tui.database.sql.faulty import FaultyChannel, be_late_of, check_up
from tui.database.sql.pool import Channel, Pool
from tui.database.sql.search import Search
from tui.database.sql.table import SqlTable
from tui.models import Caveat, TableSchema
from tui.runtime.clock import Clock
from tui.runtime.errors import DatabaseUnavailable

SEARCH_SECONDS = 12.0
"""What a search may take on the server; whoever searches stops it before."""
MOST_SEARCHES, MOST_WRITERS = 2, 4


class Connector:
    """Makes connections for one table, and remembers what the latest was told."""

    def __init__(self, url: str, schema: PostgresqlSchema, options: TableOptions) -> None:
        """Connect to what `url` names."""
        self._url = parsed(url)
        self._place = self._url.place(("options", "password", "sslpassword", "passfile"))
        self._schema = schema
        self._options = options
        self._pooled = False
        self.caveats: Sequence[Caveat] = ()
        """What the latest connection found."""
        learn_passwords()

    async def reading(self, seconds: float = QUERY_SECONDS) -> Channel:
        """Return a new connection that can only read, in statements of `seconds` at most.

        Raises:
            DatabaseUnavailable: none can be made, or what it reads may be old.
        """
        return await self._connected(read_only=True, seconds=seconds)

    async def writing(self) -> Channel:
        """Return a new connection that can write.

        Raises:
            DatabaseUnavailable: none can be made, or there it could not be written.
        """
        return await self._connected(read_only=False, seconds=QUERY_SECONDS)

    async def _connected(self, *, read_only: bool, seconds: float) -> Channel:
        faults = self._options.faults
        check_up(faults, self._place)
        try:
            async with asyncio.timeout(SECONDS_TO_CONNECT):
                channel = await self._opened(read_only=read_only, seconds=seconds)
        except TimeoutError:
            raise DatabaseUnavailable(
                f"{self._place} did not answer within {SECONDS_TO_CONNECT} s: is the host"
                " right, and does a firewall let the port through?"
            ) from None
        return channel if faults is None else FaultyChannel(channel, faults, self._place)

    async def _opened(self, *, read_only: bool, seconds: float) -> PostgresqlChannel:
        text = conninfo(self._url, read_only=self._options.read_only)
        settings = settings_of(read_only=read_only, seconds=seconds)
        try:
            connection = await self._raw(text, read_only=read_only, seconds=seconds)
        except psycopg.Error as error:
            raise failures.of_connecting(error, self._place) from error
        make = PooledChannel if self._pooled else PostgresqlChannel
        channel = make(connection, settings)
        try:
            greeting = await self._greeting(channel, read_only=read_only)
            if greeting.pooled and not self._pooled:
                self._pooled = True
                channel.forget()
                channel = PooledChannel(connection, settings)
                greeting = await self._greeting(channel, read_only=read_only)
            if not self._options.read_only:
                check_may_write(greeting)
        except BaseException:
            await channel.aclose()
            raise
        self.caveats = greeting.caveats
        return channel

    async def _greeting(self, channel: PostgresqlChannel, *, read_only: bool) -> Greeting:
        return await greeted(channel, self._schema, channel.process, read_only=read_only)

    async def _raw(
        self, text: str, *, read_only: bool, seconds: float
    ) -> "psycopg.AsyncConnection[Any]":
        settings: dict[str, Any] = {
            "application_name": "hitmiss", "connect_timeout": SECONDS_TO_CONNECT,
        }  # fmt: skip
        connect = partial(psycopg.AsyncConnection.connect, text, autocommit=True, **settings)
        if self._pooled:
            return await connect()
        try:
            return await connect(options=options_of(text, read_only=read_only, seconds=seconds))
        except psycopg.OperationalError as error:
            if "unsupported startup parameter" not in str(error):
                raise
        self._pooled = True
        return await connect()


@asynccontextmanager
async def open_table(
    url: str, schema: TableSchema, clock: Clock, options: TableOptions
) -> AsyncIterator[SqlTable]:
    """Open the table; closes what it opened.

    Raises:
        DatabaseUnavailable: the database cannot be reached, or what it says may be old and
            the table is to be written.
    """
    its, faults = as_postgresql(schema), options.faults
    connector, dialect = Connector(url, its, options), PostgresqlDialect()
    be_late = be_late_of(faults)
    readers = Pool(connector.reading)
    reader = Reader(readers, be_late)
    searcher = Reader(Pool(partial(connector.reading, SEARCH_SECONDS), MOST_SEARCHES), be_late)
    writer = (
        None if options.read_only else Writer(Pool(connector.writing, MOST_WRITERS), be_late)
    )
    name = source(its.namespace, its.name)

    async def read_again() -> TableSchema:
        return await asyncio.to_thread(read_schema, url, name, its.id_column)

    try:
        readers.give(await readers.take())
        yield SqlTable(
            reader, writer, Search(searcher, dialect), dialect, its, clock,
            caveats=lambda: connector.caveats, read_schema=read_again,
            max_value=options.max_value,
        )  # fmt: skip
    finally:
        await asyncio.gather(
            reader.aclose(), searcher.aclose(), *([writer.aclose()] if writer else [])
        )
