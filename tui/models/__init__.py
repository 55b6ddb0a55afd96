"""The values that travel between the service, the controllers and the screens.

What every lookup makes is a struct of msgspec, which takes a third of a named tuple's time,
and a tenth of a frozen dataclass'. Nothing in it can lead back to it, so the garbage collector
need not look at it (`gc=False`).
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from tui.models.columns import Column
from tui.models.scalars import as_json

Key: TypeAlias = int | str
"""A record's key: a whole number or a text, as the table's key column has it."""

Scalar: TypeAlias = str | int | float | bool | None
Record: TypeAlias = Mapping[str, Scalar]
"""One row of the explored table: column name to JSON scalar, in the table's order."""


class Label(StrEnum):
    """What a lookup's answer is called."""

    HIT = "HIT"
    """Fresh in the cache."""
    STALE = "STALE"
    """Past its ttl, inside grace, and the database could not answer."""
    NEGATIVE = "NEGATIVE"
    """The cache knows that there is no such record."""
    DB = "DB"
    """The database answered."""
    NOT_FOUND = "NOT_FOUND"
    """The database answered: no such record."""
    BYPASS = "BYPASS"
    """The cache was not asked, or did not answer; the database did."""
    ERROR = "ERROR"
    """No answer."""


FROM_CACHE = frozenset({Label.HIT, Label.NEGATIVE})
"""The labels that count as hits; STALE waited for the database first, in vain."""
FROM_DATABASE = frozenset({Label.DB, Label.NOT_FOUND})


class Filled(StrEnum):
    """What became of storing a loaded record in the cache."""

    YES = "yes"
    REFUSED = "refused"
    """A write came in between: the cache kept out a record that may be old."""
    LOST = "lost"
    """Another process held the lease and did not deliver in time."""
    FAILED = "failed"
    """The cache could not or would not store it."""


class Target(StrEnum):
    """Where a step ran."""

    CACHE = "cache"
    DATABASE = "database"
    SERVICE = "service"


class Step(Struct, frozen=True, gc=False):
    """One command of a lookup, as it ran."""

    target: Target
    """Where it ran."""
    command: str
    """The command with its values, as one would type it."""
    seconds: float
    """Its round trip; 0 for a command that travelled with the one before it."""
    result: str
    """What came back, in a few words."""
    failed: bool = False
    """There was no answer; then the result says why."""
    typed: tuple[str | bytes | int, ...] = ()
    """The same to be run again: the words of the command, or one statement of SQL. Empty for
    what only hitmiss can do."""
    minor: bool = False
    """It only tells how long what the one before it has found will live."""

    def to_json(self) -> dict[str, Any]:
        """Give the step as the JSON object of the command line."""
        return {
            "target": self.target.value,
            "command": self.command,
            "ms": round(self.seconds * 1000, 3),
            "result": self.result,
        }


Trace: TypeAlias = list[Step]
"""The steps of a lookup under way, in the order in which they ended."""


KNOWN_ABSENT = b"null"
"""What is stored under the key of a record that is known not to be there: it has no grace."""


class Cached(Struct, frozen=True, gc=False):
    """What the cache holds under a key."""

    payload: bytes | None
    """The stored bytes; None where there is nothing, or nothing that is a string."""
    seconds_left: float | None
    """Time until the cache drops it; None where it never does, or nothing is there."""
    wrong_type: bool = False
    """The key holds a list, a hash...: something that is not a string."""
    fields: Mapping[str, str] | None = None
    """What a hash holds, where somebody asked for it."""
    size: int | None = None
    """The bytes of what is longer than may be read, or at least so many: none of them were."""
    unread: str | None = None
    """Why it was not read: it is too long, or the server refused that, or gave an odd reply."""


MOST_FIELDS = 2000
"""A copy of more is no record's: no table has so many columns."""
MAX_VALUE = 16 << 20
"""Bytes: a longer value, in the cache or in a row, is not read, unless told otherwise."""
KEYS_PER_STEP = 500
"""How many keys one SCAN looks at: well under a millisecond of the server's time."""


class KeyFacts(Struct, frozen=True):
    """A key that the cache holds, without its value."""

    key: str
    """The whole key."""
    seconds_left: float | None
    """Time until the cache drops it; None where it never does."""
    size: int | None
    """The value's bytes; None for what is not a string."""
    known_absent: bool = False
    """It says that there is no such record."""
    unread: str | None = None
    """Why nothing can be said of it: the server refused that, or gave an odd reply."""
    beginning: bytes = b""
    """The first bytes of the value, which tell its format; none of what is not a string."""


class Flags(Struct, frozen=True, gc=False):
    """What else is to be said of a lookup."""

    coalesced: bool = False
    """It shared another lookup's flight."""
    filled: Filled | None = None
    """What became of storing the record; None where nothing was to be stored."""
    refreshing: bool = False
    """A refresh before the expiry was started behind this hit."""
    repaired: bool = False
    """What the cache held was unusable, and was overwritten."""
    pending: bool = False
    """The key waits for a delete that the cache has not taken yet."""

    def to_json(self) -> dict[str, Any]:
        """Give the flags as the JSON object of the command line."""
        return {
            "coalesced": self.coalesced,
            "filled": self.filled.value if self.filled else None,
            "refreshing": self.refreshing,
            "repaired": self.repaired,
            "pending": self.pending,
        }


NO_FLAGS = Flags()


class Outcome(Struct, frozen=True, gc=False):
    """The answer to one lookup, and how it came about."""

    id: Key
    """The key that was asked for."""
    label: Label
    """Where the answer came from."""
    record: Record | None = None
    """The record, or None where there is none, or no answer."""
    ttl_left: float | None = None
    """Seconds for which the cached copy stays fresh; None where nothing is cached."""
    seconds: float = 0.0
    """Time from the call to the answer."""
    flags: Flags = NO_FLAGS
    """What else happened."""
    reason: str | None = None
    """Why the cache was bypassed, its copy not used, the record not stored, or why there is no
    answer."""
    steps: tuple[Step, ...] = ()
    """Each command that ran for this lookup, in order."""
    format: str | None = None
    """What was cached is written in: `json`, `hash`, `zstd+pickle`; None for nothing."""

    def to_json(self) -> dict[str, Any]:
        """Give the outcome as the JSON object of the command line."""
        return {
            "id": self.id,
            "outcome": self.label.value,
            "record": None if self.record is None else as_json(self.record),
            "ttl_left": None if self.ttl_left is None else round(self.ttl_left, 3),
            "elapsed_ms": round(self.seconds * 1000, 3),
            "flags": self.flags.to_json(),
            "reason": self.reason,
            "format": self.format,
            "steps": [step.to_json() for step in self.steps],
        }


class CopyChange(Struct, frozen=True):
    """What became of a cached copy that was to be invalidated or expired."""

    id: Key
    """The key of the record."""
    found: bool
    """Whether there was a copy to change."""
    pending: bool = False
    """The cache has not taken it; it will be sent again before the copy is read."""
    steps: tuple[Step, ...] = ()
    """Each command that ran."""
    reason: str | None = None
    """Why the cache did not do it; None when it did."""

    def to_json(self) -> dict[str, Any]:
        """Give the change as the JSON object of the command line."""
        return {
            "id": self.id,
            "found": self.found,
            "pending": self.pending,
            "reason": self.reason,
            "steps": [step.to_json() for step in self.steps],
        }


class WriteResult(Struct, frozen=True):
    """A write that the database has made, and what became of the cached copy."""

    id: Key
    """The key of the record."""
    found: bool
    """Whether there was such a record to change."""
    record: Record | None = None
    """The record as it is now; None when it is gone, or was not there."""
    pending: bool = False
    """The copy could not be deleted yet; it will be before anything is read."""
    seconds: float = 0.0
    """Time from the call to the end."""
    reason: str | None = None
    """Why the copy could not be deleted; None when it was."""
    was_cached: bool = False
    """Whether there was a copy to delete."""
    steps: tuple[Step, ...] = ()
    """Each command that ran."""

    def to_json(self) -> dict[str, Any]:
        """Give the result as the JSON object of the command line."""
        return {
            "id": self.id,
            "found": self.found,
            "record": None if self.record is None else as_json(self.record),
            "invalidated": not self.pending,
            "pending": self.pending,
            "elapsed_ms": round(self.seconds * 1000, 3),
            "reason": self.reason,
            "steps": [step.to_json() for step in self.steps],
        }


class TableSchema(Struct, frozen=True, dict=True):
    """The explored table, as the database describes it."""

    name: str
    """The table's name as the database spells it."""
    id_column: str
    """The column that holds the key."""
    id_is_integer: bool
    """Whether keys are whole numbers; texts otherwise."""
    columns: tuple[str, ...]
    """The names of all columns, in the table's order."""
    search_columns: tuple[str, ...] = ()
    """The columns that a search looks at."""
    indexed_columns: tuple[str, ...] = ()
    """Those of them whose beginnings an index finds, whatever the case."""
    described: Mapping[str, Column] = field(default_factory=dict)
    """What the database says of each column, by its name; see `column`."""
    unique: bool = True
    """Whether the schema promises that no two rows have one key; of a view it never does."""
    is_view: bool = False
    """Whether it is a view, which only INSTEAD OF triggers can change."""
    is_open: bool = False
    """Whether a record may have columns that no other has, and lack some, as a document may."""
    folds_case: bool = False
    """Whether the key column takes `A` for `a`."""

    @cached_property
    def column_set(self) -> frozenset[str]:
        """All columns, without an order."""
        return frozenset(self.columns)

    @cached_property
    def largest_key(self) -> int:
        """The largest whole number that is looked up, where keys are such: 64 bits, or more."""
        limits = self.column(self.id_column).range or (0, 0)
        return max((1 << 63) - 1, limits[1])

    @cached_property
    def nested_columns(self) -> frozenset[str]:
        """The columns that hold JSON values themselves."""
        return frozenset(name for name in self.columns if self.column(name).nested)

    def column(self, name: str) -> Column:
        """Return what is known of a column; of one that came later, that is its name."""
        return self.described.get(name) or Column(name)

    @property
    def unindexed_columns(self) -> tuple[str, ...]:
        """The searched columns that could have such an index, and have none."""
        if self.is_view:
            return ()
        return tuple(c for c in self.search_columns if c not in self.indexed_columns)

    @property
    def label_column(self) -> str:
        """The column that tells a person best which record it is."""
        return self.search_columns[0] if self.search_columns else self.id_column


class Caveat(Struct, frozen=True):
    """Why what a database answers may not be the newest, or not be all there is."""

    name: str
    """In a word or two, for a status line: `standby`, `rows hidden`."""
    words: str
    """In a sentence, with what to do."""
    outdated: bool = False
    """Whether reads may be older than what has been acknowledged: nothing is written then."""
    incomplete: bool = False
    """Whether rows may be there that are not shown: a copy without a row is no orphan then."""


class Match(Struct, frozen=True):
    """One record that a search found."""

    id: Key
    """Its key."""
    texts: tuple[str, ...]
    """What its searched columns hold; '' for NULL."""


class SearchResult(Struct, frozen=True):
    """What a search found."""

    text: str
    """The text that was searched for."""
    matches: tuple[Match, ...] = ()
    """The records, those that begin with the text first."""
    more: bool = False
    """There are more than were asked for."""
    complete: bool = True
    """False when the search was stopped for taking too long, or could not read a column."""
    reason: str | None = None
    """Why there is no answer; None when there is."""
    index: str = ""
    """The index that would help, in the words of the database; '' where none would."""
    passed_over: int = 0
    """How many values were too long to be searched."""

    @property
    def advice(self) -> str:
        """What to tell a person when something was not searched; '' when all was."""
        if self.complete and self.passed_over:
            return f"but for {self.passed_over:,} values that are too long to be searched"
        if self.passed_over:
            return f"but for {self.passed_over:,} columns with values that are too long"
        if self.complete:
            return ""
        if not self.index:
            return "stopped before it had read every row"
        return f"stopped, an index would help: {self.index}"


class Health(Struct, frozen=True):
    """How a target did when it was last asked."""

    up: bool | None = None
    """Whether it answered; None before it was asked."""
    seconds: float | None = None
    """How long its latest answer took."""
    reason: str | None = None
    """Why it did not answer."""


TALLY_WINDOW = 512
"""How many of the latest times a median is taken over."""
RATIO_WINDOW = 10
"""Over how many lookups one point of the hit-ratio curve goes."""
RATIO_POINTS = 120


class Tally(Struct, frozen=True):
    """Totals over all lookups so far; grows by making a new one."""

    counts: Mapping[Label, int] = field(default_factory=dict)
    """How many lookups ended with each label."""
    database_reads: int = 0
    """How many times the database was read, whoever waited for it."""
    hit_seconds: tuple[float, ...] = ()
    """The latest times of answers from the cache."""
    db_seconds: tuple[float, ...] = ()
    """The latest times of answers from the database, after the cache was asked."""
    recent: tuple[bool, ...] = ()
    """For the latest lookups, whether the cache answered."""
    ratios: tuple[float, ...] = ()
    """The hit ratio over the latest lookups, after each lookup."""

    @property
    def total(self) -> int:
        """All lookups."""
        return sum(self.counts.values())

    @property
    def hits(self) -> int:
        """Lookups that the cache answered."""
        return sum(self.counts.get(label, 0) for label in FROM_CACHE)

    @property
    def answered(self) -> int:
        """Lookups that had an answer."""
        return self.total - self.counts.get(Label.ERROR, 0)

    @property
    def hit_ratio(self) -> float | None:
        """Share of the answered lookups that the cache answered, 0 to 1."""
        return self.hits / self.answered if self.answered else None

    @property
    def hit_p50(self) -> float | None:
        """Median time of an answer from the cache, in seconds."""
        return _median(self.hit_seconds)

    @property
    def db_p50(self) -> float | None:
        """Median time of an answer from the database, in seconds."""
        return _median(self.db_seconds)

    def with_read(self) -> "Tally":
        """Give the tally that counts one more read of the database."""
        return replace(self, database_reads=self.database_reads + 1)

    def with_outcome(self, outcome: Outcome) -> "Tally":
        """Give the tally that counts this outcome too."""
        label = outcome.label
        counts = {**self.counts, label: self.counts.get(label, 0) + 1}
        if label is Label.ERROR:
            return replace(self, counts=counts)
        from_cache, from_db = label in FROM_CACHE, label in FROM_DATABASE
        recent = (*self.recent, from_cache)[-RATIO_WINDOW:]
        return Tally(
            counts=counts,
            database_reads=self.database_reads,
            hit_seconds=_latest(self.hit_seconds, outcome.seconds if from_cache else None),
            db_seconds=_latest(self.db_seconds, outcome.seconds if from_db else None),
            recent=recent,
            ratios=(*self.ratios, sum(recent) / len(recent))[-RATIO_POINTS:],
        )


def _median(times: tuple[float, ...]) -> float | None:
    from statistics import median  # loads fractions and decimals: not before the first paint

    return median(times) if times else None


def _latest(times: tuple[float, ...], new: float | None) -> tuple[float, ...]:
    return times if new is None else (*times, new)[-TALLY_WINDOW:]
