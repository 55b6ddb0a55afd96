"""What the terminal is sent, kept as an asciicast: a file that players of terminals know.

The format is version 2 (docs.asciinema.org/manual/asciicast/v2): a line of JSON with the size,
then a line for each piece of output, with its time in seconds.
"""

import json
import os
import re
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from tui.runtime.own_file import open_new, remove
from tui.runtime.plain_text import plain

if TYPE_CHECKING:
    from textual.driver import Driver

QUESTIONS: Final = re.compile(r"\x1b\[(?:6n|c|\?u|\?[0-9]+\$p)")
"""What a terminal answers: played back, the answers would stand in somebody's shell."""


class Recording:
    """A file that is written while something is shown; it is whole at any time."""

    def __init__(self, path: Path, title: str) -> None:
        """Begin a file at `path`, where there is none yet.

        Raises:
            OSError: there is one, or it cannot be written; then none is left there.
        """
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._started = time.monotonic()
        self._size = _terminal_size()
        self.failure: str | None = None
        """Why no more is recorded; None while all is well."""
        self._path = path
        self._file = open_new(path)
        self._length = 0
        """Bytes of the file: lines that are whole."""
        width, height = self._size
        try:
            self._append(
                {
                    "version": 2, "width": width, "height": height,
                    "timestamp": int(time.time()), "title": plain(title),
                    "env": {"TERM": plain(os.environ.get("TERM", ""))},
                }
            )  # fmt: skip
        except BaseException:
            self._leave_nothing()
            os.close(self._file)
            raise
        self._length_of_header = self._length

    def note(self, data: bytes) -> None:
        """Record what the terminal was sent just now."""
        size = _terminal_size()
        if size != self._size:
            self._size = size
            self._event("r", f"{size[0]}x{size[1]}")
        text = QUESTIONS.sub("", self._decode(data))
        if text:
            self._event("o", text)

    def _event(self, kind: str, text: str) -> None:
        self._write([round(time.monotonic() - self._started, 6), kind, text])

    def _write(self, value: Any) -> None:
        if self.failure is None:
            try:
                self._append(value)
            except OSError as error:  # what is shown goes on
                self.failure = str(error.strerror)

    def _append(self, value: Any) -> None:
        """Add a line, whole or not at all: players stop at the half of one."""
        line = f"{json.dumps(value, ensure_ascii=False)}\n".encode()
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except BaseException:
            os.ftruncate(self._file, self._length)
            raise
        self._length += len(line)

    def _leave_nothing(self) -> None:
        with suppress(OSError):  # it may have been moved, or its folder
            remove(self._path, os.fstat(self._file))

    def __enter__(self) -> Self:
        """Record."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; one that went wrong before anything was shown is not left there."""
        failed = kind is not None or self.failure is not None
        if failed and self._length == self._length_of_header:
            self._leave_nothing()
        try:
            os.close(self._file)
        except OSError as failure:
            self.failure = str(failure.strerror)


def recorded(driver: "type[Driver] | None", recording: Recording) -> "type[Driver]":
    """Give a driver that does what `driver` does, or sends whole widgets, and records."""
    from tui.terminal.driver import ThinDriver
    from tui.terminal.reading import ReadingDriver

    if driver is ThinDriver:

        class RecordedThinDriver(ThinDriver):
            def _send(self, data: bytes) -> None:
                super()._send(data)
                recording.note(data)

        return RecordedThinDriver

    class RecordedDriver(ReadingDriver):
        def write(self, data: str) -> None:
            super().write(data)
            recording.note(data.encode("utf-8", "replace"))

    return RecordedDriver


def _terminal_size() -> tuple[int, int]:
    try:
        width, height = os.get_terminal_size()
    except OSError:
        width, height = 80, 24
    return width, height
