"""How much is measured: all of it, or just enough to see that the benchmark runs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """How often each thing is done."""

    rounds: int
    """In each round everybody has a turn, in another order each time."""
    rows: int
    """Users in the database."""
    hot: int
    """Users that are in the cache when hits are measured."""
    hits: int
    """Lookups a turn, whatever the number of callers at once."""
    cold: int
    """Lookups a turn when misses are measured."""
    requests: int
    """Requests over HTTP a turn."""
    crowd: int
    """Callers at once of one cold key, or of as many keys that are cached."""
    paced_seconds: float
    """How long each has the paced load, all turns together."""
    grown: int
    """Rows and keys after growth."""
    walked: Mapping[int, int]
    """Over how many keys walks go, and in how many rounds."""


FULL = Scale(
    15, 10_000, 1_000, 1_280, 128, 16_000, 1_000, 6.0, 1_000_000, {100_000: 5, 1_000_000: 2}
)
SMOKE = Scale(1, 700, 40, 128, 8, 640, 40, 0.05, 900, {900: 1})
