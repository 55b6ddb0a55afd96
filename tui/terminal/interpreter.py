"""What Textual writes, understood: cells for the screen, the rest in order."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from tui.terminal.grid import Grid
from tui.terminal.styles import PLAIN, restyled

TOKEN: Final = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)(?P<kind>[ -/]*[@-~])"
    r"|\x1b\](?P<command>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>[\r\n])"
    r"|(?P<other>\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]|.)",
    re.DOTALL,
)
HARMLESS: Final = re.compile(r"[?<=>][0-9;]*(?:[hlnu]|\$p)|>[0-9;]*[a-z]|[0-9;]*[cn]")
"""Parameters and kind of sequences that move no cursor and paint no cell."""
SYNCHRONISED: Final = {"?2026h", "?2026l"}
SCREEN_CHANGES: Final = {"?47h", "?47l", "?1047h", "?1047l", "?1049h", "?1049l"}


class Interpreter:
    """Reads what would go to a terminal into a grid; keeps what is not for cells.

    `foreign` gets, in order, each sequence that is for the terminal itself, and whether
    the screen is unknown after it. It is told before anything later reaches the grid.
    """

    def __init__(self, grid: Grid, foreign: Callable[[str, bool], None]) -> None:
        """Paint into `grid`, from its upper left corner."""
        self.grid = grid
        self.row = self.column = 0
        self.synchronised = False
        """Whether Textual marks its frames for a terminal that can show them at once."""
        self.has_painted = False
        """Whether any cell has been written or erased."""
        self._style = PLAIN
        self._foreign = foreign
        self._moves: Mapping[str, Callable[[int, int], None]] = {
            "A": lambda n, _: self._go(self.row - (n or 1), self.column),
            "B": lambda n, _: self._go(self.row + (n or 1), self.column),
            "C": lambda n, _: self._go(self.row, self.column + (n or 1)),
            "D": lambda n, _: self._go(self.row, self.column - (n or 1)),
            "G": lambda n, _: self._go(self.row, (n or 1) - 1),
            "H": lambda row, column: self._go((row or 1) - 1, (column or 1) - 1),
            "f": lambda row, column: self._go((row or 1) - 1, (column or 1) - 1),
        }

    def resize(self, width: int, height: int) -> None:
        """Go on with a grid of another size, blank where nothing was."""
        grid = Grid(width, height)
        for row in range(min(height, self.grid.height)):
            for column in range(min(width, self.grid.width)):
                glyph = self.grid.glyphs[row][column]
                if glyph:
                    grid.put(row, column, glyph, self.grid.styles[row][column])
        self.grid = grid
        self._go(self.row, self.column)

    def feed(self, data: str) -> None:
        """Read what ends with a whole sequence, as each of Textual's writes does."""
        for token in TOKEN.finditer(data):
            text = token["text"]
            if text is not None:
                self.has_painted = True
                self.column = self.grid.put(self.row, self.column, text, self._style)
            elif token["kind"] is not None:
                self._control(token["parameters"], token["kind"], token[0])
            elif token["command"] is not None:
                self._command(token["command"], token[0])
            else:
                self._other(token[0])

    def _control(self, parameters: str, kind: str, whole: str) -> None:
        numbers = parameters.split(";")
        if kind == "m":
            style = restyled(self._style, parameters)
            if style is not None:
                self._style = style
                return
        elif kind in self._moves and all(n.isdecimal() or not n for n in numbers):
            first, second = (*(int(n or 0) for n in numbers), 0)[:2]
            self._moves[kind](first, second)
            return
        elif kind in "JK" and parameters in {"", "0", "1", "2"}:
            self._erase(kind, int(parameters or 0))
            return
        elif parameters + kind in SYNCHRONISED:
            self.synchronised = True
            return
        unknown = parameters + kind in SCREEN_CHANGES
        self._foreign(whole, unknown or not HARMLESS.fullmatch(parameters + kind))

    def _command(self, command: str, whole: str) -> None:
        if command.startswith("8;"):
            link = command.removeprefix("8;")
            named = bool(link.partition(";")[2])
            self._style = self._style._replace(link=link if named else "")
        else:
            self._foreign(whole, False)

    def _other(self, whole: str) -> None:
        if whole == "\r":
            self._go(self.row, 0)
        elif whole == "\n" and self.row < self.grid.height - 1:
            self._go(self.row + 1, 0)  # the terminal's line discipline adds the return
        else:
            self._foreign(whole, whole != "\x07")

    def _erase(self, kind: str, part: int) -> None:
        grid, self.has_painted = self.grid, True
        start = 0 if part else min(self.column, grid.width - 1)
        end = self.column + 1 if part == 1 else grid.width
        grid.erase(self.row, start, min(end, grid.width), self._style)
        if kind == "J":
            above = range(self.row) if part else ()
            below = range(self.row + 1, grid.height) if part != 1 else ()
            for row in (*above, *below):
                grid.erase(row, 0, grid.width, self._style)

    def _go(self, row: int, column: int) -> None:
        self.row = max(0, min(row, self.grid.height - 1))
        self.column = max(0, min(column, self.grid.width - 1))
