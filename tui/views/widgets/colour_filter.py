"""What a line goes through where there are to be no colours."""

from collections.abc import Sequence
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.models.palettes import Palette


class Grounds:
    """How what has a ground of its own is told apart where no ground can be shown.

    A pill, the selected row and the caret are shown in reverse. Within a field or a row that is
    so already, the caret and what is selected are not, and are underlined.
    """

    def __init__(self, palette: Palette) -> None:
        """Know them by the colours of this palette."""
        self._chosen = palette.select.lower()
        self._loud = {palette.accent.lower(), palette.text.lower()}

    def shown(self, styles: Sequence[Style | None]) -> list[Style]:
        """Give for each style of a line of one widget what stands for its ground."""
        grounds = [hex_of(None if style is None else style.bgcolor) for style in styles]
        inside = self._chosen in grounds
        return [
            REVERSE if ground == self._chosen or (ground in self._loud and not inside)
            else UNDERLINED if ground in self._loud
            else PLAIN
            for ground in grounds
        ]  # fmt: skip


def hex_of(colour: RichColor | None) -> str:
    """Give a colour as `#rrggbb`; '' where it has no such."""
    return "" if colour is None or colour.triplet is None else colour.triplet.hex


REVERSE, UNDERLINED, PLAIN = Style(reverse=True), Style(underline=True), Style()


class WithoutColours(LineFilter):
    """Takes the colours away, and leaves what is bold, dim, underlined or reversed.

    What only its ground tells apart, a pill or the selected row, is shown in reverse. Textual's
    own filter names the terminal's colours instead, which takes colour codes too.
    """

    def __init__(self, palette: Palette) -> None:
        """Know what has its own ground by the colours of this palette."""
        super().__init__()
        self._grounds = Grounds(palette)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the segments with the same texts."""
        grounds = self._grounds.shown([segment.style for segment in segments])
        return [
            segment
            if segment.style is None
            else Segment(segment.text, segment.style.without_color + ground, segment.control)
            for segment, ground in zip(segments, grounds, strict=True)
        ]


@lru_cache(maxsize=8)
def without_colours(palette: Palette) -> LineFilter:
    """Return the filter for a palette, the same one each time."""
    return WithoutColours(palette)
