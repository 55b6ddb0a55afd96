"""What is sent to the database, in bounded time: reads twice if need be, writes never."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from tui.database.mongodb import failures
from tui.database.mongodb.client import CONNECT_SECONDS, CONNECTIONS
from tui.database.mongodb.failures import PERHAPS, OperationTooSlow, ServerLost
from tui.database.mongodb.topology import Watch
from tui.database.mongodb.url import MongodbUrl
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.faults import Faults

T = TypeVar("T")
STATEMENT_SECONDS: Final = 2.0
"""What one statement may take, waiting for a server and a connection included."""
OUTAGE_SECONDS: Final = 0.6
"""The same while no server was to be reached: the driver looks for one twice a second."""
SERVER_MS: Final = 1_900
"""What the server itself lets a statement take: `maxTimeMS`."""
LOOKING_SECONDS: Final = CONNECT_SECONDS + 0.5
"""After which time the driver has ended looking for a server."""
LEAVE_SECONDS: Final = 0.1
"""What a statement that was cancelled may take to end, before it is left to itself."""


class MongodbExchange:
    """Runs what is to be sent, and says in our words what went wrong."""

    def __init__(self, watch: Watch, url: MongodbUrl, faults: Faults | None = None) -> None:
        """Send where `watch` looks; `faults` make it late, or lose it."""
        self._watch = watch
        self._url = url
        self._faults = faults
        self._under_way = 0
        self._looking: set[asyncio.Task[Any]] = set()
        """What the driver may still have to find a server for."""
        self._left: set[asyncio.Task[Any]] = set()

    async def read(
        self, send: Callable[[], Awaitable[T]], *, seconds: float | None = STATEMENT_SECONDS
    ) -> T:
        """Return the answer, asked for once more if the connection was lost.

        Without `seconds` the caller bounds it.

        Raises:
            DatabaseUnavailable: no answer, none in time, or one that may be old.
        """
        self._watch.check_fresh()
        self._under_way += 1
        try:
            end = None if seconds is None else _now() + self._limit(seconds)
            try:
                return await self._in_time(self._first(send), end)
            except PyMongoError as error:
                if not failures.is_lost(error):
                    raise
            self._watch.check_fresh()
            if end is not None and self._watch.is_down:
                end = min(end, _now() + OUTAGE_SECONDS)
            return await self._in_time(self._send(send), end)
        except TimeoutError:
            raise self.no_answer() from None
        except failures.ERRORS as error:
            raise failures.translate(error, self._url) from error
        finally:
            self._under_way -= 1

    async def write(self, send: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to what changes something; it is sent once.

        Raises:
            ChangeRefused: the collection does not allow it.
            DatabaseUnavailable: no answer, so it may have been written, as it says then.
        """
        self._watch.check_fresh()
        reachable = self._watch.is_reachable
        self._under_way += 1
        try:
            end = _now() + self._limit(STATEMENT_SECONDS)
            return await self._in_time(self._first(send), end, leave=False)
        except TimeoutError:
            slow = self.no_answer()
            if reachable or self._watch.is_reachable:
                raise OperationTooSlow(f"{slow}; {PERHAPS}") from None
            raise slow from None
        except failures.ERRORS as error:
            refused = failures.too_long(error)
            if isinstance(error, OperationFailure) and not failures.was_sent(error):
                refused = failures.refusal(error)
            if refused is not None:
                raise refused from error
            found = failures.translate(error, self._url)
            if failures.was_sent(error) or isinstance(found, OperationTooSlow):
                raise ServerLost(f"{found}; {PERHAPS}") from error
            raise found from error
        finally:
            self._under_way -= 1

    def _limit(self, seconds: float) -> float:
        return min(seconds, OUTAGE_SECONDS) if self._watch.is_down else seconds

    def no_answer(self, seconds: float = STATEMENT_SECONDS) -> DatabaseUnavailable:
        """Return why nothing came in time: nobody is there, or somebody is slow."""
        if self._watch.is_down:
            return failures.unreachable(self._watch.why_down, self._url)
        words = failures.too_slow(seconds)
        if self._under_way > CONNECTIONS:
            words += f", with {self._under_way} under way on {CONNECTIONS} connections"
        return OperationTooSlow(words)

    async def _in_time(
        self, statement: Coroutine[Any, Any, T], end: float | None, *, leave: bool = True
    ) -> T:
        """Run a statement as a task of its own, until the loop's time is `end`.

        Who looks for a server is not cancelled, but left to the driver's own limit, or, not to
        `leave` what may still be sent, waited for. The driver looks by `asyncio.wait_for`:
        before Python 3.12 that drops a cancellation which comes with the server, and one that
        comes with its own end leaves a lock locked for good, which all statements need.

        Raises:
            TimeoutError: it was over.
        """
        task = asyncio.create_task(statement)
        try:
            await asyncio.wait({task}, timeout=None if end is None else end - _now())
            if task in self._looking and not leave:
                await asyncio.wait({task}, timeout=LOOKING_SECONDS)
                self._looking.discard(task)
        finally:
            if not task.done():
                self._left.add(task)
                task.add_done_callback(self._ended)
                if task in self._looking:
                    asyncio.get_running_loop().call_later(LOOKING_SECONDS, task.cancel)
                else:
                    task.cancel()
                    await asyncio.wait({task}, timeout=LEAVE_SECONDS)
            self._looking.discard(task)
        if task.cancelled() or not task.done():
            raise TimeoutError
        return task.result()

    async def _first(self, send: Callable[[], Awaitable[T]]) -> T:
        await self._pass_faults()
        return await self._send(send)

    async def _send(self, send: Callable[[], Awaitable[T]]) -> T:
        if not self._watch.is_reachable and (task := asyncio.current_task()) is not None:
            self._looking.add(task)
        return await send()

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # is nobody's any more

    async def _pass_faults(self) -> None:
        """Be late, or find nobody, as the faults say: in the words of the driver."""
        if self._faults is None:
            return
        if self._faults.database_latency:
            await asyncio.sleep(self._faults.database_latency)
        if self._faults.database_down:
            raise RefusedOnPurpose(self._url.hosts)


def _now() -> float:
    return asyncio.get_running_loop().time()


class RefusedOnPurpose(ServerSelectionTimeoutError):
    """What the driver raises where nobody listens."""

    def __init__(self, hosts: str) -> None:
        """Say so of `hosts`."""
        number = errno.ECONNREFUSED
        super().__init__(f"{hosts}: [Errno {number}] {os.strerror(number)}")
