"""A few connections to one server: the one used last is used next, so that few stay warm."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable

MOST_CONNECTIONS = 8
"""Of one pool. More gain nothing: a server has few cores, and so has whoever runs this."""
CROWDED_SECONDS = 2.0
"""How long a pool goes without a further connection after the server had none to give."""


class ConnectionLost(DatabaseUnavailable):
    """The connection ended under a statement: who only reads may ask once more."""


class TooManyConnections(DatabaseUnavailable):
    """The server gives no further connection."""


class Channel(Protocol):
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


C = TypeVar("C", bound=Channel)


class Pool(Generic[C]):
    """Connections that are made when they are needed, and kept."""

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
        self._closing: set[asyncio.Task[None]] = set()

    async def take(self) -> C:
        """Return a connection, which nobody else has until it is given back.

        Raises:
            DatabaseUnavailable: none can be made.
        """
        while True:
            while self._free:
                channel = self._free.pop()
                if channel.usable:
                    return channel
                self.discard(channel)
            if self._may_grow():
                self._count += 1
                try:
                    return await self._connect()
                except TooManyConnections:
                    self._gone()
                    if not self._count:
                        raise
                    self._crowded_until = time.monotonic() + CROWDED_SECONDS
                except BaseException:
                    self._gone()
                    raise
            given = await self._wait()
            if given is not None:
                return given

    def give(self, channel: C) -> None:
        """Take a connection back, for the next who wants one."""
        if not channel.usable:
            self.discard(channel)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(channel)
                return
        self._free.append(channel)

    def discard(self, channel: C) -> None:
        """Close a connection that was taken; another may be made in its place."""
        self._gone()
        task = asyncio.ensure_future(channel.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def discard_free(self) -> None:
        """Close those that nobody has: the server they led to is gone."""
        while self._free:
            self.discard(self._free.pop())

    async def aclose(self) -> None:
        """Close all that were given back."""
        self.discard_free()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _may_grow(self) -> bool:
        return self._count < self._most and (
            not self._count or time.monotonic() >= self._crowded_until
        )

    def _gone(self) -> None:
        """Count one connection less, and let somebody who waits make another."""
        self._count -= 1
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def _wait(self) -> C | None:
        """Wait until a connection is given back, which is returned, or one less is there."""
        waiter: asyncio.Future[C | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            given = waiter.result() if waiter.done() and not waiter.cancelled() else None
            if given is not None:
                self.give(given)
            raise
