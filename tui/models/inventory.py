"""What is cached, in the order in which it expires, kept up between two walks by the clock."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from tui.models import Key, KeyFacts

MOST_ENTRIES = 100_000
"""How many copies are listed one by one: those that expire first. All are counted."""
MOST_FOR_EVER = 1_000
"""How many of them may be copies that never expire, while others have no room."""
FAREWELL_SECONDS = 5.0
"""How long a copy that has just expired stays in the list, marked."""
SAME_COPY_SECONDS = 0.25
"""By how much the end of one and the same copy may seem to move between two walks."""

Mark: TypeAlias = "tuple[float, Key]"
"""A place in the list: the time that it is sorted by, and whose it is."""


class SortOrder(StrEnum):
    """What copies are sorted by."""

    EXPIRY = "expiry"
    """What expires next comes first."""
    KEY = "key"
    SIZE = "size"
    """The largest comes first."""

    @property
    def next(self) -> "SortOrder":
        """The one after this; the first after the last."""
        orders = list(SortOrder)
        return orders[(orders.index(self) + 1) % len(orders)]


class CopyState(StrEnum):
    """What a cached copy is good for right now."""

    FRESH = "fresh"
    """It is given as the answer."""
    GRACE = "in grace"
    """Its ttl is over; it stands in for a database that fails."""
    EXPIRED = "expired"
    """It has just gone."""
    NO_EXPIRY = "no expiry"
    """The cache would keep it for ever."""


@dataclass(slots=True)
class Entry:
    """One cached copy."""

    id: Key
    """The record's key."""
    fresh_until: float
    """When its freshness ends, on the caller's clock; infinity for never."""
    gone_at: float
    """When the cache drops it; infinity for never."""
    size: int | None
    """The value's bytes; None for what is no string."""
    known_absent: bool = False
    """It says that there is no such record."""
    format: str | None = None
    """What it is written in, as far as its first bytes tell."""
    note: str = ""
    """What was done to it: `invalidated`."""
    walk: int = 0
    """The walk that saw it last."""

    def state(self, now: float) -> CopyState:
        """Give what the copy is good for at that time."""
        if self.note:
            return CopyState.EXPIRED
        if self.fresh_until == math.inf:
            return CopyState.NO_EXPIRY
        if self.fresh_until > now:
            return CopyState.FRESH
        return CopyState.GRACE if self.gone_at > now else CopyState.EXPIRED


def entry_of(
    id: Key, facts: KeyFacts, *, grace: float, now: float, format: str | None = None
) -> Entry:
    """Give the entry for what the server says of a key; 'known to be absent' has no grace."""
    gone_at = math.inf if facts.seconds_left is None else now + facts.seconds_left
    fresh_until = gone_at if facts.known_absent else gone_at - grace
    return Entry(id, fresh_until, gone_at, facts.size, facts.known_absent, format)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many copies there are of each kind."""

    keys: int = 0
    fresh: int = 0
    grace: int = 0
    no_expiry: int = 0
    known_absent: int = 0
    size: int = 0
    """The bytes of all values together."""


class Inventory:
    """The copies that walks have found, sorted by what expires next.

    First what is fresh or has just gone, by the time of its end; then what is in grace; then
    what never expires. A walk renews what it sees; what it has not seen by its end is gone.
    All that is done at each tick costs the same however many copies there are: the three
    parts stay sorted, and only their beginnings move on.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: dict[Key, Entry] = {}
        self._parts: tuple[list[Mark], list[Mark], list[Mark]] = ([], [], [])
        self._new: list[Entry] = []
        self._outdated = 0
        self._known_absent = self._size = 0
        self._left_out, self._left_out_before = [0, 0, 0], [0, 0, 0]
        self._walk = 0
        self.order = SortOrder.EXPIRY
        """What the rows are sorted by, from the next `arrange` on."""
        self._order = self.order
        self._sorted: list[Key] = []

    def __len__(self) -> int:
        """Give how many are listed."""
        return sum(map(len, self._parts))

    @property
    def left_out(self) -> int:
        """How many copies the latest walk has seen beyond those that are listed."""
        return max(sum(self._left_out), sum(self._left_out_before))

    def begin_walk(self) -> None:
        """Note that a walk begins: what it does not see is gone at its end."""
        self._walk += 1
        self._left_out_before, self._left_out = self._left_out, [0, 0, 0]

    def note(self, entries: Iterable[Entry]) -> None:
        """Take in what is known anew of these copies."""
        for entry in entries:
            entry.walk = self._walk
            known = self._entries.get(entry.id)
            if known is not None and _is_same_copy(known, entry):
                known.walk = self._walk
                continue
            self._forget(entry.id)
            self._entries[entry.id] = entry
            self._known_absent += entry.known_absent
            self._size += entry.size or 0
            self._new.append(entry)

    def end_walk(self, now: float) -> None:
        """Mark what the walk has not seen: it goes after FAREWELL_SECONDS."""
        self._left_out_before = [0, 0, 0]
        unseen = [
            entry.id
            for entry in self._entries.values()
            if entry.walk != self._walk and not entry.note and entry.gone_at > now
        ]
        for id in unseen:
            self.end(id, "gone", now)

    def end(self, id: Key, note: str, now: float) -> None:
        """Mark one copy as gone, and how."""
        entry = self._entries.get(id)
        if entry is not None and not entry.note:
            self.note([replace(entry, fresh_until=now, gone_at=now, note=note)])

    def clear(self) -> None:
        """Forget all, for another walk; the order stays."""
        order = self.order
        self.__init__()  # type: ignore[misc]
        self.order = order

    def arrange(self, now: float) -> bool:
        """Bring the order up to `now`, and let go what has said its farewell.

        Tells whether anything may have moved.
        """
        anew = bool(self._new) or self._outdated > 0 or self.order is not self._order
        moved = anew
        if self._outdated:
            renewed = {entry.id for entry in self._new}
            for part in self._parts:
                part[:] = [mark for mark in part if mark[1] not in renewed]
            self._outdated = 0
        for entry in self._new:
            if self._entries.get(entry.id) is entry:
                number = self._part_of(entry, now)
                self._parts[number].append(_mark(entry, number))
        self._new.clear()
        fresh, grace, forever = self._parts
        for over in _taken_until(fresh, now - FAREWELL_SECONDS):
            moved = True
            entry = self._entries[over[1]]
            if entry.gone_at + FAREWELL_SECONDS > now:
                grace.append(_mark(entry, 1))
            else:
                self._drop(entry)
        grace.sort()
        for over in _taken_until(grace, now - FAREWELL_SECONDS):
            moved = True
            self._drop(self._entries[over[1]])
        forever.sort()
        self._keep_within_bounds()
        if moved:
            self._sort(anew=anew)
        return moved

    def _sort(self, *, anew: bool) -> None:
        """Sort by what is wanted; unless `anew`, some have only gone.

        What was sorted before stays so, which makes it quick.
        """
        self._order = self.order
        if self._order is SortOrder.EXPIRY:
            return
        if not anew:
            self._sorted = [id for id in self._sorted if id in self._entries]
            return
        listed = {id for part in self._parts for _, id in part}
        before = [id for id in self._sorted if id in listed]
        self._sorted = before + list(listed.difference(before))
        self._sorted.sort(key=self._place)

    def _place(self, id: Key) -> tuple[int, Key]:
        """Give by what a copy is sorted where that is not its expiry."""
        size = self._entries[id].size if self._order is SortOrder.SIZE else 0
        return (1 if size is None else -size, id)

    def rows(self, start: int, count: int) -> list[Entry]:
        """Give up to `count` entries from the one at `start` on."""
        if self._order is not SortOrder.EXPIRY:
            ids = self._sorted[start : start + count]
            return [self._entries[id] for id in ids if id in self._entries]
        found: list[Entry] = []
        for part in self._parts:
            marks = part[start : start + count - len(found)]
            found += [self._entries[id] for _, id in marks if id in self._entries]
            start = max(0, start - len(part))
        return found

    def entry(self, id: Key) -> Entry | None:
        """Give what is known of one copy; None where none is known."""
        return self._entries.get(id)

    def index_of(self, id: Key) -> int | None:
        """Give where a copy stands in the list."""
        entry = self._entries.get(id)
        if self._order is not SortOrder.EXPIRY:
            return self._sorted.index(id) if id in self._sorted else None
        before = 0
        for number, part in enumerate(self._parts):
            if entry is not None:
                mark = _mark(entry, number)
                index = bisect_left(part, mark)
                if part[index : index + 1] == [mark]:
                    return before + index
            before += len(part)
        return None

    def totals(self, now: float) -> Totals:
        """Count the listed copies by kind."""
        fresh, grace, forever = self._parts
        over, gone = _count_until(fresh, now), _count_until(grace, now)
        past = [self._entries[id] for _, id in (*fresh[:over], *grace[:gone])]
        farewell = [entry for entry in past if entry.state(now) is CopyState.EXPIRED]
        in_grace = len(grace) + over - len(farewell)
        return Totals(
            keys=len(fresh) - over + in_grace + len(forever) + self.left_out,
            fresh=len(fresh) - over,
            grace=in_grace,
            no_expiry=len(forever) + max(self._left_out[2], self._left_out_before[2]),
            known_absent=self._known_absent - sum(entry.known_absent for entry in farewell),
            size=self._size - sum(entry.size or 0 for entry in farewell),
        )

    def longest(self, now: float) -> float:
        """Give for how many seconds the copy stays fresh that stays fresh for longest."""
        fresh = self._parts[0]
        return fresh[-1][0] - now if fresh else 0.0

    def horizon(self, now: float, share: float) -> float:
        """Give for how many seconds a share (0 to 1) of the copies stay fresh at the most."""
        fresh = self._parts[0]
        over = _count_until(fresh, now)
        last = over + math.ceil((len(fresh) - over) * share) - 1
        return fresh[last][0] - now if last >= over else 0.0

    def expiries(self, now: float, seconds: float, buckets: int) -> tuple[list[int], int]:
        """Count the ends of freshness in each of `buckets` equal parts of the next `seconds`.

        Gives those counts, and how many end later.
        """
        fresh = self._parts[0]
        edges = [
            _count_until(fresh, now + seconds * number / buckets)
            for number in range(buckets + 1)
        ]
        return [b - a for a, b in pairwise(edges)], len(fresh) - edges[-1]

    def _part_of(self, entry: Entry, now: float) -> int:
        if entry.fresh_until == math.inf:
            return 2
        return 0 if entry.fresh_until + FAREWELL_SECONDS > now else 1

    def _forget(self, id: Key) -> None:
        entry = self._entries.get(id)
        if entry is not None:
            self._drop(entry)
            self._outdated += 1

    def _drop(self, entry: Entry) -> None:
        del self._entries[entry.id]
        self._known_absent -= entry.known_absent
        self._size -= entry.size or 0

    def _keep_within_bounds(self) -> None:
        """Keep MOST_ENTRIES, those that expire first; only count the others.

        Some of those that never expire stay: they are what somebody should know of.
        """
        for number, kept in ((2, MOST_FOR_EVER), (0, 0), (1, 0), (2, 0)):
            part = self._parts[number]
            surplus = min(len(self) - MOST_ENTRIES, len(part) - kept)
            if surplus > 0:
                for _, id in part[-surplus:]:
                    self._drop(self._entries[id])
                del part[-surplus:]
                self._left_out[number] += surplus


def _is_same_copy(known: Entry, entry: Entry) -> bool:
    """Tell whether a walk has seen again what is known: its clock and the server's differ."""
    return (
        not known.note
        and not entry.note
        and (known.size, known.known_absent) == (entry.size, entry.known_absent)
        and (
            known.fresh_until == entry.fresh_until
            or abs(known.fresh_until - entry.fresh_until) < SAME_COPY_SECONDS
        )
    )


def _mark(entry: Entry, part: int) -> Mark:
    """Give what an entry is sorted by in that part of the list."""
    return (entry.gone_at if part == 1 else entry.fresh_until, entry.id)


def _count_until(part: list[Mark], time: float) -> int:
    return bisect_right(part, time, key=lambda mark: mark[0])


def _taken_until(part: list[Mark], time: float) -> list[Mark]:
    """Sort, and take away what ends by then."""
    part.sort()  # it was sorted but for a few at its end: then this is one quick look
    count = _count_until(part, time)
    taken = part[:count]
    del part[:count]
    return taken
