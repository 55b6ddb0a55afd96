"""The record of a lookup, laid out."""

from tui.models import MOST_FIELDS, Label, Outcome, Record
from tui.views.widgets.panels import LEAST_CHARACTERS, MOST_LAID_OUT, record_content

LONG = "x " * 5_000


def laid_out(record: Record, limit: int) -> list[str]:
    """Give the lines of a record."""
    outcome = Outcome(1, Label.DB, record)
    return record_content(outcome, 80, limit).plain.splitlines()


def test_as_many_columns_as_a_table_has_are_laid_out_in_bounds() -> None:
    """Each has its name and its beginning, and no more than so much is laid out of all."""
    record: Record = {f"column{number}": LONG for number in range(MOST_FIELDS)}
    lines = laid_out(record, 20_000)
    assert sum(map(len, lines)) < 3 * MOST_LAID_OUT
    last = f"column{MOST_FIELDS - 1}"
    (line,) = [line for line in lines if line.startswith(last)]
    assert line.split(maxsplit=1)[1].startswith("x x x x")
    assert "".join(lines).count("10,000 characters") == MOST_FIELDS - MOST_LAID_OUT // len(LONG)


def test_an_ordinary_record_is_shown_whole() -> None:
    """What a bound of the whole takes is taken from what comes last."""
    shown = "".join(laid_out({"long": LONG, "short": "y" * 2 * LEAST_CHARACTERS}, 20_000))
    assert shown.count("x") == LONG.count("x")
    assert "characters)" not in shown
