"""Textual's driver for Unix terminals, but what is typed is read by our own keyboard."""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING, Any, Final, TextIO

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tui.terminal.backlog import Backlog
from tui.terminal.keyboard import Keyboard

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

HUNG_UP: Final = 129
"""The exit code when the terminal is gone: as if SIGHUP had said so."""
READ_BYTES: Final = 512
TICK_SECONDS: Final = 0.1
"""How often the input looks whether it is to end."""
HELD_SECONDS: Final = 0.01
"""How often it looks whether there is room again."""
MANY: Final = 64
"""After so many events the reading waits until the app's queue has them."""
URGENT: Final = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that come through whatever else is sent."""
WIDEST, HIGHEST = 1000, 500
"""Of a larger terminal a part is used: anybody may claim any size over SSH, and cells cost."""


class ReadingDriver(LinuxDriver):
    """Reads what is typed, in a thread of its own; a bounded part of it waits for the app."""

    _unseen = 0
    """How many events were handed on since the app's queue was known to have them."""
    _is_in_front = False
    """Whether the terminal is taken over."""

    def __init__(
        self,
        app: "App[Any]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Prepare to show `app`."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if not _is_terminal(self._file):  # errors go elsewhere: the screen is not to follow
            self._file = sys.__stdout__ or self._file
        self._output = 1 if self._file is None else self._file.fileno()
        self._size = size or self._get_terminal_size()
        # Textual's own handlers work in the midst of whatever runs; these wait for the loop.
        signal.signal(signal.SIGTSTP, self._told_to_stop)
        signal.signal(signal.SIGCONT, self._told_to_go_on)

    def start_application_mode(self) -> None:
        """Take the terminal over, and follow its size as the system tells it.

        Textual would believe for good what a terminal has once reported in a sequence.
        """
        self._is_in_front = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(ValueError):  # signals are for the main thread
            signal.signal(signal.SIGWINCH, lambda *_: self._soon(self._has_another_size))

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        super().stop_application_mode()
        self._is_in_front = False

    def run_input_thread(self) -> None:
        """Read what is typed until told to stop, or until the line is closed.

        Textual's own would go round and round at the end of input.
        """
        keyboard = Keyboard()
        backlog = Backlog(self._ahead)
        while not self.exit_event.is_set():
            if backlog.is_full():
                self.exit_event.wait(HELD_SECONDS)
                continue
            looked_at, left = keyboard.now, keyboard.seconds_left
            wait = TICK_SECONDS if left is None else min(left, TICK_SECONDS)
            if select.select([self.fileno], [], [], wait)[0]:
                data = self._read()
                if not data:
                    self._hang_up()
                    return
                keyboard.takes_sizes = self._in_band_window_resize
                self._hand_on(keyboard.feed(data), only_urgent=backlog.is_flooded)
                continue
            if wait == TICK_SECONDS:
                backlog.is_over()
            # Behind the look this thread may have waited for its turn, and more have come.
            self._hand_on(keyboard.tick(looked_at))

    def process_message(self, message: "Message") -> None:
        """Hand on what was typed or told, and no size that would cost too much."""
        if isinstance(message, events.Resize):
            size = Size(*bounded_size(message.size.width, message.size.height))
            if size != message.size:
                message = events.Resize(size, size)
        super().process_message(message)

    def _disable_mouse_support(self) -> None:
        """Take the mouse back, also its pixels, which Textual's own leaves on."""
        super()._disable_mouse_support()
        if self._mouse_pixels:
            self._mouse_pixels = False
            self.write("\x1b[?1016l")

    def _hand_on(self, messages: Iterable["Message"], *, only_urgent: bool = False) -> None:
        """Give the app what has come, and see that it has it before there is more."""
        for message in messages:
            if not only_urgent or _is_urgent(message):
                self.process_message(message)
                self._unseen += 1
        if self._unseen > MANY:
            self._wait_for_the_loop()
            self._unseen = 0

    def _ahead(self) -> int:
        """Return how much has been handed on and has not done its work yet."""
        return getattr(self._app, "typed_ahead", self._app.message_queue_size)

    def _wait_for_the_loop(self) -> None:
        """Wait until the app's queue has what was handed on, or until it is time to end."""
        taken = Flag()
        self._soon(partial(self._loop.call_soon, taken.set))
        while not taken.wait(TICK_SECONDS) and not self.exit_event.is_set():
            pass

    def _told_to_stop(self, *_: object) -> None:
        if self._auto_restart:
            self._soon(self._stop)
        else:  # the terminal has been given back already
            os.kill(os.getpid(), signal.SIGSTOP)

    def _told_to_go_on(self, *_: object) -> None:
        if self._auto_restart:  # nobody told us to stop: somebody may have used the terminal
            self._soon(self._take_over_again)

    def _stop(self) -> None:
        if not self._is_in_front:  # it is ending, and has given the terminal back for good
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        with self._given_back():
            os.kill(os.getpid(), signal.SIGSTOP)

    def _take_over_again(self) -> None:
        if self._is_in_front:
            with self._given_back():
                pass

    @contextmanager
    def _given_back(self) -> Iterator[None]:
        """Let the terminal be as it was; afterwards the app is told to paint everything."""
        with self.no_automatic_restart():
            self.suspend_application_mode()
            yield
            self.resume_application_mode()
        self._app.post_message(self.SignalResume())

    def _has_another_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self.process_message(events.Resize(size, size))

    def _get_terminal_size(self) -> tuple[int, int]:
        """Give the size, as Textual asks for it when it starts and at each SIGWINCH.

        Textual's own believes COLUMNS and LINES first, which do not follow the window.
        """
        width = height = 0
        with suppress(OSError):
            width, height = os.get_terminal_size(self._output)
        return bounded_size(
            *((width, height) if width and height else super()._get_terminal_size())
        )

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


def bounded_size(width: int, height: int) -> tuple[int, int]:
    """Return the part of a terminal of that size which is used, in cells."""
    return max(1, min(width, WIDEST)), max(1, min(height, HIGHEST))


def _is_urgent(message: "Message") -> bool:
    if isinstance(message, events.Key):
        return message.key in URGENT
    return not isinstance(message, events.Paste | events.MouseEvent)


def _is_terminal(file: TextIO | None) -> bool:
    return file is not None and file.isatty()  # None where it was closed at the start
