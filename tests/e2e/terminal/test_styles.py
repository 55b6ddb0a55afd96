"""Styles, and the way from one to another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.styles import ON, PLAIN, Style, change, restyled

styles = st.builds(
    Style,
    st.frozensets(st.sampled_from(ON)),
    st.sampled_from(["", "31", "97", "38;5;200", "38;2;1;2;3"]),
    st.sampled_from(["", "41", "107", "48;5;200", "48;2;1;2;3"]),
    st.just(""),
)


@given(styles, styles)
def test_a_change_of_style_says_what_is_meant(before: Style, after: Style) -> None:
    """What leads from one style to another does, and is no longer than starting afresh."""
    sequence = change(before, after)
    if before == after:
        assert sequence == ""
        return
    assert restyled(before, sequence[2:-1]) == after
    assert len(sequence) <= max(len(change(PLAIN, after)), len("\x1b[m")) + 1


@pytest.mark.parametrize("parameters", ["38", "38;2;1", "38;7;1", "4:3", ">4;1", "1;99"])
def test_what_is_no_known_style_is_not_guessed(parameters: str) -> None:
    """Of a sequence that is cut off or foreign nothing is believed."""
    assert restyled(PLAIN, parameters) is None
