"""A load over time: for each number its latest value, and a curve of the seconds before."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from tui.lab.samples import Sample
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import columns, duration, percent

NAME_WIDTH, NUMBER_WIDTH = 11, 9
MOST_ROWS = 3
"""How high a curve may be where there is room."""
LATE_SECONDS = 1.0
"""From when on a load is said to be behind its rate."""

Number = Callable[[Sample], float | None]


@dataclass(frozen=True, slots=True)
class _Curve:
    name: str
    family: str
    number: Number
    shown: Callable[[float], str]
    top: float | None = None


def _a_second(count: float) -> str:
    return f"{count:,.0f}"


def _times(kind: str, percentile: str) -> Number:
    def number(sample: Sample) -> float | None:
        times = sample.hit if kind == "hit" else sample.db
        return None if times is None else float(getattr(times, percentile))

    return number


CURVES = (
    _Curve("hit ratio", "hit", lambda s: s.hit_ratio, percent, 1.0),
    _Curve("lookups/s", "", lambda s: s.a_second(s.counts.lookups), _a_second),
    _Curve("db reads/s", "db", lambda s: s.a_second(s.counts.database_reads), _a_second),
    _Curve("hit p50", "hit", _times("hit", "p50"), duration),
    _Curve("    p95", "hit", _times("hit", "p95"), duration),
    _Curve("    p99", "hit", _times("hit", "p99"), duration),
    _Curve("db p50", "db", _times("db", "p50"), duration),
    _Curve("   p95", "db", _times("db", "p95"), duration),
    _Curve("   p99", "db", _times("db", "p99"), duration),
)
WITH_WRITES = (
    _Curve("writes/s", "", lambda s: s.a_second(s.counts.writes), _a_second),
    _Curve("outdated", "error", lambda s: float(s.counts.outdated), _a_second),
)
WITH_ERRORS = (_Curve("errors", "error", lambda s: float(s.counts.errors), _a_second),)


class Curves(Static):
    """Numbers beside their curves, each from 0 to its highest in view; one column a second."""

    DEFAULT_CSS = """
    Curves { padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(markup=False)
        self._samples: Sequence[Sample] = ()
        self._total: Sample | None = None
        self._remark = ""

    def show(self, samples: Sequence[Sample], total: Sample | None, remark: str) -> None:
        """Show these seconds, or once it is over the total; `remark` stands below."""
        self._samples, self._total, self._remark = tuple(samples), total, remark
        self._fill()

    def on_resize(self) -> None:
        """Lay the curves out for the new size."""
        self._fill()

    def _fill(self) -> None:
        width, height = self.content_size
        if not self._samples:
            parts = (wrap(part, max(1, width)) or [""] for part in self._remark.split("\n"))
            self.update(Content("\n".join(chain.from_iterable(parts))), layout=False)
            return
        below = [
            Content.styled(line, style)
            for text, style in self._below()
            for line in wrap(text, max(1, width)) or [""]
        ]
        curves = self._curves()
        share, left_over = divmod(max(0, height - len(below)), len(curves))
        lines: list[Content] = []
        for number, curve in enumerate(curves):
            rows = max(1, min(MOST_ROWS, share + (number < left_over)))
            lines += self._lines(curve, width, rows)
        self.update(Content("\n").join([*lines, *below]), layout=False)

    def _curves(self) -> tuple[_Curve, ...]:
        counts = [sample.counts for sample in self._samples]
        writes = any(each.writes for each in counts)
        errors = any(each.errors for each in counts)
        return (*CURVES, *WITH_WRITES * writes, *WITH_ERRORS * errors)

    def _lines(self, curve: _Curve, width: int, rows: int) -> Iterator[Content]:
        room = max(0, width - NAME_WIDTH - NUMBER_WIDTH - 1)
        values = [curve.number(sample) or 0.0 for sample in self._samples[-room:]]
        latest = curve.number(self._total or self._samples[-1])
        number = "–" if latest is None else curve.shown(latest)
        top = max(values, default=0.0) if curve.top is None else curve.top
        style = f"$outcome-{curve.family}" if curve.family else ""
        for row, line in enumerate(columns(values, rows, curve.top) if room else [""]):
            name, said, look = (curve.name, number, "bold") if row == 0 else ("", "", "")
            if row == 1 and curve.top is None and top:
                name, said, look = "    highest", curve.shown(top), "$foreground-muted"
            yield Content.assemble(
                (f"{name:{NAME_WIDTH}}", "$foreground-muted"),
                (f"{said:>{NUMBER_WIDTH}} ", look),
                (line.rjust(room), style),
            )

    def _below(self) -> Iterator[tuple[str, str]]:
        """Give what is said below the curves, each with its style."""
        total, latest = self._total, self._samples[-1]
        if total is not None:
            counts = total.counts
            said = f"in all: {counts.lookups:,} lookups, {counts.database_reads:,} db reads"
            said += f", {counts.shared:,} shared, {counts.refreshed:,} refreshed early"
            if counts.writes:
                said += f", {counts.writes:,} writes, {counts.outdated:,} outdated"
            yield said, "bold"
        elif latest.behind >= LATE_SECONDS:
            late = f"{latest.behind:.1f} s behind: too few readers for this rate"
            yield late, "$outcome-warning"
        elif latest.reason is not None:
            yield plain(latest.reason, 200), "$outcome-warning"
        else:
            shared = f"{latest.counts.shared:,} answers shared"
            yield f"{shared}, {latest.counts.refreshed:,} refreshed early", ""
        yield self._remark, "$foreground-muted"
