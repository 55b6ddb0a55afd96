"""Moments as texts: ISO 8601, SQL, HTTP, and what languages make of a moment by default."""

import re
from collections.abc import Iterator
from typing import Final

from tui.audit.equivalence.calendar import day_number
from tui.audit.equivalence.instants import DAY, MOST_DIGITS, SECOND, Moment
from tui.audit.equivalence.zones import OFFSET, in_utc, offset_of

LONGEST: Final = 100
"""Characters: a longer text is no moment."""
CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,12}))?)?"
)
HALF = "(?:[ \u202f]?(?P<half>[AP]M))?"
ZONE = (
    rf"(?: ?(?:(?:GMT|UTC)?{OFFSET}(?: ?(?:\([^()]{{0,60}}\)|[A-Z]{{2,5}}|[+-][0-9]{{2,4}}))?"
    r"|(?P<name>Z|(?!BC)[A-Z]{2,5})))?(?:\[(?P<region>[A-Za-z_+\-/0-9]{1,40})\])?"
)
ISO = re.compile(
    r"(?P<year>[+-]?[0-9]{4,6})(?P<by>[-/])(?P<month>[0-9]{2})(?P=by)(?P<day>[0-9]{2})"
    rf"(?:(?:[T_]| ?[ ])(?P<clock>{CLOCK}){HALF}{ZONE})?(?P<bc> BC)?(?: m=[+-][0-9.]+)?",
    re.ASCII | re.IGNORECASE,
)
"""ISO 8601, SQL, and what Go, Ruby, Java and Python make of it."""
BASIC = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T?(?P<hour>[0-9]{2})(?P<colon>:?)(?P<minute>[0-9]{2})(?P=colon)(?P<second>[0-9]{2})"
    rf"(?:[.,](?P<part>[0-9]{{1,9}}))?(?:(?P<name>Z)|{OFFSET})?)?",
    re.ASCII | re.IGNORECASE,
)
"""The basic form of ISO 8601, without anything between the numbers."""
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<word>[A-Z][a-z]{2})[a-z]{0,6}\.?"
_NAMED = r"(?: (?:(?P<name>[A-Z]{2,5})|" + OFFSET + "))?"
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
        rf"[A-Z][a-z]{{2}} {_MONTH} +(?P<day>[0-9]{{1,2}}) (?P<clock>{CLOCK}){_NAMED}"
        r" (?P<year>[0-9]{4})", re.ASCII,
    ),
    re.compile(  # Gson
        rf"{_MONTH} (?P<day>[0-9]{{1,2}}), (?P<year>[0-9]{{4}})"
        rf"(?:,? (?P<clock>{CLOCK}){HALF}{ZONE})?", re.ASCII,
    ),
)  # fmt: skip
NUMBERS = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<by>[./-])(?P<two>[0-9]{1,2})(?P=by)(?P<year>[0-9]{4})"
    rf"(?:,? (?P<clock>{CLOCK}){HALF}{ZONE})?", re.ASCII | re.IGNORECASE,
)  # fmt: skip
"""The day first or the month first; nobody can tell of 01/02/2026 which it is."""
NET = re.compile(r"/Date\((?P<ms>-?[0-9]{1,16})(?:[+-][0-9]{4})?\)/", re.ASCII)
"""What .NET's older encoders write, whose offset only says how it was shown."""


def spelled(text: str) -> Iterator[Moment]:
    """Give the moments that a text may spell, but for numbers and JSON."""
    moment = iso(text)
    if moment is not None:
        yield moment
        return
    match = BASIC.fullmatch(text)
    if match is not None:
        yield from _made(match, int(match["month"]), int(match["day"]))
    if (net := NET.fullmatch(text.replace("\\/", "/"))) is not None:
        yield Moment(int(net["ms"]) * 10**6, 3, zoned=True)
    for pattern in WORDS:
        match = pattern.fullmatch(text)
        if match is not None and match["word"].lower() in MONTHS:
            yield from _made(match, MONTHS.index(match["word"].lower()) + 1, int(match["day"]))
    match = NUMBERS.fullmatch(text)
    if match is not None:
        yield from _of_numbers(match)


def iso(text: str) -> Moment | None:
    """Return the moment that a text spells as ISO 8601 and SQL have it; None for others."""
    match = ISO.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return None
    return next(_made(match, int(match["month"]), int(match["day"])), None)


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


def _of_numbers(match: re.Match[str]) -> Iterator[Moment]:
    one, two = int(match["one"]), int(match["two"])
    pairs = {(two, one)} if match["by"] == "." else {(one, two), (two, one)}
    if match["by"] == "/" and match["half"]:  # only Americans write both
        pairs = {(one, two)}
    found = [moment for month, day in sorted(pairs) for moment in _made(match, month, day)]
    for moment in found:
        yield Moment(
            moment.time, moment.digits, moment.zoned, moment.is_day, doubtful=len(found) > 1
        )


def _made(match: re.Match[str], month: int, of_month: int) -> Iterator[Moment]:
    """Give the moment of a match, if there is such a day and such a time of day."""
    groups = match.groupdict()
    year = int(groups["year"])
    day = day_number(1 - year if groups.get("bc") else year, month, of_month)
    if day is None:
        return
    if groups.get("hour") is None:
        yield Moment(day * DAY, MOST_DIGITS, is_day=True)
        return
    clock = clock_of(match)
    if clock is None:
        return
    time, digits = day * DAY + clock, len(groups["part"] or "")
    offset = offset_of(match)
    if offset is not None:
        yield Moment(time - offset * SECOND, digits, zoned=True)
    elif not groups.get("name"):  # else a zone that nobody knows by that name
        yield from _in_region(time, digits, groups.get("region"))


def _in_region(time: int, digits: int, region: str | None) -> Iterator[Moment]:
    if region is None:
        yield Moment(time, digits)
    elif (instant := in_utc(time, region)) is not None:
        yield Moment(instant, digits, zoned=True)
