"""The way from the screen that a terminal shows to the one that it should show."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from tui.terminal.abilities import Abilities
from tui.terminal.graphemes import is_certain
from tui.terminal.grid import BLANK, REST, Grid
from tui.terminal.pen import MOVE_BYTES, CellRun, Pen
from tui.terminal.styles import PLAIN, Style, change, on_blank

ERASED_FROM: Final = 8
"""How many blanks in the midst of a row are worth a sequence and a move."""
FEW: Final = 500
"""Of how many pieces both orders are tried."""


class Painter:
    """Knows what a terminal shows, and what to send so that it shows something else."""

    def __init__(self, abilities: Abilities) -> None:
        """Know nothing about the screen yet."""
        self._can = abilities
        self._shown: Grid | None = None
        self._pen = Pen(abilities)

    def forget(self) -> None:
        """Take nothing for granted any more: the next painting is a whole one."""
        self._shown = None
        self._pen = Pen(self._can)

    def rest(self) -> str:
        """Give what leaves no style behind for whoever writes next."""
        before, self._pen.style = self._pen.style, PLAIN
        return "\x1b[m" if before is None else change(before, PLAIN)

    def paint(self, wanted: Grid, row: int, column: int) -> str:
        """Give what makes the terminal show `wanted`, with the cursor in a cell of it."""
        shown, start = self._shown, ""
        if shown is None or (shown.width, shown.height) != (wanted.width, wanted.height):
            shown, start = self._clear(wanted)
        pieces: list[CellRun] = []
        for at in range(wanted.height):
            glyphs, styles = wanted.glyphs[at], wanted.styles[at]
            if glyphs != shown.glyphs[at] or styles != shown.styles[at]:
                pieces += self._pieces(at, wanted, _changed(at, wanted, shown))
                shown.glyphs[at], shown.styles[at] = glyphs.copy(), styles.copy()
        return start + self._shortest(pieces, wanted, (row, min(column, wanted.width - 1)))

    def _clear(self, wanted: Grid) -> tuple[Grid, str]:
        """Clear the screen, in the colour that most of it will have where that is possible."""
        background = PLAIN
        if self._can.erases_in_colour:
            papers = Counter(style.paper for styles in wanted.styles for style in styles)
            background = Style(paper=papers.most_common(1)[0][0])
        self._pen = Pen(self._can)
        self._pen.wear(background)
        self._shown = Grid(wanted.width, wanted.height, background)
        return self._shown, f"{self._pen.text}\x1b[2J"

    def _shortest(self, pieces: list[CellRun], wanted: Grid, cursor: tuple[int, int]) -> str:
        """Give the shorter of two ways: row by row, or style by style."""
        orders = [pieces]
        # What spills over is mended from left to right; and a whole screen would take long.
        if 1 < len(pieces) <= FEW and all(piece.is_certain for piece in pieces):
            rank = {
                style: at for at, style in enumerate(dict.fromkeys(p.style for p in pieces))
            }
            orders.append(sorted(pieces, key=lambda piece: rank[piece.style]))
        pens = []
        for order in orders:
            pens.append(self._pen.copy())
            pens[-1].write(order, wanted, cursor)
        self._pen = min(pens, key=lambda pen: len(pen.text))
        return self._pen.text

    def _pieces(self, row: int, wanted: Grid, changed: list[bool]) -> Iterator[CellRun]:
        glyphs, styles = wanted.glyphs[row], wanted.styles[row]
        tail = self._blank_tail(glyphs, styles)
        for start, end in _spans(changed):
            rest = max(start, tail)
            if end > tail and wanted.width - rest > MOVE_BYTES:
                yield from self._texts(row, start, rest, glyphs, styles)
                yield CellRun(row, rest, wanted.width, styles[rest], "\x1b[K")
                return
            yield from self._texts(row, start, end, glyphs, styles)

    def _texts(
        self, row: int, start: int, end: int, glyphs: list[str], styles: list[Style]
    ) -> Iterator[CellRun]:
        """Cut cells into pieces of one style; where many are blank, they are erased."""
        begun = start
        for (style, blank), group in groupby(
            range(start, end), lambda at: (styles[at], glyphs[at] == BLANK)
        ):
            cells = list(group)
            at, after = cells[0], cells[-1] + 1
            erased = blank and self._is_erased(len(cells), style)
            worn = styles[begun]  # after an erasure, that of the cells at hand
            if erased or not (style == worn or (blank and on_blank(worn) == style)):
                yield from _text(row, begun, at, glyphs, styles)
                begun = at
            if erased:
                yield CellRun(row, at, after, style, f"\x1b[{after - at}X")
                begun = after
        yield from _text(row, begun, end, glyphs, styles)

    def _is_erased(self, count: int, style: Style) -> bool:
        return count >= ERASED_FROM and self._can.erases and self._may_erase(style)

    def _may_erase(self, style: Style) -> bool:
        plain = style == Style(paper=style.paper)
        return plain and (not style.paper or self._can.erases_in_colour)

    def _blank_tail(self, glyphs: list[str], styles: list[Style]) -> int:
        """Give from which column on one sequence could erase the rest of the row."""
        start, style = len(glyphs), styles[-1]
        if self._may_erase(style):
            while start and glyphs[start - 1] == BLANK and styles[start - 1] == style:
                start -= 1
        return start


def _changed(row: int, wanted: Grid, shown: Grid) -> list[bool]:
    """Tell of each cell of a row whether it has to be sent.

    Wide characters go whole. What terminals may draw wider than it is spills into the cells
    behind it: those are sent after it.
    """
    glyphs, was = wanted.glyphs[row], shown.glyphs[row]
    styles = zip(wanted.styles[row], shown.styles[row], strict=True)
    changed = [new != old for new, old in styles]
    reach = 0
    for at, (new, old) in enumerate(zip(glyphs, was, strict=True)):
        if not (changed[at] or at < reach or new != old):
            continue
        changed[at] = True
        if new == REST:
            changed[at - 1] = True
        elif at + 1 < len(glyphs) and glyphs[at + 1] == REST:
            changed[at + 1] = True
        for glyph in (new, old):
            if not is_certain(glyph):
                reach = max(reach, at + 2 * len(glyph))
    return changed


def _text(
    row: int, start: int, end: int, glyphs: list[str], styles: list[Style]
) -> Iterator[CellRun]:
    if start < end:
        certain = all(map(is_certain, glyphs[start:end]))
        yield CellRun(row, start, end, styles[start], is_certain=certain)


def _spans(changed: list[bool]) -> Iterator[tuple[int, int]]:
    for told, group in groupby(range(len(changed)), changed.__getitem__):
        if told:
            cells = list(group)
            yield cells[0], cells[-1] + 1
