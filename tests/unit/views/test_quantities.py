"""Times and shares in the few characters that a screen has for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.views.widgets.quantities import (
    bar,
    byte_count,
    duration,
    percent,
    sparkline,
    time_left,
    took,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0.00 ms"),
        (0.000_41, "0.41 ms"),
        (0.009_4, "9.40 ms"),
        (0.012_34, "12.3 ms"),
        (0.25, "250 ms"),
        (1.928, "1.93 s"),
        (61.0, "61.00 s"),
    ],
)
def test_a_duration_has_three_digits(seconds: float, shown: str) -> None:
    """A measured time is told in milliseconds below a second, with three digits."""
    assert duration(seconds) == shown


@given(st.floats(0, 999))
def test_a_duration_fits_its_column(seconds: float) -> None:
    """Whatever a lookup takes, its time has room in the log's nine cells."""
    assert len(duration(seconds)) <= 9


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3.0, "0 s"),
        (0.0, "0 s"),
        (0.01, "1 s"),
        (29.2, "30 s"),
        (60.0, "1:00"),
        (298.5, "4:59"),
        (3600.0, "1:00:00"),
        (3723.0, "1:02:03"),
    ],
)
def test_a_countdown_counts_begun_seconds(seconds: float, shown: str) -> None:
    """While anything is left, the countdown says at least one second."""
    assert time_left(seconds) == shown


def test_what_takes_long_is_told_in_tenths_of_seconds() -> None:
    """And what is quick in milliseconds."""
    assert [took(passed) for passed in (0.0123, 0.1, 754.26)] == ["12.3 ms", "0.1 s", "754.3 s"]


def test_a_share_is_whole_percents() -> None:
    """A share is told in whole percents, and a dash where there is none."""
    assert [percent(share) for share in (None, 0.0, 1 / 3, 1.0)] == ["–", "0%", "33%", "100%"]


@given(st.floats(-1, 2), st.integers(1, 60))
def test_a_bar_is_as_wide_as_asked(share: float, width: int) -> None:
    """Filled part and track have the width together, for every share, even an odd one."""
    filled, track = bar(share, width)
    assert len(filled) + len(track) == width
    assert set(filled) <= set("━╸")
    assert set(track) <= {"─"}


def test_a_bar_fills_in_halves() -> None:
    """A bar of two cells has four lengths between empty and full."""
    drawn = ["".join(bar(quarters / 4, 2)) for quarters in range(5)]
    assert drawn == ["──", "╸─", "━─", "━╸", "━━"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_longer_time_never_has_a_shorter_bar(first: float, second: float) -> None:
    """Bars can be compared by looking at them."""
    shorter, longer = sorted((first, second))
    assert len(bar(shorter, 10)[0]) <= len(bar(longer, 10)[0])


def test_a_curve_shows_the_latest_shares() -> None:
    """A sparkline goes from ▁ for 0 to █ for 1, and keeps the newest that fit."""
    assert sparkline((0.0, 0.5, 1.0), 16) == "▁▅█"
    assert sparkline((0.0,) * 20 + (1.0,), 3) == "▁▁█"
    assert sparkline((), 3) == ""


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0"),
        (9_999, "9999"),
        (10_000, "10.0 kB"),
        (1_234_567, "1.2 MB"),
        (5_000_000_000, "5.0 GB"),
    ],
)
def test_bytes_are_counted_in_few_characters(size: int, shown: str) -> None:
    """From ten thousand on in decimal units, with one digit behind the point."""
    assert byte_count(size) == shown
