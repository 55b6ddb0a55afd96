"""What the terminal is sent, kept as an asciicast: a file that players of terminals know.

The format is version 2 (docs.asciinema.org/manual/asciicast/v2): a line of JSON with the size,
then a line for each piece of output, with its time in seconds.
"""

import json
import os
import re
import time
from codecs import getincrementaldecoder
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from tui.runtime.own_file import open_new
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
            OSError: there is one, or it cannot be written.
        """
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._started = time.monotonic()
        self._size = _terminal_size()
        self.failure: str | None = None
        """Why no more is recorded; None while all is well."""
        self._file = open(open_new(path), "w", encoding="utf-8", newline="\n")  # noqa: PTH123, SIM115
        width, height = self._size
        self._write(
            {
                "version": 2, "width": width, "height": height, "timestamp": int(time.time()),
                "title": plain(title), "env": {"TERM": plain(os.environ.get("TERM", ""))},
            }
        )  # fmt: skip

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
                self._file.write(json.dumps(value, ensure_ascii=False) + "\n")
                self._file.flush()
            except OSError as error:  # what is shown goes on
                self.failure = str(error.strerror)

    def __enter__(self) -> Self:
        """Record."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        try:
            self._file.close()
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
