"""What a line goes through where there are to be no colours."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.models.palettes import Palette

REVERSE = Style(reverse=True)


class WithoutColours(LineFilter):
    """Takes the colours away, and leaves what is bold, dim, underlined or reversed.

    What only its ground tells apart, a pill or the selected row, is shown in reverse. Textual's
    own filter names the terminal's colours instead, which takes colour codes too.
    """

    def __init__(self, palette: Palette) -> None:
        """Know what has its own ground by the colours of this palette."""
        super().__init__()
        self._grounds = {palette.accent.lower(), palette.select.lower()}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the segments with the same texts."""
        return [
            segment
            if segment.style is None
            else Segment(segment.text, self._shown(segment.style), segment.control)
            for segment in segments
        ]

    def _shown(self, style: Style) -> Style:
        ground = style.bgcolor
        if ground is None or ground.triplet is None or ground.triplet.hex not in self._grounds:
            return style.without_color
        return style.without_color + REVERSE


@lru_cache(maxsize=8)
def without_colours(palette: Palette) -> LineFilter:
    """Return the filter for a palette, the same one each time."""
    return WithoutColours(palette)
