"""What was typed, before it is handed to a widget."""

import pytest
from textual.events import Key, Paste

from tui.views.widgets.keys_in_turn import told_apart


@pytest.mark.parametrize(
    ("key", "character", "apart"),
    [
        ("alt+a", "a", [("escape", "\x1b"), ("a", "a")]),
        ("alt+shift+g", "G", [("escape", "\x1b"), ("G", "G")]),
        ("alt+slash", "/", [("escape", "\x1b"), ("slash", "/")]),
        ("alt+c", "c", [("alt+c", "c")]),
        ("alt+left", None, [("alt+left", None)]),
        ("a", "a", [("a", "a")]),
        ("ctrl+j", "\n", [("enter", "\r")]),
    ],
)
def test_a_key_is_what_a_terminal_means_by_it(
    key: str, character: str | None, apart: list[tuple[str, str | None]]
) -> None:
    """It sends the same for alt and escape, and ctrl+j for an early enter; not where bound."""
    typed = told_apart(Key(key, character), {"alt+c", "a"})
    assert [(one.key, one.character) for one in typed if isinstance(one, Key)] == apart


def test_a_paste_stays_whole() -> None:
    """Whatever it begins with."""
    paste = Paste("\x1ba")
    assert told_apart(paste, set()) == (paste,)
