"""One connection to PostgreSQL: statements over libpq, whose socket the event loop watches.

psycopg opens and cancels. What runs statements here is psycopg's public layer over libpq
(`psycopg.pq`): a look-up takes half the time that a cursor takes, and rows stay text.
"""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import pq

from tui.database.postgresql import failures
from tui.database.postgresql.cells import bound
from tui.database.postgresql.query import columns_of
from tui.database.postgresql.rows import RowMaker
from tui.database.sql.failures import SchemaChanged
from tui.database.sql.pool import ConnectionLost
from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable

MOST_PREPARED = 50
"""Statements that one connection keeps prepared; after that it begins anew."""
CANCEL_SECONDS = 0.5
ENDED = "the connection to the database ended"
COMMAND_OK = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY})
ROWS = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.SINGLE_TUPLE})


class PostgresqlChannel:
    """Runs one statement at a time."""

    prepares = True
    """Whether what is run often is prepared."""

    def __init__(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        """Run statements on `connection`, which nobody else uses; close it in the end."""
        self._connection = connection
        self._pgconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._loop = asyncio.get_running_loop()
        self._socket = self._pgconn.socket
        self._rows = RowMaker()
        self._prepared: dict[str, bytes] = {}
        self._names = itertools.count()
        self._kept = 0
        self._waiter: asyncio.Future[None] | None = None
        self._take: Callable[[pq.abc.PGresult], None] = ignore
        self._lost: str | None = None
        self._loop.add_reader(self._socket, self._readable)

    @property
    def usable(self) -> bool:
        """Whether it is open and at rest."""
        return self._lost is None and self._waiter is None

    @property
    def process(self) -> int:
        """The number of the server's process, as it said when the connection was made."""
        return self._pgconn.backend_pid

    @property
    def is_standby(self) -> bool | None:
        """Whether the server is a standby, as it told last; None where it does not tell.

        It does so by itself from version 14 on, when it is promoted too.
        """
        if self._lost is not None:
            return None
        told = self._pgconn.parameter_status(b"in_hot_standby")
        return None if told is None else told == b"on"

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement; return how many rows it matched, and those that it gave."""
        results: list[pq.abc.PGresult] = []
        parameters = _parameters(query)
        if query.often and self.prepares:
            name = self._prepared.get(query.sql) or await self._prepare(query.sql)
            await self._send(
                lambda: self._pgconn.send_query_prepared(name, parameters),
                results.append,
            )
        else:
            await self._send(
                lambda: self._pgconn.send_query_params(query.sql.encode(), parameters),
                results.append,
            )
        if not results:
            raise ConnectionLost(self._lost or ENDED)
        result = results[-1]
        if result.status not in ROWS and result.status not in COMMAND_OK:
            error = failures.of_result(result, columns_of(query))
            if isinstance(error, ConnectionLost):
                self._end(str(error))
            elif isinstance(error, SchemaChanged):
                self._prepared.pop(query.sql, None)
            raise error
        rows = self._rows.of(result)
        return result.command_tuples or len(rows), rows

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, and call `take` with each row when it comes.

        A server keeps rows back until there are many. So for whoever waits no longer it is told
        to stop, and what it gives then is taken.
        """
        parameters = _parameters(query)
        failed: list[pq.abc.PGresult] = []

        def hear(result: pq.abc.PGresult) -> None:
            if result.status not in ROWS:
                failed.append(result)
                return
            for row in self._rows.of(result):
                take(row)

        def send() -> None:
            self._pgconn.send_query_params(query.sql.encode(), parameters)
            self._pgconn.set_single_row_mode()

        try:
            await self._send(send, hear)
        except asyncio.CancelledError:
            self._take = hear
            with suppress(DatabaseUnavailable):
                await self.cancel()
            self._take = ignore
            raise
        if failed:
            raise failures.of_result(failed[-1])

    async def begin(self) -> None:
        """Begin a transaction."""
        await self.run(Query("BEGIN"))

    async def end(self, *, commit: bool) -> None:
        """End the transaction."""
        await self.run(Query("COMMIT" if commit else "ROLLBACK"))

    async def cancel(self) -> None:
        """Let the server end the statement that runs, and wait until it has."""
        if self._waiter is None or self._lost is not None:
            return
        try:
            await self._connection.cancel_safe(timeout=CANCEL_SECONDS)
        except psycopg.Error as error:  # it may still come, and end what is run next
            self._end(ENDED)
            raise DatabaseUnavailable(
                f"a statement could not be cancelled: {failures.words_of(error)}"
            ) from error
        waiter = self._waiter
        if waiter is not None:
            await asyncio.wait([waiter])

    async def aclose(self) -> None:
        """End the connection."""
        self.forget()
        await self._connection.close()

    def forget(self) -> None:
        """Leave the connection to somebody else."""
        self._end(ENDED)

    async def _prepare(self, sql: str) -> bytes:
        """Prepare a statement under a name of its own; return the name.

        Raises:
            DatabaseUnavailable: the server refused it.
        """
        if self._kept >= MOST_PREPARED:
            self._prepared.clear()
            self._kept = 0
            await self.run(Query("DEALLOCATE ALL"))
        name = b"hitmiss_%d" % next(self._names)
        self._kept += 1
        results: list[pq.abc.PGresult] = []
        await self._send(lambda: self._pgconn.send_prepare(name, sql.encode()), results.append)
        if not results:
            raise ConnectionLost(self._lost or ENDED)
        if results[-1].status not in COMMAND_OK:
            raise failures.of_result(results[-1])
        self._prepared[sql] = name
        return name

    async def _send(
        self, send: Callable[[], None], take: Callable[[pq.abc.PGresult], None]
    ) -> None:
        """Send something, and wait until its results have been taken.

        Who is cancelled here leaves the statement running: see `cancel`.
        """
        if self._lost is not None:
            raise ConnectionLost(self._lost)
        waiter = self._waiter = self._loop.create_future()
        self._take = take
        try:
            send()
            if self._pgconn.flush():
                self._loop.add_writer(self._socket, self._writable)
        except psycopg.Error as error:
            self._end(failures.words_of(error))
            raise ConnectionLost(self._lost or ENDED) from error
        try:
            await waiter
        except asyncio.CancelledError:
            self._take = ignore
            if self._waiter is waiter and waiter.cancelled():
                # The results are still to come, and somebody has to wait for them.
                self._waiter = self._loop.create_future()
                self._waiter.add_done_callback(_hear)
            raise

    def _readable(self) -> None:
        """Take what has come: results, or the end of the connection."""
        try:
            self._pgconn.consume_input()
            while self._waiter is not None and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is not None:
                    self._take(result)
                if self._is_end(result):
                    self._done()
                    return
            if self._waiter is None and self._pgconn.status == pq.ConnStatus.BAD:
                self._end(ENDED)
        except psycopg.Error as error:
            self._end(failures.words_of(error))

    def _is_end(self, result: pq.abc.PGresult | None) -> bool:
        """Tell whether that was the last of what was sent: nothing comes behind it."""
        return result is None

    def _writable(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._end(failures.words_of(error))

    def _done(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _end(self, reason: str) -> None:
        """Note that the connection is over, and let go who waits."""
        if self._lost is not None:
            return
        self._lost = reason
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(ConnectionLost(reason))


def _parameters(query: Query) -> list[bytes | None]:
    return [bound(value) for value in query.parameters]


def _hear(waiter: "asyncio.Future[None]") -> None:
    """Take note of how a statement ended for which perhaps nobody waits."""
    if not waiter.cancelled():
        waiter.exception()


def ignore(_: pq.abc.PGresult) -> None:
    """Take a result that nobody waits for."""
