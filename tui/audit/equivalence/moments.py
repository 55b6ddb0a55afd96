"""Moments and dates: the same instant is the same, however it is spelled.

A moment without a zone is meant in the database's zone, UTC unless somebody says otherwise. A
copy that has fewer digits than the row is compared at its own: cut or rounded, both are done.
"""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from tui.audit.equivalence.instants import DAY, UNITS, Moment, is_cut
from tui.audit.equivalence.moment_values import moments_of
from tui.audit.equivalence.numbers import number_of
from tui.audit.equivalence.verdict import NotCompared
from tui.audit.equivalence.zones import to_local

LARGEST = (10**11, 10**14, 10**17)
"""Below these a row counts seconds, milliseconds, microseconds: until the year 5138."""


LONGEST_USUAL = len("2026-06-30 12:30:00.123456+05:30")
"""Characters: of what is longer, Python would cut digits off."""


def same_moment(cached: Any, stored: Any, zone: tzinfo | None = None) -> bool | None:
    """Tell whether both are one instant, as far as the copy's digits go; None: no moment.

    Raises:
        NotCompared: that depends on which of two numbers is the day.
    """
    if type(cached) is str and type(stored) is str and _is_usual(cached, stored):
        return True
    wanted = _of_row(stored)
    if not wanted:
        return None
    return _any(
        one for one in moments_of(cached) if any(_is_same(one, other, zone) for other in wanted)
    )


def _is_usual(cached: str, stored: str) -> bool:
    """Tell whether two texts in ISO 8601 are one instant, as most of them are.

    Python itself tells that in a tenth of the time; of all others it says nothing.
    """
    if not 19 <= len(cached) <= LONGEST_USUAL or not 19 <= len(stored) <= LONGEST_USUAL:
        return False
    try:
        found, wanted = datetime.fromisoformat(cached), datetime.fromisoformat(stored)
    except ValueError:
        return False
    return (found.tzinfo is None) is (wanted.tzinfo is None) and found == wanted


def same_date(cached: Any, stored: Any, zone: tzinfo | None = None) -> bool | None:
    """Tell whether both are one day; None where the row holds none.

    Midnight stands for its day: in UTC, and where the database's `zone` is known there too.

    Raises:
        NotCompared: that depends on which of two numbers is the day.
    """
    day = _day_of(stored)
    if day is not None:
        return (type(cached) is int and cached == day) or _any(
            one for one in moments_of(cached) if day * DAY in _times(one, zone)
        )
    if type(stored) is int and any(
        one.is_day and one.time == stored * DAY for one in moments_of(cached)
    ):
        return True
    return same_moment(cached, stored, zone)


def _of_row(stored: Any) -> list[Moment]:
    """Return the moments that a row may hold; of a number one, in the unit of its size."""
    number = None if isinstance(stored, bool) else number_of(stored)
    found = list(moments_of(stored))
    if number is None or len(found) < len(UNITS):
        return found
    unit = next((n for n, most in enumerate(LARGEST) if abs(number) < most), len(LARGEST))
    return found[unit : unit + 1]


def _any(fits: Iterable[Moment]) -> bool:
    doubtful = [one.doubtful for one in fits]
    if doubtful and all(doubtful):
        raise NotCompared("the day may stand first, or the month")
    return bool(doubtful)


def _is_same(cached: Moment, stored: Moment, zone: tzinfo | None) -> bool:
    if cached.zoned is stored.zoned:
        found, wanted = cached.time, stored.time
    else:
        found, wanted = cached.instant(zone), stored.instant(zone)
    return is_cut(found, wanted, cached.digits)


def _times(moment: Moment, zone: tzinfo | None) -> list[int]:
    local = zone is not None and moment.zoned
    return [moment.time, to_local(moment.time, zone)] if local and zone else [moment.time]


def _day_of(stored: Any) -> int | None:
    """Return the day that a row holds, as it was spelled; None where it has another time."""
    for moment in moments_of(stored):
        if moment.is_day or (not moment.zoned and moment.time % DAY == 0):
            return moment.time // DAY
    return None
