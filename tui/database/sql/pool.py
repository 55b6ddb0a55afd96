"""A few connections to one server: the one used last is used next, so that few stay warm."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar

from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable

MOST_CONNECTIONS = 8
"""Of one pool. More gain nothing: a server has few cores, and so has whoever runs this."""
CLOSED = "the database was closed meanwhile"
CROWDED_SECONDS = 2.0
"""How long a pool goes without a further connection after the server had none to give."""


class ConnectionLost(DatabaseUnavailable):
    """The connection ended under a statement: who only reads may ask once more."""


class TooManyConnections(DatabaseUnavailable):
    """The server gives no further connection."""


class ServerChannel(Protocol):
    """One connection to a server, which runs one statement at a time."""

    @property
    def usable(self) -> bool:
        """Whether it is open and at rest, as far as can be seen without asking."""
        ...

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement; return how many rows it matched, and those that it gave.

        Raises:
            ConnectionLost: the connection ended meanwhile.
            DatabaseUnavailable, ChangeRefused: what the server said.
        """
        ...

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, and call `take` with each row when it comes.

        Raises:
            DatabaseUnavailable: as for run.
        """
        ...

    async def begin(self) -> None:
        """Begin a transaction, to which what follows belongs."""
        ...

    async def end(self, *, commit: bool) -> None:
        """End the transaction."""
        ...

    async def cancel(self) -> None:
        """Let the server end the statement that runs; it returns in about a second at most."""
        ...

    async def aclose(self) -> None:
        """End the connection; it is not waited for."""
        ...


C = TypeVar("C", bound=ServerChannel)


class Pool(Generic[C]):
    """Connections that are made when they are needed, and kept.

    Whoever wants one has the first that is there: a new one, or one that is given back.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[C]], most: int = MOST_CONNECTIONS
    ) -> None:
        """Make up to `most` of them by `connect`."""
        self._connect = connect
        self._most = most
        self._free: list[C] = []
        self._waiting: deque[asyncio.Future[C | None]] = deque()
        self._count = 0
        self._crowded_until = 0.0
        self._closed = False
        self._growing: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def take(self) -> C:
        """Return a connection, which nobody else has until it is given back.

        Raises:
            DatabaseUnavailable: none can be made.
        """
        is_first = False
        while not self._closed:
            while self._free:
                channel = self._free.pop()
                if channel.usable:
                    return channel
                self.discard(channel)
            # Before anything is begun: an eager task may have ended when it comes back.
            waiter = self._queue(first=is_first)
            if self._may_grow():
                self._count += 1
                _keep(self._grow(), self._growing)
            given = await self._given(waiter)
            is_first = True
            if given is not None:
                if given.usable:
                    return given
                self.discard(given)
        raise DatabaseUnavailable(CLOSED)

    def give(self, channel: C) -> None:
        """Take a connection back, for the next who wants one."""
        if self._closed or not channel.usable:
            self.discard(channel)
            return
        waiter = self._next()
        if waiter is None:
            self._free.append(channel)
        else:
            waiter.set_result(channel)

    def discard(self, channel: C) -> None:
        """Close a connection that was taken; another may be made in its place."""
        self._gone()
        _keep(channel.aclose(), self._closing)

    def discard_free(self) -> None:
        """Close those that nobody has: the server they led to is gone."""
        while self._free:
            self.discard(self._free.pop())

    async def aclose(self) -> None:
        """Close all that were given back, and later those that still are in use."""
        self._closed = True
        self.discard_free()
        while (waiter := self._next()) is not None:
            waiter.set_result(None)
        for task in self._growing:
            task.cancel()
        await asyncio.gather(*self._growing, *self._closing, return_exceptions=True)

    async def _grow(self) -> None:
        """Make a connection for whoever waits; where none can be had, they hear why.

        While there are others, one of those may be given back.
        """
        try:
            channel = await self._connect()
        except DatabaseUnavailable as error:
            if isinstance(error, TooManyConnections):
                self._crowded_until = time.monotonic() + CROWDED_SECONDS
            self._count -= 1
            while not self._count and (waiter := self._next()) is not None:
                waiter.set_exception(type(error)(*error.args))
        except BaseException as error:
            self._count -= 1
            waiter = self._next()
            if waiter is not None and not isinstance(error, asyncio.CancelledError):
                waiter.set_exception(error)
            raise
        else:
            self.give(channel)

    def _may_grow(self) -> bool:
        return self._count < self._most and (
            not self._count or time.monotonic() >= self._crowded_until
        )

    def _gone(self) -> None:
        """Count one connection less, and let somebody who waits make another."""
        self._count -= 1
        waiter = self._next()
        if waiter is not None:
            waiter.set_result(None)

    def _next(self) -> "asyncio.Future[C | None] | None":
        """Return whoever waits longest; None for nobody."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _queue(self, *, first: bool) -> "asyncio.Future[C | None]":
        """Return a place in the queue for a connection; who has waited before is `first`."""
        waiter: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(waiter)
        else:
            self._waiting.append(waiter)
        return waiter

    async def _given(self, waiter: "asyncio.Future[C | None]") -> C | None:
        """Wait until a connection is there, which is returned, or one less is there."""
        try:
            return await waiter
        except asyncio.CancelledError:
            given = None
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                given = waiter.result()
            if given is not None:
                self.give(given)
            raise


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Begin some work, which is among the `tasks` until it has ended."""
    task = asyncio.ensure_future(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
