"""How much a trip asks for: it grows while that pays, and shrinks where a line is slow."""

import hiredis
import pytest

from tui.cache.pace import (
    FEWEST_KEYS,
    FIRST_KEYS,
    LONGEST_CUT,
    MOST_KEYS,
    REQUEST_CHARACTERS,
    SHORTEST_CUT,
    SLOW_SECONDS,
    Cut,
    Pace,
)
from tui.cache.redis.exchange import Command, packed
from tui.cache.redis.key_commands import KEY, KeyCommands

KEYS = [f"user:{number}" for number in range(2 * MOST_KEYS)]


def test_a_fast_line_is_asked_about_more_and_more() -> None:
    """Up to a bound, and not for trips that were smaller than they might have been."""
    pace = Pace()
    asked = []
    for _ in range(6):
        asked.append(len(pace.first_of(KEYS)))
        pace.took(0.001, asked[-1], asked[-1])
        pace.took(0.001, 3, 3)
    assert asked == [FIRST_KEYS, 2 * FIRST_KEYS, 4 * FIRST_KEYS, *[MOST_KEYS] * 3]
    assert len(pace.first_of(KEYS, most=7)) == 7
    assert len(pace.first_of(KEYS, most=0)) == 1
    assert pace.first_of([]) == []


def test_a_slow_line_is_asked_about_less() -> None:
    """So that a trip stays far below the time in which it has to be answered."""
    pace = Pace()
    for _ in range(3):
        pace.took(2 * SLOW_SECONDS, len(pace.first_of(KEYS)), FIRST_KEYS)
    assert len(pace.first_of(KEYS)) == FEWEST_KEYS


def test_trips_of_which_little_was_of_use_become_small() -> None:
    """Where values are long or are hashes, few of those that were asked about come."""
    pace = Pace()
    pace.took(0.001, FIRST_KEYS, 20)
    assert len(pace.first_of(KEYS)) == 40


def test_keys_that_are_long_themselves_bound_a_trip() -> None:
    """One is always asked about."""
    long = "k" * (REQUEST_CHARACTERS // 2)
    assert Pace().first_of([long, long, long]) == [long, long]
    assert Pace().first_of([long * 3, long]) == [long * 3]


def test_values_are_cut_where_most_are_whole() -> None:
    """Longer ones move the cut up, shorter ones down, a few do not."""
    cut = Cut(1 << 20)
    at_first = cut.bytes
    cut.saw(whole=100, longer=5, longest=at_first)
    assert cut.bytes == at_first
    for _ in range(10):
        cut.saw(whole=10, longer=90, longest=0)
    assert cut.bytes == LONGEST_CUT
    for _ in range(10):
        cut.saw(whole=100, longer=0, longest=10)
    assert cut.bytes == SHORTEST_CUT
    assert Cut(100).bytes == 100


@pytest.mark.parametrize("key", ["a", "", "é", "a b\r\n$3\r\n", KEY, "k" * 5000])
def test_commands_are_packed_as_the_protocol_has_them(key: str) -> None:
    """All at once they are the same bytes as one after the other."""
    commands = KeyCommands(("PTTL", KEY), ("GETRANGE", KEY, 0, 16), ("PING",))
    single: list[Command] = [*commands.of("x"), *commands.of(key)]
    prepared = commands.packed_for(["x", key])
    assert prepared.data == b"".join(map(packed, single))
    assert prepared.count == len(single)
    reader: hiredis.Reader = hiredis.Reader()
    reader.feed(prepared.data)
    assert [reader.gets() for _ in single][3] == [b"PTTL", key.encode()]
