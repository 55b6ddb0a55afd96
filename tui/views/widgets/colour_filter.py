"""What a line goes through where there are to be no colours."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class WithoutColours(LineFilter):
    """Takes the colours away, and leaves what is bold, dim, underlined or reversed.

    Textual's own names the terminal's colours instead, which takes colour codes too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the segments with the same texts."""
        return [
            segment
            if segment.style is None
            else Segment(segment.text, segment.style.without_color, segment.control)
            for segment in segments
        ]
