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
from tui.views.widgets.colour_filter import PLAIN, Grounds, hex_of

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
        self._grounds = Grounds(palette)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give a line in the terminal's colours."""
        grounds = self._grounds.shown([segment.style for segment in segments])
        return [
            Segment(text, None if style is None else self._shown(style, ground), control)
            for (text, style, control), ground in zip(segments, grounds, strict=True)
        ]

    def _shown(self, style: Style, ground: Style) -> Style:
        colour = self._colours.get(hex_of(style.color))
        return Style(
            color=colour if ground == PLAIN else None,
            bold=style.bold, underline=style.underline or ground.underline, italic=style.italic,
            reverse=bool(style.reverse) != bool(ground.reverse),
        )  # fmt: skip


@lru_cache(maxsize=8)
def in_sixteen(palette: Palette) -> LineFilter:
    """Return the filter for a palette, the same one each time."""
    return InSixteenColours(palette)
