"""The columns of the timeline."""

from hypothesis import given
from hypothesis import strategies as st

from tui.views.widgets.quantities import columns
from tui.views.widgets.timeline import ROWS, minutes, scale


def test_the_tallest_column_is_as_high_as_there_are_rows() -> None:
    """Others are in proportion; what is there at all can be seen."""
    assert columns([0, 1, 12, 24], 3) == ["   █", "  ▄█", " ▁██"]
    assert columns([0, 1, 12, 24], 1, top=48) == [" ▁▂▄"]


@given(st.lists(st.integers(0, 100_000), max_size=100))
def test_each_count_has_its_column(counts: list[int]) -> None:
    """As many columns as counts, one for each that is not 0, and higher for more."""
    lines = columns(counts, ROWS)
    assert len(lines) == ROWS
    assert all(len(line) == len(counts) for line in lines)
    heights = ["".join(line[i] for line in lines).strip() for i in range(len(counts))]
    assert [bool(height) for height in heights] == [count > 0 for count in counts]
    assert all(
        len(heights[i]) <= len(heights[j])
        for i in range(len(counts))
        for j in range(len(counts))
        if counts[i] <= counts[j]
    )


def test_the_scale_tells_the_minutes() -> None:
    """Five of them, over whatever width."""
    assert scale(50).split() == ["now", "1", "min", "2", "min", "3", "min", "4", "min"]
    assert len(scale(7)) == 7
    assert [minutes(seconds) for seconds in (20, 100)] == ["20 s", "1:40 min"]
