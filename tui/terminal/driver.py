"""Textual's driver for Unix terminals, but it sends only the cells that have changed."""

import os
import select
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from textual import events

from tui.terminal.abilities import abilities_of
from tui.terminal.frames import Frames
from tui.terminal.line import Line
from tui.terminal.reading import ReadingDriver, bounded_size

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

ANSWER_SECONDS: Final = 0.5
"""How long leaving waits for the terminal's last answer."""
LEAVING_SECONDS: Final = 2.0
"""How long leaving waits for a terminal that does not read."""


class ThinDriver(ReadingDriver):
    """Keeps the screen in memory, and sends the difference when the line is free."""

    def __init__(self, app: "App[Any]", **options: Any) -> None:
        """Prepare to paint `app`."""
        super().__init__(app, **options)
        self._reported: tuple[int, int] | None = None
        """The size that the terminal itself told."""
        self._encoding = "utf-8" if self._file is None else self._file.encoding
        self._lock = Lock()
        self._frames = Frames(*self._screen_size(), abilities_of(os.environ.get("TERM", "")))
        self._line: Line | None = None

    def write(self, data: str) -> None:
        """Take in what the screen should show, or a sequence for the terminal."""
        with self._lock:
            self._frames.resize(*self._screen_size())
            self._frames.feed(data)
        if self._line is not None:
            self._line.wake()

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._reported = None
        self._line = Line(self._take, self._send, self._hang_up, asks=self.input_tty)
        self._line.start()
        super().start_application_mode()
        with self._lock:
            self._frames.begin()
        self._line.wake()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        with self._lock:
            self._frames.end()
        super().stop_application_mode()

    def paint_anew(self) -> None:
        """Send the whole screen with the next frame, whatever the terminal should show."""
        with self._lock:
            self._frames.forget()

    def disable_input(self) -> None:
        """Read no more; what the terminal is about to say is waited for."""
        if self._line is not None:
            self._line.ask_no_more(ANSWER_SECONDS)
        super().disable_input()

    def close(self) -> None:
        """Send the rest, and let go of the line."""
        if self._line is not None:
            self._line.finish(LEAVING_SECONDS)
            if self._line.has_failed and not self._line.is_alive():
                self._send_the_rest()
            self._line = None
        super().close()

    def _send_the_rest(self) -> None:
        """Give the terminal back although what made frames of the screen has failed."""
        line = Line(self._take, self._send, lambda: None, asks=False)
        line.start()
        line.finish(LEAVING_SECONDS)

    def process_message(self, message: "Message") -> None:
        """Hand on what was typed or told; the answers to our own questions end here."""
        if isinstance(message, events.CursorPosition):
            if self._line is not None and self._line.answer():
                return
        elif isinstance(message, events.Resize):
            self._reported = bounded_size(message.size.width, message.size.height)
        super().process_message(message)

    def _has_another_size(self) -> None:
        self._reported = None
        super()._has_another_size()

    def _screen_size(self) -> tuple[int, int]:
        return self._reported or self._get_terminal_size()

    def _take(self) -> bytes:
        with self._lock:
            return self._frames.take().encode(self._encoding, "replace")

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._output, rest) :]
            except BlockingIOError:  # somebody made our side of the terminal so
                select.select([], [self._output], [])
