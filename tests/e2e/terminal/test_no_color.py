"""NO_COLOR in a terminal: no colour codes at all."""

import re
from pathlib import Path

import pytest
from terminal.window import Window

COLOURS = re.compile(rb"\x1b\[[0-9;:]*m")


def codes_of(raw: bytes) -> set[int]:
    """Give all numbers in the sequences that set looks."""
    codes = set()
    for sequence in COLOURS.findall(raw):
        codes |= {int(code) for code in re.findall(rb"\d+", sequence)}
    return codes


def test_a_dumb_terminal_gets_no_colours(users_db: Path) -> None:
    """TERM=dumb is as good as NO_COLOR, whatever COLORTERM says."""
    with Window("--db", users_db, TERM="dumb", COLORTERM="truecolor") as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x11")
        window.ends()
    assert not {code for code in codes_of(bytes(window.raw)) if 30 <= code <= 107}


@pytest.mark.parametrize("option", [[], ["--full-output"]])
def test_without_colours_nothing_is_coloured_and_all_is_there(
    users_db: Path, option: list[str]
) -> None:
    """Bold, dim, underlined and reversed remain; the answer's word is there as ever."""
    with Window("--db", users_db, *option, NO_COLOR="1", COLORTERM="truecolor") as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x1b[27u")
        window.shows("Detail")
        window.types("2")
        window.shows("fresh for", "1 key")
        window.types("\x11")
        assert window.ends().is_clean
    assert not {code for code in codes_of(bytes(window.raw)) if 30 <= code <= 107}
