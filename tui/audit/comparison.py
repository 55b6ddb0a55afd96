"""A cached copy beside the row that it was made from: what differs, and what that is called."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tui.audit.equivalence import same
from tui.audit.formats import UnreadablePayload, check_is_copy, copied_record
from tui.models import Cached, Key, Record, TableSchema
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


def compare(
    id: Key, key: str, cached: Cached, row: Record | None, schema: TableSchema
) -> Comparison:
    """Compare what is cached under `key` with the row, on the columns that both have."""
    left = cached.seconds_left
    if cached.unread is not None:
        return Comparison(
            id, key, Finding.NOT_COMPARED, database=row, seconds_left=left,
            reason=cached.unread,
        )  # fmt: skip
    if cached.payload is None and cached.fields is None and not cached.wrong_type:
        return Comparison(id, key, None, database=row)
    try:
        copy = copied_record(cached)
    except UnreadablePayload as error:
        return Comparison(
            id, key, Finding.UNREADABLE, database=row, seconds_left=left, reason=str(error)
        )
    if copy is None:
        # A key that the column only takes for this one is another key, as lookups have it.
        if row is not None and not is_same_key(str(row[schema.id_column]), str(id)):
            row = None
        finding = Finding.SAME if row is None else Finding.WRONGLY_ABSENT
        return Comparison(
            id, key, _kept(finding, left), database=row, known_absent=True, seconds_left=left
        )
    columns = schema.columns if row is None or row.keys() <= schema.column_set else tuple(row)
    shared = [column for column in columns if column in copy]
    found = Comparison(
        id, key, Finding.SAME, copy, row,
        cache_only=tuple(column for column in copy if column not in columns),
        database_only=tuple(column for column in columns if row and column not in copy),
        not_compared=tuple(column for column in shared if _is_stand_in(row, column)),
        seconds_left=left,
    )  # fmt: skip
    unread = [name for name in found.not_compared if row and isinstance(row[name], Unread)]
    if unread:
        found = replace(found, reason=f"longer than --max-value: {', '.join(unread)}")
    if row is not None:
        texts = cached.fields is not None
        differs = tuple(
            column
            for column in shared
            if column not in found.not_compared
            and not same(copy[column], row[column], texts=texts)
        )
        finding = Finding.DIFFERS if differs else _kept(Finding.SAME, left)
        found = replace(found, finding=finding, differs=differs)
    try:
        check_is_copy(copy, id, schema)
    except UnreadablePayload as error:
        return replace(found, finding=Finding.UNREADABLE, reason=str(error))
    return replace(found, finding=Finding.ORPHAN) if row is None else found


def named_in(cached: Cached) -> Iterable[str]:
    """Return the names of what is cached; none where it is no record."""
    try:
        return copied_record(cached) or ()
    except UnreadablePayload:
        return ()


def _is_stand_in(row: Record | None, column: str) -> bool:
    return row is not None and isinstance(row[column], StandIn)


def _kept(finding: Finding, left: float | None) -> Finding:
    """Give NO_EXPIRY for a copy that is right, and would be kept for ever."""
    return Finding.NO_EXPIRY if finding is Finding.SAME and left is None else finding
