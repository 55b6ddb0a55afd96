"""Dates of BSON, 64 bits of milliseconds since 1970: as texts, and read from them."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
REMEMBERED: Final = 4_096
"""How many days' texts are remembered: most records are of the last few years."""
LEAST, MOST = -(2**63), 2**63 - 1
MOMENT: Final = re.compile(
    r"(?P<year>[+-]?[0-9]{4,9})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,12}))?)?"
    r"(?: ?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?",
    re.ASCII | re.IGNORECASE,
)
"""ISO 8601, with a space or a T, and JavaScript's years of six digits and a sign."""


class NoMoment(ValueError):
    """A text that spells none, or one that BSON would round."""


def text_of(milliseconds: int) -> str:
    """Return a moment as `2026-06-30 12:30:00+00:00`, with `.123` where it has a part."""
    days, rest = divmod(milliseconds, DAY)
    seconds, part = divmod(rest, SECOND)
    behind = f".{part:03}+00:00" if part else "+00:00"
    return f"{_day(days)} {_clock(seconds)}{behind}"


def iso_of(milliseconds: int) -> str:
    """Return a moment as JavaScript writes it into JSON: `2026-06-30T12:30:00.000Z`."""
    days, rest = divmod(milliseconds, DAY)
    seconds, part = divmod(rest, SECOND)
    return f"{_day(days)}T{_clock(seconds)}.{part:03}Z"


def milliseconds_of(text: str) -> int:
    """Return the moment that a text spells; without a zone it is meant in UTC.

    Raises:
        NoMoment: it spells none, or one that is no whole number of milliseconds.
    """
    match = MOMENT.fullmatch(text.strip())
    if match is None:
        raise NoMoment("a moment, such as 2026-06-30 12:30:00")
    month, day = int(match["month"]), int(match["day"])
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    part = (match["part"] or "").ljust(3, "0")
    if part[3:].strip("0"):
        raise NoMoment("a moment in whole milliseconds, such as 2026-06-30 12:30:00.123")
    year = int(match["year"])
    # Every 400 years the calendar is the same, so a year that Python has tells the month.
    if not _is_day(year % 400 + 400, month, day) or hour > 23 or minute > 59 or second > 59:
        raise NoMoment("a moment that there is, such as 2026-06-30 12:30:00")
    found = _days(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second * SECOND
    found += int(part[:3]) - _offset(match["zone"])
    if not LEAST <= found <= MOST:
        raise NoMoment("a moment that 64 bits of milliseconds hold")
    return found


def _clock(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


@lru_cache(REMEMBERED)
def _day(days: int) -> str:
    """Return a day that is so many after 1970."""
    year, month, day = _date(days)
    shown = f"{year:04}" if 0 <= year <= 9999 else f"{year:+07}"
    return f"{shown}-{month:02}-{day:02}"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True


def _offset(zone: str | None) -> int:
    if zone is None or zone in {"Z", "z"}:
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = int(digits[:2]) * HOUR + int(digits[2:]) * MINUTE
    return -offset if zone[0] == "-" else offset


def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970.

    Source: H. Hinnant, 'chrono-Compatible Low-Level Date Algorithms', days_from_civil.
    """
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    """Return year, month and day. Source: as for `_days`, civil_from_days."""
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year + era * 400 + (month <= 2), month, day
