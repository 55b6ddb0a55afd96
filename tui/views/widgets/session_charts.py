"""How a session went, where there is room: its hit ratio, and its times on a log axis."""

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from tui.models import Tally
from tui.views.widgets.chart_lines import LEGEND, Whisker, ratio_lines, whisker_lines
from tui.views.widgets.chart_panel import Chart
from tui.views.widgets.charts import AXIS_CELLS, in_window
from tui.views.widgets.quantities import percent

INDENT, MARGIN = 8, 1
PERCENTS = (50, 95, 99)


class SessionCharts(Horizontal):
    """Two panels beside each other."""

    DEFAULT_CSS = """
    SessionCharts { height: 6; }
    """

    def compose(self) -> ComposeResult:
        """Lay them out from left to right."""
        yield Chart("hit ratio", id="ratio")
        yield Chart("latency", id="latency")

    def show(self, tally: Tally) -> None:
        """Show the totals of a session."""
        ratio, latency = self.query_one("#ratio", Chart), self.query_one("#latency", Chart)
        asked = len(tally.recent)
        ratio.tell(
            f"{percent(tally.ratios[-1])} of the last {asked}" if asked else "nothing asked yet"
        )
        ratio.note("each dot a lookup")
        ratio.show(lambda width, rows: ratio_content(tally, width, rows))
        latency.tell(LEGEND)
        latency.note("ms, each tick ten times the one before")
        latency.show(lambda width, _: latency_content(tally, width))


def ratio_content(tally: Tally, width: int, rows: int) -> Content:
    """Return the hit ratio over the latest lookups, after each of them."""
    room = max(0, width - AXIS_CELLS)
    answered = max(len(tally.ratios), tally.answered)
    return ratio_lines(in_window(tally.ratios, answered, 2 * room), room, rows)


def latency_content(tally: Tally, width: int) -> Content:
    """Return the times of answers from the cache, and from the database."""
    whiskers = (
        Whisker("hit", "hit", percentiles(tally.hit_seconds)),
        Whisker("db", "db", percentiles(tally.db_seconds)),
    )
    return Content("\n").join(whisker_lines(whiskers, INDENT, width - INDENT - MARGIN))


def percentiles(times: Sequence[float]) -> tuple[float, float, float] | None:
    """Return p50, p95 and p99 by nearest rank; None where there are no times."""
    if not times:
        return None
    ranked = sorted(times)
    p50, p95, p99 = (
        ranked[max(1, math.ceil(len(ranked) * percent / 100)) - 1] for percent in PERCENTS
    )
    return p50, p95, p99
