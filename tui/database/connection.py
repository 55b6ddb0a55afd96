"""One SQLite connection: a statement at a time, in a thread of its own, in bounded time."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tui.database import file
from tui.errors import ChangeRefused, DatabaseMoved, DatabaseUnavailable
from tui.models import Scalar
from tui.scalars import StandIn, mark_of
from tui.shared_task import SharedTask

if TYPE_CHECKING:
    import aiosqlite

QUERY_SECONDS = 2.0
"""What one statement may take, waiting for its turn included."""
CHECK_SECONDS = 1.0
"""How often it is seen whether the file that is read still lies where it lay."""
INTERRUPTS, INTERRUPT_SECONDS = 5, 0.01
"""How often a statement that nobody waits for is interrupted, and how far apart."""
NOT_ALLOWED = (
    "readonly", "generated column", "because it is a view", "may not be modified",
    "RETURNING is not available",
)  # fmt: skip
"""What SQLite says of a change that it will never make, in this table or to this column."""


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
        identity: tuple[int, int] | None = None,
    ) -> None:
        """Use `connection` to the file at `path`; whoever opened it closes it.

        `identity` is what the file was before it was opened; else it is what it is now.

        With `be_late` each statement waits for that before it queues for its turn: as for a
        database elsewhere, many can be on their way at once.
        """
        self._be_late = be_late
        self._connection = connection
        self._path = path
        self._file = identity or file.identity(path)
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
                return list(rows)
        except TimeoutError:
            raise DatabaseUnavailable(_too_slow()) from None
        except sqlite3.Error as error:
            raise file.translate(error, self._path) from error

    def check_place(self, so: str) -> None:
        """Pass while the file that was opened still lies where it lay.

        Raises:
            DatabaseMoved: it does not, and `so` is what comes of it.
        """
        self._compare(file.identity(self._path), f" {so};")

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
        self.check_place("nothing was changed")
        try:
            async with asyncio.timeout(QUERY_SECONDS):
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
            return list(statement.result())
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise ChangeRefused(f"the table does not allow it: {error}") from error
        except sqlite3.Error as error:
            if any(words in str(error) for words in NOT_ALLOWED):
                raise ChangeRefused(f"the database does not allow it: {error}") from error
            raise file.translate(error, self._path) from error

    async def _look_at_its_place(self) -> None:
        """Raise DatabaseMoved when the file does not lie there any more."""
        # In a thread: the disk may be slow, and perhaps lies behind a network.
        self._compare(await asyncio.to_thread(file.identity, self._path), "")
        self._check_due = time.monotonic() + CHECK_SECONDS

    def _compare(self, found: tuple[int, int] | None, so: str) -> None:
        if found is None or found != self._file:
            raise DatabaseMoved(f"database file gone or replaced;{so} start hitmiss again")

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


@asynccontextmanager
async def open_connection(path: Path, *, mode: str) -> AsyncIterator["aiosqlite.Connection"]:
    """Open an existing file with `mode` ro or rw; creates nothing, and closes it again.

    Raises:
        DatabaseUnavailable: the file cannot be opened.
    """
    uri = file.uri(path, read_only=mode == "ro")
    try:
        connection = await _connect(uri)
    except sqlite3.Error as error:
        raise file.translate(error, path) from error
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = _text
        yield connection
    finally:
        await connection.close()


async def _connect(uri: str) -> "aiosqlite.Connection":
    """Give a connection; whoever no longer wants it waits until its thread has ended.

    The thread would else call back into an event loop that may be closed by then.
    """
    import aiosqlite  # the schema is read without it, before the first paint

    connecting = asyncio.ensure_future(
        aiosqlite.connect(uri, uri=True, timeout=file.BUSY_SECONDS, isolation_level=None)
    )
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with suppress(sqlite3.Error):
            await (await connecting).close()
        raise


def _text(stored: bytes) -> str:
    # SQLite takes any bytes as TEXT; one bad record must not make its table unreadable.
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return StandIn(stored.decode("utf-8", "replace"), mark_of("text", stored))


def _too_slow() -> str:
    return f"the database did not answer within {QUERY_SECONDS:g} s"
