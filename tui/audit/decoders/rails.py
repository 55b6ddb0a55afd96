"""Entries of Rails.cache: what stands around the value (ActiveSupport::Cache::Coder).

Rails 7.0 writes a byte and an array of the value, its expiry and its version. Rails 7.1 and
later write a header with these, in `C E l<` of Ruby's pack, and the value alone behind it. What
Rails 6.1 and before write is a dump of Ruby, and their entry one of its objects.
"""

import struct
from typing import Any, Final

MARK: Final = b"\x00\x11"
HEADER: Final = struct.Struct("<Bdi")
"""The kind of the value, when it expires, and the length of the version behind it."""
COMPRESSED: Final = 0x80
KINDS: Final = range(1, 5)
"""A dump, and a text in UTF-8, in bytes, in ASCII."""


def content_of(payload: bytes) -> bytes | None:
    """Return the bytes of what is stored, which may be compressed; None if this is no entry."""
    if not payload.startswith(MARK):
        return payload[1:]
    if len(payload) < len(MARK) + HEADER.size:
        return None
    kind, _, length = HEADER.unpack_from(payload, len(MARK))
    if kind & ~COMPRESSED not in KINDS or length < -1:
        return None
    return payload[len(MARK) + HEADER.size + max(length, 0) :]


def value_of(payload: bytes, content: Any) -> Any:
    """Return the value that is stored, of what was read from the content."""
    if payload.startswith(MARK) or not isinstance(content, list) or not content:
        return content
    return content[0]
