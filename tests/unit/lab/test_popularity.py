"""Which keys are asked for how often."""

import random
from collections import Counter

import pytest

from tui.lab.popularity import Hot, Popularity, Uniform, Zipf

DRAWS = 20_000


def counted(popularity: Popularity, keys: int) -> Counter[int]:
    """Give how often each rank is drawn."""
    draw = popularity.draw(keys, random.Random(1))
    return Counter(draw() for _ in range(DRAWS))


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.0, 1.5])
def test_zipf_draws_each_rank_by_its_share(exponent: float) -> None:
    """The share of rank r is r ** -exponent over the sum, within four standard deviations."""
    counts, weights = counted(Zipf(exponent), 50), [r**-exponent for r in range(1, 51)]
    for rank, weight in enumerate(weights):
        share = weight / sum(weights)
        allowed = 4 * (DRAWS * share * (1 - share)) ** 0.5
        assert abs(counts[rank] - DRAWS * share) <= allowed, rank
    assert set(counts) <= set(range(50))


def test_a_hot_key_gets_its_share() -> None:
    """The first gets 90 %, the others about the same of the rest."""
    counts = counted(Hot(0.9), 11)
    assert abs(counts[0] - 18_000) < 200
    assert all(130 < counts[rank] < 270 for rank in range(1, 11))
    assert set(counts) == set(range(11))


def test_uniform_prefers_none() -> None:
    """Each of ten gets a tenth."""
    assert all(1_800 < count < 2_200 for count in counted(Uniform(), 10).values())


@pytest.mark.parametrize("popularity", [Uniform(), Zipf(), Hot()])
def test_of_one_key_that_one_is_drawn(popularity: Popularity) -> None:
    """Whatever the law."""
    assert set(counted(popularity, 1)) == {0}


def test_they_tell_their_names() -> None:
    """As the screen shows them."""
    assert [str(p) for p in (Uniform(), Zipf(1.1), Hot(0.5))] == [
        "uniform",
        "zipf 1.1",
        "hot 50%",
    ]
