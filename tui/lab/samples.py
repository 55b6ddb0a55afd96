"""What a load is told to do, and what is counted of it, second by second and in all."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tui.lab.latencies import Latencies, Percentiles
from tui.lab.popularity import Hot, Popularity, Uniform, Zipf
from tui.models import FROM_CACHE, Label, Outcome
from tui.service.lifetimes import JITTER, Lifetimes

MOST_READERS, MOST_KEYS = 1_000, 100_000
LONGEST_DELAY = 1.0
"""What may be added to the database's time, in seconds: a read may take 2 s in all."""
FASTER = (
    "A database on this machine answers about as fast as a cache, or faster: add latency to it"
    " to see what one elsewhere would cost."
)
"""What is said where nothing is added to the time of the database."""
KINDS: Mapping[str, type[Uniform] | type[Zipf] | type[Hot]] = {
    "uniform": Uniform,
    "zipf": Zipf,
    "hot": Hot,
}
"""The popularities by their names."""


@dataclass(frozen=True, slots=True)
class Controls:
    """A load as it is to be; can be replaced while it runs."""

    readers: int = 20
    """How many ask at the same time, each one thing after the other."""
    keys: int = 500
    """Of how many records."""
    popularity: Popularity = field(default_factory=Zipf)
    """Which of them are asked for how often."""
    writes: float = 0.0
    """What share of all that is done are writes, 0 to 1."""
    rate: float | None = None
    """How much is done a second; None is as fast as possible."""
    ttl: float = 30.0
    """Seconds for which fills are fresh."""
    jitter: float = JITTER
    """By what share of the ttl they live longer or shorter."""
    early_refresh: bool = True
    """Whether hits near the end of a copy refresh it."""
    usual: bool = False
    """Whether the usual pattern is used, without lease and single-flight."""
    delay: float = 0.0
    """What is added to the time of the database, in seconds."""

    def lifetimes(self, grace: float, negative_ttl: float) -> Lifetimes:
        """Give how long copies live under these controls."""
        beta = 1.0 if self.early_refresh else 0.0
        return Lifetimes(self.ttl, grace, negative_ttl, self.jitter, beta)

    def to_json(self) -> dict[str, Any]:
        """Give them as a JSON object."""
        name = next(name for name, kind in KINDS.items() if isinstance(self.popularity, kind))
        return {**asdict(self), "popularity": {"kind": name, **asdict(self.popularity)}}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Controls":
        """Give what `to_json` told."""
        popularity = dict(told["popularity"])
        return cls(**{**told, "popularity": KINDS[popularity.pop("kind")](**popularity)})


@dataclass(slots=True)
class Counts:
    """What is counted of a load."""

    lookups: int = 0
    """How many lookups were answered."""
    hits: int = 0
    """How many of them by the cache."""
    database_reads: int = 0
    """How many reads the database was asked for, refreshes included."""
    shared: int = 0
    """How many that were no hits came from a load that another lookup had begun."""
    refreshed: int = 0
    """How many hits had their copy refreshed before its end."""
    writes: int = 0
    """How many writes were acknowledged."""
    outdated: int = 0
    """How many answers were older than a write acknowledged before their lookup began."""
    errors: int = 0
    """How many lookups and writes got no answer."""

    def add(self, others: "Counts") -> None:
        """Count all of the others too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(others, each.name))


@dataclass(frozen=True, slots=True)
class Sample:
    """What a load did in one stretch of time."""

    end: float
    """When the stretch ended, in seconds since the load began."""
    seconds: float
    """How long it was."""
    counts: Counts
    """What was counted."""
    hit: Percentiles | None = None
    """The times of the hits."""
    db: Percentiles | None = None
    """The times of the answers that waited for the database."""
    behind: float = 0.0
    """At a fixed rate: how late the load was at the end, in seconds."""
    reason: str | None = None
    """Why, at last, the cache was bypassed or there was no answer."""

    @property
    def hit_ratio(self) -> float | None:
        """Share of the answers that came from the cache, 0 to 1."""
        return self.counts.hits / self.counts.lookups if self.counts.lookups else None

    def a_second(self, count: int) -> float:
        """Give how often that was in a second."""
        return count / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the sample as the JSON object of `hitmiss bench`."""
        return {
            "end": round(self.end, 3),
            "seconds": round(self.seconds, 3),
            **asdict(self.counts),
            "hit_ratio": None if self.hit_ratio is None else round(self.hit_ratio, 4),
            "hit_ms": None if self.hit is None else self.hit.to_json(),
            "db_ms": None if self.db is None else self.db.to_json(),
            "behind": round(self.behind, 3),
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Sample":
        """Give what `to_json` told."""
        hit, db = (
            told[name] and Percentiles.from_json(told[name]) for name in ("hit_ms", "db_ms")
        )
        counts = Counts(**{each.name: told[each.name] for each in fields(Counts)})
        return cls(
            told["end"], told["seconds"], counts, hit, db, told["behind"], told["reason"]
        )


class _Stretch:
    """What came in one stretch of time."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.hit = Latencies()
        self.db = Latencies()

    def add(self, other: "_Stretch") -> None:
        self.counts.add(other.counts)
        self.hit.add(other.hit)
        self.db.add(other.db)

    def sample(self, end: float, seconds: float) -> Sample:
        return Sample(end, seconds, self.counts, self.hit.percentiles(), self.db.percentiles())


class Meter:
    """Counts what a load does, for the stretch under way and for all of it."""

    def __init__(self, now: float) -> None:
        """Begin at `now`, with nothing."""
        self._began = self._cut_at = now
        self._stretch = _Stretch()
        self._all = _Stretch()

    @property
    def counts(self) -> Counts:
        """What was counted in the stretch under way, to be counted up."""
        return self._stretch.counts

    def answered(self, outcome: Outcome, seconds: float, *, outdated: bool) -> None:
        """Count an answer that came `seconds` after it was wanted."""
        counts = self.counts
        counts.lookups += 1
        counts.refreshed += outcome.flags.refreshing
        counts.outdated += outdated
        if outcome.label in FROM_CACHE:
            counts.hits += 1
            self._stretch.hit.record(seconds)
            return
        counts.shared += outcome.flags.coalesced
        if outcome.label is Label.ERROR:
            counts.errors += 1
        else:
            self._stretch.db.record(seconds)

    def cut(self, now: float, *, behind: float, reason: str | None) -> Sample:
        """End the stretch under way; give what was in it."""
        stretch, self._stretch = self._stretch, _Stretch()
        self._all.add(stretch)
        seconds, self._cut_at = now - self._cut_at, now
        sample = stretch.sample(now - self._began, seconds)
        return replace(sample, behind=behind, reason=reason)

    def total(self) -> Sample:
        """Give what was in all stretches that have ended."""
        seconds = self._cut_at - self._began
        return self._all.sample(seconds, seconds)
