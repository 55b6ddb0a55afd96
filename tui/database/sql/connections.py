"""Statements in bounded time: read on one of a few connections, written on another."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from tui.database.sql.pool import C, ConnectionLost, Pool
from tui.database.sql.query import Changed, Query, Row, SqlChange
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

QUERY_SECONDS = 2.0
"""What one statement may take, waiting for a connection included."""
CANCEL_SECONDS = 1.0
"""How long the end of a statement is waited for that was cancelled on the server."""
PERHAPS = "perhaps written"
Result = TypeVar("Result")


class StatementTooSlow(DatabaseUnavailable):
    """There was no answer in time."""


class StatementReader(Generic[C]):
    """Reads through a pool: each statement once, or on another connection once more."""

    def __init__(
        self, pool: Pool[C], be_late: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Read through `pool`; each statement waits for `be_late` first."""
        self._pool = pool
        self._be_late = be_late
        self._cleaning: set[asyncio.Task[None]] = set()

    async def read(self, query: Query) -> list[Row]:
        """Return the rows of a query, in at most QUERY_SECONDS.

        One that is no longer waited for is cancelled on the server.

        Raises:
            DatabaseUnavailable: no answer, or none in time.
        """
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                if self._be_late is not None:
                    await self._be_late()
                try:
                    return await self._read(query)
                except ConnectionLost:
                    # The others lead to the same server: it was restarted, or is another now.
                    self._pool.discard_free()
                return await self._read(query)
        except TimeoutError:
            raise StatementTooSlow(too_slow()) from None

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Call `take` with each row of a query as it comes, for as long as the caller lets it.

        Raises:
            DatabaseUnavailable: no answer.
        """
        if self._be_late is not None:
            await self._be_late()
        try:
            await self._on_one(lambda channel: channel.stream(query, take))
        except ConnectionLost:
            self._pool.discard_free()
            await self._on_one(lambda channel: channel.stream(query, take))

    async def connect(self) -> None:
        """See to it that there is a connection, for whoever counts the time of a statement.

        Who does not wait for it to the end has it the next time.

        Raises:
            DatabaseUnavailable: none can be made.
        """
        self._pool.give(await self._pool.take())

    async def aclose(self) -> None:
        """Wait for what was cancelled, and close the connections."""
        await asyncio.gather(*self._cleaning, return_exceptions=True)
        await self._pool.aclose()

    async def _read(self, query: Query) -> list[Row]:
        _, rows = await self._on_one(lambda channel: channel.run(query))
        return rows

    async def _on_one(self, work: Callable[[C], Awaitable[Result]]) -> Result:
        channel = await self._pool.take()
        try:
            result = await work(channel)
        except asyncio.CancelledError:
            self._clean(channel)
            raise
        except ConnectionLost:
            self._pool.discard(channel)
            raise
        except ChangeRefused as error:  # a right that it has no longer, a view that fails
            self._pool.give(channel)
            raise DatabaseUnavailable(str(error)) from error
        except BaseException:
            self._pool.give(channel)
            raise
        self._pool.give(channel)
        return result

    def _clean(self, channel: C) -> None:
        """Let the server end what nobody waits for, before the connection is used again."""
        task = asyncio.ensure_future(self._cancelled(channel))
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    async def _cancelled(self, channel: C) -> None:
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await channel.cancel()
        except (TimeoutError, DatabaseUnavailable):
            pass
        finally:
            if not channel.usable:  # the others may lead into the same void
                self._pool.discard_free()
            self._pool.give(channel)  # which closes what is not at rest


class StatementWriter(Generic[C]):
    """Writes through a pool: never twice, and to an end that is known if it can be."""

    def __init__(
        self, pool: Pool[C], be_late: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Write through `pool`; each statement waits for `be_late` first."""
        self._pool = pool
        self._be_late = be_late
        self._abandoned: set[asyncio.Task[None]] = set()

    async def change(self, change: SqlChange) -> Changed:
        """Make a change, in at most QUERY_SECONDS; return what it came to.

        When it has not ended in time it is cancelled on the server, and its end is waited for.

        Raises:
            ChangeRefused: the database does not allow it; nothing was changed.
            DatabaseUnavailable: no answer. Nothing was changed, unless the message says
                PERHAPS.
        """
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                if self._be_late is not None:
                    await self._be_late()
                channel = await self._pool.take()
        except TimeoutError:
            raise StatementTooSlow(f"{too_slow()}; nothing was changed") from None
        work = asyncio.ensure_future(_made(channel, change))
        try:
            return await self._to_its_end(channel, work)
        finally:
            if work.done():
                _hear(work)
                self._pool.give(channel)
            else:  # nobody knows what becomes of it
                task = asyncio.ensure_future(self._abandon(channel, work))
                self._abandoned.add(task)
                task.add_done_callback(self._abandoned.discard)

    async def aclose(self) -> None:
        """Wait for what was left to its fate, and close the connections."""
        await asyncio.gather(*self._abandoned, return_exceptions=True)
        await self._pool.aclose()

    async def _abandon(self, channel: C, work: "asyncio.Future[Changed]") -> None:
        """End the connection of a change that nobody waits for, and so the change."""
        await channel.aclose()
        await asyncio.wait([work])
        _hear(work)
        self._pool.give(channel)

    async def _to_its_end(self, channel: C, work: "asyncio.Future[Changed]") -> Changed:
        await asyncio.wait([work], timeout=QUERY_SECONDS)
        if not work.done():
            cancel = asyncio.ensure_future(_quietly(channel.cancel()))
            await cancel
            await asyncio.wait([work], timeout=CANCEL_SECONDS)
        if not work.done():
            raise StatementTooSlow(f"{too_slow()}; {PERHAPS}")
        return work.result()


async def _made(channel: C, change: SqlChange) -> Changed:
    """Make a change; of one that has to be read afterwards, in one transaction with that.

    Raises:
        ChangeRefused, DatabaseUnavailable: as for Writer.change.
    """
    if change.then is None:
        try:
            return Changed(*await channel.run(change.query))
        except ConnectionLost as error:
            raise DatabaseUnavailable(f"{error}; {PERHAPS}") from error
    committing = False
    try:
        await channel.begin()
        try:
            count, _ = await channel.run(change.query)
            _, rows = await channel.run(change.then) if count else (0, [])
        except (ChangeRefused, DatabaseUnavailable) as error:
            if not isinstance(error, ConnectionLost):
                await channel.end(commit=False)
            raise
        committing = True
        await channel.end(commit=True)
    except ConnectionLost as error:
        outcome = PERHAPS if committing else "nothing was changed"
        raise DatabaseUnavailable(f"{error}; {outcome}") from error
    return Changed(count, rows)


def _hear(task: "asyncio.Future[Any]") -> None:
    """Take note of how something ended for which perhaps nobody waits."""
    if not task.cancelled():
        task.exception()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`, whose failing shows in what it was to end."""
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await work
    except (TimeoutError, DatabaseUnavailable):
        return


def too_slow() -> str:
    """Return what is said where no answer came in time."""
    return f"the database did not answer within {QUERY_SECONDS:g} s"
