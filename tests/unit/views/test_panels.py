"""The record of a lookup, laid out."""

from tui.models import MOST_FIELDS, Label, Outcome, Record, Step, Target
from tui.views.widgets.panels import (
    LEAST_CHARACTERS,
    MOST_LAID_OUT,
    WIDE_CELLS,
    record_content,
    steps_content,
)

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


STEPS = (
    Step(Target.CACHE, "GET hitmiss:user:1", 0.001, "nil"),
    Step(Target.CACHE, "PTTL hitmiss:user:1", 0.0, "no such key"),
    Step(Target.DATABASE, "SELECT * FROM users WHERE id = 1", 0.006, "1 row"),
    Step(Target.CACHE, "EVALSHA fill", 0.002, "1: stored"),
)


def test_with_room_each_command_has_its_place_on_an_axis_of_time() -> None:
    """Bars follow each other, each as long as its share; below stands each command whole."""
    outcome = Outcome(1, Label.DB, {}, seconds=0.010, steps=STEPS)
    head, *lines = steps_content(outcome, 107, None).plain.splitlines()
    bars, whole = lines[:4], lines[5:]
    axis = head.index(" 0 ") + 1
    assert head[axis:].split() == ["0", "2", "4", "6", "8", "ms"]
    drawn = [line[axis:] for line in bars]
    assert [line.count("━") + line.count("═") for line in drawn] == [6, 0, 36, 12]
    starts = [len(line) - len(line.lstrip()) for line in drawn if line.strip()]
    ends = [len(line.rstrip()) for line in drawn if line.strip()]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert "same trip" in bars[1]
    assert [line[2:] for line in whole] == [step.command for step in STEPS]


def test_with_little_room_they_share_one_line_of_time() -> None:
    """Each command is its first word then, and what came back."""
    outcome = Outcome(1, Label.DB, {}, seconds=0.010, steps=STEPS)
    *commands, _, ends, line = steps_content(outcome, WIDE_CELLS - 1, None).plain.splitlines()
    assert [command.split()[2] for command in commands] == ["GET", "PTTL", "SELECT", "EVALSHA"]
    assert ends.split() == ["0", "ms", "10.0", "ms"]
    assert [line.count(sign) for sign in "━═·"] == [20, 39, 6]


def test_in_very_little_room_a_sign_says_where_it_ran() -> None:
    """What came back can then be read."""
    outcome = Outcome(1, Label.DB, {}, seconds=0.010, steps=STEPS)
    wide, narrow = (
        steps_content(outcome, width, None).plain.splitlines()[: len(STEPS)]
        for width in (32, 26)
    )
    assert wide[0].split()[:3] == ["●", "cache", "GET"]
    for line, step in zip(narrow, STEPS, strict=True):
        assert line[10:21].strip(" …") == step.result[:11]
    assert [line.split()[:2] for line in narrow] == [
        ["●", "GET"], ["●", "PTTL"], ["◆", "SELECT"], ["●", "EVALSHA"],
    ]  # fmt: skip


def test_a_long_name_leaves_room_for_its_value() -> None:
    """Half of the width at the most; the value is in the other one."""
    record: Record = {"subscription_renewal_reminder_sent_at_or_later": "today", "id": 1}
    outcome = Outcome(1, Label.DB, record)
    lines = record_content(outcome, 36, None).plain.splitlines()
    assert [line[18:].strip() for line in lines] == ["today", "1"]
    assert all(len(line) <= 36 for line in lines)
