"""Times of day and intervals: the same length of time is the same, however it is spelled."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tui.audit.equivalence.calendar import day_number
from tui.audit.equivalence.moments import (
    CLOCK,
    DAY,
    MOST_DIGITS,
    SECOND,
    UNITS,
    ZONE,
    clock_of,
    is_cut,
    moments_of,
    offset_of,
)
from tui.audit.equivalence.nested import parsed
from tui.audit.equivalence.numbers import exact

LONGEST: Final = 200
"""Characters: a longer text is no interval."""
DAYS_OF_MONTH, DAYS_OF_YEAR = 30, 365
"""What those count whose encoders know days alone."""
MOST: Final = 10**15
"""A larger number of anything is no interval."""
TIME = re.compile(rf"{CLOCK}(?: ?(?P<half>[AP]M))?{ZONE}", re.ASCII | re.IGNORECASE)
LONG_CLOCK = re.compile(
    r"(?P<minus>[+-])?(?P<hours>[0-9]{1,9}):(?P<minutes>[0-9]{2})"
    r"(?::(?P<seconds>[0-9]{2})(?:[.,](?P<part>[0-9]{1,12}))?)?", re.ASCII,
)  # fmt: skip
_AMOUNT = r"[+-]?[0-9]{1,16}(?:[.,][0-9]{1,12})?"
ISO = re.compile(
    rf"(?P<minus>[+-])?P(?=.)(?:(?P<years>{_AMOUNT})Y)?(?:(?P<months>{_AMOUNT})M)?"
    rf"(?:(?P<weeks>{_AMOUNT})W)?(?:(?P<days>{_AMOUNT})D)?"
    rf"(?:T(?:(?P<hours>{_AMOUNT})H)?(?:(?P<minutes>{_AMOUNT})M)?(?:(?P<seconds>{_AMOUNT})S)?)?",
    re.ASCII | re.IGNORECASE,
)
"""ISO 8601, section 5.5.2.2, with signs as PostgreSQL and Java have them."""
WORDS = re.compile(rf"({_AMOUNT}) ?([a-z]{{1,12}}),?\s*", re.ASCII | re.IGNORECASE)
UNIT = {
    "y": "years", "yr": "years", "year": "years", "mon": "months", "month": "months",
    "w": "weeks", "week": "weeks", "d": "days", "day": "days",
    "h": "hours", "hr": "hours", "hour": "hours", "m": "minutes", "min": "minutes",
    "minute": "minutes", "s": "seconds", "sec": "seconds", "second": "seconds",
    "ms": "milliseconds", "milli": "milliseconds", "millisecond": "milliseconds",
    "us": "microseconds", "micro": "microseconds", "microsecond": "microseconds",
    "ns": "nanoseconds", "nano": "nanoseconds", "nanosecond": "nanoseconds",
}  # fmt: skip
LENGTH = {
    "weeks": 7 * DAY, "days": DAY, "hours": 3600 * SECOND, "minutes": 60 * SECOND,
    "seconds": SECOND, "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1,
}  # fmt: skip
DAYS_OF_NO_DATE = frozenset({
    day_number(1970, 1, 1), day_number(2000, 1, 1), day_number(1900, 1, 1), day_number(1, 1, 1),
})  # fmt: skip
"""The days that encoders put before a time of day which has none: Prisma, Rails, .NET."""


class Duration(Struct, frozen=True, gc=False):
    """A length of time as it was spelled."""

    years: int = 0
    months: int = 0
    time: int = 0
    """Days and what is shorter, in nanoseconds."""
    digits: int = MOST_DIGITS
    """How many digits of a second were spelled."""
    offset: int = 0
    """Of a time of day, how far east of Greenwich it is meant, in seconds."""

    @property
    def all_months(self) -> int:
        """Years and months together."""
        return 12 * self.years + self.months

    @property
    def in_days(self) -> int:
        """All of it in nanoseconds, a month as 30 days and a year as 365."""
        days = self.years * DAYS_OF_YEAR + self.months * DAYS_OF_MONTH
        return days * DAY + self.time


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
    wanted = next(durations_of(stored), None)
    if wanted is None:
        return None
    return any(_is_same(one, wanted) for one in durations_of(cached))


def times_of(value: Any) -> Iterator[Duration]:
    """Give the times of day that a value may stand for, and lengths of time for longer ones."""
    value = _inner(value)
    if isinstance(value, str):
        match = TIME.fullmatch(value.strip()) if len(value) <= LONGEST else None
        clock = None if match is None else clock_of(match)
        if match is not None and clock is not None:
            offset = offset_of(match)
            if offset is not None or not match["name"]:
                yield Duration(
                    time=clock, digits=len(match["part"] or ""), offset=offset or 0
                )  # fmt: skip
                return
        for moment in moments_of(value):
            if not moment.is_day and moment.time // DAY in DAYS_OF_NO_DATE:
                yield Duration(time=moment.time % DAY, digits=moment.digits)
    if isinstance(value, list):
        if 2 <= len(value) <= 4 and all(type(part) is int for part in value):
            hours, minutes, seconds, rest = (*value, 0, 0)[:4]
            time = ((hours * 60 + minutes) * 60 + seconds) * SECOND + rest
            yield Duration(time=time)
        return
    yield from durations_of(value)


def durations_of(value: Any) -> Iterator[Duration]:
    """Give the lengths of time that a value may stand for: of a number, one for each unit."""
    value = _inner(value)
    if isinstance(value, str):
        if len(value) <= LONGEST:
            yield from filter(None, [_text(value.strip())])
    elif isinstance(value, Mapping):
        yield from filter(None, [_object(value)])
    number = None if isinstance(value, bool) else exact(value)
    if number is not None and abs(int(number)) < MOST:
        amount = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
        for _, nanoseconds in UNITS:
            yield Duration(time=round(amount * nanoseconds))


def _inner(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return parsed(value)
        except ValueError:
            return value
    return value


def _is_same(cached: Duration, stored: Duration) -> bool:
    if cached.months == 0:
        return is_cut(cached.in_days, stored.in_days, cached.digits)
    same_months = cached.all_months == stored.all_months
    return same_months and is_cut(cached.time, stored.time, cached.digits)


def _text(text: str) -> Duration | None:
    match = ISO.fullmatch(text)
    if match is not None:
        amounts = {name: match[name] for name in match.groupdict() if name != "minus"}
        return _made(amounts, -1 if match["minus"] == "-" else 1)
    ago = text.lower().endswith(" ago")
    rest = text[: -len(" ago")] if ago else text
    amounts, rest = _words(rest)
    if rest:
        clock = LONG_CLOCK.fullmatch(rest)
        if clock is None:
            return None
        sign = "-" if clock["minus"] == "-" else ""
        amounts |= {name: f"{sign}{clock[name]}" for name in ("hours", "minutes")}
        amounts["seconds"] = f"{sign}{clock['seconds'] or 0}.{clock['part'] or ''}".rstrip(".")
    elif not amounts:
        return None
    return _made(amounts, -1 if ago else 1)


def _words(text: str) -> tuple[dict[str, str | None], str]:
    """Return the amounts that stand before their units, and what follows behind them."""
    amounts: dict[str, str | None] = {}
    at = 0
    while match := WORDS.match(text, at):
        word = match[2].lower()
        unit = UNIT.get(word) or UNIT.get(word.removesuffix("s"))
        if unit is None or unit in amounts:
            return {}, text
        amounts[unit] = match[1]
        at = match.end()
    return amounts, text[at:]


def _object(value: Mapping[str, Any]) -> Duration | None:
    amounts: dict[str, str | None] = {}
    for name, amount in value.items():
        word = name.lower()
        unit = UNIT.get(word) or UNIT.get(word.removesuffix("s"))
        if unit is None or unit in amounts or isinstance(amount, bool) or exact(amount) is None:
            return None
        amounts[unit] = str(amount)
    return _made(amounts, 1)


def _made(amounts: Mapping[str, str | None], sign: int) -> Duration | None:
    numbers = {
        name: Decimal(amount.replace(",", ".")) for name, amount in amounts.items() if amount
    }
    if any(abs(number) >= MOST for number in numbers.values()):
        return None
    years, months = numbers.pop("years", Decimal()), numbers.pop("months", Decimal())
    if years % 1 or months % 1:
        return None
    time = sum((number * LENGTH[name] for name, number in numbers.items()), Decimal())
    seconds = amounts.get("seconds") or ""
    part = seconds.replace(",", ".").partition(".")[2]
    shorter = {"milliseconds", "microseconds", "nanoseconds"} & numbers.keys()
    digits = MOST_DIGITS if shorter else len(part)
    return Duration(sign * int(years), sign * int(months), sign * round(time), digits)
