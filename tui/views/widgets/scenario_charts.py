"""What is drawn of a scenario: its question, its sides as bars, a cliff as columns."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from textual.content import Content

from tui.controllers.lab import Played
from tui.lab.scenario import Measure, Scenario, Side, Verdict
from tui.models.colours import FAMILY_GLYPHS
from tui.runtime.plain_text import plain
from tui.views.widgets.charts import (
    binned,
    column_chart,
    longest_is_full,
    nice_top,
    scale_for,
)
from tui.views.widgets.load_charts import milliseconds
from tui.views.widgets.quantities import bar
from tui.views.widgets.row_list import cut

NAME_CELLS, NUMBER_CELLS, LEAST_BAR = 22, 6, 4
WORDS_CELLS, LEAST_WIDTH = 7, 40
PROGRESS_CELLS = 12
COMPARED_CELLS = 10
MOST_NAME = 24
TENTHS = 10
"""How many of the counts of a series are a second."""
READS, NUMBERS = "reads", (
    ("lookups waiting at once", "most_waiting_at_once"),
    ("slowest answer, ms", "longest_ms"),
    ("all reads", "database_reads"),
)  # fmt: skip
"""The series of a cliff that is drawn, and the numbers that stand below it."""


def verdict_content(verdict: Verdict, *, short: bool = False) -> Content:
    """Return what a scenario came to, marked by whether it came true: in numbers if `short`."""
    family = "hit" if verdict.held else "warning"
    said = f"{verdict.before:,} → {verdict.after:,}" if short else verdict.said
    return Content.assemble(
        (f"{FAMILY_GLYPHS[family]} ", f"$outcome-{family}"), (said, "$foreground")
    )


def progress_content(share: float, done: int, sides: int) -> Content:
    """Return a bar of how much of a scenario is over, and which of its sides is under way."""
    filled, track = bar(share, PROGRESS_CELLS)
    return Content.assemble(
        (filled, "$outcome-hit"), (track, "$frame"), f" {min(done + 1, sides)} of {sides}"
    )


def scenario_content(played: Played, hint: str, width: int, rows: int) -> Content:
    """Return the question and what was seen, side by side; before, what will be seen.

    The sentence that it ended with stands below where there are rows for it.
    """
    scenario, sides = played.scenario, played.sides
    lines = [Content(line) for line in wrap(scenario.question, max(20, width))]
    if not sides:
        lines += [Content(""), *_muted(scenario.before, width)]
        said = played.after or hint
        lines += [
            Content(""),
            *(Content.styled(line, "bold") for line in _wrapped(said, width)),
        ]
        return Content("\n").join(lines)
    lines += _bars(scenario, sides, width)
    for side in sides:
        lines += _moments(side, width)
    after = _wrapped(played.after or "", width)
    if after and (len(lines) + 1 + len(after) <= rows or played.verdict is None):
        lines += [Content(""), *map(Content, after)]
    return Content("\n").join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(plain(text, 500), max(20, width))


def _muted(text: str, width: int) -> Iterator[Content]:
    for line in wrap(text, max(20, width)):
        yield Content.styled(line, "$muted")


def _bars(scenario: Scenario, sides: Sequence[Side], width: int) -> Iterator[Content]:
    """Return the measures, each with a bar a side; all times have one scale."""
    shown = [measure for measure in scenario.MEASURES if _is_seen(measure, sides)]
    times = [m.number for m in shown if m.number.endswith("_ms")]
    longest_time = max((_number(side, name) for side in sides for name in times), default=0)
    for measure in shown:
        longest = max(_number(side, measure.number) for side in sides)
        yield Content("")
        glyph = f"{FAMILY_GLYPHS['db']} " if measure.family == "db" else ""
        yield Content.assemble((glyph, "$outcome-db"), (measure.title, "$muted"))
        scale = longest_time if measure.number in times else longest
        for side in sides:
            yield _bar(measure, side, scale, width)


def _is_seen(measure: Measure, sides: Sequence[Side]) -> bool:
    known = any(measure.number in side.numbers for side in sides)
    return known and (
        measure.family != "error" or any(_number(side, measure.number) for side in sides)
    )


def _bar(measure: Measure, side: Side, longest: float, width: int) -> Content:
    number = _number(side, measure.number)
    told = _told(side, measure.number)
    cells = max(NUMBER_CELLS, len(told) + 1)
    name_cells = min(NAME_CELLS, max(0, width - cells - LEAST_BAR))
    filled, rest = longest_is_full(number, longest, width - name_cells - cells)
    name = plain(side.name, MOST_NAME)
    if len(name) >= name_cells:  # what tells them apart is not to be cut off
        name = ", ".join(reversed(name.split(", ")))
    name = cut(name, name_cells - 1)
    return Content.assemble(
        f"{name:{name_cells}}", (filled, f"$outcome-{measure.family}"), f"{rest}{told:>{cells}}"
    )


def _number(side: Side, name: str) -> float:
    return side.numbers.get(name, 0)


def _told(side: Side, name: str) -> str:
    number = side.numbers.get(name)
    if number is None:
        return "–"
    return milliseconds(number / 1000) if name.endswith("_ms") else f"{number:,}"


def _moments(side: Side, width: int) -> Iterator[Content]:
    """Return what happened on a side, step by step."""
    if not side.moments:
        return
    yield Content("")
    yield Content.styled(side.name, "$muted")
    for number, moment in enumerate(side.moments, 1):
        lines = wrap(f"{number}. {moment}", max(20, width), subsequent_indent="   ",
                     break_on_hyphens=False)  # fmt: skip
        yield from map(Content, lines)


def cliff_content(side: Side | None, sides: Sequence[Side], width: int, rows: int) -> Content:
    """Return the database's reads on one side as columns, on the scale that all sides share."""
    series = [_reads(each) for each in sides]
    words = WORDS_CELLS if width >= LEAST_WIDTH else 0
    left = len(f"{_top(series, 2):,}") + 1
    longest = max(map(len, series), default=0)
    ticks = scale_for(longest, max(1, width - left - words))
    top = _top(series, ticks.tenths)
    # What has no columns yet has the axis of what has.
    shown = _reads(side) if side is not None else [0] * longest
    counts = binned([*shown, *[0] * (longest - len(shown))], ticks.tenths)
    lines = column_chart(counts, max(1, rows - 2), top, ticks, width)
    said = [] if side is None else _spread(_reads(side), first=side is sides[0])
    above = rows - 2 - len(said)
    parts: list[Content] = []
    for number, line in enumerate(lines[:rows]):
        cells = len(line) if number >= rows - 2 else min(len(line), left)
        word = said[number - above] if words and 0 <= number - above < len(said) else ""
        parts.append(Content.assemble(
            (line[:cells], "$muted"), (line[cells:], "$outcome-db"),
            f"{'':{max(0, width - words - len(line))}}{word}" if word else "",
        ))  # fmt: skip
    return Content("\n").join(parts)


def _reads(side: Side) -> Sequence[int]:
    return side.series.get(READS, ())


def _top(series: Sequence[Sequence[int]], size: int) -> int:
    return nice_top(max((max(binned(each, size), default=0) for each in series), default=1))


def _spread(counts: Sequence[int], *, first: bool) -> list[str]:
    return [*(("all", "within") if first else ("spread", "over")), f"{len(counts) / TENTHS} s"]


def cliff_numbers(sides: Sequence[Side], width: int) -> Content:
    """Return what the database and the callers felt of each side, a number a row."""
    busiest = [f"{max(_reads(side), default=0):,}" for side in sides]
    rows = [("in the busiest 0.1 s", busiest)]
    rows += [(title, [_told(side, name) for side in sides]) for title, name in NUMBERS]
    cells = min(COMPARED_CELLS, max(6, (width - 12) // 2))
    name_cells = max(0, min(width - 2 * cells, MOST_NAME + max(0, width - 60)))
    return Content("\n").join(
        Content.assemble(
            (f"{name[: name_cells - 1]:{name_cells}}", "$muted"),
            "".join(f"{value:>{cells}}" for value in values),
        )
        for name, values in rows
    )


def waiting_at_once(side: Side) -> str:
    """Return how many lookups waited at once."""
    count = int(side.numbers.get("most_waiting_at_once", 0))
    return f"{count:,} lookup{'s' * (count != 1)} wait{'s' * (count == 1)} at once"


def ends_at_once(side: Side, others: Sequence[Side]) -> Content:
    """Return how many copies of a side end at once, marked where another side has far fewer."""
    count = int(side.numbers.get("busiest_tenth_expiries", 0))
    least = min(int(other.numbers.get("busiest_tenth_expiries", 0)) for other in others)
    family = "hit" if 2 * least > count else "warning"
    if len(others) == 1 and side.numbers.get("copies") == count:
        family = "warning"  # all of them
    return Content.assemble(
        (f"{FAMILY_GLYPHS[family]} ", f"$outcome-{family}"),
        (f"{count:,} end at once", "$foreground"),
    )
