"""Charts: each shape says what its numbers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.runtime.glyphs import in_ascii
from tui.runtime.plain_text import SPELLING
from tui.views.widgets.charts import (
    Ticks,
    binned,
    braille_line,
    column_chart,
    level_line,
    longest_is_full,
    nice_top,
    ratio_axis,
    scale_for,
    spark,
    time_axis,
    whisker,
    window,
)

SHARES = st.lists(st.none() | st.floats(0, 1), max_size=60)


def test_a_line_has_two_dots_a_cell_and_four_a_row() -> None:
    """0 is the lowest of all dots, 1 the highest, and a half is between."""
    assert braille_line([0.0, 0.0, 1.0, 1.0], 2, 1) == ["⣀⠏"]
    assert braille_line([1.0, 1.0], 2, 3) == ["⠉ ", "  ", "  "]
    assert braille_line([0.5, 0.5], 1, 3) == [" ", "⠒", " "]


def test_a_line_is_closed_upright_from_one_number_to_the_next() -> None:
    """So a jump is seen as one; where there was nothing there is a gap."""
    assert braille_line([0.0, 1.0], 1, 2) == ["⢸", "⡸"]
    assert braille_line([0.0, None, 1.0, 1.0], 2, 2) == [" ⠉", "⡀ "]


@given(SHARES, st.integers(0, 20), st.integers(1, 9))
def test_a_line_has_its_size_whatever_comes(
    shares: list[float | None], width: int, rows: int
) -> None:
    """As wide and as high as it was asked for, and a dot wherever there is a number."""
    lines = braille_line(shares, width, rows)
    assert [len(line) for line in lines] == [width] * rows
    shown = shares[-2 * width :] if width else []
    for cell in range(width):
        pair = shown[2 * cell : 2 * cell + 2]
        assert any(line[cell] != " " for line in lines) == any(one is not None for one in pair)


@pytest.mark.parametrize(
    ("rows", "axis"),
    [
        (3, ["100┤", " 50┤", "  0┤"]),
        (4, ["100┤", "   │", "   │", "  0┤"]),
        (5, ["100┤", "   │", " 50┤", "   │", "  0┤"]),
        (9, ["100┤", "   │", " 75┤", "   │", " 50┤", "   │", " 25┤", "   │", "  0┤"]),
    ],
)
def test_the_axis_of_a_ratio_names_what_has_a_row(rows: int, axis: list[str]) -> None:
    """With an odd number of rows 50 has one; with nine the quarters have too."""
    assert ratio_axis(rows) == axis


@given(st.integers(0, 2000), st.integers(2, 200))
def test_samples_fill_the_room_and_move_seldom(count: int, room: int) -> None:
    """All that are shown fit; never are fewer than half there, and none before it is full."""
    start = window(count, room)
    assert 0 <= count - start <= room
    assert start == 0 if count <= room else count - start > (room - 1) // 2 - 1
    assert window(count + 1, room) in {start, start + room // 2}


def test_columns_in_one_row_never_fill_their_cell() -> None:
    """The highest is seven eighths; what is not nothing can be seen."""
    assert spark([0, 1, 50, 100]) == " ▁▄▇"
    assert spark([1, 2], top=1000) == "▁▁"
    assert spark([0, 0]) == "  "
    assert spark([]) == ""


def test_a_whisker_stands_where_its_times_are() -> None:
    """The places are those of the design, for 0.18, 0.28 and 0.34 ms, and 21.4 to 35.6 ms."""
    assert whisker(0.00018, 0.00028, 0.00034, 36, "●") == "   ●━━┤"
    assert whisker(0.0214, 0.0291, 0.0356, 36, "◆") == " " * 27 + "◆━━┤"
    assert whisker(0.001, 0.002, 0.05, 31, "●") == " " * 10 + "●━━━" + "─" * 13 + "┤"
    assert whisker(0.001, 0.001, 0.001, 31, "●") == " " * 10 + "●"


def test_times_off_the_axis_are_marked() -> None:
    """Below 0.1 ms and above 100 ms."""
    assert whisker(0.00001, 0.0001, 0.0001, 31, "●") == "‹"
    assert whisker(0.01, 0.02, 2.0, 31, "◆") == " " * 20 + "◆━━━" + "─" * 6 + "›"
    assert whisker(1.0, 2.0, 3.0, 31, "◆") == " " * 30 + "›"


def test_the_axis_of_times_has_a_tick_for_each_power_of_ten() -> None:
    """And their words under them."""
    line, words = time_axis(36)
    assert line == "└───────────┴──────────┴───────────┘"
    assert words == "0.1         1         10      100 ms"
    assert time_axis(8) == ("", "")


def test_columns_stand_on_an_axis_with_seconds() -> None:
    """The top is named at the left, and each tick below."""
    lines = column_chart([960] * 5 + [250], 4, 1000, Ticks(2, 5), 38)
    assert lines == [
        "1,000┤▇▇▇▇▇",
        "     │█████",
        "     │█████",
        "     │██████",
        "    0┼────┴────┴",
        "     0 s  1    2",
    ]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=400), st.integers(12, 120))
def test_a_column_chart_never_runs_over(counts: list[int], width: int) -> None:
    """Whatever is counted, and however little room there is."""
    ticks = scale_for(len(counts), width - 10)
    shown = binned(counts, ticks.tenths)
    lines = column_chart(shown, 4, nice_top(max(shown)), ticks, width)
    assert len(lines) == 6
    assert all(len(line) <= width for line in lines)


def test_the_scale_is_the_finest_that_fits() -> None:
    """And sums lose nothing."""
    assert scale_for(61, 31) == Ticks(2, 5)
    assert scale_for(61, 67) == Ticks(1, 10)
    assert scale_for(10**6, 10).tenths == 3000
    assert [scale.seconds for scale in (Ticks(1, 10), Ticks(5, 4))] == [1, 2]
    assert binned([1, 2, 3, 4, 5], 2) == [3, 7, 5]


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (1, 1), (3, 5), (96, 100), (960, 1000)])
def test_an_axis_ends_with_a_round_number(highest: int, top: int) -> None:
    """1, 2 or 5 times a power of ten, not below what it has to reach."""
    assert nice_top(highest) == top


def test_the_longest_bar_is_full() -> None:
    """The others in proportion, by half cells; what is not nothing can be seen."""
    assert longest_is_full(389, 389, 16)[0] == "━" * 16
    assert longest_is_full(64.1, 389, 16)[0] == "━━╸"
    assert longest_is_full(1, 1000, 16)[0] == "╸"
    assert longest_is_full(0, 1000, 16) == ("", " " * 16)


def test_in_ascii_a_line_keeps_its_halves() -> None:
    """Upper and lower half of a row are told apart, and whiskers keep their upright end."""
    assert in_ascii("".join(braille_line([1.0, 1.0, 0.0, 0.0], 2, 1))) == "::"
    assert in_ascii(braille_line([0.0, 0.0], 1, 1)[0]) == "."
    assert in_ascii(whisker(0.0001, 0.0002, 0.001, 31, "●")) == "*===------|"


def test_without_braille_a_line_is_columns_of_two_samples_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the last row; a gap is blank, and so is what is not there yet."""
    monkeypatch.setattr(SPELLING, "blocks", True)
    shares = [0.0, 1.0, None, None, 1.0, 1.0, None, 0.1]
    assert level_line(shares, 6, 3) == [" " * 6, " " * 6, "▄ ▇▁  "]
    assert ratio_axis(3) == ["   │", "   │", "  %│"]
    assert level_line(shares, 0, 1) == [""]
