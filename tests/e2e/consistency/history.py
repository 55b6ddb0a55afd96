"""What happened in a campaign, and whether a read saw less than it had to."""

import bisect
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Read:
    """One lookup. Times are those of the machine's monotonic clock, in seconds."""

    process: int
    key: int
    began: float
    ended: float
    version: int | None
    """The version of the record that was answered; None where there was no answer."""
    label: str


@dataclass(frozen=True, slots=True)
class Write:
    """One update, which made `version`."""

    process: int
    key: int
    began: float
    acknowledged: float
    version: int
    pending: bool
    """The delete of the cached copy was still to come."""


@dataclass(frozen=True, slots=True)
class Drain:
    """A process sent the deletes of these keys that had been pending."""

    process: int
    keys: tuple[int, ...]
    at: float


Entry = Read | Write | Drain


@dataclass(frozen=True, slots=True)
class Violation:
    """A read that was answered with less than had been acknowledged before it began."""

    read: Read
    at_least: int


def to_line(entry: Entry) -> str:
    """Give an entry as a line of a process's log."""
    return json.dumps([type(entry).__name__, asdict(entry)])


def from_line(line: str) -> Entry:
    """Give the entry that a line holds."""
    kind, fields = json.loads(line)
    if kind == "Drain":
        return Drain(fields["process"], tuple(fields["keys"]), fields["at"])
    types: dict[str, Any] = {"Read": Read, "Write": Write}
    entry: Entry = types[kind](**fields)
    return entry


def violations(entries: Iterable[Entry]) -> list[Violation]:
    """Give the reads that saw a version older than one acknowledged before they began.

    A write counts for everybody from its acknowledgement on. The exception is the one that
    the service documents: while its delete is pending, other processes may still see what
    was cached before; for them the write counts once the delete has been sent.
    """
    entries = list(entries)
    reads = [entry for entry in entries if isinstance(entry, Read) and entry.version]
    writes = [entry for entry in entries if isinstance(entry, Write)]
    drains: dict[tuple[int, int], list[float]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry, Drain):
            for key in entry.keys:
                drains[entry.process, key].append(entry.at)
    for times in drains.values():
        times.sort()
    required: dict[tuple[int, int], tuple[list[float], list[int]]] = {}
    found = []
    for read in reads:
        place = (read.process, read.key)
        if place not in required:
            required[place] = _required(read.process, read.key, writes, drains)
        times, versions = required[place]
        before = bisect.bisect_left(times, read.began)
        if before and (read.version or 0) < versions[before - 1]:
            found.append(Violation(read, versions[before - 1]))
    return found


def _required(
    process: int,
    key: int,
    writes: list[Write],
    drains: dict[tuple[int, int], list[float]],
) -> tuple[list[float], list[int]]:
    """Give from when on a process must see which version of a key, in order of time."""
    points = sorted(
        (_counts_from(write, process, drains), write.version)
        for write in writes
        if write.key == key
    )
    times, versions, newest = [], [], 0
    for time, version in points:
        newest = max(newest, version)
        times.append(time)
        versions.append(newest)
    return times, versions


def _counts_from(
    write: Write, process: int, drains: dict[tuple[int, int], list[float]]
) -> float:
    if not write.pending or write.process == process:
        return write.acknowledged
    times = drains.get((write.process, write.key), [])
    after = bisect.bisect_left(times, write.acknowledged)
    return times[after] if after < len(times) else float("inf")
