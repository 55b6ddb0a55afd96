"""Percentiles are those of the times that came, and memory has a bound."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.lab.latencies import EXACT_MICROSECONDS, Latencies, Percentiles

TIMES = st.lists(st.floats(0, 100), min_size=1, max_size=200)


def recorded(*times: float) -> Latencies:
    """Give the latencies of these times, in seconds."""
    latencies = Latencies()
    for each in times:
        latencies.record(each)
    return latencies


@given(TIMES, st.floats(0.001, 100))
def test_a_percentile_is_that_of_the_sorted_times(times: list[float], percent: float) -> None:
    """By nearest rank, to a microsecond below 10 ms and to 0.1 % beyond."""
    expected = sorted(times)[max(1, math.ceil(len(times) * percent / 100)) - 1]
    (found,) = recorded(*times).at(percent)
    assert abs(found - expected) <= max(1e-6, expected * 1e-3)


@given(TIMES, TIMES)
def test_two_of_them_added_are_one_of_both(some: list[float], others: list[float]) -> None:
    """Adding loses nothing: seconds can be summed up to a whole run."""
    added, both = recorded(*some), recorded(*some, *others)
    added.add(recorded(*others))
    assert added.at(50, 99, 100) == both.at(50, 99, 100)
    assert (len(added), added.longest) == (len(some) + len(others), max(some + others))


def test_the_usual_percentiles_of_a_hundred_times() -> None:
    """1 ms to 100 ms: the 50th, the 95th and the 99th."""
    latencies = recorded(*(n / 1000 for n in range(1, 101)))
    assert latencies.percentiles() == Percentiles(0.050, 0.095, 0.099, 0.1)
    told = Percentiles(0.050, 0.095, 0.099, 0.1).to_json()
    assert told == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "longest": 100.0}
    assert Percentiles.from_json(told) == Percentiles(0.050, 0.095, 0.099, 0.1)


def test_without_times_there_is_no_percentile() -> None:
    """None for the table, an error for who asks all the same."""
    assert Latencies().percentiles() is None
    with pytest.raises(ValueError, match="no times"):
        Latencies().at(50)


def test_memory_is_bounded() -> None:
    """A million different times between 10 ms and 10 s take no more counters than digits."""
    latencies = recorded(*(0.01 + n / 1e5 for n in range(1_000_000)))
    assert len(latencies) == 1_000_000
    assert len(latencies._counts) <= 3 * EXACT_MICROSECONDS
