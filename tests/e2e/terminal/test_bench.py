"""`make bench-terminal` counts what it says."""

from pathlib import Path

from terminal.bench import SENT, Figure, bytes_sent


def test_what_is_sent_stays_within_its_targets(users_db: Path) -> None:
    """A start, a digit and a new list cost few bytes, standing still none; bars cost some."""
    sent = bytes_sent(users_db, watch=1.0)
    for name in ("start", "digit", "list", "idle"):
        assert sent[name] <= SENT[name][2], name
    assert min(sent["start"], sent["digit"], sent["list"], sent["bars"]) > 0


def test_a_missed_target_is_told_in_its_row() -> None:
    """The figures stand in columns, with the word only where it is more than it should be."""
    kept = Figure("a digit typed", "B", 300, 45, 250)
    missed = Figure("first paint", "x", 1.5, 1.625)
    assert kept.line().split()[3:] == ["45", "250", "300", "B"]
    assert missed.line().split()[2:] == ["1.62", "1.50", "x", "missed"]
