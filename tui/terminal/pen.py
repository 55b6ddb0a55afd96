"""The terminal's cursor: where it stands, which style it wears, and how it gets elsewhere."""

from typing import Final, Self

from msgspec import Struct, field
from msgspec.structs import replace

from tui.terminal.abilities import Abilities
from tui.terminal.graphemes import is_certain
from tui.terminal.grid import BLANK, REST, Grid
from tui.terminal.styles import PLAIN, Style, change, on_blank

MOVE_BYTES: Final = 4
"""What a short move takes: so many bytes that have not changed are rather sent again."""
LONGEST_DESCENT: Final = 3
"""From one more row on, a sequence is no longer than as many steps."""


class CellRun(Struct, frozen=True):
    """Cells of one row that are sent in one go."""

    row: int
    start: int
    end: int
    """The column after the last."""
    style: Style
    erasure: str = ""
    """The sequence that makes them blank; empty where they are written."""
    is_certain: bool = True
    """Whether terminals agree on the width of what is written."""


class Pen(Struct):
    """What is known of the terminal's cursor, and the text that brought it there."""

    can: Abilities
    row: int = 0
    column: int | None = None
    """None where terminals may differ about it."""
    style: Style | None = None
    """None where anything may have been done to it."""
    out: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What has been written since the copy was made."""
        return "".join(self.out)

    def copy(self) -> Self:
        """Give a pen that stands where this one does, and has written nothing yet."""
        return replace(self, out=[])

    def write(self, pieces: list[CellRun], wanted: Grid, cursor: tuple[int, int]) -> None:
        """Write these pieces of a screen, in this order, and go to a cell of it."""
        for piece in pieces:
            self._write(piece, wanted.glyphs[piece.row], wanted.styles[piece.row])
        if self.style is not None and self.style.link:
            self.wear(self.style._replace(link=""))
        self._move(*cursor)

    def wear(self, style: Style) -> None:
        """Change the style of what follows."""
        if self.style is None:
            self.out.append("\x1b[m")
        self.out.append(change(self.style or PLAIN, style))
        self.style = style

    def _write(self, piece: CellRun, glyphs: list[str], styles: list[Style]) -> None:
        self._move(piece.row, self._bridged(piece, glyphs, styles))
        if piece.erasure:
            if not self._fits(BLANK, piece.style):
                self.wear(piece.style)
            self.out.append(piece.erasure)
            return
        start = piece.start if self.column is None else self.column
        for column in range(start, piece.end):
            glyph = glyphs[column]
            if glyph == REST:
                continue
            self._move(piece.row, column)
            if not self._fits(glyph, styles[column]):
                self.wear(styles[column])
            self.out.append(glyph)
            after = column + 1 + (column + 1 < len(glyphs) and glyphs[column + 1] == REST)
            # Behind the last cell, and behind what terminals see differently, nothing is sure.
            self.column = after if after < len(glyphs) and is_certain(glyph) else None

    def _bridged(self, piece: CellRun, glyphs: list[str], styles: list[Style]) -> int:
        """Begin where the cursor stands, if what lies between is no longer than a move."""
        if piece.erasure or piece.row != self.row or self.column is None:
            return piece.start
        between = range(self.column, piece.start)
        length = sum(len(glyphs[at].encode(errors="replace")) for at in between)
        if 0 < length <= MOVE_BYTES and all(
            is_certain(glyphs[at]) and self._fits(glyphs[at], styles[at]) for at in between
        ):
            return self.column
        return piece.start

    def _fits(self, glyph: str, style: Style) -> bool:
        worn = self.style
        return worn == style or (
            glyph == BLANK and worn is not None and on_blank(worn) == style
        )

    def _move(self, row: int, column: int) -> None:
        if (row, column) == (self.row, self.column):
            return
        ways = [
            f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1 if row else ''}H"
        ]
        if self.column is not None:
            ways.append(self._to_row(row) + self._along(self.column, column))
        self.out.append(min(ways, key=len))
        self.row, self.column = row, column

    def _to_row(self, row: int) -> str:
        """Give the shortest way to another row, in the same column."""
        count = row - self.row
        if 0 < count <= LONGEST_DESCENT and self.can.descends:
            return "\v" * count
        return _steps(count, "B", "A")

    def _along(self, before: int, column: int) -> str:
        """Give the shortest way from one column of a row to another."""
        count = column - before
        if not count:
            return ""
        ways = [_steps(count, "C", "D")]
        if count < 0:
            ways.append("\b" * -count)
        if column == 0:
            ways.append("\r")
        if self.can.erases:
            ways.append(f"\x1b[{column + 1}G")
        return min(ways, key=len)


def _steps(count: int, onward: str, back: str) -> str:
    if not count:
        return ""
    return f"\x1b[{'' if abs(count) == 1 else abs(count)}{onward if count > 0 else back}"
