"""Text that goes on under itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from tui.views.widgets.hanging import LEAST_CELLS, hanging

NAMES = st.text("name漢 ", min_size=1, max_size=9)
TEXTS = st.text("abc 漢字é-", max_size=60)


def test_what_goes_on_is_under_what_began() -> None:
    """Each line of the text begins in the same column, right of the name."""
    text = hanging(Content("email  "), Content("a long value in three lines"), 20)
    assert text.plain.split("\n") == [
        "email  a long value",
        "       in three",
        "       lines",
    ]


def test_without_room_the_text_is_below_its_name() -> None:
    """Where a few cells are left beside the name, the text has the whole width instead."""
    text = hanging(Content("long name  "), Content("some value"), 15)
    assert text.plain == "long name  \nsome value"


@given(NAMES, TEXTS, st.integers(LEAST_CELLS, 40))
def test_nothing_is_lost_and_nothing_too_wide(name: str, text: str, width: int) -> None:
    """Every character is there, and no line has more cells than there are."""
    lines = hanging(Content(name), Content(text), width).plain.split("\n")
    shown = "".join("".join(lines).split())
    assert shown == "".join((name + text).split())
    beside = Content(name).cell_length <= width - LEAST_CELLS
    assert all(Content(line.rstrip()).cell_length <= width for line in lines[not beside :])


@pytest.mark.parametrize("width", [0, 1])
def test_a_panel_that_is_not_laid_out_yet_is_no_trouble(width: int) -> None:
    """Before its first layout a panel has no width at all."""
    assert hanging(Content("a"), Content("b"), width).plain
