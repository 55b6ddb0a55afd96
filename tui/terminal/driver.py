"""Textual's driver for Unix terminals, but it sends only the cells that have changed."""

import os
import select
import signal
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final, TextIO

from textual import events
from textual._parser import ParseError
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui.terminal.abilities import abilities_of
from tui.terminal.frames import Frames
from tui.terminal.keyboard import Keyboard
from tui.terminal.line import Line

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

HUNG_UP: Final = 129
"""The exit code when the terminal is gone: as if SIGHUP had said so."""
ANSWER_SECONDS: Final = 0.5
"""How long leaving waits for the terminal's last answer."""
READ_BYTES: Final = 4096
TICK_SECONDS: Final = 0.1
"""How often the input looks whether it is to end, or an escape key was all there was."""
LEAVING_SECONDS: Final = 2.0
"""How long leaving waits for a terminal that does not read."""
WIDEST, HIGHEST = 1000, 500
"""Of a larger terminal a part is used: anybody may claim any size over SSH, and cells cost."""


class ThinDriver(LinuxDriver):
    """Keeps the screen in memory, and sends the difference when the line is free."""

    def __init__(
        self,
        app: "App[object]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Prepare to paint `app`."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._reported: tuple[int, int] | None = None
        """The size that the terminal itself told."""
        if not _is_terminal(self._file):  # errors go elsewhere: the screen is not to follow
            self._file = sys.__stdout__ or self._file
        self._output = 1 if self._file is None else self._file.fileno()
        self._size = size or self._get_terminal_size()
        self._encoding = "utf-8" if self._file is None else self._file.encoding
        self._lock = Lock()
        self._frames = Frames(*self._screen_size(), abilities_of(os.environ.get("TERM", "")))
        self._line: Line | None = None
        # Textual's own handlers work in the midst of whatever runs; these wait for the loop.
        signal.signal(signal.SIGTSTP, self._told_to_stop)
        signal.signal(signal.SIGCONT, self._told_to_go_on)

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
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with self._lock:
            self._frames.begin()
        self._line.wake()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        with self._lock:
            self._frames.end()
        super().stop_application_mode()

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

    def run_input_thread(self) -> None:
        """Read what is typed until told to stop, or until the line is closed.

        Textual's own would go round and round at the end of input.
        """
        parser = Keyboard(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        try:
            while not self.exit_event.is_set():
                if select.select([self.fileno], [], [], TICK_SECONDS)[0]:
                    data = self._read()
                    if not data:
                        self._hang_up()
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        finally:
            with suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass

    def process_message(self, message: "Message") -> None:
        """Hand on what was typed or told; the answers to our own questions end here."""
        if isinstance(message, events.CursorPosition):
            if self._line is not None and self._line.answer():
                return
        elif isinstance(message, events.Resize):
            size = Size(*_bounded(message.size.width, message.size.height))
            self._reported = (size.width, size.height)
            if size != message.size:
                message = events.Resize(size, size)
        super().process_message(message)

    def _screen_size(self) -> tuple[int, int]:
        return self._reported or self._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Give the size, as Textual asks for it when it starts and at each SIGWINCH.

        Textual's own believes COLUMNS and LINES first, which do not follow the window.
        """
        try:
            width, height = os.get_terminal_size(self._output)
        except OSError:
            width = height = 0
        return _bounded(
            *((width, height) if width and height else super()._get_terminal_size())
        )

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

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, READ_BYTES)
        except OSError:  # the other side is closed
            return b""

    def _hang_up(self) -> None:
        self._soon(partial(self._app.exit, return_code=HUNG_UP))

    def _soon(self, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop is closed: it has ended already
            self._loop.call_soon_threadsafe(call)

    def _told_to_stop(self, *_: object) -> None:
        if self._auto_restart:
            self._soon(self._stop)
        else:  # the terminal has been given back already
            os.kill(os.getpid(), signal.SIGSTOP)

    def _told_to_go_on(self, *_: object) -> None:
        if self._auto_restart:  # nobody told us to stop: somebody may have used the terminal
            self._soon(self._take_over_again)

    def _stop(self) -> None:
        with self.no_automatic_restart():
            self.suspend_application_mode()
            os.kill(os.getpid(), signal.SIGSTOP)
            self.resume_application_mode()

    def _take_over_again(self) -> None:
        if self._line is not None:
            with self.no_automatic_restart():
                self.suspend_application_mode()
                self.resume_application_mode()


def _is_terminal(file: TextIO | None) -> bool:
    return file is not None and file.isatty()  # None where it was closed at the start


def _bounded(width: int, height: int) -> tuple[int, int]:
    return max(1, min(width, WIDEST)), max(1, min(height, HIGHEST))
