"""Charts in their colours, for more than one screen: a ratio's line, times on a log axis."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from tui.models.colours import FAMILY_GLYPHS
from tui.views.widgets.charts import level_line, ratio_axis, time_axis, whisker

LEGEND = Content.assemble(
    (FAMILY_GLYPHS["hit"], "$outcome-hit"), (" p50  ━ p95  ┤ p99", "$muted not bold")
)
"""What the signs of a whisker mean."""


class Whisker(NamedTuple):
    """Times that are shown in one row, in seconds."""

    name: str
    family: str
    """The family of its colour."""
    times: tuple[float, float, float] | None
    """p50, p95 and p99; None where there were none."""


def ratio_lines(ratios: Sequence[float | None], room: int, rows: int) -> Content:
    """Return a line of ratios (0 to 1) in `room` cells, behind its axis."""
    line = level_line(ratios, room, rows)
    return Content("\n").join(
        Content.assemble(
            (label[:-1], "$muted"), (label[-1], "$frame"), (text.rstrip(), "$outcome-hit")
        )
        for label, text in zip(ratio_axis(rows), line, strict=True)
    )


def whisker_lines(
    whiskers: Sequence[Whisker], indent: int, width: int, *, gaps: bool = False
) -> list[Content]:
    """Return a row for each on a log axis of `width` cells, and below them that axis.

    Names stand in the first `indent` cells; with `gaps` a blank row is between two.
    """
    lines: list[Content] = []
    for name, family, times in whiskers:
        if gaps and lines:
            lines.append(Content(""))
        glyph, style = FAMILY_GLYPHS[family], f"$outcome-{family}"
        drawn = "" if times is None else whisker(*times, width, glyph)
        parts = (glyph, style), (f" {name:{indent - 2}}", "$muted"), (drawn, style)
        lines.append(Content.assemble(*parts))
    line, words = time_axis(width)
    lines.append(Content.assemble(" " * indent, (line, "$frame")))
    lines.append(Content.assemble(" " * indent, (words, "$muted")))
    return lines
