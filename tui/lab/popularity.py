"""Which keys are asked for how often: all alike, by Zipf's law, or one above all."""

import random
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

Draw: TypeAlias = Callable[[], int]
"""Gives the rank of a key, 0 for the most popular."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every key is asked for as often as every other."""

    def draw(self, count: int, chance: random.Random) -> Draw:
        """Give the draw of a rank below `count`."""
        return lambda: chance.randrange(count)

    def __str__(self) -> str:
        """Give its name."""
        return "uniform"


@dataclass(frozen=True, slots=True)
class Zipf:
    """The key of rank r is asked for r ** -exponent times as often as the first."""

    exponent: float = 1.0
    """0 is uniform; web traffic is often found near 0.8 to 1.1."""

    def draw(self, count: int, chance: random.Random) -> Draw:
        """Give the draw of a rank below `count`, exactly: by the inverse of the sums."""
        sums = list(accumulate((rank + 1) ** -self.exponent for rank in range(count)))
        total = sums[-1]
        # A product that is rounded up to the total still has to fall on the last rank.
        return lambda: min(bisect_left(sums, chance.random() * total), count - 1)

    def __str__(self) -> str:
        """Give its name and exponent."""
        return f"zipf {self.exponent:g}"


@dataclass(frozen=True, slots=True)
class Hot:
    """One key gets a share of all questions, the others share the rest."""

    share: float = 0.9
    """The hot key's share, 0 to 1."""

    def draw(self, count: int, chance: random.Random) -> Draw:
        """Give the draw of a rank below `count`; 0 is the hot one."""

        def draw() -> int:
            if count == 1 or chance.random() < self.share:
                return 0
            return chance.randrange(1, count)

        return draw

    def __str__(self) -> str:
        """Give its name and share."""
        return f"hot {self.share:.0%}"


Popularity: TypeAlias = Uniform | Zipf | Hot
