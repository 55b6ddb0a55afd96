"""Which characters share a cell, and which cells a terminal may see differently."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rich.cells import cell_len

JOINER: Final = "\u200d"
CERTAIN: Final = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1fff"
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u22ff\u2500-\u25fc\u2800-\u28ff"
    "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]?"
)
"""One character of which every terminal knows how wide it is, or none."""
NARROW: Final = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2500-\u25fc\u2800-\u28ff]*"
)
"""A text whose every character has one cell for itself."""


@lru_cache(maxsize=4096)
def is_certain(grapheme: str) -> bool:
    """Tell whether all terminals agree on a cell's width: no emoji, no mark, no conjunct."""
    return CERTAIN.fullmatch(grapheme) is not None


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
