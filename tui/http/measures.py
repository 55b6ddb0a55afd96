"""What is counted of the look-ups and the requests, and their text for Prometheus."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tui.models import Label, Outcome
from tui.service.breaker import BreakerState

BOUNDS: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0,
)  # fmt: skip
"""The upper bounds of the histogram's buckets, in seconds; no look-up takes longer."""
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Measures:
    """Counts since the start: look-ups by outcome and duration, requests by status."""

    def __init__(self) -> None:
        """Begin with none."""
        self._buckets = {label: [0] * (len(BOUNDS) + 1) for label in Label}
        self._seconds = dict.fromkeys(Label, 0.0)
        self.requests: Counter[int] = Counter()
        """Requests that the application has answered, by status."""

    def add(self, outcome: Outcome) -> None:
        """Count a look-up."""
        self._buckets[outcome.label][bisect_left(BOUNDS, outcome.seconds)] += 1
        self._seconds[outcome.label] += outcome.seconds

    @property
    def lookups(self) -> Mapping[str, int]:
        """How many look-ups there were, by outcome."""
        return {label.value: sum(buckets) for label, buckets in self._buckets.items()}

    def exposition(
        self,
        *,
        pending: int,
        breaker: BreakerState,
        connections: int,
        refused: Mapping[int, int],
        about: Mapping[str, str],
    ) -> str:
        """Return all of it in Prometheus' text format, version 0.0.4.

        `pending` deletes, the `breaker` and the open `connections` are what they are now;
        `refused` has the requests that were answered before the application, by status;
        `about` are the labels of the constant `hitmiss_build_info`.
        """
        requests = sorted((self.requests + Counter(refused)).items())
        states = ((one == breaker, {"state": one.value}) for one in BreakerState)
        return "".join([
            *_family("hitmiss_lookups_total", "counter", "Look-ups, by outcome.",
                     ((n, {"outcome": word}) for word, n in self.lookups.items())),
            _head("hitmiss_lookup_duration_seconds", "histogram",
                  "Time from the question to the answer, by outcome."),
            *self._histogram("hitmiss_lookup_duration_seconds"),
            *_family("hitmiss_http_requests_total", "counter", "Requests answered, by status.",
                     ((n, {"status": str(code)}) for code, n in requests)),
            *_family("hitmiss_http_connections", "gauge", "Open connections.",
                     [(connections, {})]),
            *_family("hitmiss_pending_deletes", "gauge",
                     "Deletes of copies that the cache has not taken yet.", [(pending, {})]),
            *_family("hitmiss_breaker_state", "gauge",
                     "1 for the state in which the cache's breaker is, 0 for the others.",
                     ((int(is_so), labels) for is_so, labels in states)),
            *_family("hitmiss_build_info", "gauge", "1, with what runs as labels.",
                     [(1, about)]),
        ])  # fmt: skip

    def _histogram(self, name: str) -> Iterator[str]:
        for label, buckets in self._buckets.items():
            total, outcome = 0, {"outcome": label.value}
            for bound, count in zip((*map(repr, BOUNDS), "+Inf"), buckets, strict=True):
                total += count
                yield _sample(f"{name}_bucket", {**outcome, "le": bound}, total)
            yield _sample(f"{name}_sum", outcome, self._seconds[label])
            yield _sample(f"{name}_count", outcome, total)


def _family(
    name: str, kind: str, help: str, samples: Iterable[tuple[int, Mapping[str, str]]]
) -> Iterator[str]:
    yield _head(name, kind, help)
    for value, labels in samples:
        yield _sample(name, labels, value)


def _head(name: str, kind: str, help: str) -> str:
    return f"# HELP {name} {help}\n# TYPE {name} {kind}\n"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    listed = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{listed}}} {value!r}\n" if listed else f"{name} {value!r}\n"


def _escaped(text: str) -> str:
    """Return the value of a label. Source: Prometheus, Exposition formats, 'Text format'."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
