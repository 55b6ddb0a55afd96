"""Lengths of time as languages and databases spell them."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tui.audit.equivalence.instants import DAY, MOST_DIGITS, SECOND, UNITS
from tui.audit.equivalence.nested import value_of
from tui.audit.equivalence.numbers import exact, number_of, places

LONGEST: Final = 500
"""Characters: a longer text is no interval."""
DAYS_OF_MONTH, DAYS_OF_YEAR = 30, 365
"""What those count whose encoders know days alone."""
MOST: Final = 10**15
"""A larger number of anything is no interval."""
TICK: Final = 100
"""Nanoseconds that .NET counts."""
LONG_CLOCK = re.compile(
    r"(?P<minus>[+-])?(?:(?P<days>[0-9]{1,9})(?P<by>[. ]))?(?P<hours>[0-9]{1,9})"
    r":(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2})(?:[.,](?P<part>[0-9]{1,12}))?)?",
    re.ASCII,
)
"""Hours, minutes, seconds; .NET has days and a point before them, Django and MySQL a space."""
_AMOUNT = r"[+-]?[0-9]{1,16}(?:[.,][0-9]{1,12})?"
ISO = re.compile(
    rf"(?P<minus>[+-])?P(?=.)(?:(?P<years>{_AMOUNT})Y)?(?:(?P<months>{_AMOUNT})M)?"
    rf"(?:(?P<weeks>{_AMOUNT})W)?(?:(?P<days>{_AMOUNT})D)?"
    rf"(?:T(?:(?P<hours>{_AMOUNT})H)?(?:(?P<minutes>{_AMOUNT})M)?(?:(?P<seconds>{_AMOUNT})S)?)?",
    re.ASCII | re.IGNORECASE,
)
"""ISO 8601, section 5.5.2.2, with signs as PostgreSQL and Java have them."""
WORDS = re.compile(
    rf"({_AMOUNT}) ?([a-z\u00b5\u03bc]{{1,12}}),?\s*(?:and )?", re.ASCII | re.IGNORECASE
)
UNIT = {
    "y": "years", "yr": "years", "year": "years", "mon": "months", "month": "months",
    "w": "weeks", "week": "weeks", "d": "days", "day": "days",
    "h": "hours", "hr": "hours", "hour": "hours", "m": "minutes", "min": "minutes",
    "minute": "minutes", "s": "seconds", "sec": "seconds", "second": "seconds",
    "ms": "milliseconds", "milli": "milliseconds", "millisec": "milliseconds",
    "millisecond": "milliseconds", "us": "microseconds", "\u00b5s": "microseconds",
    "\u03bcs": "microseconds", "micro": "microseconds", "microsec": "microseconds",
    "microsecond": "microseconds", "ns": "nanoseconds", "nano": "nanoseconds",
    "nanosec": "nanoseconds", "nanosecond": "nanoseconds",
}  # fmt: skip
LENGTH = {
    "weeks": 7 * DAY, "days": DAY, "hours": 3600 * SECOND, "minutes": 60 * SECOND,
    "seconds": SECOND, "milliseconds": 10**6, "microseconds": 10**3, "nanoseconds": 1,
}  # fmt: skip
OF_PHP = {
    "y": "years", "m": "months", "d": "days", "h": "hours", "i": "minutes", "s": "seconds",
}  # fmt: skip
"""What PHP's DateInterval calls its parts; `f` is a fraction of a second."""


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


def plain(value: Any) -> Any:
    """Return the object or list that a short text spells as JSON; any other value as it is."""
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return value
    return value_of(value) if len(value) <= LONGEST else None


def durations_of(value: Any) -> Iterator[Duration]:
    """Give the lengths of time that a value may stand for: of a number, one for each unit."""
    value = plain(value)
    if isinstance(value, str) and len(value) <= LONGEST:
        yield from filter(None, [duration_of(value.strip())])
    elif isinstance(value, Mapping):
        yield from _object(value)
    elif isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value):
        seconds, rest = value  # Rust
        if abs(seconds) < MOST and 0 <= rest < SECOND:
            yield Duration(time=seconds * SECOND + rest)
    number = None if isinstance(value, bool) else number_of(value)
    if number is not None and abs(number) < MOST * SECOND:
        more = places(value, number)
        for digits, nanoseconds in UNITS:
            if digits and digits + more > MOST_DIGITS:
                break  # nobody counts parts of a nanosecond
            time = round(number * nanoseconds)
            yield Duration(time=time, digits=min(digits + more, MOST_DIGITS))


def duration_of(text: str) -> Duration | None:
    """Return the length of time that a text spells with units, or as a clock does."""
    match = ISO.fullmatch(text)
    if match is not None:
        amounts = {name: match[name] for name in match.groupdict() if name != "minus"}
        return _made(amounts, -1 if match["minus"] == "-" else 1)
    ago = text.lower().endswith(" ago")
    rest = text[: -len(" ago")] if ago else text
    amounts, rest = _words(rest.removeprefix("@ "))
    if rest:
        clock = _clock(rest)
        if clock is None or amounts.keys() & clock.keys():
            return None
        amounts |= clock
    return _made(amounts, -1 if ago else 1) if amounts else None


def _clock(text: str) -> dict[str, str | None] | None:
    match = LONG_CLOCK.fullmatch(text)
    if match is None:
        return None
    minus = "-" if match["minus"] == "-" else ""
    # Python's days alone have the sign: -1 22:57:57 is an hour and some minutes.
    sign = "" if match["by"] == " " else minus
    amounts: dict[str, str | None] = {
        name: f"{sign}{match[name]}" for name in ("hours", "minutes")
    }
    amounts["seconds"] = f"{sign}{match['seconds'] or 0}.{match['part'] or ''}".rstrip(".")
    return amounts if match["days"] is None else {"days": f"{minus}{match['days']}", **amounts}


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


def _object(value: Mapping[str, Any]) -> Iterator[Duration]:
    """Give what an object says that has amounts under the names of their units."""
    if type(ticks := value.get("Ticks")) is int:
        yield Duration(time=ticks * TICK)
        return
    if {*OF_PHP, "f", "invert"} <= value.keys():
        units = {unit: value[name] for name, unit in OF_PHP.items()}
        part = number_of(value["f"])
        if part is None or not -1 < part < 1:
            return
        units["microseconds"] = round(part * 10**6)
        sign = -1 if value["invert"] else 1
    else:
        names = {name: name.lower() for name in value if name != "Valid"}
        units = {
            UNIT.get(word) or UNIT.get(word.removesuffix("s"), ""): value[name]
            for name, word in names.items()
        }
        sign = 1
        if len(units) != len(names) or "" in units:
            return
    if not any(isinstance(one, bool) or exact(one) is None for one in units.values()):
        yield from filter(None, [_made({name: str(one) for name, one in units.items()}, sign)])


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
