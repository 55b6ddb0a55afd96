"""What a campaign found."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consistency.databases import LONGEST_PAUSE
from consistency.history import (
    Entry,
    Read,
    Unknown,
    Violation,
    Write,
    differing,
    miscounted,
    violations,
)
from consistency.worker import LIFETIMES

LATE_SECONDS = LONGEST_PAUSE + LIFETIMES.ttl * 2 + LIFETIMES.grace
"""How long after it was given up a write may land, with the life of the copy before it."""


@dataclass
class Verdict:
    """What a campaign found."""

    seed: str
    reads: int = 0
    writes: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    explained: list[Violation] = field(default_factory=list)
    """Those that are due to what a failover has lost."""
    differing: list[int] = field(default_factory=list)
    unknown: int = 0
    """Writes that were never acknowledged; and of them, those that were perhaps made."""
    perhaps: int = 0
    retries: int = 0
    """How often a write was made anew, since somebody else had been quicker."""
    miscounted: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What the processes have written where only Python complains of our faults."""

    @property
    def found(self) -> bool:
        """Whether anything is wrong."""
        unexplained = len(self.violations) > len(self.explained)
        return bool(unexplained or self.differing or self.miscounted or self.complaints)

    def judge(
        self, entries: Sequence[Entry], versions: Mapping[int, int], cached: Mapping[int, int]
    ) -> None:
        """Count what happened, and find what must not be; called at once after the end."""
        reads = [entry for entry in entries if isinstance(entry, Read)]
        self.reads = len(reads)
        self.labels = Counter(read.label for read in reads)
        self.writes = sum(isinstance(entry, Write) for entry in entries)
        unknown = [entry for entry in entries if isinstance(entry, Unknown)]
        self.unknown, self.perhaps = len(unknown), sum(entry.perhaps for entry in unknown)
        self.violations = violations(entries)
        self.miscounted = miscounted(entries, versions)
        since = time.monotonic() - LATE_SECONDS
        self.differing = differing(entries, cached, versions, since)

    def text(self) -> str:
        """Give the verdict in words and numbers."""
        labels = ", ".join(f"{name} {count}" for name, count in self.labels.most_common())
        faults = ", ".join(f"{name} {count}" for name, count in self.faults.most_common())
        lines = [
            f"seed        {self.seed}",
            f"reads       {self.reads:,}  ({labels})",
            f"writes      {self.writes:,}  (and {self.unknown} not acknowledged, of which"
            f" {self.perhaps} perhaps written; {self.retries} made anew)",
            f"faults      {sum(self.faults.values()):,}  ({faults})",
            f"violations  {len(self.violations)}  (of which {len(self.explained)} by what a"
            " failover lost)",
            f"cache differs from database at the end: {self.differing or 'nowhere'}",
        ]
        lines += [f"  {violation}" for violation in self.violations[:5]]
        lines += [f"  {sentence}" for sentence in self.miscounted]
        if self.complaints:
            lines.append(f"complaints  {len(self.complaints)}, the first of them")
            lines.append(self.complaints[0])
        return "\n".join(lines)
