"""Which characters share a cell, and which cells a terminal may see differently."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rich.cells import cell_len

JOINER: Final = "\u200d"
CERTAIN: Final = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x48A, 0x58F),
    (0x1E00, 0x1FFF), (0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2100, 0x22FF),
    (0x2500, 0x25FC), (0x2800, 0x28FF), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFF01, 0xFF60),
)  # fmt: skip
"""From where to where every terminal knows how wide a character is.

No pattern: to make one of these takes more than a millisecond of a start.
"""
NARROW: Final = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*"
)
"""A text whose every character has one cell for itself."""


@lru_cache(maxsize=4096)
def is_certain(grapheme: str) -> bool:
    """Tell whether all terminals agree on a cell's width: no emoji, no mark, no conjunct."""
    if len(grapheme) != 1:
        return not grapheme
    return any(first <= ord(grapheme) <= last for first, last in CERTAIN)


def cells_of(text: str) -> Iterator[tuple[str, int]]:
    """Give what stands in each cell, and how many cells it takes: 0, 1 or 2.

    Only what begins the text can take none: a mark that belongs to what stood before it.
    The widths are Textual's, whose layout rests on them.
    """
    starts = [
        at
        for at, character in enumerate(text)
        if at == 0 or (text[at - 1] != JOINER and cell_len(character) > 0)
    ]
    for start, end in pairwise([*starts, len(text)]):
        yield text[start:end], min(cell_len(text[start:end]), 2)
