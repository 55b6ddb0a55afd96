"""The columns of the timeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.views.widgets.quantities import columns
from tui.views.widgets.timeline import (
    ROWS,
    STEPS,
    axis,
    cliffs_of,
    moment,
    scale,
    step_for,
)


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


def test_the_scale_tells_the_times_under_its_ticks() -> None:
    """A time where a tick is, as far as there is room for it."""
    for step in STEPS:
        line, ticks = scale(60, step), axis(60, step.every)
        assert len(line) == len(ticks) == 60
        assert line.startswith("now ")
        for at in range(step.every, 60, step.every):
            assert ticks[at] == "┴"
            assert line[at - 1] == " "
            assert line[at:].strip().startswith(moment(at * step.seconds))
    assert len(scale(7, STEPS[0])) == 7


def test_the_axis_is_as_fine_as_it_can_be() -> None:
    """What is to fit fits, also when a column has begun; the next finer one is too short."""
    for seconds in (0.0, 100.0, 300.0, 3600.0, 86_400.0, 30 * 86_400.0):
        step = step_for(seconds, 60)
        assert step.seconds * 59 >= seconds
        finer = STEPS[: STEPS.index(step)]
        assert all(each.seconds * 59 < seconds for each in finer)
    assert step_for(1e12, 60) == STEPS[-1]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "now"), (20, "20 s"), (60, "1 min"), (100, "1:40"), (7200, "2 h"),
        (5400, "90 min"), (9000, "2:30 h"), (86_400, "1 day"),
        (172_800, "2 days"), (129_600, "36 h"), (90_000, "25 h"), (100_000, "1.2 days"),
    ],
)  # fmt: skip
def test_moments_are_short(seconds: float, said: str) -> None:
    """In the largest unit that tells them whole, if there is one."""
    assert moment(seconds) == said


def test_a_cliff_is_far_higher_than_most_columns() -> None:
    """Five times the median, and ten copies; columns beside each other are one cliff."""
    assert cliffs_of([]) == []
    assert cliffs_of([9, 0, 0, 0]) == []
    assert cliffs_of([10, 0, 0, 0]) == [range(1)]
    assert cliffs_of([10, 10, 10, 49]) == []
    assert cliffs_of([10, 10, 10, 50]) == [range(3, 4)]
    assert cliffs_of([0, 20, 30, 0, 40, 0, 0, 10, 0, 0, 0, 0]) == [range(1, 5), range(7, 8)]
