"""Zones: what they are called, and how far from Greenwich each was at a given time."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from tui.audit.equivalence.calendar import date_of

SECOND = 10**9
DAY = 86_400 * SECOND
OFFSET = r"(?P<sign>[+-])(?P<oh>[0-9]{1,2})(?::?(?P<om>[0-9]{2}))?(?::?(?P<os>[0-9]{2}))?"
ONLY_OFFSET = re.compile(OFFSET, re.ASCII)
NAME = re.compile(r"[A-Za-z0-9_+\-]{1,32}(?:/[A-Za-z0-9_+\-]{1,32}){0,2}", re.ASCII)
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


def in_utc(local: int, zone: str) -> int | None:
    """Return the time in UTC of a local one in a zone of that name or offset.

    None where nobody knows it. Times are nanoseconds since 1970.
    """
    match = ONLY_OFFSET.fullmatch(zone)
    hours = ZONES.get(zone.upper())
    if match is not None:
        return local - (offset_of(match) or 0) * SECOND
    if hours is not None:
        return local - int(hours * 3600) * SECOND
    named = named_zone(zone)
    return None if named is None else to_utc(local, named)


def named_zone(name: str) -> tzinfo | None:
    """Return the zone that is called so in the tables of zones; None where none is."""
    if NAME.fullmatch(name) is None:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # a folder, no such name
        return None


def to_utc(local: int, zone: tzinfo) -> int:
    """Return the time in UTC of a local one."""
    return local - _offset(local, zone)


def to_local(time: int, zone: tzinfo) -> int:
    """Return the time by a zone's clocks of one in UTC."""
    if date_of(time // DAY)[0] not in YEARS:
        return time
    moment = (EPOCH + timedelta(seconds=time // SECOND)).replace(tzinfo=UTC).astimezone(zone)
    return time + _seconds(moment) * SECOND


def _offset(local: int, zone: tzinfo) -> int:
    """Return how far east a zone was at that time by its clocks, in nanoseconds."""
    if date_of(local // DAY)[0] not in YEARS:
        return 0
    return _seconds((EPOCH + timedelta(seconds=local // SECOND)).replace(tzinfo=zone)) * SECOND


def _seconds(moment: datetime) -> int:
    return int((moment.utcoffset() or timedelta()).total_seconds())
