"""A file of JSON lines, which several processes may write, and which stays small."""

import os
import stat
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tui.runtime.errors import SettingsError
from tui.runtime.log_rotation import put_aside
from tui.runtime.log_target import descriptor, hindrance, locks, open_target
from tui.runtime.plain_text import json_line

MOST_BYTES: Final = 10_000_000
"""How large it grows; then it is kept beside its successor, until that is full too."""
MOST_KEPT: Final = 1_000
"""How many lines are kept in memory while they cannot be written."""


def check(path: Path) -> None:
    """Return if lines can be added to the file; nothing is made or changed.

    Raises:
        SettingsError: they cannot.
    """
    wrong = hindrance(path)
    if wrong is not None:
        raise SettingsError(f"--log {path}: {wrong}; name another file")


class LogFile:
    """Adds lines to the file at a path, each at once; what cannot be written is tried again."""

    def __init__(
        self, path: Path, complain: Callable[[str], None], *, most_bytes: int = MOST_BYTES
    ) -> None:
        """Open `path` with the first line; `complain` is told when writing begins to fail."""
        self._path = path
        self._complain = complain
        self._most_bytes = most_bytes
        # What somebody else has opened is not ours to move.
        self._rotates = descriptor(path) is None
        self._file: int | None = None
        self._unwritten: deque[bytes] = deque()
        self._lost = 0
        self._failure: str | None = None

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write a line, after those that wait; it gets the time (UTC) and the process."""
        if len(self._unwritten) < MOST_KEPT:
            self._unwritten.append(_line(entry))
        else:
            self._lost += 1
        self._write()

    def close(self) -> None:
        """Try once more to write what waits, and say how much of it could not be."""
        if self._unwritten:
            self._write()
        left = len(self._unwritten) + self._lost
        if left:
            self._complain(
                f"{left:,} lines of the log {self._path} were not written: {self._failure}"
            )
        self._close()

    def _write(self) -> None:
        """Write what waits; what is left of a line that was cut goes first the next time."""
        try:
            file = self._current()
            while self._unwritten:
                line = self._unwritten.popleft()
                count = 0
                try:
                    count = os.write(file, line)
                finally:
                    if count < len(line):
                        self._unwritten.appendleft(line[count:])
                if not self._unwritten and self._lost:
                    self._unwritten.append(_line({"event": "lost", "lines": self._lost}))
                    self._lost = 0
        except OSError as error:
            if self._failure is None:
                self._complain(
                    f"the log {self._path} cannot be written: {error.strerror};"
                    f" hitmiss goes on, and keeps {MOST_KEPT:,} lines until it can"
                )
            self._failure = str(error.strerror)
        else:
            self._failure = None

    def _current(self) -> int:
        """Give the file to write to: opened anew where it was moved away, or is full."""
        if self._file is not None and self._is_moved(self._file):
            self._close()
        if self._file is None:
            self._file = open_target(self._path)
        status = os.fstat(self._file)
        if (
            self._rotates
            and stat.S_ISREG(status.st_mode)
            and status.st_size >= self._most_bytes
        ):
            self._put_aside(self._file)
            self._close()
            self._file = open_target(self._path)
        return self._file

    def _put_aside(self, file: int) -> None:
        """Move the full file to its second name, unless another process does or just did.

        The lock is the full file's own: whoever gets it later sees that it was moved.
        """
        if locks(file) and not self._is_moved(file):
            with suppress(BlockingIOError):
                put_aside(self._path, file)

    def _is_moved(self, file: int) -> bool:
        if not self._rotates:
            return False
        try:
            return not os.path.samestat(self._path.lstat(), os.fstat(file))
        except FileNotFoundError:
            return True

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _line(entry: Mapping[str, Any]) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json_line({"time": now, "pid": os.getpid(), **entry}).encode() + b"\n"
