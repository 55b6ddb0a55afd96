"""When what is cached expires: columns on an axis of time, on which a cliff is named."""

import math
from collections.abc import Container, Sequence
from itertools import groupby
from statistics import median
from typing import Final, NamedTuple

from textual.content import Content
from textual.widgets import Static

from tui.models.colours import FAMILY_GLYPHS
from tui.models.inventory import Inventory
from tui.views.widgets.frame import Framed
from tui.views.widgets.quantities import columns, time_left

ROWS: Final = 3
MOST_COLUMNS: Final = 100
LATER_CELLS: Final = 12
"""At the right of the columns: how many expire later than they reach."""
LABEL_CELLS: Final = 3
LEAST_TOP: Final = 4
"""The axis is for so many at least: a single copy is no tower."""
BESIDE: Final = 2
"""Blanks between a column and what is said of it."""
CLIFF_COPIES, CLIFF_TIMES = 10, 5
"""A cliff is a column of so many copies at least, and so many times the median of all."""
SHARE: Final = 0.9
"""So many of the copies are to fit on the axis; those that live for longer are counted."""
DAY: Final = 86_400.0


class TimeStep(NamedTuple):
    """A scale of the axis."""

    seconds: float
    """What a column stands for."""
    every: int
    """After so many columns there is a tick."""


STEPS: Final = (
    TimeStep(2, 10), TimeStep(5, 12), TimeStep(10, 12), TimeStep(30, 10), TimeStep(60, 10),
    TimeStep(120, 15), TimeStep(300, 12), TimeStep(600, 12), TimeStep(1800, 12),
    TimeStep(3600, 12), TimeStep(7200, 12), TimeStep(4 * 3600, 12), TimeStep(DAY / 2, 10),
    TimeStep(DAY, 10), TimeStep(7 * DAY, 10),
)  # fmt: skip


def step_for(seconds: float, width: int) -> TimeStep:
    """Give the finest scale on which so many seconds fit, the first column begun."""
    return next((step for step in STEPS if step.seconds * (width - 1) >= seconds), STEPS[-1])


class Timeline(Framed, Static):
    """Columns of how many copies expire when."""

    DEFAULT_CSS = """
    Timeline { height: 7; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(markup=False)
        self.entitle("expiries")
        self._zoom = 0

    @property
    def columns(self) -> int:
        """How many columns there is room for."""
        room = self.content_size.width - LABEL_CELLS - 1 - LATER_CELLS
        return max(1, min(MOST_COLUMNS, room))

    def zoom(self, steps: int) -> None:
        """Let columns stand for so many steps more (or less, below 0) than what fits best."""
        self._zoom += steps

    def show_expiries(self, inventory: Inventory, now: float, *, known: bool = True) -> None:
        """Show when how many of these copies expire, on a scale that most of them fit on.

        Where they are not all `known`, it is not said that there are no others.
        """
        if not self.content_size.width:
            return
        fitting = STEPS.index(step_for(inventory.horizon(now, SHARE), self.columns))
        at = max(0, min(len(STEPS) - 1, fitting + self._zoom))
        self._zoom, step = at - fitting, STEPS[at]
        past = now % step.seconds  # so the columns move on one by one, as they are
        span = step.seconds * self.columns
        self.show(*inventory.expiries(now - past, span, self.columns), step, past, known=known)

    def show(
        self,
        counts: Sequence[int],
        later: int,
        step: TimeStep,
        past: float = 0.0,
        *,
        known: bool = True,
    ) -> None:
        """Show how many copies expire in each `step`; `later` is how many do after all of them.

        `past` is how many seconds of the first step are over. Where not all copies are
        `known`, nothing is said of the others.
        """
        top = max(counts, default=0)
        high = cliffs_of(counts)
        cliff = max(high, key=lambda run: sum(counts[at] for at in run), default=range(0))
        together = sum(counts[at] for at in cliff)
        when = moment(max(0.0, cliff.start * step.seconds - past))
        calm = _no_cliff(top, later) if known else "not known"
        self.tell(_state(together, when) if cliff else calm)
        self.note(Content.styled(f"a column is {moment(step.seconds)}", "$muted"))
        chart = _chart(counts, frozenset(at for run in high for at in run))
        if cliff:
            named = f"{together:,} in {moment(len(cliff) * step.seconds)}, at {when}"
            chart[0] = _beside(chart[0], named, cliff)
        if later:
            chart = [_with_later(line, text) for line, text in zip(
                chart, ("", "later", f"{later:,}"), strict=True)]  # fmt: skip
        shown = f"{max(top, LEAST_TOP):,}"
        label = max(LABEL_CELLS, len(shown))
        heads = [f"{shown:>{label}}┤", *[" " * label + "│"] * (ROWS - 1)]
        lines = [
            Content.assemble((head[:-1], "$muted"), (head[-1], "$frame"), line)
            for head, line in zip(heads, chart, strict=True)
        ]
        lines.append(Content.assemble(
            (f"{0:>{label}}", "$muted"), (f"┼{axis(len(counts), step.every)}", "$frame")
        ))  # fmt: skip
        lines.append(Content.styled(" " * (label + 1) + scale(len(counts), step), "$muted"))
        self.update(Content("\n").join(lines), layout=False)


def cliffs_of(counts: Sequence[int]) -> list[range]:
    """Give the columns in which far more copies end than in most others, by runs of them.

    One lower column between two of them belongs to the run.
    """
    usual = median(counts) if counts else 0
    least = max(CLIFF_COPIES, CLIFF_TIMES * usual)
    runs: list[range] = []
    for at, count in enumerate(counts):
        if count < least:
            continue
        if runs and runs[-1].stop >= at - 1:
            runs[-1] = range(runs[-1].start, at + 1)
        else:
            runs.append(range(at, at + 1))
    return runs


def axis(width: int, every: int) -> str:
    """Give the line under the columns, with its ticks."""
    ticks = ("┴" if at and at % every == 0 else "─" for at in range(width))
    return "".join(ticks)


def scale(width: int, step: TimeStep) -> str:
    """Give the line of times under the ticks of the axis."""
    line = [" "] * width
    for at in range(0, width, step.every):
        text = moment(at * step.seconds) if at else "now"
        if at + len(text) <= width:
            line[at : at + len(text)] = text
    return "".join(line)


def moment(seconds: float) -> str:
    """Give a time as short as it can be: `now`, `20 s`, `1 min`, `1:40`, `6 h`, `2 days`."""
    whole = round(seconds)
    if whole < 1:
        return "now"
    for unit, word, least, most in _UNITS:
        if least <= whole < most and whole % unit == 0:
            count = whole // unit
            return f"{count} {word}{'s' * (word == 'day' and count != 1)}"
    if whole >= DAY:
        return f"{whole / DAY:.1f} days"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h" if whole >= 3600 else time_left(whole)


_UNITS: Final = (
    (int(DAY), "day", DAY, math.inf), (3600, "h", 3600, 2 * DAY), (60, "min", 60, 7200),
)  # fmt: skip
"""What counts in whole units is said so, from and below so many seconds."""


def _state(together: int, when: str) -> Content:
    then = "now" if when == "now" else f"in {when}"
    return Content.styled(
        f"{FAMILY_GLYPHS['warning']} {together:,} end together {then}", "$outcome-warning bold"
    )


def _no_cliff(top: int, later: int) -> Content:
    said = f"no cliff: at most {top:,} together" if top else "nothing expires"
    return Content.styled("all end later" if later and not top else said, "$muted not bold")


def _chart(counts: Sequence[int], high: Container[int]) -> list[Content]:
    """Give the rows of columns, those that are too `high` in their own colour."""
    rows = []
    for line in columns(counts, ROWS, max(LEAST_TOP, max(counts, default=0))):
        runs = groupby(range(len(line)), high.__contains__)
        parts = [
            ("".join(line[at] for at in run), f"$outcome-{'warning' if cliff else 'hit'}")
            for cliff, run in runs
        ]
        rows.append(Content.assemble(*parts))
    return rows


def _beside(line: Content, text: str, run: range) -> Content:
    """Put a text two cells beside some columns, where the line has only blanks."""
    plain = line.plain
    for start in (run.stop + BESIDE, run.start - BESIDE - len(text)):
        end = start + len(text)
        around = plain[max(0, start - BESIDE) : end + BESIDE]
        if start >= 0 and end <= len(plain) and not around.strip():
            return Content.assemble(line[:start], text, line[end:])
    return line


def _with_later(line: Content, text: str) -> Content:
    return Content.assemble(line, (f"{text:>{LATER_CELLS - 4}}", "$muted"))
