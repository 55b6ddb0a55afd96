"""Times of day and intervals: the same length of time is the same, however it is spelled."""

import re
from collections.abc import Iterator
from typing import Any, Final

from tui.audit.equivalence.calendar import day_number
from tui.audit.equivalence.duration_spellings import (
    LONGEST,
    Duration,
    durations_of,
    plain,
)
from tui.audit.equivalence.instants import DAY, SECOND, is_cut
from tui.audit.equivalence.moment_texts import CLOCK, HALF, ZONE, clock_of
from tui.audit.equivalence.moment_values import moments_of
from tui.audit.equivalence.numbers import number_of
from tui.audit.equivalence.zones import offset_of

DAYS_OF_NO_DATE: Final = frozenset({
    day_number(1970, 1, 1), day_number(2000, 1, 1), day_number(1900, 1, 1), day_number(1, 1, 1),
    day_number(0, 1, 1), day_number(1899, 12, 30),
})  # fmt: skip
"""The days that encoders put before a time of day which has none: Prisma, Rails, .NET, Go."""
TIME = re.compile(rf"T?{CLOCK}{HALF}{ZONE}", re.ASCII | re.IGNORECASE)
MILLISECONDS: Final = 1000


def same_time(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one time of day, in one zone; None where the row holds none."""
    wanted = next(times_of(stored), None)
    if wanted is None:
        return None
    return any(
        one.offset == wanted.offset
        and one.all_months == wanted.all_months
        and is_cut(one.time, wanted.time, one.digits)
        for one in times_of(cached)
    )


def same_interval(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one interval; None where the row holds none.

    Where the copy has no months, those of the row count 30 days and its years 365.
    """
    wanted = list(durations_of(stored))
    if not wanted:
        return None
    if number_of(stored) is not None:  # in a unit that nobody knows: so nothing is cut off
        lengths = {one.in_days for one in wanted}
        return any(one.in_days in lengths for one in durations_of(cached))
    return any(_is_same(one, other) for one in durations_of(cached) for other in wanted)


def times_of(value: Any) -> Iterator[Duration]:
    """Give the times of day that a value may stand for, and lengths of time for longer ones."""
    value = plain(value)
    if isinstance(value, list):
        yield from _parts(value)
        return
    if isinstance(value, str) and len(value) <= LONGEST:
        match = TIME.fullmatch(value.strip())
        clock = None if match is None else clock_of(match)
        if match is not None and clock is not None:
            offset = offset_of(match)
            if offset is not None or not match["name"]:
                digits = len(match["part"] or "")
                yield Duration(time=clock, digits=digits, offset=offset or 0)
                return
        for moment in moments_of(value):
            if not moment.is_day and moment.time // DAY in DAYS_OF_NO_DATE:
                yield Duration(time=moment.time % DAY, digits=moment.digits)
    yield from durations_of(value)


def _parts(parts: list[Any]) -> Iterator[Duration]:
    """Give what Java's and Rust's encoders write: [hour, minute, second, nanosecond]."""
    if not 2 <= len(parts) <= 4 or any(type(part) is not int for part in parts):
        return
    hours, minutes, seconds, rest = (*parts, 0, 0)[:4]
    time = ((hours * 60 + minutes) * 60 + seconds) * SECOND
    yield Duration(time=time + rest)
    if 0 < rest < MILLISECONDS:
        yield Duration(time=time + rest * 10**6)


def _is_same(cached: Duration, stored: Duration) -> bool:
    if cached.months == 0:  # pydantic makes a year of 365 days, but no months
        return is_cut(cached.in_days, stored.in_days, cached.digits)
    same_months = cached.all_months == stored.all_months
    return same_months and is_cut(cached.time, stored.time, cached.digits)
