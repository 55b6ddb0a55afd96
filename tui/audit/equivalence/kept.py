"""Bits and points by the bytes in which a database keeps them, as its drivers give them."""

import re
from typing import Any, Final

from tui.audit.equivalence.content import contents_of
from tui.audit.equivalence.points import bytes_of_point

BITS: Final = re.compile("[01]{1,64}")
LONGEST: Final = 1000
"""Characters: a longer text spells neither bits nor a point."""


def is_kept_as(cached: Any, stored: Any) -> bool:
    """Tell whether a copy spells the bytes in which the row's bits or point are kept.

    MySQL gives `BIT` as a number in as few bytes as hold the column, and a point in well-known
    binary behind the number of its coordinate system; encoders make texts of both.
    """
    if isinstance(cached, str) and len(cached) > LONGEST:
        return False
    kept = _bytes_of(stored)
    return bool(kept) and any(content in kept for content in contents_of(cached))


def _bytes_of(stored: Any) -> set[bytes]:
    if isinstance(stored, bool):
        return {bytes([stored])}
    if not isinstance(stored, str):
        return set()
    if BITS.fullmatch(stored):
        return {int(stored, 2).to_bytes((len(stored) + 7) // 8)}
    return set(bytes_of_point(stored))
