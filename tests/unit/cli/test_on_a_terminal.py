"""What a terminal of 80 columns shows: coloured, and broken between words."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from application import Place

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command whose stdout is a terminal; give what that gets."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "tui", *map(str, arguments)],
        stdout=theirs, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "", **(environment or {})},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    with command, suppress(OSError):  # what Linux says at the end of a terminal
        while data := os.read(ours, 65536):
            written += data
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


@pytest.fixture
def drifted(place: Place) -> tuple[str, ...]:
    """A wide row whose copy differs, one that never expires, and the options that name it."""
    place.cache(1, {"id": 1, "name": "A name that is long enough to need some room"})
    place.cache(2, {"id": 2, "name": "Bo"}, None)
    return tuple(place.flags)


@pytest.mark.slow
def test_findings_have_colours_and_break_between_words(drifted: tuple[str, ...]) -> None:
    """No line is longer than the terminal, and no word is cut."""
    shown = on_terminal("audit", *drifted)
    lines = COLOUR.sub("", shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b[31m\x1b[1mdiffers" in shown
    assert (
        "    name: cached 'A name that is long enough to need some room', stored 'Ada'" in lines
    )
    assert COLOUR.search(on_terminal("audit", *drifted, environment={"NO_COLOR": "1"})) is None


def test_keys_have_colours_and_fit(drifted: tuple[str, ...]) -> None:
    """What never expires is told from what is fresh; through a pipe there are no colours."""
    shown = on_terminal("keys", *drifted)
    assert "\x1b[33m\x1b[1m" in shown
    assert max(map(len, COLOUR.sub("", shown).splitlines())) <= 80
