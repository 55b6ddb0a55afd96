"""One SQLite connection: a statement at a time, in a thread of its own, in bounded time."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from tui.database.sqlite import failures, file
from tui.database.sqlite.aside import aside
from tui.database.sqlite.opening import Opened
from tui.models import Scalar
from tui.runtime.errors import ChangeRefused, DatabaseMoved, DatabaseUnavailable
from tui.runtime.shared_task import SharedTask

QUERY_SECONDS = 2.0
"""What one statement may take, waiting for its turn included."""
CHECK_SECONDS = 1.0
"""How often it is seen whether the file that is read still lies where it lay."""
INTERRUPTS, INTERRUPT_SECONDS = 5, 0.01
"""How often a statement that nobody waits for is interrupted, and how far apart."""
UNCHANGED = "nothing was changed"


class TooSlow(DatabaseUnavailable):
    """There was no answer in time."""


class Statements(Protocol):
    """What runs statements, as aiosqlite does: one after the other, in its own thread."""

    async def execute_fetchall(
        self, sql: str, parameters: Sequence[Scalar | bytes]
    ) -> Iterable[sqlite3.Row]:
        """Run a statement; give its rows."""
        ...

    async def interrupt(self) -> None:
        """End the statement that runs."""
        ...


class Connection:
    """Runs statements one after the other; what outstays its time is interrupted."""

    def __init__(
        self,
        connection: Statements,
        path: Path,
        be_late: Callable[[], Awaitable[None]] | None = None,
        *,
        identity: tuple[int, ...] | None = None,
        opened: Opened | None = None,
    ) -> None:
        """Use `connection` to the file at `path`; whoever opened it closes it.

        `identity` is what the file was before it was opened; else it is what it is now. Of one
        that is `opened` as immutable it counts what the file holds, since SQLite does not look.

        With `be_late` each statement waits for that before it queues for its turn: as for a
        database elsewhere, many can be on their way at once.
        """
        self._be_late = be_late
        self._connection = connection
        self._path = path
        self._opened = opened
        self._is_immutable = opened is not None and opened.immutable
        self._file = None if self._is_immutable else identity
        self._file = self._file or self._identity()
        self._check_due = time.monotonic() + CHECK_SECONDS
        self._check = SharedTask(self._look_at_its_place)
        self._turn = asyncio.Lock()

    async def read(
        self, sql: str, parameters: Sequence[Scalar | bytes], *, bounded: bool = True
    ) -> list[sqlite3.Row]:
        """Give the rows of a query, in at most QUERY_SECONDS unless the caller bounds it.

        A file that is no longer at its place is not read for longer than CHECK_SECONDS: what it
        says is nobody else's truth any more, and would be cached for all.

        Raises:
            DatabaseUnavailable: locked, damaged, gone or too slow.
        """
        try:
            async with asyncio.timeout(QUERY_SECONDS if bounded else None):
                if time.monotonic() >= self._check_due:
                    await self._check.result()
                await self._queue()
                try:
                    rows = await self._connection.execute_fetchall(sql, parameters)
                except asyncio.CancelledError:
                    # It goes on in the thread, which is free when it has run one that is short.
                    await self._stop(self._begin("SELECT 1", ()))
                    raise
                except BaseException:
                    self._turn.release()
                    raise
                self._turn.release()
                if self._opened is not None:
                    self._opened.check_order()
                return list(rows)
        except TimeoutError:
            raise TooSlow(_too_slow()) from None
        except MemoryError as error:
            raise failures.too_large() from error
        except failures.ERRORS as error:
            if self._opened is not None:
                self._opened.check_order()
            raise failures.translate(error, self._path) from error

    def check_place(self, so: str) -> None:
        """Pass while the file that was opened still lies where it lay; it waits for the disk.

        Raises:
            DatabaseMoved: it does not, and `so` is what comes of it.
        """
        self._compare(self._identity(), f" {so};")

    async def write(self, sql: str, parameters: Sequence[Scalar | bytes]) -> list[sqlite3.Row]:
        """Run a statement that commits by itself; give the rows that it returns.

        When it has not ended in time it is interrupted, which rolls it back, and its end is
        waited for: so it is known whether the change was made. A file that is no longer at
        its place is not written: nobody would find the change, and its log would go into
        the file that has come there.

        Raises:
            ChangeRefused: a constraint, or a database that may not be written.
            DatabaseUnavailable: locked, damaged, gone or too slow; nothing was changed
                unless the message says otherwise.
        """
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                await asyncio.wrap_future(aside(partial(self.check_place, UNCHANGED)))
                await self._queue()
        except TimeoutError:
            raise DatabaseUnavailable(_too_slow()) from None
        statement = self._begin(sql, parameters)
        await asyncio.wait([statement], timeout=QUERY_SECONDS)
        await self._stop(statement)
        await asyncio.wait([statement], timeout=file.BUSY_SECONDS)
        if not statement.done():
            raise DatabaseUnavailable(f"{_too_slow()}; the change may still be made")
        try:
            try:
                return list(statement.result())
            except UnicodeDecodeError as error:
                raise failures.legible(error) from error
        except MemoryError as error:
            raise ChangeRefused(failures.NOT_WHOLE) from error
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise ChangeRefused(f"the table does not allow it: {error}") from error
        except sqlite3.Error as error:
            if failures.name_of(error) == "SQLITE_INTERRUPT":
                raise TooSlow(f"{_too_slow()}; {UNCHANGED}") from error
            refusal = failures.refusal(error)
            if refusal is not None:
                raise ChangeRefused(refusal) from error
            raise failures.translate(error, self._path) from error

    async def _look_at_its_place(self) -> None:
        """Raise DatabaseMoved when the file does not lie there any more."""
        # In a thread: the disk may be slow, and perhaps lies behind a network.
        self._compare(await asyncio.wrap_future(aside(self._identity)), "")
        self._check_due = time.monotonic() + CHECK_SECONDS

    def _identity(self) -> tuple[int, ...] | None:
        return (file.contents if self._is_immutable else file.identity)(self._path)

    def _compare(self, found: tuple[int, ...] | None, so: str) -> None:
        if found is None or found != self._file:
            what = "written by another program" if self._is_immutable and found else "replaced"
            raise DatabaseMoved(f"database file gone or {what};{so} start hitmiss again")

    async def _queue(self) -> None:
        """Wait for the turn to run a statement, which whoever runs it gives back."""
        if self._be_late is not None:
            await self._be_late()
        await self._turn.acquire()

    def _begin(self, sql: str, parameters: Sequence[Scalar | bytes]) -> "asyncio.Future[Any]":
        """Run a statement to its end, whoever waits for it; then the turn is over."""
        statement = asyncio.ensure_future(self._connection.execute_fetchall(sql, parameters))
        statement.add_done_callback(self._ended)
        return statement

    def _ended(self, statement: "asyncio.Future[Any]") -> None:
        """Let the next statement begin: only a thread that is free gets one to do."""
        self._turn.release()
        if not statement.cancelled():
            statement.exception()  # whoever asked may be gone, and nobody else would fetch it

    async def _stop(self, statement: "asyncio.Future[Any]") -> None:
        """Interrupt a statement, which would go on in the thread and hold up all that follow.

        An interrupt before the thread has begun it does nothing, so there are several. One
        that waits for a lock ends by itself, within BUSY_SECONDS.
        """
        for _ in range(INTERRUPTS):
            if statement.done():
                return
            await self._connection.interrupt()
            await asyncio.wait([statement], timeout=INTERRUPT_SECONDS)


def _too_slow() -> str:
    return f"the database did not answer within {QUERY_SECONDS:g} s"
