"""Dates, times, moments and intervals as texts: whether a text spells one.

The spellings are those of ISO 8601, with a space or a T between date and time, and what SQL has
for intervals beside them. Nothing is made of them: a column keeps the text as it was written.
"""

import re
from datetime import date, time

LONGEST = 200
"""Characters: no such text is longer."""
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,12})?)?"
    r"(?: ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?))?",
    re.ASCII | re.IGNORECASE,
)
AMOUNT = r"[+-]?[0-9]+(?:\.[0-9]+)?"
CLOCK = r"[+-]?[0-9]{1,9}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,12})?)?"
UNIT = r"(?:year|yr|month|mon|week|day|hour|hr|minute|min|second|sec)s?"
INTERVAL = re.compile(
    rf"[+-]?P(?=.)(?:{AMOUNT}[YMWD])*(?:T(?:{AMOUNT}[HMS])+)?"
    rf"|{CLOCK}|{AMOUNT} {UNIT}(?:,? {AMOUNT} {UNIT})*(?:,? {CLOCK})?(?: ago)?",
    re.ASCII | re.IGNORECASE,
)


def is_date(text: str) -> bool:
    """Tell whether `text` is a day that there is: 2026-06-30."""
    match = DATE.fullmatch(text)
    if match is None:
        return False
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Tell whether `text` is a time of day, in a zone or in none: 12:30, 12:30:00.5+02:00."""
    match = TIME.fullmatch(text)
    if match is None:
        return False
    hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        time(hour, minute, second)
    except ValueError:
        return False
    return True


def is_moment(text: str) -> bool:
    """Tell whether `text` is a day, with a time or without: 2026-06-30T12:30:00Z."""
    day, between, rest = text[:10], text[10:11], text[11:]
    return is_date(day) and (not text[10:] or (between in {"T", "t", " "} and is_time(rest)))


def is_interval(text: str) -> bool:
    """Tell whether `text` is an interval: P1DT2H, 26:00:00, 1 day 2 hours."""
    return len(text) <= LONGEST and INTERVAL.fullmatch(text) is not None
