"""Charts as lines of text, one way of drawing for one kind of number; colours are others' work.

A line of braille is for a level over time, columns are for how many in a slice of time, a
whisker on a log axis is for times, a bar for how much of a whole.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from tui.runtime.plain_text import SPELLING
from tui.views.widgets.quantities import bar, columns

LEVELS = "▁▂▃▄▅▆▇"
"""Of a column in one row: never the whole cell, or rows above each other would touch."""
BRAILLE = 0x2800
LEFT_DOTS, RIGHT_DOTS = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)
"""The bits of a cell's dots from the lowest up. Source: Unicode, 'Braille Patterns'."""
DOTS = len(LEFT_DOTS)
"""Rows of dots in a cell; columns of dots are two."""
SHORTEST_TIME, DECADES = 0.0001, 3
"""A log axis of times begins at 0.1 ms, and goes over so many powers of ten."""
TICKS = ("0.1", "1", "10", "100 ms")
AXIS_CELLS = 4
"""Cells of `100┤` at the left of a ratio's line."""
NICE = (1, 2, 5)
PARTS = ((4, 9), (2, 3))
"""In how many parts the axis of a ratio is divided, and how many rows that takes at least."""

Share: TypeAlias = float | None
Item = TypeVar("Item")


def window(count: int, room: int) -> int:
    """Return the number of the first of `count` samples that is shown where `room` fit.

    They are filled in from the left; once there are too many, all of them move by half of the
    room: a line that moved each time would be sent anew each time.
    """
    if count <= room:
        return 0
    half = max(1, room // 2)
    return -(-(count - room) // half) * half


def in_window(items: Sequence[Item], count: int, room: int) -> Sequence[Item]:
    """Return those of the latest `items` that are shown of `count` in all, where `room` fit."""
    return items[max(0, window(count, room) - (count - len(items))) :]


def braille_line(shares: Sequence[Share], width: int, rows: int) -> list[str]:
    """Return `rows` lines of `width` cells with the latest shares (0 to 1), two a cell.

    0 is the lowest dot, 1 the highest; from one to the next the line is closed upright. None is
    a gap.
    """
    cells = [[0] * width for _ in range(rows)]
    before: int | None = None
    for place, share in enumerate(shares[-2 * width :] if width else ()):
        if share is None:
            before = None
            continue
        dot = round(max(0.0, min(1.0, share)) * (rows * DOTS - 1))
        step = 0 if before is None else (dot > before) - (dot < before)
        ends = (dot, dot if before is None or not step else before + step)
        column, bits = place // 2, RIGHT_DOTS if place % 2 else LEFT_DOTS
        for each in range(min(ends), max(ends) + 1):
            cells[rows - 1 - each // DOTS][column] |= bits[each % DOTS]
        before = dot
    return ["".join(chr(BRAILLE + bits) if bits else " " for bits in row) for row in cells]


def level_line(shares: Sequence[Share], width: int, rows: int) -> list[str]:
    """Return the same as `braille_line`, or where blocks are wanted columns in the last row.

    Then two samples, which share a cell, are one column of their mean.
    """
    if not SPELLING.blocks:
        return braille_line(shares, width, rows)
    shown = shares[-2 * width :] if width else ()
    pairs = [
        [one for one in shown[at : at + 2] if one is not None] for at in range(0, len(shown), 2)
    ]
    means = [sum(pair) / len(pair) if pair else 0.0 for pair in pairs]
    return [*[" " * width] * (rows - 1), f"{spark(means, 1.0):{width}}"]


def ratio_axis(rows: int) -> list[str]:
    """Return what stands at the left of a ratio's line: `100┤`, `   │`, `  0┤`.

    Half and quarters are named where they have a row of their own; columns have only the last.
    """
    if SPELLING.blocks:
        return [*["   │"] * (rows - 1), "  %│"]
    parts = next((n for n, least in PARTS if rows >= least and (rows - 1) % n == 0), 1)
    named = {(rows - 1) * part // parts: 100 - 100 * part // parts for part in range(parts + 1)}
    return [f"{named[row]:3}┤" if row in named else "   │" for row in range(rows)]


def spark(numbers: Sequence[float], top: float | None = None) -> str:
    """Return a column a number, from 0 to `top`, else to the highest; only 0 is blank."""
    top = max(numbers, default=0.0) if top is None else top
    return "".join(
        LEVELS[max(1, math.ceil(min(1.0, number / top) * len(LEVELS))) - 1]
        if number > 0 and top
        else " "
        for number in numbers
    )


def whisker(p50: float, p95: float, p99: float, width: int, glyph: str) -> str:
    """Return times (in seconds) on a log axis of `width` cells: `●━━─┤`.

    The glyph is the median, `━` goes to p95, `┤` is p99. What is left of the axis is `‹`, and
    what is right of it `›`.
    """
    if width <= 0:
        return ""
    start, middle, end = (_place(seconds, width) for seconds in (p50, p95, p99))
    cells = [" "] * width
    for place in range(start + 1, end + 1):
        cells[place] = "━" if place <= middle else "─"
    if end > start:
        cells[end] = "┤"
    cells[start] = glyph
    if p50 < SHORTEST_TIME:
        cells[start] = "‹"
    if p99 > SHORTEST_TIME * 10**DECADES:
        cells[end] = "›"
    return "".join(cells).rstrip()


def _place(seconds: float, width: int) -> int:
    share = math.log10(max(seconds, SHORTEST_TIME) / SHORTEST_TIME) / DECADES
    return round(min(1.0, share) * (width - 1))


def time_axis(width: int) -> tuple[str, str]:
    """Return the log axis under whiskers, and its words: 0.1, 1, 10 and 100 ms."""
    last = width - 1
    if width < len("".join(TICKS)) + DECADES:
        return "", ""
    line, words = ["─"] * width, [" "] * width
    for tick, text in enumerate(TICKS):
        at = round(tick / DECADES * last)
        line[at] = "└┴┴┘"[tick]
        start = min(max(0, at - len(text) // 2), width - len(text))
        words[start : start + len(text)] = text
    return "".join(line), "".join(words)


class Ticks(NamedTuple):
    """How columns of counts are laid on an axis of seconds."""

    tenths: int
    """How many tenths of a second a column stands for."""
    columns: int
    """From one tick to the next."""

    @property
    def seconds(self) -> float:
        """From one tick to the next."""
        return self.tenths * self.columns / 10


SCALES = (
    Ticks(1, 10), Ticks(2, 5), Ticks(5, 4), Ticks(10, 5), Ticks(20, 5), Ticks(50, 6),
    Ticks(100, 6), Ticks(300, 4), Ticks(600, 5), Ticks(3000, 6),
)  # fmt: skip


def scale_for(tenths: int, room: int) -> Ticks:
    """Return the finest scale on which that many tenths of a second fit into `room` columns."""
    fits = (scale for scale in SCALES if -(-tenths // scale.tenths) <= room)
    return next(fits, SCALES[-1])


def binned(counts: Sequence[int], size: int) -> list[int]:
    """Return the sums of each `size` counts."""
    return [sum(counts[start : start + size]) for start in range(0, len(counts), size)]


def nice_top(highest: float) -> int:
    """Return the round number at which an axis ends that has to reach `highest`."""
    if highest <= 1:
        return 1
    power = int(10 ** math.floor(math.log10(highest)))
    return next((n * power for n in NICE if n * power >= highest), 10 * power)


def column_chart(
    counts: Sequence[int], rows: int, top: int, ticks: Ticks, width: int
) -> list[str]:
    """Return columns on an axis with its top at the left and seconds below: rows + 2 lines.

    Each line is at most `width` cells; a column is what `ticks` says.
    """
    left = len(f"{top:,}")
    room = max(0, width - left - 1)
    shown = columns(counts[:room], rows, top)
    lines = [
        f"{'' if row else f'{top:,}':>{left}}{'│' if row else '┤'}{line}".rstrip()
        for row, line in enumerate(shown)
    ]
    count = max(1, len(counts))
    steps = -(-count // ticks.columns)
    axis = "┼" + ("─" * (ticks.columns - 1) + "┴") * steps
    words = [" "] * (left + len(axis) + 8)
    for step in range(steps + 1):
        at = left + step * ticks.columns
        text = f"{step * ticks.seconds:g}" if step else "0 s"
        words[at : at + len(text)] = text
    return [*lines, f"{'0':>{left}}{axis}"[:width], "".join(words)[:width].rstrip()]


def longest_is_full(number: float, longest: float, width: int) -> tuple[str, str]:
    """Return a bar on a scale that ends with the longest; half a cell for anything above 0."""
    if number <= 0 or longest <= 0 or width <= 0:
        return "", " " * max(0, width)
    filled, _ = bar(max(number / longest, 1 / (2 * width)), width)
    return filled, " " * (width - len(filled))
