"""Some copies drawn at random from all, and what they tell of all."""

import math
import random
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
CONFIDENCE = 0.95
Z = 1.959964
"""What a normal distribution exceeds to either side with 2.5 %."""


class Reservoir(Generic[T]):
    """Draws so many of whatever comes, each with the same chance, without keeping the others.

    Source: Vitter, 'Random Sampling with a Reservoir', 1985, algorithm R.
    """

    def __init__(self, size: int, randrange: random.Random | None = None) -> None:
        """Draw `size` of them."""
        self.drawn: list[T] = []
        """What was drawn so far."""
        self.count = 0
        """Of how many."""
        self._size = size
        self._random = randrange or random.Random()

    def offer(self, items: Iterable[T]) -> None:
        """Perhaps draw some of these."""
        for item in items:
            self.count += 1
            if len(self.drawn) < self._size:
                self.drawn.append(item)
                continue
            place = self._random.randrange(self.count)
            if place < self._size:
                self.drawn[place] = item


def bounds(found: int, count: int) -> tuple[float, float]:
    """Return between which shares of all lies what was `found` in a sample of `count`.

    With 95 % confidence: where none was found, exactly; else by Wilson's score
    interval.
    Source: Wilson, 'Probable Inference, the Law of Succession', 1927.
    """
    if count == 0:
        return 0.0, 1.0
    if found == 0:
        return 0.0, 1 - (1 - CONFIDENCE) ** (1 / count)
    share, weight = found / count, Z * Z / count
    middle = (share + weight / 2) / (1 + weight)
    half = Z * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    # The share itself lies between them, whatever the last digit of a double is.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
