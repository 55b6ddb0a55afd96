"""A frame with a chart in it, drawn for the cells that there are."""

from collections.abc import Callable
from typing import TypeAlias

from textual.content import Content
from textual.widgets import Static

from tui.views.widgets.frame import Framed, Label

NoteFor: TypeAlias = Callable[[int], tuple[Label, Label]]


class Chart(Framed, Static):
    """What is drawn anew for its width and height; never scrolled."""

    DEFAULT_CSS = """
    Chart {
        width: 1fr;
        height: 1fr;
        padding: 0 1;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def __init__(self, title: str, *, id: str | None = None) -> None:
        """Begin empty, under that title."""
        super().__init__(id=id, markup=False)
        self.entitle(title)
        self._content_for: Callable[[int, int], Content] = lambda _width, _rows: Content("")
        self._note_for: NoteFor | None = None

    def show(
        self, content_for: Callable[[int, int], Content], note_for: NoteFor | None = None
    ) -> None:
        """Show what `content_for` gives for a width and a height in cells.

        `note_for` gives for a width what stands in the bottom edge, at its right and its left.
        """
        self._content_for, self._note_for = content_for, note_for
        self._fill()

    def on_resize(self) -> None:
        """Draw it for the new size."""
        self._fill()

    def _fill(self) -> None:
        width, rows = self.content_size
        if width > 0 and rows > 0:
            self.update(self._content_for(width, rows), layout=False)
            if self._note_for is not None:
                self.note(*self._note_for(width))
