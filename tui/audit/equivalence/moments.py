"""Moments, dates and times of day: the same instant is the same, however it is spelled.

A moment without a zone is meant in the database's zone, UTC unless somebody says otherwise. A
copy that has fewer digits than the row is compared at its own: cut or rounded, both are done.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tui.audit.equivalence.calendar import date_of, day_number
from tui.audit.equivalence.numbers import exact

SECOND: Final = 10**9
DAY: Final = 86_400 * SECOND
MOST_DIGITS: Final = 9
LONGEST: Final = 100
"""Characters: a longer text is no moment."""
UNITS: Final = ((0, SECOND), (3, 10**6), (6, 10**3), (9, 1))
"""What epochs count, as digits of a second and in nanoseconds: s, ms, us, ns."""

CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,12}))?)?"
)
_HALF = r"(?: ?(?P<half>[AP]M))?"
_OFFSET = r"(?P<sign>[+-])(?P<oh>[0-9]{1,2})(?::?(?P<om>[0-9]{2}))?(?::?(?P<os>[0-9]{2}))?"
ZONE = (
    rf"(?: ?(?:(?:GMT|UTC)?{_OFFSET}(?: ?(?:\([^()]{{0,60}}\)|[A-Z]{{2,5}}|[+-][0-9]{{2,4}}))?"
    r"|(?P<name>Z|[A-Z]{2,5})))?(?:\[(?P<region>[A-Za-z_+\-/0-9]{1,40})\])?"
)
ISO = re.compile(
    r"(?P<year>[+-]?[0-9]{4,6})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    rf"(?:(?:[T_]| ?[ ])(?P<clock>{CLOCK}){_HALF}{ZONE})?(?P<bc> BC)?(?: m=[+-][0-9.]+)?",
    re.ASCII | re.IGNORECASE,
)
"""ISO 8601, SQL, and what Go, Ruby, Java and Python make of it."""
BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?"
    rf"(?:(?P<name>Z)|{_OFFSET})?)?",
    re.ASCII | re.IGNORECASE,
)
"""The basic form of ISO 8601, without anything between the numbers."""
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<word>[A-Z][a-z]{2})[a-z]{0,6}\.?"
WORDS = (
    re.compile(  # HTTP, and mail
        rf"(?:[A-Z][a-z]{{2,8}}, )?(?P<day>[0-9]{{1,2}})[ -]{_MONTH}[ -](?P<year>[0-9]{{4}})"
        rf"(?: (?P<clock>{CLOCK}){ZONE})?", re.ASCII,
    ),
    re.compile(  # JavaScript's Date
        rf"(?:[A-Z][a-z]{{2}} )?{_MONTH} (?P<day>[0-9]{{2}}) (?P<year>[0-9]{{4}})"
        rf"(?: (?P<clock>{CLOCK}){ZONE})?", re.ASCII,
    ),
    re.compile(  # C, and Java's Date with the zone before the year
        rf"[A-Z][a-z]{{2}} {_MONTH} +(?P<day>[0-9]{{1,2}}) (?P<clock>{CLOCK})"
        r"(?: (?P<name>[A-Z]{2,5}))? (?P<year>[0-9]{4})", re.ASCII,
    ),
)  # fmt: skip
NET = re.compile(r"/Date\((?P<ms>-?[0-9]{1,16})(?:[+-][0-9]{4})?\)/", re.ASCII)
"""What .NET's older encoders write, whose offset only says how it was shown."""
ZONES = {
    name: hours
    for hours, names in {
        0: "Z UTC GMT WET UCT", 1: "CET WEST MET BST", 2: "EET CEST MEST", 3: "EEST MSK",
        9: "JST KST", 5.5: "IST", -3: "ADT", -4: "EDT AST", -5: "EST CDT", -6: "CST MDT",
        -7: "MST PDT", -8: "PST AKDT", -9: "AKST", -10: "HST", 8: "AWST", 10: "AEST",
        11: "AEDT", 9.5: "ACST", 12: "NZST", 13: "NZDT",
    }.items()
    for name in names.split()
}  # fmt: skip
"""What zones are called in short, in hours east of Greenwich."""
YEARS = range(2, 9999)
"""The years of which Python can tell what offset a zone had."""
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local to whatever zone it is asked about


class Moment(Struct, frozen=True, gc=False):
    """A moment as it was spelled."""

    time: int
    """Nanoseconds since 1970-01-01, in UTC if it is `zoned`; else by a local clock."""
    digits: int
    """How many digits of a second were spelled."""
    zoned: bool = False
    """Whether it says in which zone it is."""
    is_day: bool = False
    """Whether it has no time of day."""

    def instant(self, zone: tzinfo | None) -> int:
        """Return its nanoseconds since 1970 in UTC; without a zone it is meant in `zone`."""
        return self.time if self.zoned or zone is None else _to_utc(self.time, zone)


def same_moment(cached: Any, stored: Any, zone: tzinfo | None = None) -> bool | None:
    """Tell whether both are one instant, as far as the copy's digits go; None: no moment."""
    wanted = list(moments_of(stored))
    if not wanted:
        return None
    found = list(moments_of(cached))
    return any(_is_same(one, other, zone) for one in found for other in wanted)


def same_date(cached: Any, stored: Any, zone: tzinfo | None = None) -> bool | None:
    """Tell whether both are one day; None where the row holds none.

    Midnight stands for its day: in UTC, and where the database's `zone` is known there too.
    """
    day = _day_of(stored)
    if day is None:
        return same_moment(cached, stored, zone)
    if type(cached) is int and cached == day:
        return True
    for moment in moments_of(cached):
        times = [moment.time]
        if zone is not None and moment.zoned:
            times.append(_to_local(moment.time, zone))
        if any(time == day * DAY for time in times):
            return True
    return False


def moments_of(value: Any) -> Iterator[Moment]:
    """Give the moments that a value may stand for: of a number, one for each unit."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from _epochs(Decimal(repr(value)))
    elif isinstance(value, str):
        if len(value) <= LONGEST:
            yield from _texts(value)
    elif isinstance(value, list):
        yield from _parts(value)
    elif isinstance(value, Mapping):
        yield from _objects(value)


def moment_of(text: str) -> Moment | None:
    """Return the moment with a time of day that a text alone spells, whatever its column."""
    moment = _iso(text) if len(text) <= LONGEST else None
    return None if moment is None or moment.is_day else moment


def offset_of(match: re.Match[str]) -> int | None:
    """Return the offset of a match, in seconds east; None for none, or an unknown name."""
    groups = match.groupdict()
    if groups.get("sign"):
        seconds = (
            int(groups["oh"]) * 3600 + int(groups["om"] or 0) * 60 + int(groups["os"] or 0)
        )
        return -seconds if groups["sign"] == "-" else seconds
    name = groups.get("name")
    hours = ZONES.get(name.upper()) if name else None
    return None if hours is None else int(hours * 3600)


def clock_of(match: re.Match[str]) -> int | None:
    """Return the nanoseconds since midnight that a match has; None for no such time of day."""
    groups = match.groupdict()
    hour, minute, second = (int(groups[name] or 0) for name in ("hour", "minute", "second"))
    half = (groups.get("half") or "").upper()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "PM")
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    part = (groups["part"] or "")[:MOST_DIGITS]
    return (hour * 3600 + minute * 60 + second) * SECOND + int(part.ljust(MOST_DIGITS, "0"))


def is_cut(found: int, wanted: int, digits: int) -> bool:
    """Tell whether `found` is what `digits` of a second leave of `wanted`, cut or rounded."""
    unit = 10 ** (MOST_DIGITS - min(digits, MOST_DIGITS))
    rest = wanted % unit
    cut = wanted - rest
    return found in {wanted, cut} or (2 * rest >= unit and found == cut + unit)


def _is_same(cached: Moment, stored: Moment, zone: tzinfo | None) -> bool:
    if cached.zoned is stored.zoned:
        found, wanted = cached.time, stored.time
    else:
        found, wanted = cached.instant(zone), stored.instant(zone)
    return is_cut(found, wanted, cached.digits)


def _day_of(stored: Any) -> int | None:
    """Return the day that a row holds, as it was spelled; None where it has another time."""
    for moment in moments_of(stored):
        if moment.is_day or (not moment.zoned and moment.time % DAY == 0):
            return moment.time // DAY
    return None


def _texts(text: str) -> Iterator[Moment]:
    text = text.strip()
    moment = _iso(text)
    if moment is not None:
        yield moment
        return
    match = BASIC.fullmatch(text)
    if match is not None:
        yield from filter(None, [_made(match, int(match["month"]))])
    number = exact(text)
    if number is not None:
        yield from _epochs(Decimal(number))
    elif text[:1] in {"{", "["}:
        yield from _nested(text)
    elif (net := NET.fullmatch(text.replace("\\/", "/"))) is not None:
        yield Moment(int(net["ms"]) * 10**6, 3, zoned=True)
    else:
        for pattern in WORDS:
            match = pattern.fullmatch(text)
            if match is not None and match["word"].lower() in MONTHS:
                yield from filter(None, [_made(match, MONTHS.index(match["word"].lower()) + 1)])


def _iso(text: str) -> Moment | None:
    match = ISO.fullmatch(text)
    return None if match is None else _made(match, int(match["month"]))


def _made(match: re.Match[str], month: int) -> Moment | None:
    groups = match.groupdict()
    year = int(groups["year"])
    day = day_number(1 - year if groups.get("bc") else year, month, int(groups["day"]))
    if day is None:
        return None
    if groups.get("hour") is None:
        return Moment(day * DAY, MOST_DIGITS, is_day=True)
    clock = clock_of(match)
    if clock is None:
        return None
    time, digits = day * DAY + clock, len(groups["part"] or "")
    offset = offset_of(match)
    if offset is not None:
        return Moment(time - offset * SECOND, digits, zoned=True)
    if groups.get("name"):  # a zone that nobody knows by that name
        return None
    region = groups.get("region")
    zone = None if region is None else named_zone(region)
    if zone is not None:
        return Moment(_to_utc(time, zone), digits, zoned=True)
    return None if region else Moment(time, digits)


def _epochs(number: Decimal) -> Iterator[Moment]:
    if abs(number) >= 10**20:
        return
    for digits, nanoseconds in UNITS:
        time = number * nanoseconds
        exponent = Decimal(number).normalize().as_tuple().exponent
        more = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        # A double has some six digits of a second left beside the seconds of this century.
        most = 6 if digits == 0 else MOST_DIGITS
        yield Moment(round(time), min(digits + more, most), zoned=True)


def _parts(parts: list[Any]) -> Iterator[Moment]:
    """Give what Java's encoders write: [year, month, day, hour, minute, second, nanosecond]."""
    if not 3 <= len(parts) <= 7 or any(type(part) is not int for part in parts):
        return
    year, month, of_month = parts[:3]
    day = day_number(year, month, of_month)
    if day is None or len(parts) == 4:
        return
    hour, minute, second, rest = (parts[3:] + [0] * 4)[:4]
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second <= 60 and 0 <= rest < SECOND):
        return
    time = day * DAY + (hour * 3600 + minute * 60 + second) * SECOND + rest
    yield Moment(time, MOST_DIGITS, is_day=len(parts) == 3)


def _objects(value: Mapping[str, Any]) -> Iterator[Moment]:
    """Give what databases' and languages' own objects say: of MongoDB, PHP, protobuf."""
    if set(value) == {"$date"}:
        inner = value["$date"]
        if isinstance(inner, Mapping) and set(inner) == {"$numberLong"}:
            inner = inner["$numberLong"]
        number = exact(inner)
        if number is None:
            yield from moments_of(inner)
        elif abs(whole := int(number)) < 10**17:
            yield Moment(whole * 10**6, 3, zoned=True)
    elif {"date", "timezone"} <= set(value) <= {"date", "timezone", "timezone_type"}:
        zone = str(value["timezone"])
        for moment in moments_of(value["date"]):
            if moment.zoned or moment.is_day:
                return
            yield from filter(None, [_php(moment, zone)])
    else:
        bare = {name.lstrip("_"): inner for name, inner in value.items()}
        seconds = exact(bare.get("seconds", bare.get("epochSecond")))
        rest = exact(bare.get("nanos", bare.get("nano", bare.get("nanoseconds", 0))))
        if len(bare) == 2 and isinstance(seconds, int) and isinstance(rest, int):
            yield Moment(seconds * SECOND + rest, MOST_DIGITS, zoned=True)


def _php(moment: Moment, zone: str) -> Moment | None:
    match = re.fullmatch(_OFFSET, zone, re.ASCII)
    offset = ZONES.get(zone.upper()) if match is None else None
    if match is not None:
        return Moment(moment.time - (offset_of(match) or 0) * SECOND, moment.digits, zoned=True)
    if offset is not None:
        return Moment(moment.time - int(offset * 3600) * SECOND, moment.digits, zoned=True)
    named = named_zone(zone)
    return None if named is None else Moment(
        _to_utc(moment.time, named), moment.digits, zoned=True
    )  # fmt: skip


def _nested(text: str) -> Iterator[Moment]:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from moments_of(value)


def named_zone(name: str) -> tzinfo | None:
    """Return the zone that is called so in the tables of zones; None where none is."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # a folder, a path, no such name
        return None


def _to_utc(local: int, zone: tzinfo) -> int:
    return local - _offset(local, zone)


def _to_local(time: int, zone: tzinfo) -> int:
    from datetime import UTC

    year = date_of(time // DAY)[0]
    if year not in YEARS:
        return time
    moment = (EPOCH + timedelta(seconds=time // SECOND)).replace(tzinfo=UTC).astimezone(zone)
    return time + int((moment.utcoffset() or timedelta()).total_seconds()) * SECOND


def _offset(local: int, zone: tzinfo) -> int:
    """Return how far east a zone was at that time by its clocks, in nanoseconds."""
    if date_of(local // DAY)[0] not in YEARS:
        return 0
    moment = (EPOCH + timedelta(seconds=local // SECOND)).replace(tzinfo=zone)
    return int((moment.utcoffset() or timedelta()).total_seconds()) * SECOND
