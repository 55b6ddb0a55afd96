"""Sixteen colours: the terminal's own, each for what it means."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.models.colours import SIXTEEN
from tui.models.palettes import Palette

if TYPE_CHECKING:
    from collections.abc import Mapping


class InSixteenColours(LineFilter):
    """Gives the roles of a palette the terminal's colours, which it may have chosen itself.

    A nearest colour would be cyan for one theme and green for another. Grounds are left to the
    terminal: what has one of its own, a pill or the selected row, is shown in reverse.
    """

    def __init__(self, palette: Palette) -> None:
        """Show what has the colours of this palette."""
        super().__init__()
        bright = "bright_" if palette.dark else ""
        words = {
            palette.frame: "bright_black",
            palette.line: "bright_black",
            palette.hit_line: SIXTEEN["hit"],
            palette.db_line: SIXTEEN["db"],
            palette.accent: f"{bright}magenta",
            **{palette.outcomes[family]: f"{bright}{name}" for family, name in SIXTEEN.items()},
        }
        for plain in (palette.text, palette.muted):  # a line may have the colour of words
            words.pop(plain, None)
        self._colours: Mapping[str, RichColor] = {
            hex.lower(): RichColor.parse(name) for hex, name in words.items()
        }
        self._reversed = {palette.accent.lower(), palette.select.lower()}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give a line in the terminal's colours."""
        return [
            Segment(text, None if style is None else self._shown(style), control)
            for text, style, control in segments
        ]

    def _shown(self, style: Style) -> Style:
        ground = _hex(style.bgcolor)
        colour = self._colours.get(_hex(style.color))
        return Style(
            color=None if ground in self._reversed else colour,
            bold=style.bold, underline=style.underline, italic=style.italic,
            reverse=bool(style.reverse) != (ground in self._reversed),
        )  # fmt: skip


def _hex(colour: RichColor | None) -> str:
    return "" if colour is None or colour.triplet is None else colour.triplet.hex


@lru_cache(maxsize=8)
def in_sixteen(palette: Palette) -> LineFilter:
    """Return the filter for a palette, the same one each time."""
    return InSixteenColours(palette)
