"""The explorer in a terminal that sends anything; `make soak` goes on for minutes."""

import random
import signal
from pathlib import Path

import pytest
from terminal.fuzz import Draw, nearly_right, packets, random_bytes
from terminal.fuzzed import Fuzzed, fuzz
from terminal.split import split


@pytest.mark.parametrize("draw", [random_bytes, nearly_right])
def test_it_answers_after_anything_at_all(draw: Draw, users_db: Path, tmp_path: Path) -> None:
    """It then looks a record up, and the terminal is left as it was, without a traceback."""
    report = fuzz(draw, 4_000, 7, tmp_path, users_db)
    assert report.findings == []
    assert report.count >= 4_000


def test_nothing_is_typed_by_halves(users_db: Path, tmp_path: Path) -> None:
    """Sequences without a key leave the input as it was, split anywhere, by a busy app too."""
    report = split(2, 7, tmp_path, users_db, 30)
    assert report.findings == []
    assert report.count > 100


def test_one_that_was_stopped_goes_on(users_db: Path, tmp_path: Path) -> None:
    """It is then sent the rest, more than a line holds, and answers."""
    with Fuzzed(tmp_path, users_db) as window:
        window.process.send_signal(signal.SIGSTOP)
        assert window.is_sent(b"\x1b[I" * 10_000)
        window.comes_to_rest()
        window.answers_a_person()
        window.leaves()
        assert window.ends().is_clean


@pytest.mark.parametrize("draw", [random_bytes, nearly_right])
def test_what_is_drawn_can_be_drawn_again(draw: Draw) -> None:
    """A seed gives the same bytes in the same packets; another one gives others."""
    runs = [
        list(packets(chance, draw(chance, 5_000), 64)) for chance in map(random.Random, "778")
    ]
    assert runs[0] == runs[1] != runs[2]
    assert sum(map(len, runs[0])) >= 5_000
