"""Some of many, drawn at random, and what they tell of all."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.sampling import Reservoir, bounds

DRAWS = 4000


def drawn(size: int, count: int, seed: int, batch: int = 7) -> Reservoir[int]:
    """Draw so many of so many numbers, which come in batches."""
    reservoir: Reservoir[int] = Reservoir(size, random.Random(seed))
    for start in range(0, count, batch):
        reservoir.offer(range(start, min(start + batch, count)))
    return reservoir


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 999), st.integers(1, 60))
def test_so_many_different_ones_are_drawn(size: int, count: int, seed: int, batch: int) -> None:
    """All of them where there are fewer; and all were counted."""
    reservoir = drawn(size, count, seed, batch)
    assert reservoir.count == count
    assert len(set(reservoir.drawn)) == len(reservoir.drawn) == min(size, count)
    assert set(reservoir.drawn) <= set(range(count))


def test_each_has_the_same_chance() -> None:
    """The first and the last too: the sum of squares is far from what a fault would make it."""
    size, count = 5, 40
    seen = Counter(number for seed in range(DRAWS) for number in drawn(size, count, seed).drawn)
    expected = DRAWS * size / count
    squares = sum((seen[number] - expected) ** 2 / expected for number in range(count))
    assert 10 < squares < 80  # about 39 by chance; beside these bounds in one of 10,000 cases
    assert len(seen) == count


def test_pairs_have_the_same_chance_too() -> None:
    """Neighbours are drawn together as often as those who are far from each other."""
    count = 8
    seen = Counter(tuple(sorted(drawn(2, count, seed, batch=3).drawn)) for seed in range(DRAWS))
    assert len(seen) == count * (count - 1) // 2
    expected = DRAWS / len(seen)
    squares = sum((number - expected) ** 2 / expected for number in seen.values())
    assert 5 < squares < 65  # about 27 by chance


@pytest.mark.parametrize(("found", "count", "low", "high"), [
    (0, 0, 0.0, 1.0), (0, 1, 0.0, 0.95), (0, 100, 0.0, 0.0295), (0, 3000, 0.0, 0.000998),
    (1, 1, 0.2065, 1.0), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 10, 0.0179,
     0.4042),
    (50, 1000, 0.0381, 0.0653),
])  # fmt: skip
def test_bounds_are_those_of_the_tables(
    found: int, count: int, low: float, high: float
) -> None:
    """None of some, one, half, all of them."""
    assert bounds(found, count) == pytest.approx((low, high), abs=0.00006)


@given(st.integers(1, 10_000), st.data())
def test_bounds_lie_around_the_share_and_mirror_each_other(
    count: int, data: st.DataObject
) -> None:
    """They stay between nothing and all, and narrow when more was drawn."""
    found = data.draw(st.integers(0, count))
    low, high = bounds(found, count)
    assert 0 <= low <= found / count <= high <= 1
    assert low < high
    if 0 < found < count:
        assert bounds(count - found, count) == pytest.approx((1 - high, 1 - low))
    wider = high - low
    low, high = bounds(4 * found, 4 * count)
    assert high - low < wider
