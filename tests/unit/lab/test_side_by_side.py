"""A scenario's sides as lines of text."""

from tui.lab.scenario import Side
from tui.lab.side_by_side import curve, side_by_side


def test_a_curve_has_a_column_for_each_count() -> None:
    """As high as its share of the top; what is not nothing can be seen."""
    assert curve([0, 1, 50, 100], 100) == ".▁▄█"
    assert curve([0, 0], 0) == ".."
    assert curve([], 0) == ""


def test_the_curves_of_all_sides_have_one_scale() -> None:
    """What is a tenth of it on the other side is as low as that."""
    sides = [
        Side("even", {"copies": 1000}, {"expiries": [1000], "reads": [10, 10]}),
        Side("uneven", {"copies": 1000}, {"expiries": [100] * 3, "reads": [10, 5]}),
    ]
    curves = [line.rpartition(": ")[2] for line in side_by_side(sides, 80) if ": " in line]
    assert curves == ["█", "██", "▁▁▁", "█▄"]


def test_a_head_that_is_too_narrow_for_a_word_has_a_hyphen() -> None:
    """Four sides on a screen of 80 columns, beside the list."""
    names = ("usual pattern", "single-flight", "4 services no lease", "4 services lease")
    sides = [Side(name, {"database_reads": 10_000}) for name in names]
    lines = [line.split() for line in side_by_side(sides, 45)]
    assert lines == [
        ["usual", "single-", "4", "serv-", "4", "serv-"],
        ["pattern", "flight", "ices", "no", "ices"],
        ["lease", "lease"],
        ["database", "reads", "10,000", "10,000", "10,000", "10,000"],
    ]
