"""The log of lookups, newest on top, with the time that each copy will stay cached."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.clock import Clock
from tui.models import Key, Outcome
from tui.plain_text import plain
from tui.theme import DIM, FAMILY
from tui.widgets.quantities import bar, duration, time_left

MOST_ROWS = 1000
KEY_WIDTH, WORD_WIDTH, TIME_WIDTH, LEFT_WIDTH = 11, 10, 9, 8
LABEL_CHARACTERS = 80


@dataclass(slots=True)
class LogRow:
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


def column_widths(width: int) -> tuple[int, int]:
    """Give the widths of the label and of the bar in a row of `width` cells."""
    room = width - 1 - KEY_WIDTH - WORD_WIDTH - TIME_WIDTH - LEFT_WIDTH - 2
    bar_width = max(4, min(30, room * 2 // 5))
    return max(0, room - bar_width), bar_width


def heading(width: int, label: str) -> str:
    """Give the line over the columns; `label` names the one that is the table's own."""
    label_width, _ = column_widths(width)
    return (
        f" {'key':{KEY_WIDTH}}{set_cell_size(_cut(label, label_width - 1), label_width)}"
        f"{'answer':{WORD_WIDTH}}{'time':>{TIME_WIDTH}}  cached for"
    )[:width]


class LookupLog(ScrollView, can_focus=True):
    """Rows of lookups; paints each from its outcome and a local clock, and asks nobody."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lookup-log--hit",
        "lookup-log--db",
        "lookup-log--warning",
        "lookup-log--error",
        "lookup-log--pending",
        "lookup-log--cursor",
    }
    DEFAULT_CSS = """
    LookupLog {
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        .lookup-log--hit { color: $outcome-hit; }
        .lookup-log--db { color: $outcome-db; }
        .lookup-log--warning { color: $outcome-warning; }
        .lookup-log--error { color: $outcome-error; }
        .lookup-log--pending { text-style: dim; }
        .lookup-log--cursor { background: $surface-lighten-1; }
        &:focus .lookup-log--cursor {
            background: $primary-muted;
            text-style: bold;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", id="log.down", tooltip="one row down", show=False),
        Binding("up,k", "move(-1)", "Up", id="log.up", tooltip="one row up", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", id="log.page_down", show=False,
                tooltip="one page down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", id="log.page_up", show=False,
                tooltip="one page up"),
        Binding("g,home", "move_to(0)", "First", id="log.first", show=False,
                tooltip="to the newest lookup"),
        Binding("G,end", "move_to(-1)", "Last", id="log.last", show=False,
                tooltip="to the oldest lookup"),
        Binding("enter", "open", "Detail", id="log.detail",
                tooltip="the record and all that ran, over the whole screen"),
    ]  # fmt: skip

    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor stands on another row, or its row has changed."""

    class Opened(Message):
        """The row under the cursor was chosen."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:
        """Begin empty; bars drain by `clock`."""
        super().__init__(id=id)
        self._clock = clock
        self._rows: list[LogRow] = []
        self._frozen_at: float | None = None

    @property
    def selected(self) -> LogRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def add(self, row: LogRow) -> None:
        """Put a row on top, and the cursor on it; the oldest one leaves a full log."""
        self._rows.insert(0, row)
        del self._rows[MOST_ROWS:]
        self._resize_content()
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self.post_message(self.Moved())

    def drop(self, number: int) -> None:
        """Take a row out again; the cursor stays on the row that it is on."""
        index = next((i for i, row in enumerate(self._rows) if row.number == number), None)
        if index is None:
            return
        del self._rows[index]
        self._resize_content()
        self.cursor -= index < self.cursor
        self.post_message(self.Moved())

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
        elif not newer:
            for other in same:
                other.fresh_until, other.note = None, ""
            row.fresh_until = at + outcome.ttl_left
            row.span = max(ttl, outcome.ttl_left)
        self.refresh()
        if row is self.selected:
            self.post_message(self.Moved())

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
        for index in self._visible():
            row = self._rows[index]
            if row.fresh_until is not None:
                if row.fresh_until <= now:
                    row.fresh_until, row.note = None, "expired"
                self.refresh_line(index)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, len(self._rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Bring the new row into view."""
        self.refresh_line(before)
        self.refresh_line(after)
        top, height = round(self.scroll_y), self.scrollable_content_region.height
        if after < top:
            self.scroll_to(y=after, animate=False)
        elif height and after >= top + height:
            self.scroll_to(y=after - height + 1, animate=False)
        self.post_message(self.Moved())

    def action_move(self, rows: int) -> None:
        """Move the cursor by that many rows."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by that many pages."""
        self.cursor += pages * max(1, self.scrollable_content_region.height - 1)

    def action_move_to(self, index: int) -> None:
        """Move the cursor to a row, counted from the top, or from the bottom below 0."""
        self.cursor = index if index >= 0 else len(self._rows) + index

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self._rows:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse was pressed."""
        self.cursor = round(self.scroll_y) + event.y

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        index = y + round(self.scroll_y)
        width = self.scrollable_content_region.width
        if index >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if index == self.cursor:
            base += self.get_component_rich_style("lookup-log--cursor", partial=True)
        row = self._rows[index]
        mark = "›" if index == self.cursor else " "
        segments = [Segment(mark, base), *self._cells(row, width, base)]
        return Strip(segments).adjust_cell_length(width, base)

    def _cells(self, row: LogRow, width: int, base: Style) -> Iterable[Segment]:
        label_width, bar_width = column_widths(width)
        yield Segment(set_cell_size(_cut(row.key, KEY_WIDTH - 1), KEY_WIDTH), base)
        yield Segment(set_cell_size(_cut(row.label, label_width - 1), label_width), base)
        outcome = row.outcome
        if outcome is None:
            pending = base + self._style("pending")
            yield Segment(f"{'pending…':{WORD_WIDTH}}", pending)
            return
        coloured = base + self._style(FAMILY[outcome.label])
        word_style = coloured + Style(bold=outcome.label not in DIM, dim=outcome.label in DIM)
        yield Segment(f"{outcome.label:{WORD_WIDTH}}", word_style)
        yield Segment(f"{duration(outcome.seconds):>{TIME_WIDTH}}  ", base)
        if row.fresh_until is not None:
            left = row.fresh_until - self._now()
            filled, track = bar(left / row.span, bar_width)
            yield Segment(filled, coloured)
            yield Segment(track, base + self._style("pending"))
            yield Segment(f"{time_left(left):>{LEFT_WIDTH}}", base)
        else:
            note = row.note or ("" if outcome.reason is None else plain(outcome.reason))
            yield Segment(_cut(note, bar_width + LEFT_WIDTH), base + self._style("pending"))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lookup-log--{name}", partial=True)

    def _now(self) -> float:
        return self._clock.monotonic() if self._frozen_at is None else self._frozen_at

    def _visible(self) -> range:
        top = round(self.scroll_y)
        return range(top, min(len(self._rows), top + self.scrollable_content_region.height))

    def _resize_content(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self.refresh()


def _cut(text: str, width: int) -> str:
    """Give `text` in at most `width` cells, with a mark where it goes on."""
    if width <= 0:
        return ""
    shown = set_cell_size(text, width)
    return (
        shown.rstrip()
        if shown.rstrip() == text.rstrip()
        else set_cell_size(text, width - 1) + "…"
    )
