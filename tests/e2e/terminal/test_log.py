"""The log of the explorer."""

import json
from pathlib import Path

import pytest
from terminal.window import Window


def test_it_is_complete_when_the_explorer_has_ended(users_db: Path, tmp_path: Path) -> None:
    """What was looked up on the screen, from `began` to `ended`."""
    log = tmp_path / "log"
    with Window("--db", users_db, "--log", log) as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x11")
        assert window.ends().code == 0
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events == ["began", "load", "fill", "lookup", "ended"]


@pytest.mark.parametrize("log", ["/dev/stderr", "/dev/stdout", "/dev/tty", "/dev/fd/2"])
def test_the_screen_is_no_place_for_it(users_db: Path, log: str) -> None:
    """Lines would be written over the explorer; commands may have them there."""
    with Window("--db", users_db, "--log", log) as window:
        end = window.ends()
    assert (end.code, window.raw.count(b"\n")) == (2, 1)
    assert f"--log {log} is the terminal that the explorer paints" in end.text
    with Window("get", "1", "--db", users_db, "--log", log) as window:
        assert window.ends().code == 0
    assert b'"event": "began"' in window.raw


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try")
def test_a_full_disk_is_told(users_db: Path) -> None:
    """On the screen while it is there, on stderr after that; lookups go on."""
    with Window("--db", users_db, "--log", "/dev/full") as window:
        window.shows("look up", "Quit", "the log /dev/full cannot be written")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0
    assert "5 lines of the log /dev/full were not written" in end.text
