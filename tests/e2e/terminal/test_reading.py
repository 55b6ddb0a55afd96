"""The driver reads a line while the app is busy: here the loop stands still as long as told."""

import asyncio
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from threading import Condition, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import ManualClock
from textual.app import App
from textual.events import AppFocus, Key
from textual.message import Message

from tui.terminal import reading
from tui.terminal.keyboard import Keyboard

PATIENCE_SECONDS = 10.0
"""How long anything may take before the test fails."""
FOCUS = b"\x1b[I"
MANY = 170
"""With an escape behind them, so many reports fill one read, and are waited for."""


class Line(reading.ReadingDriver):
    """The driver, with a pipe for its terminal; what it hands on is kept."""

    def __init__(self, app: App[None]) -> None:
        """Begin with nothing read."""
        super().__init__(app)
        self.messages: list[Message] = []
        self._changed = Condition()

    def process_message(self, message: Message) -> None:
        """Keep what was read."""
        with self._changed:
            self.messages.append(message)
            self._changed.notify()

    @property
    def keys(self) -> list[str]:
        """The keys so far."""
        return [one.key for one in self.messages if isinstance(one, Key)]

    def has(self, count: int) -> None:
        """Hold the caller, and with it the loop, until so much was handed on."""
        with self._changed:
            is_there = self._changed.wait_for(
                lambda: len(self.messages) >= count, PATIENCE_SECONDS
            )
        assert is_there, f"{len(self.messages)} of {count} came"

    def has_by(self, clock: ManualClock, count: int) -> None:
        """The same, and let time go on meanwhile."""
        with self._changed:
            for _ in range(1000):
                if self._changed.wait_for(
                    lambda: len(self.messages) >= count, reading.HELD_SECONDS
                ):
                    return
                clock.now += 0.02
        pytest.fail(f"{len(self.messages)} of {count} came")


@contextmanager
def reads(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Iterator[tuple[Line, int]]:
    """Let the driver read in its thread, by that clock; close the line in the end."""
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTSTP, signal.SIGCONT)}
    theirs, ours = os.pipe()
    with os.fdopen(theirs, "rb") as stdin, os.fdopen(ours, "wb"):
        monkeypatch.setattr(sys, "__stdin__", stdin)
        monkeypatch.setattr(reading, "Keyboard", partial(Keyboard, clock.monotonic))
        line = Line(App())
        thread = Thread(target=line.run_input_thread)
        thread.start()
        try:
            yield line, ours
        finally:
            line.exit_event.set()
            thread.join(PATIENCE_SECONDS)
            for number, handler in handlers.items():
                signal.signal(number, handler)


async def test_what_came_while_the_app_was_busy_is_read_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An escape is not given up while the rest of its sequence lies on the line."""
    clock = ManualClock()
    with reads(monkeypatch, clock) as (line, ours):
        os.write(ours, FOCUS * MANY + b"\x1b")
        line.has(MANY)
        clock.now += 0.15
        os.write(ours, FOCUS[1:])
        await asyncio.to_thread(line.has, MANY + 1)
    assert line.keys == []
    assert [type(one) for one in line.messages] == [AppFocus] * (MANY + 1)


async def test_a_reader_that_waits_for_its_turn_splits_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What comes between a look at the line and what is done about it was not missing."""
    clock, empty = ManualClock(), count()

    def look(*told: Any) -> Any:
        found = select.select(*told)
        if not found[0] and next(empty) == 1:
            clock.now += 5
            os.write(ours, FOCUS[1:])
        return found

    with reads(monkeypatch, clock) as (line, ours):
        os.write(ours, FOCUS + b"\x1b")
        line.has(1)
        monkeypatch.setattr(reading, "select", SimpleNamespace(select=look))
        line.has(2)
    assert [type(one) for one in line.messages] == [AppFocus] * 2


async def test_an_escape_is_the_key_also_while_the_app_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It needs no loop, only its tenth of a second."""
    clock = ManualClock()
    with reads(monkeypatch, clock) as (line, ours):
        for number in range(1, 4):
            os.write(ours, b"\x1b")
            line.has_by(clock, number)
            assert line.keys == ["escape"] * number
