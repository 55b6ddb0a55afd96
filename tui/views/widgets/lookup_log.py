"""The log of lookups, newest on top, with the time that each copy will stay cached."""

from collections.abc import Iterable
from typing import ClassVar

from msgspec import Struct
from rich.cells import cached_cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from tui.models import FROM_CACHE, Key, Outcome
from tui.models.colours import DIM, FAMILY, GLYPHS
from tui.runtime.clock import Clock
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import bar, duration, time_left
from tui.views.widgets.row_list import RowList, brief, cut

KEY_WIDTH, WORD_WIDTH, TIME_WIDTH, LEFT_WIDTH = 8, 12, 8, 7
LABEL_CHARACTERS = 80
FORGET_EVERY = 100
"""After so many lookups the widths of texts are forgotten, most of which are gone by then."""
LEAST_BAR, MOST_BAR, MOST_LABEL = 4, 60, 50
MOST_KEY, MOST_KEY_SHARE = 37, 5
"""Cells of a key column at the most, and which part of the width it may take."""


class LogRow(Struct):
    """One lookup: pending until its outcome is there."""

    number: int
    """Its place in the order in which lookups were asked for."""
    key: str
    """What was asked for, safe to show."""
    id: Key | None = None
    """The record's key; None while a text is still being searched for."""
    label: str = ""
    """What tells a person which record it is, safe to show."""
    outcome: Outcome | None = None
    """The answer, once it is there."""
    fresh_until: float | None = None
    """When the cached copy expires, on the log's clock."""
    span: float = 1.0
    """The time that a full bar stands for, in seconds."""
    note: str = ""
    """Stands in the place of the bar: `expired`, `invalidated`."""


def key_width(width: int, longest: int) -> int:
    """Give the width of the key column in a row of `width` cells.

    It is as wide as the `longest` key wants it, and no wider than a part of the row.
    """
    return max(KEY_WIDTH, min(longest + 1, MOST_KEY, width // MOST_KEY_SHARE))


def column_widths(width: int, key: int = KEY_WIDTH) -> tuple[int, int]:
    """Give the widths of the label and of the bar in a row of `width` cells.

    The key has `key` cells. Where there is no room for a bar there is none; the time that is
    left stays.
    """
    room = width - 1 - key - WORD_WIDTH - TIME_WIDTH - LEFT_WIDTH - 2
    if room < LEAST_BAR:
        return 0, 0
    bar_width = max(LEAST_BAR, min(MOST_BAR, room * 19 // 40))
    label_width = min(MOST_LABEL, room - bar_width)
    return label_width, min(MOST_BAR, room - label_width)


def heading(width: int, label: str, key: int = KEY_WIDTH) -> str:
    """Give the line over the columns; `label` names the one that is the table's own."""
    label_width, _ = column_widths(width, key)
    return (
        f" {'key':{key}}{set_cell_size(cut(label, label_width - 1), label_width)}"
        f"{'answer':{WORD_WIDTH}}{'time':>{TIME_WIDTH}}  cached for"
    )[: max(0, width)]


class LookupLog(RowList):
    """Rows of lookups; paints each from its outcome and a local clock, and asks nobody."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Detail", id="log.detail",
                tooltip="the record and all that ran, over the whole screen"),
    ]  # fmt: skip

    def __init__(self, clock: Clock, most_rows: int, *, id: str | None = None) -> None:
        """Begin empty, and hold `most_rows` at most; bars drain by `clock`."""
        super().__init__(id=id)
        self._most_rows = most_rows
        self._clock = clock
        self._rows: list[LogRow] = []
        self._frozen_at: float | None = None

    @property
    def selected(self) -> LogRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def row_count(self) -> int:
        """How many lookups are listed."""
        return len(self._rows)

    @property
    def key_width(self) -> int:
        """How wide the key column is."""
        longest = max((len(row.key) for row in self._rows), default=0)
        return key_width(self.scrollable_content_region.width, longest)

    @property
    def outcomes(self) -> list[Outcome]:
        """The answers that are there, in the order in which they were asked for."""
        return [row.outcome for row in reversed(self._rows) if row.outcome is not None]

    def add(self, row: LogRow) -> None:
        """Put a row on top, and the cursor on it; the oldest one leaves a full log."""
        self._rows.insert(0, row)
        del self._rows[self._most_rows :]
        if row.number % FORGET_EVERY == 0:
            cached_cell_len.cache_clear()
        self.rows_changed()
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.post_message(self.Moved(self))

    def drop(self, number: int) -> None:
        """Take a row out again; the cursor stays on the row that it is on."""
        index = next((i for i, row in enumerate(self._rows) if row.number == number), None)
        if index is None:
            return
        del self._rows[index]
        self.cursor -= index < self.cursor
        self.rows_changed()
        self.post_message(self.Moved(self))

    def answer(
        self, number: int, outcome: Outcome, label: str, *, ttl: float, at: float
    ) -> None:
        """Fill in the outcome of a row. `ttl` in seconds is what a full bar stands for.

        `at` is when the answer came, on the log's clock: it may be shown later.

        The bar belongs to the latest lookup of a key, in the order of asking: a late answer
        to an older lookup takes nothing from a newer one.
        """
        row = next((row for row in self._rows if row.number == number), None)
        if row is None:
            return
        row.outcome, row.id, row.label = outcome, outcome.id, label
        row.key = plain(str(outcome.id), LABEL_CHARACTERS)
        same = [other for other in self._rows if other.id == row.id and other is not row]
        newer = any(other.number > number and other.fresh_until for other in same)
        if outcome.ttl_left is None:
            row.note = "" if outcome.flags.filled is None else "not cached"
            if outcome.label in FROM_CACHE:
                row.note = "never expires"
        elif not newer:
            for other in same:
                other.fresh_until, other.note = None, ""
            row.fresh_until = at + outcome.ttl_left
            row.span = max(ttl, outcome.ttl_left)
        self.refresh()
        if row is self.selected:
            self.post_message(self.Moved(self))

    def end_copy(self, id: Key, note: str) -> None:
        """Show, on the row that has the bar of `id`, that its copy is gone, and how."""
        for row in self._rows:
            if row.id == id and row.fresh_until is not None:
                row.fresh_until, row.note = None, note
        self.refresh()

    def freeze(self, frozen: bool) -> None:
        """Hold the bars still, or let them go on from where time is by then."""
        self._frozen_at = self._clock.monotonic() if frozen else None
        self.refresh()

    def tick(self) -> None:
        """Repaint the rows whose bar drains, and those that have just expired."""
        now = self._now()
        for index in self.visible_rows:
            row = self._rows[index]
            if row.fresh_until is not None:
                if row.fresh_until <= now:
                    row.fresh_until, row.note = None, "expired"
                self.refresh_line(index)

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one lookup."""
        return list(self._cells(index, width, base))

    def _cells(self, index: int, width: int, base: Style) -> Iterable[Segment]:
        row, key = self._rows[index], self.key_width
        label_width, bar_width = column_widths(width, key)
        yield Segment(set_cell_size(cut(row.key, key - 1), key), base)
        yield Segment(set_cell_size(cut(row.label, label_width - 1), label_width), base)
        outcome = row.outcome
        if outcome is None:
            pending = base + self.style_of("muted")
            yield Segment(f"{'· pending…':{WORD_WIDTH}}", pending)
            return
        coloured = base + self.style_of(FAMILY[outcome.label])
        word_style = coloured + Style(bold=outcome.label not in DIM or None)
        yield Segment(f"{GLYPHS[outcome.label]} {outcome.label:{WORD_WIDTH - 2}}", word_style)
        muted = base + self.style_of("muted")
        yield from _measured(duration(outcome.seconds), TIME_WIDTH, base, muted)
        yield Segment("  ", base)
        if row.fresh_until is not None:
            left = row.fresh_until - self._now()
            filled, track = bar(left / row.span, bar_width)
            yield Segment(filled, coloured)
            yield Segment(track, base + self.track_style(index))
            room = LEFT_WIDTH - 1 if bar_width else 0
            yield from _measured(time_left(left), room, base, muted)
        else:
            note = row.note or ("" if outcome.reason is None else plain(outcome.reason))
            before = 1 + key + label_width + WORD_WIDTH + TIME_WIDTH + 2
            yield Segment(brief(note, width - before - 1), muted)

    def _now(self) -> float:
        return self._clock.monotonic() if self._frozen_at is None else self._frozen_at


def _measured(text: str, width: int, base: Style, muted: Style) -> Iterable[Segment]:
    """Give a number and its unit at the right end of `width` cells, the unit muted."""
    number, blank, unit = text.partition(" ")
    yield Segment(number.rjust(width - len(blank + unit)), base)
    yield Segment(blank + unit, muted)
