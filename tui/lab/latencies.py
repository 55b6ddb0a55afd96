"""Times and their percentiles, exact to a microsecond or to four digits, in bounded memory."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

EXACT_MICROSECONDS = 10_000
"""Up to here each microsecond is told apart; beyond, four significant digits are kept."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """What of many times is told, in seconds."""

    p50: float
    p95: float
    p99: float
    longest: float

    def to_json(self) -> dict[str, float]:
        """Give them in milliseconds."""
        return {name: round(seconds * 1000, 3) for name, seconds in asdict(self).items()}

    @classmethod
    def from_json(cls, told: Mapping[str, float]) -> "Percentiles":
        """Give what `to_json` told."""
        return cls(**{each.name: told[each.name] / 1000 for each in fields(cls)})


class Latencies:
    """How often each time came.

    Times are counted, not kept: below 10 ms by the microsecond, above with four digits, so an
    hour needs no more than about 60,000 counters, and a percentile is off by a microsecond or
    by 0.1 % at the most. That is what an HDR histogram promises; the library of that name wants
    setuptools at run time, and a compiler on some platforms.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[int] = Counter()
        self.longest = 0.0
        """The longest of all, exactly."""

    def __len__(self) -> int:
        """Count the times that came."""
        return self._counts.total()

    def record(self, seconds: float) -> None:
        """Count one more."""
        self._counts[_rounded(round(seconds * 1e6))] += 1
        self.longest = max(self.longest, seconds)

    def add(self, others: "Latencies") -> None:
        """Count all of the others too."""
        self._counts.update(others._counts)
        self.longest = max(self.longest, others.longest)

    def percentiles(self) -> Percentiles | None:
        """Give the usual ones; None before any time came."""
        if not self._counts:
            return None
        p50, p95, p99 = self.at(50, 95, 99)
        return Percentiles(p50, p95, p99, self.longest)

    def at(self, *percents: float) -> list[float]:
        """Give for each of these, in rising order, the time that so many percent do not exceed.

        That is the smallest time for which it holds (the nearest-rank method), in seconds.

        Raises:
            ValueError: no time came yet.
        """
        if not self._counts:
            raise ValueError("there are no times yet")
        total = len(self)
        ranks = [max(1, math.ceil(total * percent / 100)) for percent in percents]
        found: list[float] = []
        passed = 0
        for microseconds in sorted(self._counts):
            passed += self._counts[microseconds]
            while len(found) < len(ranks) and passed >= ranks[len(found)]:
                found.append(microseconds / 1e6)
        return found


def _rounded(microseconds: int) -> int:
    unit = 1
    while microseconds >= EXACT_MICROSECONDS * unit:
        unit *= 10
    return microseconds // unit * unit
