"""How moments, durations and exact numbers are spelled, whatever language stored them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from tui.audit.decoders.plain import MOST_DIGITS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REGION: Final = re.compile(r"[A-Za-z0-9_+\-]{1,32}(?:/[A-Za-z0-9_+\-]{1,32}){0,2}")


def in_zone(moment: datetime, zone: tzinfo | str | None) -> str:
    """Return a local time in ISO 8601 with the offset that its zone had then.

    Of a zone that this machine does not know, the name follows in brackets, as in Java.
    """
    if isinstance(zone, str):
        found = region(zone)
        if found is None:
            return (
                f"{moment.isoformat()}[{zone}]"
                if _REGION.fullmatch(zone)
                else moment.isoformat()
            )
        zone = found
    return moment.replace(tzinfo=zone).isoformat()


def region(name: str) -> tzinfo | None:
    """Return the zone of a region by its IANA name; None if this machine does not know it."""
    if not _REGION.fullmatch(name):
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def spelled_instant(seconds: int, nanoseconds: int = 0) -> str:
    """Return the moment so long after 1970-01-01 in UTC, in ISO 8601.

    Raises:
        OverflowError, ValueError: it is no moment of the years 1 to 9999.
    """
    text = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return text.rjust(19, "0") + fraction(nanoseconds) + "Z"


def fraction(nanoseconds: int) -> str:
    """Return the digits behind a second, three, six or nine, with the point before them."""
    if not nanoseconds:
        return ""
    return f".{nanoseconds:09}".removesuffix("000").removesuffix("000")


def spelled_offset(seconds: int) -> str:
    """Return how far a zone is from UTC, as ISO 8601 spells it."""
    if not seconds:
        return "Z"
    minutes, rest = divmod(abs(seconds), 60)
    behind = f":{rest:02}" if rest else ""
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}{behind}"


def spelled_duration(duration: timedelta) -> str:
    """Return a duration in ISO 8601: `P1DT2H3M4.5S`."""
    sign, duration = ("-", -duration) if duration < timedelta(0) else ("", duration)
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    behind = f".{duration.microseconds:06}".rstrip("0") if duration.microseconds else ""
    parts = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{behind}S" if seconds or behind else "")
    )
    days = f"{duration.days}D" if duration.days else ""
    return f"{sign}P{days}{'T' if parts else ''}{parts}" if days or parts else "PT0S"


def spelled_number(number: Decimal) -> str:
    """Return an exact number in digits, without an exponent where that is not too long."""
    if number.is_finite() and abs(number.adjusted()) < MOST_DIGITS:
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and abs(exponent) < MOST_DIGITS:
            return f"{number:f}"
    return str(number)
