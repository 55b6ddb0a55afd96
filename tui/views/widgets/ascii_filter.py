"""The last thing that a line goes through where nothing but ASCII may be shown."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.runtime.glyphs import IN_ASCII


class InAscii(LineFilter):
    """Puts a sign of ASCII into each cell that holds anything else, whoever has painted it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the segments with the same looks, and in the same cells."""
        return [
            segment
            if segment.text.isascii()
            else Segment(_in_cells(segment.text), *segment[1:])
            for segment in segments
        ]


def _in_cells(text: str) -> str:
    return "".join(
        character if character.isascii() else "?" * cell_len(character)
        for character in text.translate(IN_ASCII)
    )


AS_ASCII = InAscii()
"""The one there is: by the filter a line is found again that went through it before."""
