"""Which deletes the next primary may not know."""

from fakes import ManualClock

from tui.cache.redis.recent_deletes import MOST_DELETES, RECENT_SECONDS, RecentDeletes


def at(clock: ManualClock, deletes: RecentDeletes, seconds: float, key: str) -> None:
    """Note a delete after some more seconds."""
    clock.now += seconds
    deletes.heard()
    deletes.note(("DEL", key))


def test_what_counts_is_when_the_primary_was_last_heard() -> None:
    """However long nobody answers after that, the deletes of before may be lost."""
    clock = ManualClock()
    deletes = RecentDeletes(clock)
    at(clock, deletes, 0, "old")
    at(clock, deletes, RECENT_SECONDS - 1, "a")
    at(clock, deletes, 2, "b")
    clock.now += 1000
    assert deletes.commands() == [("DEL", "a"), ("DEL", "b")]
    deletes.heard()
    assert deletes.commands() == []


def test_a_primary_that_was_cut_off_has_acknowledged_for_longer() -> None:
    """As long as the sentinels wait, on top of what replication takes."""
    clock = ManualClock()
    deletes = RecentDeletes(clock)
    deletes.keep_for(30)
    at(clock, deletes, 0, "a")
    at(clock, deletes, 30 + RECENT_SECONDS - 1, "b")
    assert deletes.commands() == [("DEL", "a"), ("DEL", "b")]
    at(clock, deletes, 2, "c")
    assert deletes.commands() == [("DEL", "b"), ("DEL", "c")]


def test_each_is_sent_once_and_so_many_are_remembered() -> None:
    """Of more, the latest."""
    clock = ManualClock()
    deletes = RecentDeletes(clock)
    for number in range(MOST_DELETES + 5):
        at(clock, deletes, 0, str(number))
    at(clock, deletes, 0, "7")
    commands = deletes.commands()
    assert len(commands) == MOST_DELETES - 1
    assert commands[0] == ("DEL", "6")
    assert commands.count(("DEL", "7")) == 1
