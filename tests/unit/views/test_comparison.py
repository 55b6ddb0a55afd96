"""Both sides of a record beside each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.audit.comparison import MEANINGS, Comparison, Finding
from tui.views.widgets.comparison import (
    ages,
    columns_in_view,
    comparison_content,
    family,
    from_difference,
    sign,
    verdict,
)

TEXTS = st.text("ab 漢", max_size=40)
ROW = {"id": 1, "name": "Amara", "city": "Lagos"}


def compared(finding: Finding | None, **facts: object) -> Comparison:
    """Give a comparison of a record."""
    return Comparison(1, "user:1", finding, **facts)  # type: ignore[arg-type]


@given(TEXTS, TEXTS, TEXTS, st.integers(8, 60))
def test_the_first_difference_is_within_the_cells(
    alike: str, one: str, other: str, width: int
) -> None:
    """Whatever two texts begin with, what differs is not cut off; the rest is as it was."""
    sides = (alike + one, alike + other)
    shown = from_difference(*sides, width)
    for before, after in zip(sides, shown, strict=True):
        assert after == before or (after[0] == "…" and before.endswith(after[1:]))
    if sides[0] != sides[1]:
        cells = [side[: at_difference(*shown) + 1] for side in shown]
        assert all(cell_len(text) <= max(width, 2 * 8) for text in cells)


def at_difference(one: str, other: str) -> int:
    """Give where two texts differ first."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def test_what_is_the_same_steps_back() -> None:
    """Muted whole, with a sign; what differs is bold on both sides, and comes first."""
    cached = {**ROW, "city": "Abuja"}
    comparison = compared(
        Finding.DIFFERS, cached=cached, database=ROW, differs=("city",), seconds_left=50.0
    )
    content = comparison_content(comparison, 70)
    lines = content.split("\n")
    assert [line.plain.split()[:2] for line in lines] == [
        ["column", "●"], ["≠", "city"], ["=", "id"], ["=", "name"],
    ]  # fmt: skip
    styles = [{str(span.style) for span in line.spans} for line in lines[1:]]
    assert styles == [{"bold $outcome-error", "bold"}, {"$muted"}, {"$muted"}]
    assert verdict(comparison).plain == "≠ 1 of 3 columns differs"


@pytest.mark.parametrize("finding", [*Finding, None])
def test_each_finding_has_a_sign_and_words(finding: Finding | None) -> None:
    """In the edge of the frame, and where that is only a name, words over the columns too."""
    comparison = compared(finding, cached=ROW, database=ROW, differs=("name", "city"))
    said = verdict(comparison).plain
    assert said.startswith(f"{sign(finding)} ")
    assert family(finding) in {"hit", "warning", "error"}
    first = comparison_content(comparison, 70).split("\n")[0].plain
    if finding in {None, Finding.SAME, Finding.DIFFERS}:
        assert first.split()[0] == "column"
    else:
        assert finding is not None
        assert first == MEANINGS[finding]
        assert said == f"{sign(finding)} {finding.value}"


def test_the_columns_in_view_are_counted_without_what_is_around_them() -> None:
    """Neither the heading nor the legend is a column."""
    comparison = compared(
        Finding.SAME, cached=ROW, database={**ROW, "plan": "pro"}, database_only=("plan",)
    )
    total = len(comparison_content(comparison, 70).split("\n"))
    assert total == 6
    assert columns_in_view(comparison, (range(total), total)) == "1–4 of 4"
    assert columns_in_view(comparison, (range(3), total)) == "1–2 of 4 ↓"
    assert columns_in_view(comparison, (range(3, 6), total)) == "3–4 of 4 ↑"
    assert columns_in_view(compared(None), (range(1), 1)) == ""


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (67.0, "● fresh for 37 s, grace 30 s · read just now"),
        (10.0, "▲ past its ttl, grace 10 s · read just now · about 50 s old"),
        (None, "▲ never expires · read just now"),
    ],
)
def test_how_long_a_copy_is_still_good_for(left: float | None, said: str) -> None:
    """Its freshness, its end, and its age where its ttl is known to be 30 s."""
    comparison = compared(Finding.SAME, cached=ROW, database=ROW, seconds_left=left)
    assert ages(comparison, ttl=30.0, grace=30.0, when="read just now").plain == said
