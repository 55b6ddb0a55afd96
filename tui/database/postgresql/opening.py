"""A table is opened: connections for each kind of work, and what goes with them."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import psycopg

from tui.database.port import TableOptions
from tui.database.postgresql import failures
from tui.database.postgresql.channel import PostgresqlChannel
from tui.database.postgresql.dialect import PostgresqlDialect
from tui.database.postgresql.greeting import (
    Greeting,
    check_may_write,
    greeted,
    standby_caveat,
)
from tui.database.postgresql.names import source
from tui.database.postgresql.pooled import PooledChannel
from tui.database.postgresql.schema import read_schema
from tui.database.postgresql.settings import (
    CONNECTED,
    SECONDS_TO_CONNECT,
    STRONGER,
    encoding_of,
    options_of,
    settings_of,
    told,
)
from tui.database.postgresql.table_schema import PostgresqlSchema, as_postgresql
from tui.database.postgresql.url import (
    conninfo,
    learn_passwords,
    parsed,
    passfile_that_others_may_read,
    shown,
)
from tui.database.sql.connections import QUERY_SECONDS, StatementReader, StatementWriter
from tui.database.sql.faulty import FaultyChannel, be_late_of, check_up
from tui.database.sql.pool import Pool, ServerChannel
from tui.database.sql.search import SqlSearch
from tui.database.sql.table import SqlTable
from tui.models import Caveat, TableSchema
from tui.runtime.clock import Clock
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable
from tui.runtime.redaction import SECRETS

SEARCH_SECONDS = 12.0
"""What a search may take on the server; whoever searches stops it before."""
MOST_SEARCHES, MOST_WRITERS = 2, 4


class PostgresqlConnector:
    """Makes connections for one table, and remembers what the latest was told."""

    def __init__(self, url: str, schema: PostgresqlSchema, options: TableOptions) -> None:
        """Connect to what `url` names."""
        self._url = parsed(url)
        self._place = shown(self._url)
        self._schema = schema
        self._options = options
        self._pooled = False
        self._caveats: Sequence[Caveat] = ()
        self._latest: PostgresqlChannel | None = None
        learn_passwords()
        unused = passfile_that_others_may_read(self._url)
        if unused is not None:
            options.complain(f"{unused} is not used, since others may read it: chmod 600 it")

    @property
    def caveats(self) -> Sequence[Caveat]:
        """What the latest connection found; and whether its server is a standby by now."""
        standby = None if self._latest is None else self._latest.is_standby
        if standby is None or standby is any(caveat.outdated for caveat in self._caveats):
            return self._caveats
        others = tuple(caveat for caveat in self._caveats if not caveat.outdated)
        return (standby_caveat(None), *others) if standby else others

    async def reading(self, seconds: float = QUERY_SECONDS) -> ServerChannel:
        """Return a new connection that can only read, in statements of `seconds` at most.

        Raises:
            DatabaseUnavailable: none can be made, or what it reads may be old.
        """
        return await self._connected(read_only=True, seconds=seconds)

    async def writing(self) -> ServerChannel:
        """Return a new connection that can write.

        Raises:
            DatabaseUnavailable: none can be made, or there it could not be written.
        """
        return await self._connected(read_only=False, seconds=QUERY_SECONDS)

    async def _connected(self, *, read_only: bool, seconds: float) -> ServerChannel:
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
        except (psycopg.Error, UnicodeError) as error:  # the latter for a host's name
            raise failures.of_connecting(error, self._place) from error
        SECRETS.learn(connection.info.password)
        settings |= encoding_of(connection.pgconn)
        channel = self._channel(connection, settings)
        try:
            greeting = await self._greeting(channel, read_only=read_only)
            told_otherwise = not greeting.told and STRONGER.isdisjoint(os.environ)
            if (greeting.pooled or told_otherwise) and not self._pooled:
                self._pooled = True
                channel.forget()
                channel = self._channel(connection, settings)
                greeting = await self._greeting(channel, read_only=read_only)
            elif not self._pooled and (not greeting.told or "client_encoding" in settings):
                await channel.run(told(settings, local=False))
            if not self._options.read_only:
                check_may_write(greeting)
        except ChangeRefused as error:  # a right that is missing since the schema was read
            await channel.aclose()
            raise DatabaseUnavailable(str(error)) from error
        except BaseException:
            await channel.aclose()
            raise
        self._caveats, self._latest = greeting.caveats, channel
        return channel

    def _channel(
        self, connection: "psycopg.AsyncConnection[Any]", settings: Mapping[str, str]
    ) -> PostgresqlChannel:
        if not self._pooled:
            return PostgresqlChannel(connection)
        primary_only = not self._options.read_only
        return PooledChannel(connection, settings, primary_only=primary_only)

    async def _greeting(self, channel: PostgresqlChannel, *, read_only: bool) -> Greeting:
        return await greeted(channel, self._schema, channel.process, read_only=read_only)

    async def _raw(
        self, text: str, *, read_only: bool, seconds: float
    ) -> "psycopg.AsyncConnection[Any]":
        connect = partial(psycopg.AsyncConnection.connect, text, autocommit=True, **CONNECTED)
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
    connector, dialect = PostgresqlConnector(url, its, options), PostgresqlDialect()
    be_late = be_late_of(faults)
    readers = Pool(connector.reading)
    reader = StatementReader(readers, be_late)
    searcher = StatementReader(
        Pool(partial(connector.reading, SEARCH_SECONDS), MOST_SEARCHES), be_late
    )
    writer = (
        None
        if options.read_only
        else StatementWriter(Pool(connector.writing, MOST_WRITERS), be_late)
    )
    name = source(its.namespace, its.name)

    async def read_again() -> TableSchema:
        return await asyncio.to_thread(read_schema, url, name, its.id_column)

    try:
        readers.give(await readers.take())
        yield SqlTable(
            reader, writer, SqlSearch(searcher, dialect), dialect, its, clock,
            caveats=lambda: connector.caveats, read_schema=read_again,
            max_value=options.max_value, shape=its.shape,
        )  # fmt: skip
    finally:
        await asyncio.gather(
            reader.aclose(), searcher.aclose(), *([writer.aclose()] if writer else [])
        )
