"""Dates of BSON as texts, in all the years that 64 bits of milliseconds reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.database.mongodb.moments import NoMoment, iso_of, milliseconds_of, text_of

SEEN = {
    0: "1970-01-01 00:00:00+00:00",
    -1: "1969-12-31 23:59:59.999+00:00",
    1_782_822_600_123: "2026-06-30 12:30:00.123+00:00",
    -62_135_596_800_000: "0001-01-01 00:00:00+00:00",
    -62_135_596_800_001: "0000-12-31 23:59:59.999+00:00",
    253_402_300_800_000: "+010000-01-01 00:00:00+00:00",
    568_971_820_800_000: "+020000-01-01 00:00:00+00:00",
    -63_517_824_000_000: "-000043-03-15 00:00:00+00:00",
    2**63 - 1: "+292278994-08-17 07:12:55.807+00:00",
    -(2**63): "-292275055-05-16 16:47:04.192+00:00",
}


@pytest.mark.parametrize("number", SEEN)
def test_a_moment_has_one_text(number: int) -> None:
    """In whatever year; it reads back."""
    assert text_of(number) == SEEN[number]
    assert milliseconds_of(SEEN[number]) == number
    assert milliseconds_of(iso_of(number)) == number


def test_in_json_it_is_spelled_as_javascript_does() -> None:
    """Always with milliseconds, and a Z."""
    assert iso_of(0) == "1970-01-01T00:00:00.000Z"
    assert iso_of(568_971_820_800_000) == "+020000-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2026-06-30", 1_782_777_600_000),
        ("2026-06-30 12:30", 1_782_822_600_000),
        ("2026-06-30T12:30:00Z", 1_782_822_600_000),
        ("2026-06-30 14:30:00+02:00", 1_782_822_600_000),
        ("2026-06-30 14:30:00 +0200", 1_782_822_600_000),
        ("2026-06-30 10:30:00-02", 1_782_822_600_000),
        ("2026-06-30 12:30:00,1", 1_782_822_600_100),
        ("2026-06-30 12:30:00.123000", 1_782_822_600_123),
        ("2024-02-29", 1_709_164_800_000),
    ],
)
def test_what_is_typed_is_a_moment(text: str, number: int) -> None:
    """Without a zone it is meant in UTC."""
    assert milliseconds_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-02-30", "2026-13-01", "2026-06-30 24:00", "2026-06-30 12:60",
        "2026-06-30 12:30:00.1234", "+999999999-01-01", "12:30", "2026-06-30 12:30:00 CET",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text: str) -> None:
    """And so is what would be rounded."""
    with pytest.raises(NoMoment):
        milliseconds_of(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_each_number_reads_back(number: int) -> None:
    """To the millisecond."""
    assert milliseconds_of(text_of(number)) == number
