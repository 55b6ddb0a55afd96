"""Answers in lines that read well aloud."""

import pytest

from tui.models import Label, Outcome, Step, Target
from tui.plain.sayings import told_of_answer, told_of_record, told_of_step, told_of_time


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"), (0, "0 s"), (0.2, "1 s"), (59.1, "1 min"), (299, "4 min 59 s"),
        (3_720, "1 h 2 min"), (90_000, "1 d 1 h"),
    ],
)  # fmt: skip
def test_times_are_said_in_words(seconds: float, said: str) -> None:
    """A colon between numbers would be read as the time of day."""
    assert told_of_time(seconds) == said


def test_an_answer_is_one_line() -> None:
    """Key, word, name, time, how long it stays, the reason."""
    hit = Outcome(1, Label.HIT, {"id": 1, "name": "Amara"}, 29.4, 0.00041)
    assert told_of_answer(hit, "name") == "1: HIT, Amara, 0.41 ms, fresh for 30 s"
    error = Outcome(7, Label.ERROR, seconds=2.0, reason="the database is locked")
    assert told_of_answer(error, "name") == "7: ERROR, 2.00 s; the database is locked"
    endless = Outcome(1, Label.HIT, {"id": 1}, seconds=0.001)
    assert told_of_answer(endless, "id") == "1: HIT, 1.00 ms, never expires"


def test_nothing_hostile_is_said() -> None:
    """Escapes, line ends and signs that turn a line around are made visible."""
    bad = "\x1b[2J\n\u202e\x9b"
    lines = [
        told_of_answer(Outcome(bad, Label.DB, {"name": bad}), "name"),
        *told_of_record({bad: bad}),
        told_of_step(Step(Target.CACHE, f"GET {bad}", 0.001, bad)),
    ]
    assert all(line.isprintable() for line in lines)
