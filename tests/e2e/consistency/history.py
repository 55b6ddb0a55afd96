"""What happened in a campaign, and whether a read saw less than it had to."""

import bisect
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Unknown:
    """One update that was never acknowledged. It may have been made, and seen, all the same."""

    process: int
    key: int
    began: float
    gave_up: float
    perhaps: bool
    """Whether it was said that it may have been made; else it was said that it was not."""


Entry = Read | Write | Drain | Unknown


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
    types: dict[str, Any] = {"Read": Read, "Write": Write, "Unknown": Unknown}
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


def miscounted(entries: Iterable[Entry], versions: Mapping[int, int]) -> list[str]:
    """Return in what the database's `versions` at the end and the writes do not agree.

    Each update counts one up from 1, and only over the version that it has read: so no two
    were acknowledged for the same version, each that was acknowledged is there, and what is
    there beyond them is not more than was said to be perhaps written.
    """
    writes: dict[int, list[int]] = defaultdict(list)
    perhaps: Counter[int] = Counter()
    for entry in entries:
        if isinstance(entry, Write):
            writes[entry.key].append(entry.version)
        elif isinstance(entry, Unknown) and entry.perhaps:
            perhaps[entry.key] += 1
    wrong = []
    for key, version in versions.items():
        acknowledged = writes[key]
        twice = [v for v, times in Counter(acknowledged).items() if times > 1]
        if twice:
            wrong.append(f"{key}: a change was overwritten, {twice} were acknowledged twice")
        newest = max(acknowledged, default=1)
        if version < newest:
            wrong.append(f"{key}: {newest} was acknowledged, and {version} is there")
        most = 1 + len(acknowledged) + perhaps[key]
        if version > most:
            wrong.append(f"{key}: {version} is there, although {most} is the most there can be")
    return wrong


def differing(
    entries: Iterable[Entry],
    cached: Mapping[int, int],
    versions: Mapping[int, int],
    since: float,
) -> list[int]:
    """Return the keys whose cached version is not the database's.

    An update that was given up no longer ago than `since` may have landed behind the copy.
    """  # fmt: skip
    entries = list(entries)
    late = {
        entry.key
        for entry in entries
        if isinstance(entry, Unknown) and entry.perhaps and entry.gave_up >= since
    }
    newest: dict[int, int] = defaultdict(lambda: 1)
    for entry in entries:
        if isinstance(entry, Write):
            newest[entry.key] = max(newest[entry.key], entry.version)
    return [
        key
        for key, version in cached.items()
        if version != versions.get(key)
        and not (key in late and newest[key] <= version < versions.get(key, 0))
    ]
