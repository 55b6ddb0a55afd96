"""By what the audit knows again that a copy is the very same one that it saw before."""

import hashlib
from dataclasses import dataclass

from tui.models import Cached, Record

SAME_COPY_SECONDS = 0.5
"""By how much the expiry of one and the same copy may seem to move between two looks."""


@dataclass(frozen=True, slots=True)
class CopyMark:
    """By what a copy is known again: its bytes and its expiry, or without one the row's too."""

    digest: bytes
    """Of its bytes; of the row's too where it does not expire."""
    expires: float | None
    """When it expires, by the clock that never goes back; None is never."""
    refused: bool = False
    """The cache did not let it be read, or gave an odd reply."""
    content: bytes = b""
    """Of its bytes alone."""

    def is_same(self, other: "CopyMark") -> bool:
        """Tell whether both are marks of one copy, which nobody stored again in between."""
        if self.digest != other.digest or (self.expires is None) != (other.expires is None):
            return False
        if self.expires is None or other.expires is None:
            return True
        return abs(self.expires - other.expires) <= SAME_COPY_SECONDS


def mark_of(cached: Cached, row: Record | None, now: float) -> CopyMark:
    """Return by what a copy that was read at `now` is known again, beside the row it has."""
    expires = None if cached.seconds_left is None else now + cached.seconds_left
    parts: list[object] = [cached.payload, cached.fields, cached.wrong_type]
    if expires is None:
        # Nothing but its bytes tells this copy from one that was stored again meanwhile.
        parts.append(row)
    refused = cached.unread is not None and cached.size is None
    return CopyMark(_digest(parts), expires, refused, content_of(cached))


def content_of(cached: Cached) -> bytes:
    """Return by what the bytes of a copy are known again."""
    return _digest([cached.payload, cached.fields, cached.wrong_type])


def _digest(parts: list[object]) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
