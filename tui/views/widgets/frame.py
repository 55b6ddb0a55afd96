"""A panel: a thin round frame, its title at the left of its top, its state at the right."""

import re
from typing import TypeAlias

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

Label: TypeAlias = "Content | str"
DASH = "─"
CORNERS = 8
"""Cells of an edge beside its two labels: corners, a dash and a blank at each end, and a blank
on each side of the dashes between them."""
ALONE_CELLS = 6
"""The same beside a label that is alone."""
LEAST_DASHES = 1
BETWEEN_PARTS = " · "
NUMBER = re.compile(r"(?<![\w.])\d[\d.,:]*%?(?!\w)")
"""What eyes look for in a frame's state."""


def edge(left: Content, right: Content, width: int, line: str) -> Content:
    """Give the label of an edge of `width` cells: two texts, and dashes between them.

    Where there is not room for both, the left one is cut first, as far as it can be told, and
    then the right one is left out. `line` is the style of the dashes.
    """
    room = width - CORNERS - LEAST_DASHES
    if not right.cell_length:
        return shortened(left, max(0, width - ALONE_CELLS))
    if left.cell_length + right.cell_length > room:
        if right.cell_length > room - min(left.cell_length, 8):
            right = right.truncate(max(0, room - min(left.cell_length, 8)), ellipsis=True)
        left = shortened(left, max(0, room - right.cell_length))
    dashes = width - CORNERS - left.cell_length - right.cell_length
    if dashes < LEAST_DASHES:
        return left
    parts: list[Content | str | tuple[str, str]] = [left, " "] if left.cell_length else []
    dashes += 0 if left.cell_length else 1
    return Content.assemble(*parts, (DASH * dashes, line), " ", right)


def shortened(text: Content, room: int) -> Content:
    """Give a text without its last parts, if it is too long; what is left of it may be cut."""
    while text.cell_length > room and (at := text.plain.rfind(BETWEEN_PARTS)) > 0:
        text = text[:at]
    return text.truncate(room, ellipsis=True)


class Framed(Widget):
    """What is in a frame: says what it is, how it stands, and what can be done."""

    DEFAULT_CSS = """
    Framed {
        border: round $frame;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $muted;
        border-subtitle-align: right;
    }
    Framed:focus-within, Framed:focus {
        border: round $here;
    }
    """

    _title = Content("")
    _state = Content("")
    _note = Content("")
    _left_note = Content("")
    _in_view = ""
    _drawn = (Content(""), Content(""))
    _line = ""

    def entitle(self, title: Label) -> None:
        """Say what it is: at the left of the top edge."""
        self._title = _content(title)
        self._relabel()

    def tell(self, state: Label) -> None:
        """Say how it stands: at the right of the top edge; of a text, numbers stand out."""
        self._state = quiet(state)
        self._relabel()

    def note(self, note: Label, left: Label = "") -> None:
        """Say what can be done, or what it comes to: in the bottom edge."""
        self._note, self._left_note = quiet(note), quiet(left)
        self._relabel()

    def view(self, in_view: str) -> None:
        """Say what of its content is in view: in the bottom edge, where that has room."""
        if in_view != self._in_view:
            self._in_view = in_view
            self._relabel()

    @property
    def edges(self) -> tuple[str, str]:
        """What stands in the top and in the bottom edge."""
        above, below = self._drawn
        return above.plain, below.plain

    def on_resize(self) -> None:
        """Make the edges anew."""
        self._relabel()

    def on_focus(self) -> None:
        """Show that keys go here."""
        self._relabel()

    def on_blur(self) -> None:
        """Show that they do not."""
        self._relabel()

    def on_descendant_focus(self) -> None:
        """Show that keys go to something in here."""
        self._relabel()

    def on_descendant_blur(self) -> None:
        """Show that they do not."""
        self._relabel()

    def _relabel(self) -> None:
        width = self.outer_size.width
        if not width or not self.is_attached:
            return
        # `has_focus` itself is still as it was while focus and blur are being told.
        focused = self.screen.focused
        here = focused is not None and self in focused.ancestors_with_self
        line = (self._line or ("$here" if here else "$frame")) + " not bold"
        name = self._title
        if here and self.app.no_color:  # the colour of the frame cannot say it
            name = Content.styled(f" {name.plain} ", "reverse")
        # Without sides there are no corners, and Textual puts no blanks around a label.
        bare = not self.styles.border_left[0]
        title = edge(name, self._state, width + 2 * bare, line)
        if bare and title.cell_length:
            title = Content.assemble(" ", title, " ")
        left, right = self._left_note, self._note
        if self._in_view and not right.cell_length:
            right = quiet(self._in_view)
        elif self._in_view and not left.cell_length:
            if len(self._in_view) + right.cell_length + CORNERS + LEAST_DASHES <= width:
                left = quiet(self._in_view)
            else:
                right = quiet(self._in_view)
        alone = bool(left.cell_length) and not right.cell_length
        self.styles.border_subtitle_align = "left" if alone else "right"
        subtitle = edge(left, right, width, line) if left.cell_length else (
            right.truncate(max(0, width - ALONE_CELLS), ellipsis=True)
        )  # fmt: skip
        (above, below), self._drawn = self._drawn, (title, subtitle)
        if not title.is_same(above):  # Textual would paint all that is inside anew
            self.border_title = title
        if not subtitle.is_same(below):
            self.border_subtitle = subtitle


class Frame(Framed, Vertical):
    """Some widgets, one above the other, in a frame."""

    def __init__(
        self, *children: Widget, title: Label, id: str | None = None, line: str = ""
    ) -> None:
        """Put a frame with that title around them.

        Where its styles give its border another colour than that of who has the keys, `line`
        is that one.
        """
        super().__init__(*children, id=id)
        self._title, self._line = _content(title), line


def quiet(label: Label) -> Content:
    """Give a text muted, but for its numbers; what has its colours already stays as it is."""
    if not isinstance(label, str):
        return label
    quiet = Content.styled(label, "$muted not bold")
    for number in NUMBER.finditer(label):
        quiet = quiet.stylize("$foreground not bold", *number.span())
    return quiet


def _content(label: Label) -> Content:
    """Give a text as it is: a plain title would be read as markup."""
    return Content(label) if isinstance(label, str) else label
