"""The campaign finds nothing in the service, and catches the usual pattern red-handed."""

from consistency.campaign import run
from consistency.history import Drain, Entry, Read, Write, from_line, to_line, violations


def test_no_read_is_older_than_an_acknowledged_write() -> None:
    """Two processes, lost and late commands, a server paused, killed and flushed."""
    verdict = run(seed="short", seconds=4, processes=2, naive=False)
    assert verdict.violations == [], verdict.text()
    assert verdict.differing == [], verdict.text()
    assert verdict.reads > 500
    assert verdict.writes > 50
    assert verdict.labels["HIT"] > 0


def test_the_usual_pattern_is_caught() -> None:
    """Storing without a lease under the same campaign gives old answers, and it says so."""
    verdict = run(seed="short", seconds=3, processes=2, naive=True, chaos=False)
    assert verdict.violations, verdict.text()


def read(process: int, began: float, version: int | None) -> Read:
    """Give a read of key 1 that took a moment."""
    return Read(process, 1, began, began + 0.1, version, "HIT")


def test_a_read_that_began_after_an_acknowledgement_must_see_it() -> None:
    """Older is a violation; a read that began before, or got no answer, is none."""
    write = Write(0, 1, 10.0, 11.0, 5, pending=False)
    entries: list[Entry] = [write, read(1, 10.9, 4), read(1, 11.1, 5), read(1, 12, None)]
    assert violations(entries) == []
    (violation,) = violations([*entries, read(1, 11.1, 4)])
    assert (violation.at_least, violation.read.version) == (5, 4)


def test_a_pending_delete_counts_for_its_own_process_at_once() -> None:
    """For the others it counts when the delete has been sent, and never if it was not."""
    write = Write(0, 1, 10.0, 11.0, 5, pending=True)
    drain = Drain(0, (1,), 13.0)
    assert violations([write, read(1, 12, 4), drain]) == []
    assert len(violations([write, read(0, 12, 4), drain])) == 1
    assert len(violations([write, read(1, 14, 4), drain])) == 1
    assert violations([write, read(1, 14, 4)]) == []


def test_a_later_write_that_is_acknowledged_first_does_not_hide_an_earlier_one() -> None:
    """What has to be seen is the newest version acknowledged so far."""
    writes = [
        Write(0, 1, 10.0, 11.0, 6, pending=False),
        Write(1, 1, 9.0, 12.0, 5, pending=False),
    ]
    assert len(violations([*writes, read(0, 13, 5)])) == 1


def test_a_log_line_gives_the_entry_back() -> None:
    """What a process wrote down is what the verdict reads."""
    for entry in (read(0, 1.5, None), Write(0, 1, 1, 2, 3, pending=True), Drain(1, (1, 2), 3)):
        assert from_line(to_line(entry)) == entry
