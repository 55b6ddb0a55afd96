"""What an audit finds: how sure it is of each copy, and how far it has come."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from msgspec import Struct

from tui.audit.comparison import Comparison, Finding
from tui.models import KEYS_PER_STEP, Caveat

MOST_NAMED = 10
"""How many copies that were not compared are named in the summary; all are counted."""


class Certainty(StrEnum):
    """How sure it is that a copy is not what the database has."""

    SUSPECT = "suspect"
    """Seen once; a write may be under way."""
    CONFIRMED = "confirmed"
    """The same copy was still wrong tui.audit.engine.SETTLE_SECONDS later."""
    RESOLVED = "resolved"
    """It was right, or gone, when it was looked at again."""
    UNSETTLED = "unsettled"
    """Wrong each time, but a new copy each time: it is being written all along. Or wrong, and
    not to be read any more."""


class Judgement(Struct, frozen=True, gc=False):
    """What the audit says of one copy, for now or for good."""

    comparison: Comparison
    """The copy beside its row."""
    certainty: Certainty | None = None
    """How sure it is; None for a copy that is right."""
    content: bytes | None = None
    """Of a copy that is wrong for sure, by what its bytes are known again."""


@dataclass(slots=True)
class Progress:
    """How far an audit has come."""

    total: int | None = None
    """How many keys the server holds, of everybody; None when it does not say."""
    population: int | None = None
    """Of how many copies those were drawn that are compared; None where all are."""
    steps: int = 0
    """How many steps the walk has made; each looks at KEYS_PER_STEP keys."""
    compared: int = 0
    """Copies that were compared with the database."""
    suspects: int = 0
    """Mismatches that are not settled yet."""
    resolved: int = 0
    """Mismatches that went away by themselves."""
    unsettled: int = 0
    """Mismatches of copies that changed each time they were looked at."""
    skipped: int = 0
    """Keys that fit the template, but hold no key of the table where it has its id."""
    doubled: int = 0
    """Copies that were passed over, since more than one row has their key."""
    refused: int = 0
    """Copies that the cache did not let be read, or answered oddly for."""
    not_compared: dict[str, str] = field(default_factory=dict)
    """Of copies that were not compared, the first few keys, and why each was not."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Of columns that could not be compared in copies that were, in how many."""
    strangers: Counter[str] = field(default_factory=Counter)
    """Of fields that stand for no column, in how many copies they are."""
    counts: Counter[Finding] = field(default_factory=Counter)
    """What was found for good, by its name."""
    caveats: tuple[Caveat, ...] = ()
    """Why the rows that copies were compared with may be old, or not all."""
    allowed: frozenset[Finding] = frozenset({Finding.SAME})
    """What is not held against a copy."""

    @property
    def share(self) -> float | None:
        """About how much of the cache's keys the walk has looked at, 0 to 1."""
        if self.total is None:
            return None
        return min(1.0, self.steps * KEYS_PER_STEP / self.total) if self.total else 1.0

    @property
    def found(self) -> int:
        """How many copies were found to be wrong at least once."""
        return self.confirmed + self.suspects + self.resolved + self.unsettled

    @property
    def confirmed(self) -> int:
        """How many copies are wrong for sure."""
        fine = {*self.allowed, Finding.NOT_COMPARED}
        return sum(count for finding, count in self.counts.items() if finding not in fine)

    def pass_over(self, comparison: Comparison, *, refused: bool) -> None:
        """Count a copy that was not compared; `refused` says that the cache is why."""
        self.counts[Finding.NOT_COMPARED] += 1
        self.refused += refused
        if len(self.not_compared) < MOST_NAMED:
            self.not_compared[comparison.key] = comparison.reason or ""

    def note_parts(self, comparison: Comparison) -> None:
        """Count what of a copy was compared with nothing; few names are counted one by one."""
        for names, counted in (
            (comparison.not_compared, self.left_out),
            (comparison.cache_only, self.strangers),
        ):
            for name in names:
                if name in counted or len(counted) < MOST_NAMED:
                    counted[name] += 1

    def to_json(self, failure: str | None = None) -> dict[str, Any]:
        """Return the summary of `hitmiss audit --json`; `failure` is why it ended too early."""
        counts = {finding.value: self.counts[finding] for finding in Finding}
        return {
            "summary": {
                "checked": self.compared,
                **counts,
                "confirmed": self.confirmed,
                "resolved": self.resolved,
                "unsettled": self.unsettled,
                "suspects": self.suspects,
                "skipped": self.skipped,
                "doubled": self.doubled,
                "refused": self.refused,
                "not_compared_keys": self.not_compared,
                "not_compared_columns": dict(self.left_out),
                "fields_without_column": dict(self.strangers),
                "population": self.population,
                "caveats": {caveat.name: caveat.words for caveat in self.caveats},
                "complete": failure is None,
                "reason": failure,
            }
        }
