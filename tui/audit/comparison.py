"""A cached copy beside the row that it was made from: what differs, and what that is called."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct

from tui.audit.equivalence import same
from tui.audit.extent import TooManyValues, UnreadablePayload
from tui.audit.formats import check_is_copy, copied_record
from tui.models import Cached, Key, Record, Scalar, TableSchema
from tui.models.scalars import StandIn, Unread, as_json
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


@dataclass(frozen=True, slots=True)
class Comparison:
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

    @property
    def drifted(self) -> bool:
        """Tell whether there is something to be said against the copy."""
        return self.finding not in {None, Finding.SAME, Finding.NOT_COMPARED}

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
            "database": None if self.database is None else dict(self.database),
            "differs": list(self.differs),
            "not_compared": list(self.not_compared),
            "reason": self.reason,
        }


Copy: TypeAlias = "Record | UnreadablePayload | None"
"""What is cached, taken apart: a record, 'known absent' or nothing, or why it is no record."""


def take_apart(cached: Cached) -> Copy:
    """Return the columns of what is cached, or why it has none."""
    if cached.payload is None and cached.fields is None and not cached.wrong_type:
        return None
    try:
        return copied_record(cached)
    except UnreadablePayload as error:
        return error


def compare(
    id: Key, key: str, cached: Cached, copy: Copy, row: Record | None, schema: TableSchema
) -> Comparison:
    """Compare `cached`, taken apart as `copy`, with the row, on the columns that both have."""
    left = cached.seconds_left
    if cached.unread is not None:
        return Comparison(
            id, key, Finding.NOT_COMPARED, database=row, seconds_left=left,
            reason=cached.unread,
        )  # fmt: skip
    if cached.payload is None and cached.fields is None and not cached.wrong_type:
        return Comparison(id, key, None, database=row)
    if isinstance(copy, UnreadablePayload):
        finding = (
            Finding.NOT_COMPARED if isinstance(copy, TooManyValues) else Finding.UNREADABLE
        )
        return Comparison(id, key, finding, database=row, seconds_left=left, reason=str(copy))
    if copy is None:
        # A key that the column only takes for this one is another key, as lookups have it.
        if row is not None and not is_same_key(str(row[schema.id_column]), str(id)):
            row = None
        finding = Finding.SAME if row is None else Finding.WRONGLY_ABSENT
        return Comparison(
            id, key, _kept(finding, left), database=row, known_absent=True, seconds_left=left
        )
    columns = schema.columns if row is None or row.keys() <= schema.column_set else tuple(row)
    texts = cached.fields is not None
    sides = _ALIKE if row is None else _sides(copy, row, columns, texts=texts)
    finding, reason = _kept(Finding.SAME, left), sides.reason
    if row is None:
        finding = Finding.ORPHAN
    elif sides.differs:
        finding = Finding.DIFFERS
    try:
        check_is_copy(copy, id, schema)
    except UnreadablePayload as error:
        finding, reason = Finding.UNREADABLE, str(error)
    return Comparison(
        id, key, finding, copy, row, sides.differs,
        cache_only=tuple([column for column in copy if column not in columns]),
        database_only=tuple([column for column in columns if row and column not in copy]),
        not_compared=sides.not_compared,
        seconds_left=left,
        reason=reason,
    )  # fmt: skip


class _Sides(Struct, frozen=True, gc=False):
    """What is to be said of the columns that a copy and its row both have."""

    differs: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    reason: str | None = None


_ALIKE = _Sides()


def _sides(copy: Record, row: Record, columns: Iterable[str], *, texts: bool) -> _Sides:
    differs: list[str] = []
    passed_over: dict[str, str] = {}
    for column in columns:
        if column not in copy:
            continue
        try:
            if not _same(copy[column], row[column], texts=texts):
                differs.append(column)
        except _NotCompared as error:
            passed_over[column] = str(error)
    if not differs and not passed_over:
        return _ALIKE
    reasons = [
        f"{reason}: {', '.join(name for name, its in passed_over.items() if its == reason)}"
        for reason in dict.fromkeys(passed_over.values())
        if reason
    ]
    return _Sides(tuple(differs), tuple(passed_over), "; ".join(reasons) or None)


class _NotCompared(Exception):
    """A column cannot be compared; it says why, where that is not plain from what is shown."""


def _same(cached: Scalar, stored: Scalar, *, texts: bool) -> bool:
    if isinstance(stored, StandIn):
        raise _NotCompared("longer than --max-value" if isinstance(stored, Unread) else "")
    try:
        return cached == stored or same(cached, stored, texts=texts)
    except TooManyValues as error:
        raise _NotCompared(str(error)) from error


def _kept(finding: Finding, left: float | None) -> Finding:
    """Give NO_EXPIRY for a copy that is right, and would be kept for ever."""
    return Finding.NO_EXPIRY if finding is Finding.SAME and left is None else finding
