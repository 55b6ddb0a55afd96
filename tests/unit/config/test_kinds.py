"""What is said of a value, and what it means, by the kind of its option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config.kinds import duration
from tui.runtime.errors import SettingsError


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (30, 30.0),
        (0.5, 0.5),
        ("1.5", 1.5),
        (".5", 0.5),
        ("90s", 90.0),
        ("5m", 300.0),
        ("1h", 3600.0),
        ("2 d", 172_800.0),
        ("250ms", 0.25),
        ("5M", 300.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("365d", 31_536_000.0),
    ],
)
def test_a_duration_has_a_unit_or_is_in_seconds(value: object, seconds: float) -> None:
    """Numbers are seconds; ms, s, m, h and d multiply them."""
    assert duration("ttl", value) == seconds


@pytest.mark.parametrize(
    "value",
    ["", "x", "-5", "5 apples", "1e3", "nan", "inf", "5ſ", "٣", "1,5", "5m5s", True, None, [5],
     float("inf"), float("nan"), "366d", "9" * 5000],
)  # fmt: skip
def test_what_is_no_duration_is_an_error(value: object) -> None:
    """The message names the option and says what can be written."""
    with pytest.raises(SettingsError, match=r"--grace .*use "):
        duration("grace", value)


@given(st.text())
def test_any_text_is_a_duration_or_an_error(text: str) -> None:
    """Nothing that can be typed does anything else."""
    try:
        seconds = duration("ttl", text)
    except SettingsError:
        return
    assert 0 <= seconds < float("inf")
