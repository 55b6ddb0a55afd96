"""A connection's thread: begun and ended in bounded time, whatever it hangs in."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.database.sqlite import failures
from tui.database.sqlite.aside import FILE_SECONDS
from tui.database.sqlite.opening import LONGEST, Opened, open_file
from tui.runtime.errors import DatabaseUnavailable

if TYPE_CHECKING:
    import aiosqlite

CLOSE_SECONDS = 1.0
"""How long a statement under way may take to end, and once more after it was interrupted."""
ROWS_AT_ONCE = 64
"""What aiosqlite wants to know of cursors, which are not used here."""


class Channel:
    """A connection in a thread of its own, and what is known of the file it has open."""

    def __init__(self, statements: "aiosqlite.Connection", opened: Opened) -> None:
        """Send statements to `opened` through `statements`."""
        self.statements = statements
        self.opened = opened

    async def aclose(self) -> None:
        """Close it; after CLOSE_SECONDS interrupt what runs, after as much again give up.

        The thread then hangs in what SQLite cannot interrupt, and is left to itself: see
        tui.runtime.leaving for how the process ends.
        """
        closing = asyncio.ensure_future(self.statements.close())
        try:
            await asyncio.wait([closing], timeout=CLOSE_SECONDS)
        finally:
            if not closing.done():
                with suppress(ValueError, sqlite3.Error):  # it is closing just now
                    await self.statements.interrupt()
                await asyncio.wait([closing], timeout=CLOSE_SECONDS)
            await _given_up(closing)


async def open_channel(
    path: Path,
    *,
    read_only: bool,
    collations: tuple[str, ...] = (),
    bound: int = LONGEST,
    memory: int = LONGEST,
) -> Channel:
    """Open an existing file in a thread of its own; creates nothing.

    `collations` are stood in for. A value of more than `bound` bytes is not read, and SQLite
    takes no more than `memory` bytes for all that it does.

    Raises:
        DatabaseUnavailable: the file cannot be opened, or not in FILE_SECONDS.
    """
    import aiosqlite  # the schema is read without it, before the first paint

    found: list[Opened] = []
    unwanted = threading.Event()

    def open_there() -> Opened:
        opened = open_file(path, read_only=read_only)
        opened.row_factory = sqlite3.Row
        opened.stand_in(collations)
        opened.limit_memory(memory)
        opened.bound = bound
        found.append(opened)
        if unwanted.is_set():
            opened.close()
        return opened

    try:
        statements = await _connected(partial(aiosqlite.Connection, open_there, ROWS_AT_ONCE))
    except failures.ERRORS as error:
        raise failures.translate(error, path) from error
    except BaseException:
        unwanted.set()  # by the thread alone can it be closed, when it comes so far
        raise
    return Channel(statements, found[0])


async def _connected(
    make: Callable[[], Awaitable["aiosqlite.Connection"]],
) -> "aiosqlite.Connection":
    """Return a connection; whoever no longer wants it waits until its thread has ended.

    The thread would else call back into an event loop that may be closed by then.
    """

    async def connect() -> "aiosqlite.Connection":
        return await make()

    connecting = asyncio.ensure_future(connect())
    try:
        await asyncio.wait([connecting], timeout=FILE_SECONDS)
    except asyncio.CancelledError:
        await asyncio.wait([connecting], timeout=CLOSE_SECONDS)
        if connecting.done() and connecting.exception() is None:
            await connecting.result().close()
        await _given_up(connecting)
        raise
    if not connecting.done():
        await _given_up(connecting)
        raise DatabaseUnavailable(
            f"the database could not be opened within {FILE_SECONDS:g} s; is its disk there?"
        )
    return connecting.result()


async def _given_up(work: "asyncio.Future[Any]") -> None:
    """End a task of aiosqlite's that waits for its thread, however often it does so."""
    while not work.done():
        work.cancel()
        await asyncio.sleep(0)
    if not work.cancelled():
        work.exception()
