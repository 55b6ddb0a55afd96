"""What is drawn of a load says what its samples say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.lab.latencies import Percentiles
from tui.lab.samples import Counts, Sample
from tui.models import Tally
from tui.views.widgets import load_charts, session_charts
from tui.views.widgets.load_charts import LoadView

HIT = Percentiles(0.00018, 0.00028, 0.00034, 0.00984)
DB = Percentiles(0.0214, 0.0291, 0.0356, 0.0356)
SIZES = [(24, 3), (26, 4), (44, 5), (44, 8), (80, 9), (250, 40)]


def second(number: int, counts: Counts) -> Sample:
    """Give the sample of one second."""
    return Sample(float(number), 1.0, counts, HIT, DB)


def view(*hits: int, total: Sample | None = None) -> LoadView:
    """Give a load with so many hits of 100 lookups each second."""
    counts = [Counts(100, each, 100 - each, writes=7) for each in hits]
    samples = [second(number, each) for number, each in enumerate(counts, 1)]
    so_far = Counts()
    for each in counts:
        so_far.add(each)
    return LoadView(samples, len(samples), so_far, total)


def lines(content: object) -> list[str]:
    """Give the lines of a content."""
    return [line.rstrip() for line in str(content).split("\n")]


def test_the_ratio_is_a_line_behind_its_axis() -> None:
    """An even number of rows leaves one out, so that 50 has a row."""
    shown = lines(load_charts.ratio_content(view(0, 0, 100, 100), 44, 6))
    assert shown == ["100┤ ⡏", "   │ ⡇", " 50┤ ⡇", "   │ ⡇", "  0┤⣀⠇"]


def test_each_second_is_a_column_and_the_highest_is_named() -> None:
    """The latest number at the left, the highest at the right."""
    assert lines(load_charts.seconds_content(view(90, 50), 44, 3)) == [
        "lookups      100 ▇▇                      100",
        "◆ db reads    50 ▂▇                       50",
        "writes         7 ▇▇                        7",
    ]


def test_once_it_is_over_the_number_is_the_total() -> None:
    """The columns stay those of the seconds."""
    total = second(2, Counts(12_345_678, 1, 200, writes=14))
    shown = lines(load_charts.seconds_content(view(90, 50, total=total), 44, 3))
    assert shown[0].split() == ["lookups", "12,345,678", "▇▇", "100"]
    assert all(len(line) <= 44 for line in shown)


def test_with_room_the_seconds_are_lines() -> None:
    """Each between 0 and its highest, in two rows."""
    shown = lines(load_charts.seconds_content(view(90, 50), 80, 9))
    assert shown[3].startswith("◆ db reads   50┤")
    assert shown[3].split()[-2:] == ["50", "50"]
    assert shown[4].startswith("              0┤")


def test_times_stand_in_a_table_over_whiskers() -> None:
    """As the design has them, cell for cell."""
    assert lines(load_charts.latency_content(view(90), 44, 8)) == [
        "ms            p50      p95      p99    worst",
        "● hit        0.18     0.28     0.34     9.84",
        "◆ db         21.4     29.1     35.6     35.6",
        "",
        "● hit      ●━━┤",
        "◆ db                               ◆━━┤",
        "        └───────────┴──────────┴───────────┘",
        "        0.1         1         10      100 ms",
    ]


def test_without_times_there_are_dashes() -> None:
    """Nothing came from the cache yet."""
    sample = Sample(1.0, 1.0, Counts(), None, None)
    shown = lines(load_charts.latency_content(LoadView([sample], 1, Counts(), None), 44, 8))
    assert shown[1].split() == ["●", "hit", "–", "–", "–", "–"]
    assert shown[4] == "● hit"


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (44, "10 shared · 2 refreshed early · ▲ 3 outdated"),
        (43, "10 shared · 2 refreshed · ▲ 3 outdated"),
        (30, "2 refreshed · ▲ 3 outdated"),
        (5, "▲ 3 outdated"),
    ],
)
def test_what_is_wrong_is_left_out_last(width: int, said: str) -> None:
    """However narrow it is."""
    counts = Counts(100, shared=10, refreshed=2, outdated=3)
    assert str(load_charts.counts_content(counts, width)) == said


def test_answers_add_up() -> None:
    """Those without an answer came from nowhere."""
    load = LoadView([], 0, Counts(100, 70, errors=10), second(1, Counts()))
    shown = lines(load_charts.answers_content(load, 80))
    assert shown[0].split()[:5] == ["●", "from", "the", "cache", "70"]
    assert shown[1].split()[:5] == ["◆", "from", "the", "database", "20"]
    assert shown[2].endswith("0 shared · 0 refreshed early · × 10 errors")


@pytest.mark.parametrize(("width", "rows"), SIZES)
@given(hits=st.lists(st.integers(0, 100), min_size=1, max_size=300))
def test_nothing_runs_over(width: int, rows: int, hits: list[int]) -> None:
    """Whatever the numbers are, and however many seconds there were."""
    load = view(*hits)
    for content in (
        load_charts.ratio_content(load, width, rows),
        load_charts.seconds_content(load, width, rows),
        load_charts.latency_content(load, width, rows),
    ):
        shown = lines(content)
        assert len(shown) <= rows
        assert all(len(line) <= width for line in shown)


def test_a_session_has_the_same_charts() -> None:
    """By nearest rank, and a dot a lookup."""
    tally = Tally(hit_seconds=(0.0003, 0.0001, 0.0002), ratios=(0.0, 1.0), recent=(False, True))
    assert session_charts.percentiles(tally.hit_seconds) == (0.0002, 0.0003, 0.0003)
    assert session_charts.percentiles(()) is None
    assert lines(session_charts.ratio_content(tally, 20, 4))[0] == "100┤⢸"
    shown = lines(session_charts.latency_content(tally, 56))
    assert shown[1] == "◆ db"
    assert shown[2] == "        └──────────────┴───────────────┴──────────────┘"
