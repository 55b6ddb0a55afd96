"""A cached copy beside the row that it was made from: what differs, and what that is called."""

from collections.abc import Iterable
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from tui.audit.equivalence import same
from tui.audit.equivalence.verdict import NotCompared
from tui.audit.extent import TooManyValues, UnreadablePayload
from tui.audit.formats import check_is_copy
from tui.audit.reading import Copy
from tui.models import Cached, Key, Record, TableSchema
from tui.models.scalars import as_json, has_stand_in
from tui.models.spelling import is_same_key


class Finding(StrEnum):
    """What a cached copy is, measured by the database."""

    SAME = "same"
    """What both hold is the same."""
    DIFFERS = "differs"
    """At least one column differs."""
    ORPHAN = "orphan"
    """Cached, but there is no such row."""
    WRONGLY_ABSENT = "wrongly-absent"
    """Cached as 'no such record', but there is one."""
    UNREADABLE = "unreadable"
    """What is cached is no record, or has no column of the table."""
    NO_EXPIRY = "no-expiry"
    """The same, but the cache would keep it for ever."""
    NOT_COMPARED = "not-compared"
    """It was not read: it is too long, or the cache refused that, or gave an odd reply."""


MEANINGS: Final = {
    Finding.SAME: "cache and database hold the same",
    Finding.DIFFERS: "the cached copy is not what the database has",
    Finding.ORPHAN: "cached, but the database has no such record",
    Finding.WRONGLY_ABSENT: "cached as 'no such record', but the database has it",
    Finding.UNREADABLE: "what is cached cannot be read as a record",
    Finding.NO_EXPIRY: "the same, but the cache would keep it for ever",
    Finding.NOT_COMPARED: "it is too long, or the cache did not let it be read",
}
"""What each finding means, in a few words."""


class Comparison(Struct, frozen=True, gc=False):
    """One record as the cache and as the database have it."""

    id: Key
    """The record's key."""
    key: str
    """The key that the cache keeps it under."""
    finding: Finding | None
    """What it is called; None where nothing is cached."""
    cached: Record | None = None
    """What is cached, column by column; None for nothing, unreadable, or 'known absent'."""
    database: Record | None = None
    """The row; None when there is none."""
    differs: tuple[str, ...] = ()
    """The columns that both have, with different values."""
    cache_only: tuple[str, ...] = ()
    """What is cached beside the table's columns."""
    database_only: tuple[str, ...] = ()
    """The row's columns that are not cached."""
    not_compared: tuple[str, ...] = ()
    """The columns that both have, where the row holds what JSON cannot hold."""
    known_absent: bool = False
    """Cached is that there is no such record."""
    seconds_left: float | None = None
    """Time until the cache drops the copy; None for never, or nothing cached."""
    reason: str | None = None
    """Why the copy is unreadable or was not compared, or the row was so in part only."""
    format: str | None = None
    """What the copy is written in: `json`, `hash`, `zstd+pickle`; None for nothing."""

    @property
    def drifted(self) -> bool:
        """Tell whether there is something to be said against the copy."""
        return self.finding not in {None, Finding.SAME, Finding.NOT_COMPARED}

    @property
    def meaning(self) -> str:
        """What was found, in a few words."""
        if self.finding is None:
            nowhere = self.database is None
            return "not cached, and not in the database" if nowhere else "not cached"
        if self.finding is Finding.SAME and self.known_absent:
            return "cached as 'no such record', and there is none"
        if self.finding is Finding.SAME and self.not_compared:
            return "what can be compared is the same"
        return MEANINGS[self.finding]

    @property
    def is_over(self) -> bool:
        """Whether the time of the copy is over: the cache has dropped it."""
        return self.finding is not None and self.seconds_left == 0.0

    def after(self, seconds: float) -> "Comparison":
        """Give it as it is that much later, as far as nobody has changed anything."""
        if self.seconds_left is None:
            return self
        return replace(self, seconds_left=max(0.0, self.seconds_left - seconds))

    def to_json(self) -> dict[str, Any]:
        """Give the comparison as a finding of `hitmiss audit --json`."""
        return {
            "id": self.id,
            "key": self.key,
            "finding": None if self.finding is None else self.finding.value,
            "cached": None if self.cached is None else as_json(self.cached),
            "database": None if self.database is None else as_json(self.database),
            "differs": list(self.differs),
            "not_compared": list(self.not_compared),
            "reason": self.reason,
            "format": self.format,
        }


def compare(
    id: Key,
    key: str,
    cached: Cached,
    copy: Copy,
    row: Record | None,
    schema: TableSchema,
    *,
    zone: tzinfo | None = None,
    hidden: str | None = None,
) -> Comparison:
    """Compare `cached`, taken apart as `copy`, with the row, on the columns that both have.

    Moments without a zone are meant in `zone`, or in UTC. Where rows may be `hidden`, that says
    why: a copy without a row is then compared with nothing.
    """
    left = cached.seconds_left
    if row is None and hidden is not None and copy.record is not None:
        return Comparison(
            id, key, Finding.NOT_COMPARED, copy.record, seconds_left=left,
            reason=f"it has no row that is shown: {hidden}", format=copy.format,
        )  # fmt: skip
    if cached.unread is not None:
        return Comparison(
            id, key, Finding.NOT_COMPARED, database=row, seconds_left=left,
            reason=cached.unread,
        )  # fmt: skip
    if copy.wrong is not None:
        too_many = isinstance(copy.wrong, TooManyValues)
        finding = Finding.NOT_COMPARED if too_many else Finding.UNREADABLE
        return Comparison(
            id, key, finding, database=row, seconds_left=left, reason=str(copy.wrong),
            format=copy.format,
        )  # fmt: skip
    if copy.format is None:
        return Comparison(id, key, None, database=row)
    if copy.record is None:
        # A key that the column only takes for this one is another key, as lookups have it.
        if row is not None and not is_same_key(str(row[schema.id_column]), str(id)):
            row = None
        finding = Finding.SAME if row is None else Finding.WRONGLY_ABSENT
        return Comparison(
            id, key, _kept(finding, left), database=row, known_absent=True, seconds_left=left,
            format=copy.format,
        )  # fmt: skip
    record = copy.record
    if (
        record == row
        and record.get(schema.id_column) == id
        and not copy.doubtful
        and not has_stand_in(record if row is None else row)
    ):
        return Comparison(
            id, key, _kept(Finding.SAME, left), record, row, seconds_left=left,
            format=copy.format,
        )  # fmt: skip
    return _compared(id, key, left, copy, record, row, schema, zone)


def _compared(
    id: Key,
    key: str,
    left: float | None,
    copy: Copy,
    record: Record,
    row: Record | None,
    schema: TableSchema,
    zone: tzinfo | None,
) -> Comparison:
    columns = schema.columns if row is None or row.keys() <= schema.column_set else tuple(row)
    sides = _ALIKE if row is None else _sides(copy, record, row, columns, schema, zone)
    finding, reason = _kept(Finding.SAME, left), sides.reason
    if row is None:
        finding = Finding.ORPHAN
    elif sides.differs:
        finding = Finding.DIFFERS
    try:
        check_is_copy(record, id, schema, None if row is None else row[schema.id_column])
    except UnreadablePayload as error:
        finding, reason = Finding.UNREADABLE, str(error)
    return Comparison(
        id, key, finding, record, row, sides.differs,
        cache_only=tuple([column for column in record if column not in columns]),
        database_only=tuple([column for column in columns if row and column not in record]),
        not_compared=sides.not_compared,
        seconds_left=left,
        reason=reason,
        format=copy.format,
    )  # fmt: skip


class _Sides(Struct, frozen=True, gc=False):
    """What is to be said of the columns that a copy and its row both have."""

    differs: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    reason: str | None = None


_ALIKE = _Sides()
_PLAIN = frozenset({int, str, float, bool, type(None)})
"""The types of a row's values that are just what they are."""


def _sides(
    copy: Copy,
    record: Record,
    row: Record,
    columns: Iterable[str],
    schema: TableSchema,
    zone: tzinfo | None,
) -> _Sides:
    differs: list[str] = []
    passed_over: dict[str, str] = {
        column: f"{fields} may both be meant" for column, fields in copy.doubtful.items()
    }
    for column in columns:
        if column not in record or column in copy.doubtful:
            continue
        found, stored = record[column], row[column]
        if found == stored and type(stored) in _PLAIN:
            continue
        try:
            if not same(found, stored, schema.column(column), texts=copy.texts, zone=zone):
                differs.append(column)
        except (NotCompared, TooManyValues) as error:
            passed_over[column] = str(error)
    if not differs and not passed_over:
        return _ALIKE
    reasons = [
        f"{reason}: {', '.join(name for name, its in passed_over.items() if its == reason)}"
        for reason in dict.fromkeys(passed_over.values())
        if reason
    ]
    return _Sides(tuple(differs), tuple(passed_over), "; ".join(reasons) or None)


def _kept(finding: Finding, left: float | None) -> Finding:
    """Give NO_EXPIRY for a copy that is right, and would be kept for ever."""
    return Finding.NO_EXPIRY if finding is Finding.SAME and left is None else finding
