"""How much memory the explorer takes."""

import sys
from pathlib import Path

import pytest
from terminal.bench import HELLO, first_paint, memory_after


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed is compiled; a program that has to do that first takes more."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def test_lookups_take_no_more_once_the_log_is_full(users_db: Path) -> None:
    """A thousand more take none, and all in all it is less than twice a hello-world's."""
    _, full = memory_after(users_db, 800)
    _, later = memory_after(users_db, 1_800)
    assert later - full < 2
    _, hello = first_paint(("Hello, world!",), program=(sys.executable, "-c", HELLO))
    assert later / hello < 2
