"""What terminals send, and which keys that is."""

from pathlib import Path

import pytest
from terminal.window import Window
from textual.events import Key, Paste

from tui.terminal.keyboard import Keyboard


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b2", "alt+2"), ("\x1ba", "alt+a"), ("\x1bG", "alt+shift+g"),
        ("\x1b/", "alt+slash"), ("\x1b[A", "up"), ("\x1bOP", "f1"), ("\x1bf", "alt+f"),
        ("\x1bb", "alt+b"), ("\x1b\x7f", "ctrl+w"),
    ],
)  # fmt: skip
def test_a_character_behind_an_escape_keeps_its_name(sent: str, key: str) -> None:
    """Whatever other character a Mac has for it; sequences are what they were."""
    assert [
        typed.key for typed in Keyboard().feed(sent.encode()) if isinstance(typed, Key)
    ] == [key]


def test_a_paste_is_one_whatever_is_in_it() -> None:
    """Text between the marks of a paste is no key."""
    pasted = list(Keyboard().feed(b"\x1b[200~2\n/\x1b[201~x"))
    assert [typed.text for typed in pasted if isinstance(typed, Paste)] == ["2\n/"]
    assert [typed.key for typed in pasted if isinstance(typed, Key)] == ["x"]


def test_escape_and_a_key_in_one_packet_are_both(users_db: Path) -> None:
    """They arrive together on a slow line: the input is left, and the digit is a screen's."""
    with Window("--db", users_db) as window:
        window.shows("look up", "Quit")
        window.types("\x1b2")
        window.shows("▐2 Cache▌")
        window.types("/ab\x1bf")
        window.shows("cache refuses writes")
        window.types("\x1b")
        window.shows("filter")
        window.types("/ab\x1b:")
        window.shows("Search for commands")
        window.types("\x11")
        assert window.ends().code == 0


def test_alt_is_a_key_for_those_who_want_it(users_db: Path, tmp_path: Path) -> None:
    """A key with alt that was set in the configuration does what it was set for."""
    config = tmp_path / "config.toml"
    config.write_text('[keys]\n"screen.compare" = "alt+c"\n')
    with Window("--db", users_db, "--config", config) as window:
        window.shows("look up", "Quit")
        window.types("\x1b2")
        window.shows("▐2 Cache▌")
        window.types("\x1bc")
        window.shows("▐alt+c Compare▌")
        window.types("\x1bq")
        assert window.ends().code == 0
