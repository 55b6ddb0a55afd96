"""What the process does when the system tells it to end."""

import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Final

ENDING: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
    if hasattr(signal, name)
)
"""The signals that ask a process to end."""


_before_leaving: list[Callable[[], object]] = []


def before_leaving(clean: Callable[[], object]) -> None:
    """Call that before a signal ends the process at once: it takes away what would be left."""
    _before_leaving.append(clean)


def leave_at_once() -> None:
    """From now on, end without a word: nothing is open yet that would have to be closed."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # by nohup, or in the background
            signal.signal(number, _leave)


def as_usual() -> None:
    """From now on, end as every Python program does; ctrl+c is a KeyboardInterrupt."""
    for number in ENDING:
        if signal.getsignal(number) is _leave:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)


def end_by(end: Callable[[int], None], numbers: Iterable[int] = ENDING) -> None:
    """From now on, call `end` with the signal's number, from the running event loop.

    One that was ignored stays so: a terminal that is gone is noticed without SIGHUP too.
    """
    import asyncio  # takes long, and the command begins with this module

    loop = asyncio.get_running_loop()

    def told(number: int, _: FrameType | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: it has ended already
            loop.call_soon_threadsafe(end, number)

    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, _is_woken)
                signal.signal(number, told)
    _wake_without_a_word()


def _is_woken() -> None:
    """Do nothing: the loop wakes up for a signal, and `told` says what it was.

    The loop's own handlers hear of a signal by a byte, which is lost while as many wait as its
    socket holds: the loop may be busy, and others hand it work.
    """


def _wake_without_a_word() -> None:
    """Let a signal wake the loop, but not complain where so much waits that it wakes anyway."""
    with suppress(ValueError):  # signals are for the main thread
        wakes = signal.set_wakeup_fd(-1)
        if wakes != -1:
            signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)


def _leave(number: int, _: FrameType | None) -> None:
    for clean in _before_leaving:
        with suppress(OSError):
            clean()
    os._exit(128 + number)
