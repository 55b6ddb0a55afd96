"""What is drawn of a load: its hit ratio, what it did each second, its times, its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from textual.content import Content

from tui.lab.latencies import Percentiles
from tui.lab.samples import Counts, Sample
from tui.models.colours import FAMILY_GLYPHS
from tui.views.widgets.chart_lines import Whisker, ratio_lines, whisker_lines
from tui.views.widgets.charts import AXIS_CELLS, in_window, level_line, spark
from tui.views.widgets.quantities import bar, time_left

NAME_CELLS, HIGHEST_CELLS, LEAST_CELLS = 16, 6, 40
LINE_ROWS = 3
"""Rows of a series that is drawn as a line, the blank one below it included."""
COLUMN_CELLS, NARROW_CELLS = 9, 6
WHISKER_ROWS, WHISKER_INDENT = 4, 8
WIDE_CELLS, WIDE_INDENT, WIDE_MARGIN = 70, 10, 2
"""From so many cells on there is room for each second's times beside the table."""
ANSWER_NAME_CELLS = 27

Part: TypeAlias = Content | str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class LoadView:
    """A load as far as it has come."""

    samples: Sequence[Sample]
    """The seconds that are remembered, the oldest first; at least one."""
    sampled: int
    """How many seconds there were."""
    so_far: Counts
    """What was counted in all of them."""
    total: Sample | None
    """All of it, once it is over."""

    @property
    def now(self) -> Sample:
        """What is told in numbers: the latest second, or once it is over all of it."""
        return self.total or self.samples[-1]

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return self.now.end


def ratio_content(view: LoadView, width: int, rows: int) -> Content:
    """Return the hit ratio of each second as a line, from 0 to 100 percent."""
    rows -= rows > LINE_ROWS and rows % 2 == 0  # or the half would have no row
    room = max(0, width - AXIS_CELLS)
    ratios = [sample.hit_ratio for sample in view.samples]
    return ratio_lines(in_window(ratios, view.sampled, 2 * room), room, rows)


def shown_ratios(view: LoadView, width: int) -> list[float]:
    """Return the ratios that `ratio_content` shows in that width."""
    room = 2 * max(0, width - AXIS_CELLS)
    return [sample.hit_ratio or 0.0 for sample in in_window(view.samples, view.sampled, room)]


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    number: Callable[[Counts], int]
    now: str
    history: str
    glyph: str = ""


SERIES = (
    _Series("lookups", lambda counts: counts.lookups, "$foreground", "$line"),
    _Series("db reads", lambda counts: counts.database_reads, "$outcome-db", "$db-line",
            FAMILY_GLYPHS["db"]),
    _Series("writes", lambda counts: counts.writes, "$foreground", "$line"),
)  # fmt: skip


def seconds_content(view: LoadView, width: int, rows: int) -> Content:
    """Return what was done each second: columns, or lines where there are rows for them."""
    lines: list[Content] = []
    as_lines = rows >= LINE_ROWS * len(SERIES) and width >= WIDE_CELLS
    for series in SERIES:
        lines += (_drawn_line if as_lines else _drawn_columns)(view, series, width)
    return Content("\n").join(lines[:rows])


def _name(series: _Series) -> Content:
    if not series.glyph:
        return Content.styled(series.name, "$muted")
    return Content.assemble((series.glyph, series.now), (f" {series.name}", "$muted"))


def _told(view: LoadView, series: _Series) -> str:
    """Return the total, or the latest second's number."""
    count = series.number(view.now.counts)
    return f"{count:,}" if view.total else f"{view.now.a_second(count):,.0f}"


def _in_view(view: LoadView, series: _Series, room: int) -> list[float]:
    samples = in_window(view.samples, view.sampled, room)
    return [sample.a_second(series.number(sample.counts)) for sample in samples]


def _drawn_columns(view: LoadView, series: _Series, width: int) -> list[Content]:
    name, told = _name(series), _told(view, series)
    left = max(NAME_CELLS, name.cell_length + 1 + len(told))
    highest_cells = HIGHEST_CELLS if width >= LEAST_CELLS else 0
    room = max(0, width - left - 1 - highest_cells)
    values = _in_view(view, series, room)
    drawn = spark(values)
    highest = f"{max(values, default=0):,.0f}" if highest_cells else ""
    blank = " " * (left - name.cell_length - len(told))
    return [Content.assemble(
        name, blank, (f"{told} ", "bold"), (drawn[:-1], series.history),
        (drawn[-1:], series.now), " " * (room - len(drawn)),
        (f"{highest:>{highest_cells}}", "$muted"),
    )]  # fmt: skip


def _drawn_line(view: LoadView, series: _Series, width: int) -> list[Content]:
    name, told = _name(series), _told(view, series)
    room = max(0, width - NAME_CELLS - 2 * HIGHEST_CELLS - 1)
    values = _in_view(view, series, 2 * room)
    top = max(values, default=0.0)
    drawn = level_line([value / top if top else 0.0 for value in values], room, 2)
    named = f"{top:,.0f}"
    blank = " " * max(1, NAME_CELLS - 1 - name.cell_length - len(named))
    numbers = f"{told:>{HIGHEST_CELLS + 1}}", f"{named:>{HIGHEST_CELLS}}"
    return [
        Content.assemble(
            name, blank, (named, "$muted"), ("┤", "$frame"), (drawn[0], series.now),
            (numbers[0], "bold"), (numbers[1], "$muted"),
        ),
        Content.assemble(
            (f"{'0':>{NAME_CELLS - 1}}", "$muted"), ("┤", "$frame"), (drawn[1], series.now)
        ),
        Content(""),
    ]  # fmt: skip


Times: TypeAlias = Callable[[Sample], Percentiles | None]
TIMES: Sequence[tuple[str, str, Times]] = (
    ("hit", "hit", lambda sample: sample.hit),
    ("db", "db", lambda sample: sample.db),
)


def latency_content(view: LoadView, width: int, rows: int) -> Content:
    """Return p50, p95, p99 and the longest of hits and of answers from the database."""
    wide = width >= WIDE_CELLS
    named = [Whisker(name, family, _three(times(view.now))) for name, family, times in TIMES]
    lines = [_heading(width, wide), *(_times_row(view, number, width) for number in range(2))]
    if rows >= len(lines) + WHISKER_ROWS:
        if rows > len(lines) + WHISKER_ROWS:
            lines.append(Content(""))
        indent = WIDE_INDENT if wide else WHISKER_INDENT
        margin = WIDE_MARGIN if wide else 0
        gaps = rows - len(lines) > WHISKER_ROWS
        lines += whisker_lines(named, indent, width - indent - margin, gaps=gaps)
    return Content("\n").join(lines[:rows])


def _three(told: Percentiles | None) -> tuple[float, float, float] | None:
    return None if told is None else (told.p50, told.p95, told.p99)


def _columns(width: int) -> tuple[int, int]:
    """Return how wide a column of the table is, and how many there are."""
    name = WIDE_INDENT if width >= WIDE_CELLS else WHISKER_INDENT
    if width >= name + 4 * COLUMN_CELLS:
        return COLUMN_CELLS, 4
    return NARROW_CELLS, max(1, min(4, (width - NARROW_CELLS) // NARROW_CELLS))


def _name_cells(width: int) -> int:
    cells, _ = _columns(width)
    if cells == NARROW_CELLS:
        return NARROW_CELLS
    return WIDE_INDENT if width >= WIDE_CELLS else WHISKER_INDENT


def _heading(width: int, wide: bool) -> Content:
    cells, count = _columns(width)
    names = "".join(f"{name:>{cells}}" for name in ("p50", "p95", "p99", "worst")[:count])
    each = "    p99 each second" if wide else ""
    unit = "" if wide else "ms"
    return Content.styled(f"{unit:{_name_cells(width)}}{names}{each}", "$muted")


def _times_row(view: LoadView, number: int, width: int) -> Content:
    name, family, times = TIMES[number]
    cells, count = _columns(width)
    told = times(view.now)
    values = [
        "–" if told is None else milliseconds(seconds)
        for seconds in (
            (0.0,) * 4 if told is None else (told.p50, told.p95, told.p99, told.longest)
        )
    ][:count]
    parts: list[Part] = [
        (FAMILY_GLYPHS[family], f"$outcome-{family}"),
        (f" {name:{_name_cells(width) - 2}}", "$muted"),
        "".join(f"{value:>{cells}}" for value in values),
    ]
    if width >= WIDE_CELLS:
        room = width - WIDE_INDENT - 4 * COLUMN_CELLS - 4
        found = [times(sample) for sample in in_window(view.samples, view.sampled, room)]
        drawn = spark([each.p99 if each else 0.0 for each in found])
        line = "$db-line" if family == "db" else "$hit-line"
        parts += ["    ", (drawn[:-1], line), (drawn[-1:], f"$outcome-{family}")]
    return Content.assemble(*parts)


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds with three digits, and no unit."""
    number = seconds * 1000
    return f"{number:,.{2 if number < 10 else 1 if number < 100 else 0}f}"


def counts_content(counts: Counts, width: int) -> Content:
    """Return what else became of lookups: shared, refreshed, outdated.

    Where `width` cells are too few for all, what is no fault goes first.
    """
    outdated = _bad(counts.outdated, "outdated", "warning")
    shared, refreshed = f"{counts.shared:,} shared", f"{counts.refreshed:,} refreshed"
    forms: tuple[list[str], ...] = (
        [shared, f"{refreshed} early"],
        [shared, refreshed],
        [refreshed],
        [],
    )
    texts = (Content(" · ").join([*map(Content, form), outdated]) for form in forms)
    return next((text for text in texts if text.cell_length <= width), outdated)


def errors_content(counts: Counts) -> Content:
    """Return how many got no answer; nothing where all did."""
    return _bad(counts.errors, "errors", "error") if counts.errors else Content("")


def _bad(count: int, what: str, family: str) -> Content:
    """Return a count of what should not be: marked as soon as there is one."""
    if not count:
        return Content(f"{count} {what}")
    return Content.styled(f"{FAMILY_GLYPHS[family]} {count:,} {what}", f"$outcome-{family}")


def answers_content(view: LoadView, width: int) -> Content:
    """Return how many answers came from where, since the load began."""
    counts = view.so_far
    rows = (
        ("from the cache", "hit", counts.hits),
        ("from the database", "db", counts.lookups - counts.hits - counts.errors),
    )
    lines: list[Content] = []
    for name, family, count in rows:
        share = count / counts.lookups if counts.lookups else 0.0
        filled, track = bar(share, max(0, width - ANSWER_NAME_CELLS - 5))
        lines.append(Content.assemble(
            (FAMILY_GLYPHS[family], f"$outcome-{family}"),
            (f" {name:18}", "$muted"), f"{count:>7,}   ",
            (filled, f"$outcome-{family}"), (track, "$frame"),
        ))  # fmt: skip
    outdated = "$outcome-warning" if counts.outdated else "$muted"
    rest = [f"{counts.shared:,} shared", f"{counts.refreshed:,} refreshed early"]
    lines.append(Content.assemble(
        (f"{FAMILY_GLYPHS['warning']} {'outdated':18}", outdated), f"{counts.outdated:>7,}   ",
        (" · ".join(rest), "$muted"),
        (f" · {FAMILY_GLYPHS['error']} {counts.errors:,} errors" if counts.errors else "",
         "$outcome-error"),
    ))  # fmt: skip
    return Content("\n").join(lines)


def brief_content(view: LoadView) -> Content:
    """Return a load in three lines, for a terminal with no room for charts."""
    sample, lines = view.now, []
    ratio = "–" if sample.hit_ratio is None else f"{sample.hit_ratio:.0%}"
    counted = f"{sample.counts.lookups:,} lookups · {sample.counts.database_reads:,} db reads"
    span = f"total {time_left(view.seconds)}" if view.total else "this second"
    lines.append(Content.assemble(
        ("hit ratio ", "$muted"), (ratio, "bold"), (f" · {span}", "$muted")
    ))  # fmt: skip
    lines.append(Content(counted))
    parts = [
        Content.assemble(
            (FAMILY_GLYPHS[family], f"$outcome-{family}"),
            f" {milliseconds(told.p50)}, p99 {milliseconds(told.p99)} ms",
        )
        for _, family, times in TIMES
        if (told := times(sample)) is not None
    ]
    lines.append(Content("  ").join(parts))
    return Content("\n").join(lines)
