"""A load over time in framed panels: ratio, what was done each second, times, answers."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from tui.views.widgets.chart_lines import LEGEND
from tui.views.widgets.chart_panel import Chart
from tui.views.widgets.load_charts import (
    LEAST_CELLS,
    LoadView,
    answers_content,
    counts_content,
    errors_content,
    latency_content,
    ratio_content,
    seconds_content,
    shown_ratios,
)
from tui.views.widgets.quantities import percent, time_left

LINES_WIDTH = 110
"""From this width of the terminal on, with rows for it, a panel tells more than the numbers."""


class Curves(Vertical):
    """The panels of a load; what is a total is called so, once the load is over."""

    DEFAULT_CSS = """
    Curves {
        #ratio { min-height: 3; }
        #seconds { height: 5; }
        #latency { height: 10; }
        #answers { height: 5; display: none; }
        &.-tall {
            #seconds, #latency { height: 11; }
            #answers { display: block; }
        }
        &.-low {
            #latency { height: 5; }
        }
    }
    """

    def compose(self) -> ComposeResult:
        """Lay the panels out from top to bottom."""
        yield Chart("hit ratio", id="ratio")
        yield Chart("each second", id="seconds")
        yield Chart("latency", id="latency")
        yield Chart("answers", id="answers")

    def show(self, view: LoadView) -> None:
        """Show these seconds, or once it is over the total."""
        self._show_ratio(view)
        total = view.total is not None
        tall, wide = self.has_class("-tall"), self.app.size.width >= LINES_WIDTH
        seconds = self.query_one("#seconds", Chart)
        seconds.entitle("total · each second" if total else "each second")
        now = f"{'total' if total else 'now'}    " if tall and wide else ""
        room = seconds.content_size.width or LEAST_CELLS
        shown = f"{now}highest" if room >= LEAST_CELLS else ""
        seconds.tell(Content.styled(shown, "$muted not bold"))
        seconds.note(errors_content(view.now.counts))
        seconds.show(lambda width, rows: seconds_content(view, width, rows))
        latency = self.query_one("#latency", Chart)
        latency.entitle("total latency" if total else "latency")
        if not self.has_class("-low"):
            latency.tell(LEGEND)
        scale = "milliseconds, each tick ten times the one before"
        counts = view.now.counts
        latency.show(
            lambda width, rows: latency_content(view, width, rows),
            lambda width: (scale if tall and wide else counts_content(counts, width - 2), ""),
        )
        answers = self.query_one("#answers", Chart)
        answers.tell(f"{view.so_far.lookups:,} in {time_left(view.seconds)}")
        answers.show(lambda width, _: answers_content(view, width))

    def _show_ratio(self, view: LoadView) -> None:
        ratio = self.query_one("#ratio", Chart)
        shown = percent(view.now.hit_ratio)
        state = f"total {shown}" if view.total else shown
        ratio.tell(state)
        tall = self.has_class("-tall")

        def note(width: int) -> tuple[str, str]:
            ratios = shown_ratios(view, width)
            lowest = f"lowest {min(ratios):.0%}" if ratios and tall else ""
            return f"the last {len(ratios)} s" if ratios else "", lowest

        ratio.show(lambda width, rows: ratio_content(view, width, rows), note)
