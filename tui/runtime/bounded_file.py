"""A file that is read: no more of it than it may hold, and without waiting for ever."""

import os
import select
import stat
import time
from contextlib import closing
from pathlib import Path
from typing import Final

PIPE_SECONDS: Final = 5.0
"""How long a pipe may take to bring all that it brings."""
PIECE: Final = 65536
SYSTEM_FOLDERS: Final = ("/dev/fd/", "/proc/")
"""Where descriptors have names: the pipe behind one has no other name to be opened by."""


class NotToBeRead(OSError):
    """There is something that is not read, or not to its end; `strerror` says why."""

    def __init__(self, reason: str) -> None:
        """Say why, as it follows the file's name and a colon."""
        super().__init__(None, reason)
        self._reason = reason

    def __str__(self) -> str:
        """Return why, without the number that a system's error has."""
        return self._reason


def read_bounded(
    path: Path, most: int, *, streams: bool = False, seconds: float | None = None
) -> bytes:
    """Return what a file holds, which is `most` bytes at most.

    With `streams` it may be a pipe or a device too, as with `<(command)` in a shell; all that
    comes has to come within `seconds`, PIPE_SECONDS where none are given. Else only a regular
    file is opened, since opening alone takes what is in a pipe, or makes a device do something;
    and one that has nothing to be read yet, as the kernel has some, is not waited for.

    Raises:
        NotToBeRead: it is longer, takes longer, or is no such file.
        OSError: it is not there, or cannot be read.
    """
    _check_kind(path.stat(), streams=streams)
    with closing(_Reader(path, PIPE_SECONDS if seconds is None else seconds)) as reader:
        _check_kind(os.fstat(reader.file), streams=streams)
        content = reader.read(most + 1)
    if len(content) > most:
        raise NotToBeRead(f"more than {most:,} bytes, which is more than it may hold")
    return content


def _check_kind(status: os.stat_result, *, streams: bool) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode) or (streams and (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode))):
        return
    what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
    raise NotToBeRead(f"cannot be read: it is {what}")


class _Reader:
    """Reads a file that may have no end, or no beginning."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.file = os.open(
            path,
            os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
            | getattr(os, "O_BINARY", 0),
        )  # fmt: skip
        named = not str(path.resolve()).startswith(SYSTEM_FOLDERS)
        # Before the first writer has come, a pipe with a name reads like one that has ended.
        mode = os.fstat(self.file).st_mode
        self._may_begin = named and stat.S_ISFIFO(mode)
        # A disk may be slow, but it comes to an end by itself.
        self._seconds = 0.0 if stat.S_ISREG(mode) else seconds
        self._end = float("inf") if stat.S_ISREG(mode) else time.monotonic() + seconds

    def read(self, most: int) -> bytes:
        """Return the bytes until the end of the file, or the first `most` of them."""
        content = bytearray()
        while len(content) < most:
            piece = self._piece(min(PIECE, most - len(content)))
            if piece:
                content += piece
                self._may_begin = False
            elif piece is None or self._may_begin:
                self._wait()
                self._may_begin = False
            else:
                break
            if time.monotonic() > self._end:
                raise self._too_slow()
        return bytes(content)

    def close(self) -> None:
        os.close(self.file)

    def _piece(self, most: int) -> bytes | None:
        """Return the next bytes: b"" at the end, None while there are none yet."""
        try:
            return os.read(self.file, most)
        except BlockingIOError:
            return None

    def _wait(self) -> None:
        left = min(self._seconds, max(0.0, self._end - time.monotonic()))
        if not select.select([self.file], [], [], left)[0]:
            raise self._too_slow()

    def _too_slow(self) -> NotToBeRead:
        if not self._seconds:
            return NotToBeRead("cannot be read: it does not end")
        return NotToBeRead(f"cannot be read: it did not end within {self._seconds:g} s")
