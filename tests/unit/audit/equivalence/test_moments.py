"""Moments, dates, times and intervals: one in all its spellings, and no other."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.audit.equivalence import same
from tui.audit.equivalence.moments import same_moment
from tui.audit.equivalence.verdict import NotCompared
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested

MOMENT, DATE = Column("at", Kind.MOMENT), Column("on", Kind.DATE)
BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
ALL_YEARS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001 - in UTC
OF_NOW = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001 - in UTC
"""Moments whose seconds nobody takes for milliseconds."""
WORDS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
HTTP_MONTHS = WORDS.split()


def iso_spellings(moment: datetime, offset: timezone) -> list[Any]:
    """Give a moment in UTC as texts that have all its digits."""
    there, bare = moment.astimezone(offset), moment.replace(tzinfo=None)
    part, day = f"{moment.microsecond:06}", f"{moment:%Y}".rjust(4, "0") + f"{moment:-%m-%d}"
    clock = f"{moment:%H:%M:%S}.{part}"
    return [
        *(one.isoformat(by, "microseconds") for one in (there, bare) for by in "T "),
        f"{day}T{clock}Z", f"{day} {clock}000 +0000 UTC", f"{day} {clock} UTC",
        f"{day}t{clock}z", f"{day} {clock}+00", f"{day}T{clock}Z[UTC]", f"{day} {clock}+0000",
        f"{day.replace('-', '/')} {clock}", f"{day.replace('-', '')}T{moment:%H%M%S}.{part}Z",
        [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
         moment.microsecond * 1000],
        {"date": f"{day} {clock}", "timezone_type": 3, "timezone": "UTC"},
    ]  # fmt: skip


def spellings(moment: datetime, offset: timezone) -> list[Any]:
    """Give a moment of our time, as numbers too."""
    seconds, rest = divmod((moment - EPOCH) // timedelta(microseconds=1), 10**6)
    return [
        *iso_spellings(moment, offset),
        f"{seconds}.{rest:06}", f"{seconds}.{rest:06}000", seconds * 10**6 + rest,
        (seconds * 10**6 + rest) * 1000, str(seconds * 10**6 + rest),
        {"seconds": seconds, "nanos": rest * 1000},
        {"_seconds": seconds, "_nanoseconds": rest * 1000},
        {"secs_since_epoch": seconds, "nanos_since_epoch": rest * 1000},
        [moment.year, moment.timetuple().tm_yday, moment.hour, moment.minute, moment.second,
         rest * 1000, 0, 0, 0],
    ]  # fmt: skip


def shorter(moment: datetime) -> list[Any]:
    """Give a moment in milliseconds and in seconds, each cut."""
    seconds, rest = divmod((moment - EPOCH) // timedelta(milliseconds=1), 1000)
    word = HTTP_MONTHS[moment.month - 1]
    return [
        f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03}Z", seconds * 1000 + rest, f"{seconds}.{rest:03}",
        {"$date": f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03}Z"}, {"$date": seconds * 1000 + rest},
        {"$date": {"$numberLong": str(seconds * 1000 + rest)}},
        f"/Date({seconds * 1000 + rest})/", ["java.util.Date", seconds * 1000 + rest],
        f"{moment:%Y-%m-%dT%H:%M:%SZ}", f"{moment:%Y-%m-%d %H:%M:%S} UTC", seconds,
        str(seconds),
        f"{moment:%a}, {moment.day:02} {word} {moment:%Y %H:%M:%S} GMT",
        f"{moment:%a} {word} {moment:%d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
        f"{moment:%a} {word} {moment.day:2} {moment:%H:%M:%S %Y}",
        f"{moment:%a} {word} {moment:%d %H:%M:%S} +0000 {moment:%Y}",
        f"{word} {moment.day}, {moment:%Y}, {moment:%H:%M:%S}",
    ]  # fmt: skip


def cached(value: Any) -> Any:
    """Give a value as a reader of copies does."""
    import json

    return Nested(json.dumps(value)) if isinstance(value, dict | list) else value


def is_same(value: Any, stored: Any, column: Column = MOMENT, zone: Any = None) -> bool:
    """Compare; what cannot be told is neither."""
    try:
        return same(cached(value), stored, column, zone=zone)
    except NotCompared:
        pytest.fail(f"{value!r} beside {stored!r} cannot be told")


@given(OF_NOW, OFFSETS)
def test_a_moment_is_the_same_in_all_its_spellings(bare: datetime, offset: timezone) -> None:
    """Each beside each; and what has fewer digits beside those that have all."""
    moment = bare.replace(tzinfo=UTC)
    whole = spellings(moment, offset)
    for stored in whole:
        row = cached(stored)
        for value in [*whole, *shorter(moment)]:
            assert is_same(value, row), (value, stored)


@given(ALL_YEARS, OFFSETS)
def test_so_it_is_in_each_year_that_python_knows(bare: datetime, offset: timezone) -> None:
    """From 1 to 9999, as texts and lists."""
    whole = iso_spellings(bare.replace(tzinfo=UTC), offset)
    for stored in whole:
        for value in whole:
            assert is_same(value, cached(stored)), (value, stored)


@given(OF_NOW, OFFSETS, st.integers(1, 10**12) | st.integers(-(10**12), -1))
def test_another_moment_is_another_in_each_spelling(
    bare: datetime, offset: timezone, microseconds: int
) -> None:
    """Even one that is a microsecond away, where the copy has so many digits."""
    moment = bare.replace(tzinfo=UTC)
    other = moment + timedelta(microseconds=microseconds)
    for stored in spellings(moment, offset):
        for value in spellings(other, offset):
            assert not is_same(value, cached(stored)), (value, stored)
    if abs(microseconds) >= 2 * 10**6:  # what is cut to a second is another one then
        for value in shorter(other):
            assert not is_same(value, f"{moment:%Y-%m-%d %H:%M:%S.%f}"), value


@given(OF_NOW, st.sampled_from([0, 1, 2, 3, 4, 5]))
def test_digits_may_be_cut_or_rounded_and_no_more(bare: datetime, digits: int) -> None:
    """A copy with so many digits is the one below or, if it is nearer, the one above."""
    row, unit = f"{bare:%Y-%m-%d %H:%M:%S.%f}", 10 ** (6 - digits)
    rest = bare.microsecond % unit
    below = bare - timedelta(microseconds=rest)

    def text(moment: datetime) -> str:
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[: 20 + digits - (digits == 0)]

    assert is_same(text(below), row)
    above = below + timedelta(microseconds=unit)
    assert is_same(text(above), row) is (2 * rest >= unit)
    assert not is_same(text(above + timedelta(microseconds=unit)), row)
    assert not is_same(text(below - timedelta(microseconds=unit)), row)


@given(OF_NOW, OFFSETS)
def test_the_same_clock_in_another_offset_is_another_moment(
    bare: datetime, offset: timezone
) -> None:
    """The row is in UTC, whether it says so or not."""
    assume(offset.utcoffset(None))
    for row in (bare.isoformat(" "), f"{bare.isoformat()}Z"):
        assert not is_same(bare.replace(tzinfo=offset).isoformat(), row)


@given(OF_NOW)
def test_a_row_without_a_zone_is_meant_in_the_databases_zone(bare: datetime) -> None:
    """As its clocks showed it, in summer and in winter."""
    local = bare.replace(tzinfo=BERLIN)
    assume(local.astimezone(UTC).astimezone(BERLIN).replace(tzinfo=None) == bare)
    instant, row = local.astimezone(UTC), bare.isoformat(" ")
    seconds = (instant - EPOCH) // timedelta(microseconds=1)
    for value in (instant.isoformat(), local.isoformat(), seconds, bare.isoformat()):
        assert is_same(value, row, zone=BERLIN), value
    assert not is_same(f"{bare.isoformat()}Z", row, zone=BERLIN)
    assert not is_same(instant.isoformat(), row)


OTHERS = [
    ("0044-03-15 12:00:00 BC", "-0043-03-15T12:00:00Z", "-0044-03-15T12:00:00Z"),
    ("12019-05-06 07:08:09", "+012019-05-06T07:08:09.000Z", "+012018-05-06T07:08:09Z"),
    ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "0000-01-01T00:00:00Z"),
    ("0000-00-00 00:00:00", "0000-00-00 00:00:00", None),
    ("0000-00-00 00:00:00", "0000-00-00 00:00:00", "1899-11-30T00:00:00.000Z"),
    ("infinity", "infinity", "-infinity"), ("infinity", "infinity", "9999-12-31T00:00:00Z"),
    ("2019-05-06 07:08:09.012", [2019, 5, 6, 7, 8, 9, 12], [2019, 5, 6, 7, 8, 9, 13]),
    ("2019-05-06 07:08:09", [2019, 5, 6, 7, 8, 9], [2019, 5, 6, 7, 8]),
    ("2019-05-06 07:08:00", [2019, 126, 7, 8, 0, 0], [2019, 127, 7, 8, 0, 0]),
    ("2019-05-06 07:08:09", {"Time": "2019-05-06T07:08:09Z", "Valid": True},
     {"Time": "2019-05-06T07:08:09Z", "Valid": False}),
    ("2019-05-06 19:08:09", "May 6, 2019, 7:08:09\u202fPM", "May 6, 2019, 7:08:09 AM"),
    ("2019-05-06 19:08:09", "5/6/2019 7:08:09 PM", "6/5/2019 7:08:09 PM"),
    ("2019-05-06 07:08:09", {"year": 2019, "monthValue": 5, "dayOfMonth": 6, "hour": 7,
                             "minute": 8, "second": 9, "nano": 0, "month": "MAY"},
     {"year": 2019, "monthValue": 6, "dayOfMonth": 5, "hour": 7, "minute": 8, "second": 9}),
    ("2019-05-06 07:08:09", {"date": {"year": 2019, "month": 5, "day": 6},
                             "time": {"hour": 7, "minute": 8, "second": 9, "nano": 0}},
     {"date": {"year": 2019, "month": 5, "day": 6}, "time": {"hour": 7, "minute": 8}}),
    ("2019-05-06 07:08:09", {"date": "2019-05-06 09:08:09", "timezone_type": 3,
                             "timezone": "Europe/Berlin"},
     {"date": "2019-05-06 07:08:09", "timezone_type": 3, "timezone": "Europe/Berlin"}),
]  # fmt: skip
"""A row, a copy of it, and one of another."""


@pytest.mark.parametrize(("stored", "value", "other"), OTHERS)
def test_moments_beyond_the_usual(stored: str, value: Any, other: Any) -> None:
    """Before our era, after the year 9999, zero dates, objects of Java, .NET and PHP."""
    assert is_same(value, stored)
    assert not is_same(other, stored)


DAYS = st.dates(date(1, 1, 3), date(9999, 12, 29))


@given(DAYS)
def test_a_date_is_its_day_or_its_midnight_in_utc(day: date) -> None:
    """As a text, a list, days or seconds since 1970; the next day in none of them."""

    def spelled(it: date) -> list[Any]:
        days = (it - date(1970, 1, 1)).days
        text = it.isoformat()
        return [
            text, f"{text}T00:00:00Z", f"{text} 00:00:00", f"{text}T00:00:00.000+00:00",
            [it.year, it.month, it.day], [it.year, it.timetuple().tm_yday], days,
            {"year": it.year, "month": it.month, "day": it.day}, text.replace("-", "/"),
            {"$date": f"{text}T00:00:00Z"}, f"{HTTP_MONTHS[it.month - 1]} {it.day}, {text[:4]}",
        ]  # fmt: skip

    for row in (day.isoformat(), f"{day.isoformat()} 00:00:00"):
        for value in spelled(day):
            assert is_same(value, row, DATE), value
        for value in spelled(day + timedelta(days=1)):
            assert not is_same(value, row, DATE), value


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)),
       st.one_of(st.just(BERLIN), st.just(ZoneInfo("America/New_York")), OFFSETS))  # fmt: skip
def test_midnight_of_another_zone_is_the_day_only_if_somebody_says_so(
    day: date, zone: Any
) -> None:
    """In the database's zone it is, on days when the clocks change too."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    assume(midnight.time() != midnight.min.time())
    text, row = midnight.isoformat().replace("+00:00", "Z"), day.isoformat()
    assert is_same(text, row, DATE, zone)
    assert is_same((midnight - EPOCH) // timedelta(milliseconds=1), row, DATE, zone)
    assert not is_same(text, row, DATE)
    assert not is_same((midnight + timedelta(days=1)).isoformat(), row, DATE, zone)
    assert not is_same((midnight + timedelta(seconds=1)).isoformat(), row, DATE, zone)


@pytest.mark.parametrize("day", ["2019-03-31", "2019-04-01", "2019-10-27", "2019-10-28"])
def test_days_on_which_the_clocks_change_begin_at_their_own_midnight(day: str) -> None:
    """In Berlin it is an hour earlier in UTC from the one to the other."""
    hour = 23 if day in {"2019-03-31", "2019-10-28"} else 22
    before = date.fromisoformat(day) - timedelta(days=1)
    assert is_same(f"{before}T{hour}:00:00Z", day, DATE, BERLIN)
    assert not is_same(f"{before}T{45 - hour}:00:00Z", day, DATE, BERLIN)


@pytest.mark.parametrize("cached", [
    1, 2, 1700, 0, "1970-01-01T00:00:02Z", "1970-01-20T16:13:20Z", {"$date": 1700000},
])  # fmt: skip
def test_a_number_in_the_row_has_one_unit(cached: Any) -> None:
    """Seconds, by its size: what an encoder with another unit has made of it is drift."""
    for stored in (1700000000, 946684800):
        assert same_moment(cached, stored) is False
    assert same_moment("2023-11-14T22:13:20Z", 1700000000) is True
    assert same_moment(1700000000, 1700000000123) is True, "a copy in whole seconds"
    assert same_moment("2023-11-14T22:13:20.123Z", 1700000000123) is True
