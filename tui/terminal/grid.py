"""A screen in memory: what stands in each cell, and how it looks."""

from typing import Final

from tui.terminal.graphemes import NARROW, cells_of
from tui.terminal.styles import PLAIN, Style, on_blank

BLANK: Final = " "
REST: Final = ""
"""What stands in the right half of a wide character."""


class Grid:
    """Rows of cells; the right half of a wide character always stands right of the left."""

    def __init__(self, width: int, height: int, style: Style = PLAIN) -> None:
        """Begin blank, `width` cells by `height`, in one style."""
        self.width = width
        self.height = height
        self.glyphs = [[BLANK] * width for _ in range(height)]
        """What stands in the cells, row by row."""
        self.styles = [[on_blank(style)] * width for _ in range(height)]
        """How the cells look, as far as that can be seen."""

    def put(self, row: int, column: int, text: str, style: Style) -> int:
        """Write text into a row; give the column after it, which is `width` after the last.

        What does not fit overwrites the last cell, as in a terminal that does not wrap lines.
        """
        if NARROW.fullmatch(text) and column + len(text) <= self.width:
            self._store(row, column, list(text), style)
            return column + len(text)
        for grapheme, width in cells_of(text):
            if width == 0:
                self._append(row, column, grapheme)
                continue
            column = min(column, self.width - 1)
            if column + width <= self.width:
                self._store(row, column, [grapheme, REST][:width], style)
            column = min(column + width, self.width)
        return column

    def erase(self, row: int, start: int, end: int, style: Style) -> None:
        """Make the cells from `start` up to `end` blank, in the colour behind the text."""
        if start < end:
            self._store(row, start, [BLANK] * (end - start), Style(paper=style.paper))

    def _store(self, row: int, start: int, glyphs: list[str], style: Style) -> None:
        line, styles = self.glyphs[row], self.styles[row]
        end = start + len(glyphs)
        if line[start] == REST:  # half a character cannot stay
            line[start - 1], styles[start - 1] = BLANK, on_blank(styles[start - 1])
        if end < self.width and line[end] == REST:
            line[end], styles[end] = BLANK, on_blank(styles[end])
        line[start:end] = glyphs
        if BLANK in glyphs:
            blank = on_blank(style)
            styles[start:end] = [blank if glyph == BLANK else style for glyph in glyphs]
        else:
            styles[start:end] = [style] * len(glyphs)

    def _append(self, row: int, column: int, mark: str) -> None:
        line = self.glyphs[row]
        at = column - 1
        if at > 0 and line[at] == REST:
            at -= 1
        if at >= 0 and not line[at].endswith(mark):  # painted twice it is still one mark
            line[at] += mark
