"""Times of day and intervals: one in all its spellings, and no other."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.audit.equivalence import same
from tui.audit.equivalence.durations import same_interval
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested

TIME, INTERVAL = Column("at", Kind.TIME), Column("for", Kind.INTERVAL)
DAY = 86_400 * 10**6
CLOCK = st.integers(0, DAY - 1)
"""Microseconds since midnight."""
LENGTH = st.integers(1, 400 * DAY)


def is_same(value: Any, stored: Any, column: Column) -> bool:
    """Compare as a reader of copies gives it."""
    found = Nested(json.dumps(value)) if isinstance(value, dict | list) else value
    return same(found, stored, column)


def clocks(time: int) -> list[Any]:
    """Give a time of day in all its spellings that have microseconds."""
    seconds, rest = divmod(time, 10**6)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = f"{hour:02}:{minute:02}:{second:02}.{rest:06}"
    return [
        text, f"{text}0", f"T{text}", text.replace(".", ","), f"{text}000",
        *(f"{day}T{text}" for day in ("1970-01-01", "0001-01-01", "0000-01-01")),
        f"2000-01-01T{text}Z", f"1899-12-30 {text}", f"PT{hour}H{minute}M{second}.{rest:06}S",
        [hour, minute, second, rest * 1000],
        {"hour": hour, "minute": minute, "second": second, "nano": rest * 1000},
        {"Ticks": time * 10, "Hours": hour, "TotalDays": 0.5},
        {"Time": f"0000-01-01T{text}Z", "Valid": True},
        ["java.time.LocalTime", [hour, minute, second, rest * 1000]],
    ]  # fmt: skip


@given(CLOCK, st.integers(1, DAY - 1))
def test_a_time_of_day_is_the_same_in_all_its_spellings(time: int, later: int) -> None:
    """And each other time is another in all of them."""
    row, other = clocks(time)[0], (time + later) % DAY
    for value in clocks(time):
        assert is_same(value, row, TIME), value
    for value in clocks(other):
        assert not is_same(value, row, TIME), value


@given(CLOCK, st.integers(-12, 14), st.integers(-12, 14))
def test_a_time_with_an_offset_has_its_own(time: int, offset: int, other: int) -> None:
    """However that is spelled; the same clock in another offset is another time."""
    clock = clocks(time)[0]
    row = f"{clock}{offset:+03}"
    for value in (f"{clock}{offset:+03}:00", f"{clock}{offset:+03}00", f"{clock} {offset:+03}"):
        assert is_same(value, row, TIME)
    assert is_same(f"{clock}{other:+03}:00", row, TIME) is (other == offset)


TIMES = [
    ("29:15:16", ["PT29H15M16S", "1.05:15:16", "1 05:15:16", "1 day, 5:15:16", 105316,
     "105316"],
     ["05:15:16", "5:15:16", "29:15:17", "2.05:15:16", "1970-01-01T05:15:16Z", [5, 15, 16]]),
    ("-02:03:04", ["-02:03:04", "-PT2H3M4S", "PT-2H-3M-4S", -7384, "-1 day, 21:56:56",
                   "-1 21:56:56"],
     ["02:03:04", 7384, "-02:03:05", "-1 02:03:04", "-1.02:03:04"]),
    ("09:08:00", [[9, 8], "09:08", "9:08:00 AM"], [[8, 9], "09:07", "9:08:00 PM", [9, 8, 1]]),
    ("09:08:07.25", [[9, 8, 7, 250], "09:08:07", [9, 8, 7, 250_000_000]],
     [[9, 8, 7, 251], "09:08:06", "09:08:08", [9, 8, 7], None, "", True,
      "2019-05-06T09:08:07.25Z"]),
    ("24:00:00", ["24:00:00", 86400], ["00:00:00", 0]),
]  # fmt: skip
"""What a row holds, what copies of it have, and what they do not have."""


@pytest.mark.parametrize(("stored", "values", "others"), TIMES)
def test_times_beyond_the_usual(stored: str, values: list[Any], others: list[Any]) -> None:
    """More than a day, less than nothing, the end of a day."""
    assert [value for value in values if not is_same(value, stored, TIME)] == []
    assert [value for value in others if is_same(value, stored, TIME)] == []


def lengths(time: int) -> list[Any]:
    """Give a length of time in all its spellings that have microseconds."""
    seconds, rest = divmod(time, 10**6)
    days, second = divmod(seconds, 86_400)
    hours, minutes, second = second // 3600, second // 60 % 60, second % 60
    clock = f"{hours:02}:{minutes:02}:{second:02}.{rest:06}"
    return [
        f"{days} days {clock}", f"{days} days, {clock}", f"{days}.{clock}0", f"{days} {clock}",
        f"P{days}DT{hours}H{minutes}M{second}.{rest:06}S", f"{days * 24 + hours}:{clock[3:]}",
        f"PT{seconds}.{rest:06}S", f"{days * 24 + hours}h{minutes}m{second}.{rest:06}s",
        {"days": days, "hours": hours, "minutes": minutes, "seconds": second,
         "milliseconds": rest / 1000},
        {"Months": 0, "Days": days, "Microseconds": time - days * DAY, "Valid": True},
        {"days": days, "secs": seconds - days * 86_400, "microsecs": rest},
        {"secs": seconds, "nanos": rest * 1000}, {"Ticks": time * 10}, [seconds, rest * 1000],
        {"y": 0, "m": 0, "d": days, "h": hours, "i": minutes, "s": second, "f": rest / 10**6,
         "invert": 0, "days": False},
        f"{seconds}.{rest:06}", f"{time}us", f"{time}\u00b5s",
    ]  # fmt: skip


@given(LENGTH, LENGTH)
def test_an_interval_is_the_same_in_all_its_spellings(time: int, longer: int) -> None:
    """And each other length is another in all of them."""
    for row in (lengths(time)[0], str(timedelta(microseconds=time))):
        for value in lengths(time):
            assert is_same(value, row, INTERVAL), value
        for value in lengths(time + longer):
            assert not is_same(value, row, INTERVAL), value


@given(LENGTH)
def test_a_number_is_an_interval_in_one_of_four_units(time: int) -> None:
    """A row that holds one, as Django's on SQLite does, and a copy of it."""
    for number in (time, time * 1000):
        assert is_same(f"PT{time // 10**6}.{time % 10**6:06}S", number, INTERVAL)
        assert is_same(number, lengths(time)[0], INTERVAL)
        assert not is_same(number + 1001, lengths(time)[0], INTERVAL)


INTERVALS = [
    ("3 years 5 mons 6 days 07:08:09", ["P3Y5M6DT7H8M9S", "P41M6DT7H8M9S", "P1251DT7H8M9S",
     "1251 days, 7:08:09", "P3Y156DT7H8M9S", "@ 3 years 5 mons 6 days 7 hours 8 mins 9 secs",
     "3 years, 5 months, 6 days, 7 hours, 8 minutes, and 9 seconds",
     {"years": 3, "months": 5, "days": 6, "hours": 7, "minutes": 8, "seconds": 9}],
     ["P3Y5M7DT7H8M9S", "P3Y6M6DT7H8M9S", "P4Y5M6DT7H8M9S", "P1250DT7H8M9S", "-P3Y5M6DT7H8M9S",
      "P3Y5M6DT7H8M10S", "P3Y5M6D", None, "", 0, {"years": 3}]),
    ("1 mon", ["P1M", "P30D", {"months": 1}], ["PT1M", "P31D", "P2M", 60, "1 min"]),
    ("30 days", ["P30D", "PT720H"], ["P1M", "P29D"]),
    ("-2 days +03:04:05", ["P-2DT3H4M5S", "-2 days, 3:04:05", -161755], [161755, "P2DT3H4M5S"]),
    ("00:00:00", ["PT0S", 0, {}, "0:00:00"], ["PT1S", 1, "P1D"]),
    ("1 day 02:03:04.6", ["PT26H3M4S", "PT26H3M5S", "1.02:03:04.6000000"],
     ["PT26H3M6S", "PT26H3M3S", "PT26H3M4.5S"]),
]  # fmt: skip
"""What a row holds, what copies of it have, and what they do not have."""


@pytest.mark.parametrize(("stored", "values", "others"), INTERVALS)
def test_months_count_as_days_only_where_a_copy_has_none(
    stored: str, values: list[Any], others: list[Any]
) -> None:
    """Thirty each, and a year 365; a day too few or too many is another interval."""
    assert [value for value in values if not is_same(value, stored, INTERVAL)] == []
    assert [value for value in others if is_same(value, stored, INTERVAL)] == []


@pytest.mark.parametrize("cached", [0, 4, "00:00:00", "0:00:04", "P0D", {"hours": 0}])
def test_nothing_is_cut_off_a_number_in_the_row(cached: Any) -> None:
    """Nobody knows its unit: so an hour is not no time at all, counted in nanoseconds."""
    assert same_interval(cached, 3600) is False
    assert same_interval("PT1H", 3600) is True
    assert same_interval("51 02:00:00.000051", 4413600000051) is True
