"""What is drawn of a scenario: bars on one scale, and a cliff on an axis."""

from dataclasses import replace

from tui.controllers.lab import Played
from tui.lab.catalogue import SCENARIOS
from tui.lab.cliff import Cliff
from tui.lab.scenario import Side
from tui.lab.stale_write import StaleWrite
from tui.lab.stampede import Stampede
from tui.views.widgets.scenario_charts import (
    cliff_content,
    cliff_numbers,
    ends_at_once,
    progress_content,
    scenario_content,
    verdict_content,
    waiting_at_once,
)

STAMPEDE = tuple(
    Side(name, {"database_reads": reads, "longest_ms": longest, "p50_ms": half, "errors": 0})
    for name, reads, longest, half in (
        ("usual pattern", 1000, 389.0, 205.0),
        ("single-flight", 1, 64.1, 50.3),
        ("4 services, no lease", 4, 133.0, 85.6),
        ("4 services, lease", 1, 75.8, 64.9),
    )
)
WITHOUT = Side(
    "without jitter",
    {"copies": 5000, "busiest_tenth_expiries": 5000, "most_waiting_at_once": 100,
     "longest_ms": 1082.0, "database_reads": 5000},
    {"reads": [480] * 10 + [200]},
)  # fmt: skip
WITH = Side(
    "10% jitter",
    {"copies": 5000, "busiest_tenth_expiries": 96, "most_waiting_at_once": 1,
     "longest_ms": 31.4, "database_reads": 5000},
    {"reads": [83] * 60},
)  # fmt: skip


def lines(content: object) -> list[str]:
    """Give the lines of a content."""
    return [line.rstrip() for line in str(content).split("\n")]


def test_a_stampede_looks_as_designed() -> None:
    """Cell for cell: each group on one scale, both of times on the same."""
    played = Played(Stampede(), STAMPEDE, "the sentence", Stampede().verdict(STAMPEDE))
    shown = lines(scenario_content(played, "", 44, 20))
    assert shown == [
        "1,000 callers ask for one record that is not",
        "cached. Who reads the database?",
        "",
        "◆ database reads",
        "usual pattern         ━━━━━━━━━━━━━━━━ 1,000",
        "single-flight         ╸                    1",
        "4 services, no lease  ╸                    4",
        "4 services, lease     ╸                    1",
        "",
        "last answer after, ms",
        "usual pattern         ━━━━━━━━━━━━━━━━   389",
        "single-flight         ━━╸               64.1",
        "4 services, no lease  ━━━━━╸             133",
        "4 services, lease     ━━━               75.8",
        "",
        "half of them after, ms",
        "usual pattern         ━━━━━━━━╸          205",
        "single-flight         ━━                50.3",
        "4 services, no lease  ━━━╸              85.6",
        "4 services, lease     ━━╸               64.9",
    ]
    assert lines(scenario_content(played, "", 44, 22))[-2:] == ["", "the sentence"]


def test_the_verdict_says_whether_it_came_true() -> None:
    """One read is what the lease promises; two are not."""
    verdict = Stampede().verdict(STAMPEDE)
    assert str(verdict_content(verdict)) == "● 1 read instead of 1,000"
    assert str(verdict_content(verdict, short=True)) == "● 1,000 → 1"
    two = replace(STAMPEDE[3], numbers={"database_reads": 2})
    said = str(verdict_content(Stampede().verdict((*STAMPEDE[:3], two))))
    assert said == "▲ 2 reads instead of 1,000"


def test_answers_that_did_not_come_have_bars_too() -> None:
    """Only where there are any."""
    assert "without an answer" not in str(
        scenario_content(Played(Stampede(), STAMPEDE), "", 44, 20)
    )
    failed = replace(STAMPEDE[0], numbers={**STAMPEDE[0].numbers, "errors": 7})
    shown = lines(scenario_content(Played(Stampede(), (failed,)), "", 44, 20))
    assert shown[-2:] == ["without an answer", "usual pattern         ━━━━━━━━━━━━━━━━     7"]


def test_names_are_cut_where_bars_need_the_room() -> None:
    """A bar has four cells at the least, and no line runs over."""
    shown = lines(scenario_content(Played(Stampede(), STAMPEDE), "", 26, 20))
    assert "usual pattern   ━━━━ 1,000" in shown
    assert "no lease, 4 se… ╸        4" in shown
    assert all(len(line) <= 26 for line in shown)


def test_before_it_is_played_it_says_what_will_be_seen() -> None:
    """The question, the sentence before, and the key."""
    for scenario in SCENARIOS.values():
        shown = " ".join(lines(scenario_content(Played(scenario()), "enter plays it", 44, 20)))
        assert shown.startswith(scenario().question)
        assert scenario().before in " ".join(shown.split())
        assert shown.endswith("enter plays it")
        assert len(scenario().question) <= 88


def test_what_happened_stands_below_step_by_step() -> None:
    """Long commands go on in the next line, indented; nothing of them is markup."""
    side = Side("lease", {"outdated_answers": 0}, moments=["reader: GET [b]k[/b] " + "x" * 30])
    shown = lines(scenario_content(Played(StaleWrite(), (side,)), "", 40, 20))
    assert shown[-3:] == ["lease", "1. reader: GET [b]k[/b]", "   " + "x" * 30]


def test_a_cliff_stands_on_an_axis_on_the_scale_of_both() -> None:
    """What is spread is then low."""
    sides = (WITHOUT, WITH)
    assert lines(cliff_content(WITHOUT, sides, 44, 6)) == [
        "1,000┤▇▇▇▇▇",
        "     │█████                          all",
        "     │█████                          within",
        "     │█████▆                         1.1 s",
        "    0┼────┴────┴────┴────┴────┴────┴",
        "     0 s  1    2    3    4    5    6",
    ]
    low = lines(cliff_content(WITH, sides, 44, 6))
    assert low[:3] == ["1,000┤", "     │" + " " * 31 + "spread", "     │" + " " * 31 + "over"]
    assert low[3] == "     │" + "▅" * 30 + " 6.0 s"


def test_a_side_that_is_not_there_yet_has_the_axis() -> None:
    """Empty, and no word at its right."""
    shown = lines(cliff_content(None, (WITHOUT,), 44, 6))
    assert shown[0] == "500┤"
    assert not any("within" in line for line in shown)


def test_a_cliff_is_told_in_numbers_too() -> None:
    """Both sides beside each other, and a mark where all end together."""
    assert lines(cliff_numbers((WITHOUT, WITH), 44)) == [
        "in the busiest 0.1 s           480        83",
        "lookups waiting at once        100         1",
        "slowest answer, ms           1,082      31.4",
        "all reads                    5,000     5,000",
    ]
    assert str(ends_at_once(WITHOUT, (WITHOUT, WITH))) == "▲ 5,000 end at once"
    assert str(ends_at_once(WITH, (WITHOUT, WITH))) == "● 96 end at once"
    assert str(ends_at_once(WITHOUT, (WITHOUT,))) == "▲ 5,000 end at once"
    assert waiting_at_once(WITHOUT) == "100 lookups wait at once"
    assert waiting_at_once(WITH) == "1 lookup waits at once"
    assert Cliff().verdict((WITHOUT, WITH)).held


def test_progress_is_a_bar() -> None:
    """And which of the sides is under way."""
    assert str(progress_content(0.5, 1, 2)) == "━━━━━━────── 2 of 2"
    assert str(progress_content(1.0, 2, 2)) == "━━━━━━━━━━━━ 2 of 2"
