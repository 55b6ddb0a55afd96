"""The moments that a value may stand for: a number, a text, a list or an object."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tui.audit.equivalence.calendar import day_number
from tui.audit.equivalence.instants import DAY, MOST_DIGITS, SECOND, UNITS, Moment
from tui.audit.equivalence.moment_texts import LONGEST, iso, spelled
from tui.audit.equivalence.numbers import number_of, places
from tui.audit.equivalence.zones import in_utc

LONGEST_OBJECT: Final = 500
"""Characters: a longer text is no object that spells a moment."""
MILLISECONDS: Final = 1000
MOST_SECONDS: Final = 10**17
MOST_OF_ALL: Final = 10**20
DAYS_OF_YEAR: Final = 366
SINCE_1970 = ("seconds", "epochsecond", "secs_since_epoch")
NANOSECONDS = ("nanos", "nano", "nanoseconds", "nanos_since_epoch")


def moments_of(value: Any) -> Iterator[Moment]:
    """Give the moments that a value may stand for: of a number, one for each unit."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from _epochs(value)
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield from _parts(value)
    elif isinstance(value, Mapping):
        yield from _objects(value)


def moment_of(text: str) -> Moment | None:
    """Return the moment with a time of day that a text alone spells, whatever its column."""
    moment = iso(text)
    return None if moment is None or moment.is_day else moment


def _texts(text: str) -> Iterator[Moment]:
    if len(text) > LONGEST_OBJECT:
        return
    text = text.strip()
    if text[:1] in {"{", "["}:
        try:
            yield from moments_of(json.loads(text))
        except (ValueError, RecursionError):
            return
    elif len(text) <= LONGEST:
        yield from spelled(text)
        yield from _epochs(text)


def _epochs(value: Any) -> Iterator[Moment]:
    number = number_of(value)
    if number is None or abs(number) >= MOST_OF_ALL:
        return
    more = places(value, number)
    for digits, nanoseconds in UNITS:
        # A double has some six digits of a second left beside the seconds of this century.
        most = 6 if digits == 0 else MOST_DIGITS
        if digits and digits + more > MOST_DIGITS:
            break  # nobody counts parts of a nanosecond
        yield Moment(round(number * nanoseconds), min(digits + more, most), zoned=True)


def _parts(parts: list[Any]) -> Iterator[Moment]:
    """Give what Java's and Rust's encoders write.

    Java has [year, month, day, hour, minute, second, nanosecond], cut where zeros follow, or
    milliseconds at its end; Rust's crate `time` [year, day of the year, hour, minute, second,
    nanosecond], and behind that the hours, minutes and seconds of an offset.
    """
    if not 2 <= len(parts) <= 9 or any(type(part) is not int for part in parts):
        return
    if len(parts) in {3, 5, 6, 7} and (day := day_number(*parts[:3])) is not None:
        clock = (*parts[3:6], 0, 0, 0)[:3]
        rest = parts[6] if len(parts) == 7 else 0
        yield from _at(day, (*clock, rest), is_day=len(parts) == 3)
        if 0 < rest < MILLISECONDS:
            yield from _at(day, (*clock, rest * 10**6))
    if len(parts) in {2, 6, 9}:
        yield from _of_rust(parts)


def _of_rust(parts: list[int]) -> Iterator[Moment]:
    first, of_year = day_number(parts[0], 1, 1), parts[1]
    if first is None or not 1 <= of_year <= DAYS_OF_YEAR:
        return
    # Java writes no second that is 0, and none is more than 60.
    if len(parts) == 6 and 0 < parts[5] <= 60:
        return
    day, is_day = first + of_year - 1, len(parts) == 2
    for moment in _at(day, (*parts[2:6], 0, 0, 0, 0)[:4], is_day=is_day):
        if len(parts) == 9:
            hours, minutes, seconds = parts[6:]
            time = moment.time - (hours * 3600 + minutes * 60 + seconds) * SECOND
            yield Moment(time, MOST_DIGITS, zoned=True)
        else:
            yield moment


def _at(day: int, clock: tuple[int, ...], *, is_day: bool = False) -> Iterator[Moment]:
    hour, minute, second, rest = clock
    if 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second <= 60 and 0 <= rest < SECOND:
        time = day * DAY + (hour * 3600 + minute * 60 + second) * SECOND + rest
        yield Moment(time, MOST_DIGITS, is_day=is_day)


def _objects(value: Mapping[str, Any]) -> Iterator[Moment]:
    """Give what databases' and languages' own objects say: of MongoDB, PHP, protobuf."""
    names = set(value)
    if names == {"$date"}:
        yield from _of_mongodb(value["$date"])
    elif {"date", "timezone"} <= names <= {"date", "timezone", "timezone_type"}:
        for moment in moments_of(value["date"]):
            time = in_utc(moment.time, str(value["timezone"]))
            if time is not None and not moment.zoned and not moment.is_day:
                yield Moment(time, moment.digits, zoned=True)
    elif names in ({"DateTime", "OffsetMinutes"}, {"__datetime__", "as_str"}):
        yield from moments_of(value.get("DateTime", value.get("as_str")))
    elif names == {"date", "time"} and all(isinstance(one, Mapping) for one in value.values()):
        yield from _fields({**value["date"], **value["time"]})  # Gson, of a LocalDateTime
    else:
        yield from _seconds(value)
        yield from _fields(value)


def _of_mongodb(inner: Any) -> Iterator[Moment]:
    if isinstance(inner, Mapping) and set(inner) == {"$numberLong"}:
        inner = inner["$numberLong"]
    number = number_of(inner)
    if number is None:
        yield from moments_of(inner)
    elif abs(number) < MOST_SECONDS:
        yield Moment(int(number) * 10**6, 3, zoned=True)


def _seconds(value: Mapping[str, Any]) -> Iterator[Moment]:
    """Give what two numbers say: seconds, and nanoseconds beside them, perhaps as texts."""
    bare = {name.lstrip("_").lower(): number_of(inner) for name, inner in value.items()}
    seconds = next((bare[name] for name in SINCE_1970 if name in bare), None)
    rest = next((bare[name] for name in NANOSECONDS if name in bare), None)
    if len(bare) == 2 and _is_whole(seconds) and _is_whole(rest):
        yield Moment(int(seconds or 0) * SECOND + int(rest or 0), MOST_DIGITS, zoned=True)


def _is_whole(number: Decimal | None) -> bool:
    return (
        number is not None
        and abs(number) < MOST_SECONDS
        and number == number.to_integral_value()
    )


def _fields(value: Mapping[str, Any]) -> Iterator[Moment]:
    """Give what an object says that names year, month and day: of Java, .NET, protobuf."""
    named = {name.lower(): inner for name, inner in value.items() if type(inner) is int}
    month = named.get("monthvalue", named.get("month"))
    of_month = named.get("dayofmonth", named.get("day"))
    if "year" not in named or month is None or of_month is None:
        return
    day = day_number(named["year"], month, of_month)
    if day is not None:
        clock = tuple(named.get(name, 0) for name in ("hour", "minute", "second", "nano"))
        yield from _at(day, clock, is_day="hour" not in named)
