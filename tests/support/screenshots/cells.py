"""Draws what stands in a terminal's cells as SVG: what is behind text, and the text in runs."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, BASELINE = 8.4, 18, 13
FONTS = "ui-monospace,Menlo,Consolas,'Fira Code','DejaVu Sans Mono',monospace"

DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each dot of a braille character, by its bit."""
FIRST_BRAILLE = 0x2800
BRAILLE = frozenset(map(chr, range(FIRST_BRAILLE, 0x2900)))
FIRST_BLOCK, WHOLE, LAST_BLOCK, RIGHT_HALF = 0x2581, 0x2588, 0x258F, "▐"
BLOCKS = frozenset(map(chr, range(FIRST_BLOCK, LAST_BLOCK + 1))) | {RIGHT_HALF}
"""Eighths of a cell from below, then from the left."""
DRAWN = BRAILLE | BLOCKS
"""What is drawn by shape: few fonts have all of it, and those that do leave lines between."""

Row = tuple[Any, ...]
"""What can be seen in one row of cells."""


class Colours:
    """What a terminal has for names of colours, and where nothing is named."""

    def __init__(self, ink: str, paper: str, names: Mapping[str, str]) -> None:
        """Have a colour for words, one behind them, and those of the sixteen names."""
        self.ink, self.paper, self._names = ink, paper, names

    def named(self, name: str, default: str) -> str:
        """Give a colour as SVG has it: pyte names those of 24 bits by six digits."""
        if name in {"", "default"}:
            return default
        return self._names.get(name) or f"#{name}"


def draw(row: Row, colours: Colours) -> str:
    """Draw a row of cells at the top."""
    papers, texts = [], []
    column = 0
    for looks, cells in groupby(row, key=lambda cell: cell.looks):
        run = list(cells)
        # Of a blank there is only what is behind it.
        under, _, reverse, paper, ink, bold = (
            looks[:6] if len(looks) > 1 else (0, 0, 0, *looks, "", 0)
        )
        ink, paper = colours.named(ink, colours.ink), colours.named(paper, colours.paper)
        if reverse:
            ink, paper = paper, ink
        x, text = column * CELL_WIDTH, "".join(cell.glyph for cell in run)
        if paper != colours.paper:
            papers.append(
                f'<rect x="{x:g}" width="{len(run) * CELL_WIDTH:g}" height="{CELL_HEIGHT}"'
                f' fill="{paper}"/>'
            )
        papers += [
            (dots if cell.glyph in BRAILLE else block)(x + at * CELL_WIDTH, cell.glyph, ink)
            for at, cell in enumerate(run) if cell.glyph in DRAWN
        ]  # fmt: skip
        text = "".join(" " if one in DRAWN else one for one in text)
        if text.strip():
            weight = ' font-weight="bold"' if bold else ""
            line = ' text-decoration="underline"' if under else ""
            place = f'x="{x:g}" y="{BASELINE}"'
            texts.append(
                f'<text xml:space="preserve" {place} fill="{ink}"{weight}{line}'
                f' textLength="{len(run) * CELL_WIDTH:g}">{escape(text)}</text>'
            )
        column += len(run)
    return "".join((*papers, *texts))


def dots(x: float, glyph: str, ink: str) -> str:
    """Draw a braille character, which many fonts are without, as most terminals draw it."""
    bits = ord(glyph) - FIRST_BRAILLE
    return "".join(
        f'<circle cx="{x + CELL_WIDTH * (1 + 2 * across) / 4:g}"'
        f' cy="{CELL_HEIGHT * (1 + 2 * down) / 8:g}" r="1.1" fill="{ink}"/>'
        for bit, (across, down) in enumerate(DOTS) if bits >> bit & 1
    )  # fmt: skip


def block(x: float, glyph: str, ink: str) -> str:
    """Draw a part of a cell that is filled to its edges."""
    code = ord(glyph)
    if glyph == RIGHT_HALF:
        across, down, x = 0.5, 1.0, x + CELL_WIDTH / 2
    elif code <= WHOLE:
        across, down = 1.0, (code - FIRST_BLOCK + 1) / 8
    else:
        across, down = (LAST_BLOCK + 1 - code) / 8, 1.0
    height = CELL_HEIGHT * down
    return (
        f'<rect x="{x:g}" y="{CELL_HEIGHT - height:g}" width="{CELL_WIDTH * across:g}"'
        f' height="{height:g}" fill="{ink}" shape-rendering="crispEdges"/>'
    )


def picture(rows: Iterable[Row], colours: Colours) -> tuple[float, float, str]:
    """Draw a whole screen; give its width, its height, and what is drawn."""
    whole = list(rows)
    drawn = "".join(
        f'<g transform="translate(0 {y * CELL_HEIGHT})">{draw(row, colours)}</g>'
        for y, row in enumerate(whole)
    )
    width, height = len(whole[0]) * CELL_WIDTH, len(whole) * CELL_HEIGHT
    ground = f'<rect width="{width:g}" height="{height:g}" fill="{colours.paper}"/>'
    return width, height, ground + drawn


def in_svg(width: float, height: float, drawn: str, title: str) -> str:
    """Give a whole SVG file."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>text{{font:14px {FONTS};white-space:pre}}</style>\n{drawn}\n</svg>\n"
    )
