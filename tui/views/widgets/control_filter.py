"""What each line goes through at last: no text of a cell can command the terminal."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui.runtime.patterns import lazily

CONTROLS: Final = lazily(r"[\x00-\x1f\x7f-\x9f]+")
"""C0, DEL and C1 (ECMA-48), which take no cell."""


class WithoutControls(LineFilter):
    """Leaves control characters out of texts, should a widget show one as it came.

    What comes from outside is made visible where it is shown (tui.runtime.plain_text); this is
    for what was forgotten. It has the other filters in it, since a line is copied for each.
    """

    def __init__(self, others: Sequence[LineFilter]) -> None:
        """Let a line go through these before."""
        super().__init__()
        self._others = others

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, in the same cells, without control characters in their texts."""
        for other in self._others:
            segments = other.apply(segments, background)
        for text, _, _ in segments:
            if not text.isprintable():  # the fastest look; some that are not are harmless
                return _cleaned(segments)
        return segments


@lru_cache(maxsize=4)
def without_controls(*others: LineFilter) -> LineFilter:
    """Return the filter that is the last after these, the same one each time.

    By the filter a line is found again that went through it before.
    """
    return WithoutControls(others)


def _cleaned(segments: list[Segment]) -> list[Segment]:
    return [
        segment if segment.control else Segment(CONTROLS.sub("", segment.text), segment.style)
        for segment in segments
    ]
