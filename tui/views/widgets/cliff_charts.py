"""The expiry cliff: the database's reads on both sides, one above the other, on one scale."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui.controllers.lab import Played
from tui.lab.scenario import Side
from tui.views.widgets.chart_panel import Chart
from tui.views.widgets.scenario_charts import (
    cliff_content,
    cliff_numbers,
    ends_at_once,
    waiting_at_once,
)

NAMES = ("without jitter", "with jitter")
"""What the sides are called before they are there."""


class CliffCharts(Vertical):
    """A chart a side, and the numbers of both."""

    def compose(self) -> ComposeResult:
        """Lay them out from top to bottom."""
        yield Chart("without jitter", id="without")
        yield Chart("jitter", id="with")
        yield Chart("database reads", id="numbers")

    def show(self, played: Played, note: Content) -> None:
        """Show the sides that are there, at least one; `note` stands in the lowest edge."""
        sides = played.sides
        for number, id in enumerate(("#without", "#with")):
            side = sides[number] if number < len(sides) else None
            chart = self.query_one(id, Chart)
            chart.entitle(NAMES[number] if side is None else side.name)
            self._show_side(chart, side, sides)
        numbers = self.query_one("#numbers", Chart)
        numbers.entitle(Content.assemble(("◆", "$outcome-db"), " database reads"))
        numbers.tell(Content.styled("without    jitter", "$muted not bold"))
        numbers.note(note)
        numbers.show(lambda width, _: cliff_numbers(sides, width))

    def _show_side(self, chart: Chart, side: Side | None, sides: Sequence[Side]) -> None:
        if side is None:
            chart.tell(Content.styled("not there yet", "$muted not bold"))
            chart.note("")
        else:
            chart.tell(ends_at_once(side, sides))
            chart.note(waiting_at_once(side))
        chart.show(lambda width, rows: cliff_content(side, sides, width, rows))
