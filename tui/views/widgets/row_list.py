"""A list of rows with a cursor, moved by keys; painted row by row."""

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.views.widgets.frame import Framed


class RowList(ScrollView, can_focus=True):
    """Rows under a cursor. Who inherits from it says how many there are, and paints one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-list--hit",
        "row-list--db",
        "row-list--warning",
        "row-list--error",
        "row-list--muted",
        "row-list--track",
        "row-list--track-here",
        "row-list--here",
        "row-list--cursor",
    }
    DEFAULT_CSS = """
    RowList {
        scrollbar-size: 0 0;  /* the frame says which rows are in view */
        overflow-x: hidden;
        .row-list--hit { color: $outcome-hit; }
        .row-list--db { color: $outcome-db; }
        .row-list--warning { color: $outcome-warning; }
        .row-list--error { color: $outcome-error; }
        .row-list--muted { color: $muted; }
        .row-list--track { color: $frame; }
        .row-list--track-here { color: $muted; }
        .row-list--here { color: $here; }
        .row-list--cursor { background: $select; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", id="list.down", show=False,
                tooltip="one row down"),
        Binding("up,k", "move(-1)", "Up", id="list.up", show=False, tooltip="one row up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", id="list.page_down", show=False,
                tooltip="one page down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", id="list.page_up", show=False,
                tooltip="one page up"),
        Binding("g,home", "move_to(0)", "First", id="list.first", show=False,
                tooltip="to the first row"),
        Binding("G,end", "move_to(-1)", "Last", id="list.last", show=False,
                tooltip="to the last row"),
    ]  # fmt: skip

    cursor: reactive[int] = reactive(0)
    has_cursor: reactive[bool] = reactive(True)
    """Whether the cursor is shown: of several lists that are one to a person, one has it."""
    emptiness: reactive[str] = reactive("")
    """What stands in place of the first row while there is none."""

    class Moved(Message):
        """The cursor stands on another row, or its row has changed."""

        def __init__(self, rows: "RowList") -> None:
            """In this list."""
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> "RowList":
            """The list."""
            return self.rows

    class Opened(Moved):
        """The row under the cursor was chosen."""

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one row in `width` cells, in styles that are added to `base`."""
        raise NotImplementedError

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Bring the new row into view."""
        self.refresh_line(before)
        self.refresh_line(after)
        top, height = round(self.scroll_y), self.scrollable_content_region.height
        if after < top:
            self.scroll_to(y=after, animate=False)
        elif height and after >= top + height:
            self.scroll_to(y=after - height + 1, animate=False)
        self.post_message(self.Moved(self))

    @property
    def marked(self) -> int | None:
        """The number of the row that is shown as the one under the cursor."""
        return self.cursor if self.has_cursor else None

    @property
    def visible_rows(self) -> range:
        """The numbers of the rows in view."""
        top = round(self.scroll_y)
        return range(top, min(self.row_count, top + self.scrollable_content_region.height))

    def rows_changed(self) -> None:
        """Take in that there are other rows: repaint, and keep the cursor on one."""
        self.virtual_size = Size(self.scrollable_content_region.width, self.row_count)
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh()
        self._tell_view()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scroll, and say what is in view by now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_view()

    def on_resize(self) -> None:
        """Say what is in view by now."""
        self._tell_view()

    def _tell_view(self) -> None:
        """Let the frame around it say which rows are in view, where not all are."""
        frame = next((one for one in self.ancestors if isinstance(one, Framed)), None)
        if frame is not None:
            rows, count = self.visible_rows, self.row_count
            frame.view(in_view(rows, count) if len(rows) < count else "")

    def action_move(self, rows: int) -> None:
        """Move the cursor by that many rows."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor by that many pages."""
        self.cursor += pages * max(1, self.scrollable_content_region.height - 1)

    def action_move_to(self, index: int) -> None:
        """Move the cursor to a row, counted from the top, or from the bottom below 0."""
        self.cursor = index if index >= 0 else self.row_count + index

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self.row_count:
            self.post_message(self.Opened(self))

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse was pressed."""
        self.cursor = round(self.scroll_y) + event.y

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        index = y + round(self.scroll_y)
        width = self.scrollable_content_region.width
        if index >= self.row_count:
            if y or self.row_count or not self.emptiness:
                return Strip.blank(width, self.rich_style)
            muted = self.rich_style + self.style_of("muted")
            said = Strip([Segment(cut(f" {self.emptiness}", width), muted)])
            return said.adjust_cell_length(width, muted)
        base = self.rich_style
        if index == self.marked:
            base += self.get_component_rich_style("row-list--cursor", partial=True)
        mark = "›" if index == self.marked else " "
        segments = [Segment(mark, base), *self.row_segments(index, width, base)]
        return Strip(segments).adjust_cell_length(width, base)

    def style_of(self, name: str) -> Style:
        """Give the style of an outcome's family, or `muted`."""
        return self.get_component_rich_style(f"row-list--{name}", partial=True)

    def track_style(self, index: int) -> Style:
        """Give the style of what is left of a bar, which has contrast on the chosen row too."""
        return self.style_of("track-here" if index == self.marked else "track")


def in_view(rows: range, count: int) -> str:
    """Tell which of `count` rows are in view, and where there are more: `1-9 of 132 ↓`."""
    if not count or not rows:
        return ""
    more = " ↓" if rows.stop < count else " ↑" if rows.start else ""
    return f"{rows.start + 1:,}–{rows.stop:,} of {count:,}{more}"


def cut(text: str, width: int) -> str:
    """Give `text` in at most `width` cells, with a mark where it goes on."""
    if width <= 0:
        return ""
    shown = set_cell_size(text, width)
    return (
        shown.rstrip()
        if shown.rstrip() == text.rstrip()
        else set_cell_size(text, width - 1) + "…"
    )


def brief(reason: str, width: int) -> str:
    """Give why something failed in at most `width` cells.

    Where it is longer, what went wrong is worth more than what it went wrong with. A reason
    that has a reason of its own begins with what was done about it.
    """
    _, *rest = reason.split(": ")
    if cell_len(reason) > width and len(rest) == 1:
        return cut(rest[0], width)
    return cut(reason, width)


def column(text: str, width: int) -> str:
    """Give `text` in exactly `width` cells, the last of them blank."""
    return set_cell_size(cut(text, width - 1), width)
