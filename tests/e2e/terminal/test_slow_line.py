"""The real driver in a pty: few bytes, no queue, and the same screen as Textual's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal.window import Window

START_BYTES = 12_000
DIGIT_BYTES = 300


@pytest.fixture
def window(users_db: Path) -> Iterator[Window]:
    """The explorer, just started."""
    with Window("--db", users_db) as window:
        window.shows("look up", "Quit")
        yield window
        window.types("\x11")
        assert window.ends().is_clean


def test_a_start_takes_few_bytes(window: Window) -> None:
    """Everything that is sent until it stands still: screen, modes and questions."""
    window.is_idle()
    while window.read():
        pass
    assert 1_000 < len(window.raw) <= START_BYTES


def test_a_typed_digit_takes_few_bytes_and_standing_still_none(window: Window) -> None:
    """With what the driver adds to the cells, a digit stays below 300 bytes."""
    window.is_idle()
    while window.read():
        pass
    before = len(window.raw)
    window.is_idle()
    assert window.read(0) == 0
    window.types("4")
    window.shows("│ › 4")
    window.is_idle()
    while window.read():
        pass
    assert 0 < len(window.raw) - before <= DIGIT_BYTES


def test_frames_that_nobody_saw_are_dropped(window: Window) -> None:
    """The help opens and closes many times while nobody reads: little of that comes."""
    window.is_idle()
    while window.read():
        pass
    before = len(window.raw)
    for _ in range(8):
        window.types("\x1bOP")
        window.is_idle(3)
        window.types("\x1b[27u")
        window.is_idle(3)
    window.types("42")
    window.shows("│ › 42", "Quit")
    window.is_idle()
    while window.read():
        pass
    assert len(window.raw) - before <= 6 * before  # which were one frame; sixteen were painted


def test_a_mute_terminal_is_served_as_well(users_db: Path) -> None:
    """A terminal that answers no question gets everything without delay."""
    with Window("--db", users_db, answers=False) as window:
        window.shows("look up", "Quit")
        for _ in range(5):
            window.types("\x1bOP")
            window.shows("go to the input")
            window.types("\x1b[27u")
            window.shows("│ ›")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "linux"])
def test_both_drivers_leave_the_same_screen(users_db: Path, term: str) -> None:
    """The help, over everything else, before and after a resize: cell for cell the same."""
    screens = []
    for options in ([], ["--full-output"]):
        with Window("--db", users_db, *options, TERM=term, COLORTERM="") as window:
            window.shows("look up", "Quit")
            window.types("\x1bOP")
            window.shows("go to the input")
            window.is_idle()
            while window.read():
                pass
            screens.append(window.emulator.cells)
            window.resizes(80, 24)
            window.shows("esc")
            window.is_idle()
            while window.read():
                pass
            screens.append(window.emulator.cells)
            window.types("\x11")
            assert window.ends().is_clean
    assert screens[:2] == screens[2:]
