"""When what is cached expires: the next five minutes as columns, in which a cliff shows."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.views.widgets.quantities import columns

SPAN_SECONDS = 300.0
ROWS = 3


class Timeline(Static):
    """Columns of how many copies expire when, over a scale of minutes."""

    DEFAULT_CSS = """
    Timeline {
        height: 5; padding: 0 1; color: $outcome-hit;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(self, counts: Sequence[int], later: int, past: float = 0.0) -> None:
        """Show how many copies expire in each equal part of SPAN_SECONDS.

        `later` is how many expire after that, `past` how many seconds of the span are over.
        """
        top = max(counts, default=0)
        each = SPAN_SECONDS / max(1, len(counts))
        title = f"expiries in 5 minutes, a column is {each:.0f} s"
        if top:
            peak = counts.index(top) * each - past
            when = "now" if peak < 1 else f"in {minutes(peak)}"
            title += f" · fullest {top:,}, {when}"
        title += f" · later {later:,}" if later else ""
        lines = [
            Content.styled(title, "$foreground-muted"),
            *map(Content, columns(counts, ROWS)),
        ]
        lines.append(Content.styled(scale(len(counts)), "$foreground-muted"))
        self.update(Content("\n").join(lines), layout=False)


def scale(width: int) -> str:
    """Give the line of minutes under the columns."""
    line = [" "] * width
    for minute in range(5):
        text = "now" if minute == 0 else f"{minute} min"
        at = round(width * minute / 5)
        line[at : at + len(text)] = text
    return "".join(line)[:width]


def minutes(seconds: float) -> str:
    """Give a time: `20 s`, `1:40 min`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02} min"
