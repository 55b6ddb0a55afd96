"""Keys that are typed before there is a screen."""

from functools import partial
from pathlib import Path

import pytest
from terminal.window import Window


@pytest.mark.parametrize(
    ("typed", "seen"), [("zoe", "› zoe"), ("1\r", "Amara"), ("\x1b4", "▐4 Lab▌")]
)
def test_what_is_typed_before_anything_is_seen_is_taken(
    users_db: Path, typed: str, seen: str
) -> None:
    """It waits until there is somewhere to type it; nothing of it is lost."""
    with Window("--db", users_db) as window:
        window.waits_for(lambda: b"\x1b[?1049h" in window.raw)
        window.types(typed)
        window.shows(seen)
        window.types("\x11")
        window.ends()


def test_on_a_screen_that_was_kept_they_are_keys(users_db: Path, tmp_path: Path) -> None:
    """Compare begins with its findings: an `a` is the audit there, and no text."""
    explorer = partial(
        Window, "--db", users_db, XDG_STATE_HOME=str(tmp_path), HITMISS_SESSION="1"
    )
    with explorer() as window:
        window.shows("nothing asked yet")
        window.types("\x1b3")
        window.shows("▐3 Compare▌")
        window.types("\x11")
        window.ends()
    with explorer() as window:
        window.waits_for(lambda: b"\x1b[?1049h" in window.raw)
        window.types("a")
        window.shows("▐3 Compare▌", "there was no copy to compare")
        window.types("\x11")
        window.ends()
