"""What stands in a record for what JSON has no word for, as databases of SQL hold it."""

import math
from typing import Self

from tui.models import Scalar
from tui.models.scalars import StandIn, Unread, mark_of

KIND_OF_BYTES = "blob"
"""In one word for all databases: the audit knows bytes again by their mark."""


class Blob(StandIn):
    """What is shown in place of bytes; they are kept, for nobody else's may be overwritten."""

    __slots__ = ("content",)
    content: bytes

    @classmethod
    def of(cls, content: bytes, word: str) -> Self:
        """Return what stands for those bytes, called by the database's `word` for them."""
        shown = cls(f"<{word}, {len(content):,} bytes>", mark_of(KIND_OF_BYTES, content))
        shown.content = content
        return shown


def number(text: str) -> Scalar:
    """Return a floating-point number, or what stands for one that JSON does not have."""
    value = float(text)
    return value if math.isfinite(value) else StandIn(text, value)


def too_long(word: str, size: int) -> Unread:
    """Return what stands for a value of that many bytes, which was not read."""
    name = word.upper() or "VALUE"
    return Unread(
        f"<{name}, {size:,} bytes: not read>", mark_of(f"unread {name}", b"%d" % size)
    )
