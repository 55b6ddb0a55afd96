"""The lines that are typed or piped in, read while other things go on."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol

from tui.runtime.errors import HitmissError
from tui.runtime.plain_text import is_unicode

LONGEST: Final = 65_536
"""Bytes of a line; of a longer one nothing is taken."""
Read = Callable[[int], bytes]


class LineNotTaken(HitmissError):
    """A line that nothing is made of: it is too long, or no text."""


class Lines(Protocol):
    """Where the lines come from."""

    def next(self) -> Coroutine[Any, Any, str | None]:
        """Return the next line without its end; None when there are no more.

        Raises:
            LineNotTaken: nothing can be made of it; the next one may be asked for.
        """
        ...


class LineCutter:
    """Cuts what is read into lines, and keeps no more than one that is too long."""

    def __init__(self, read: Read) -> None:
        """Cut what `read` gives, which is nothing at the end."""
        self._read = read
        self._rest = b""
        self._over = False

    def next(self) -> bytes | None:
        """Return the next line without its end, at most LONGEST + 1 bytes of it.

        None when there are no more.
        """
        kept = b""
        while True:
            line, end, rest = self._rest.partition(b"\n")
            kept = (kept + line)[: LONGEST + 1]
            self._rest = rest
            if end:
                return kept.rstrip(b"\r")
            if self._over:
                return kept or None
            self._rest = self._read(LONGEST)
            self._over = not self._rest


class ThreadedLines:
    """Lines of a descriptor, read by a thread: one ahead is never read unasked.

    Not by the event loop, which can wait for a terminal or a pipe, but for no file.
    """

    def __init__(self, read: Read) -> None:
        """Read with `read`, which waits as long as it takes."""
        self._cutter = LineCutter(read)
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._wanted = threading.Semaphore(0)
        self._is_asked = self._is_over = False
        self._thread = threading.Thread(
            target=self._run, args=(asyncio.get_running_loop(),), daemon=True
        )
        self._thread.start()

    async def next(self) -> str | None:
        """Return the next line; see Lines. Who is cancelled leaves it to the next who asks."""
        if self._is_over:
            return None
        if not self._is_asked:
            self._is_asked = True
            self._wanted.release()
        line = await self._queue.get()
        self._is_asked = False
        self._is_over = line is None
        return None if line is None else text_of(line)

    def close(self) -> None:
        """Let the thread end, unless it waits for somebody to type."""
        self._is_over = True
        self._wanted.release()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        line: bytes | None = b""
        while line is not None:
            self._wanted.acquire()
            if self._is_over:
                return
            try:
                line = self._cutter.next()
            except OSError:  # the terminal is gone
                line = None
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._queue.put_nowait, line)


def text_of(line: bytes) -> str:
    """Return a line as text.

    Raises:
        LineNotTaken: it is too long, or not UTF-8.
    """
    if len(line) > LONGEST:
        raise LineNotTaken(f"that line is longer than {LONGEST:,} bytes: nothing of it is done")
    text = line.decode(errors="surrogateescape")
    if not is_unicode(text):
        raise LineNotTaken("that line is no text in UTF-8: nothing of it is done")
    return text
