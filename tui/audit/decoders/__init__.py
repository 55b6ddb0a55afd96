"""What another program stored in a cache, known by its first bytes and read without running it.

JSON is by far the commonest: for that no other module is loaded.
"""

import re
from typing import Any

import msgspec

from tui.audit.decoders import json_text
from tui.audit.extent import TooManyValues, UnreadablePayload

__all__ = ["Decoded", "UnreadablePayload", "decode", "format_of"]

_LIKE_JSON = re.compile(rb'(?:\xef\xbb\xbf)?[ \t\n\r]*(?:[{\["0-9]|-[0-9]|true|false|null)')


class Decoded(msgspec.Struct, frozen=True):
    """A payload as plain data."""

    value: Any
    """Only what JSON can say: dict with str as keys, list, str, int, float, bool, None."""
    format: str
    """Its name, the compression before it: `json`, `zstd+pickle`."""


def decode(payload: bytes, most: int) -> Decoded:
    """Return what a payload says; nothing of it is run, imported or called.

    Compressed data is unpacked to at most `most` bytes. A text may have lone surrogates.

    Raises:
        TooManyValues: it holds more values, or bytes as numbers, than anyone would wait for.
        UnreadablePayload: it is in no known format, or broken, or nested too deeply.
    """
    error: UnreadablePayload
    if _LIKE_JSON.match(payload):
        try:
            return Decoded(json_text.decode(payload), "json")
        except TooManyValues:
            raise
        except UnreadablePayload as reason:
            # The length that raw snappy begins with may be a space or the end of a line.
            if payload[:1].strip() and not isinstance(reason, json_text.NoText):
                raise
            error = reason
    else:
        error = UnreadablePayload("it is no format that hitmiss knows")
    from tui.audit.decoders import recognition

    value, name = recognition.decode(payload, most, error)
    return Decoded(value, name)


def format_of(beginning: bytes) -> str | None:
    """Return the format that the first bytes of a payload show; 16 are enough, if there are.

    None where they do not tell: of plain text, of what has no mark, of too few bytes.
    """
    from tui.audit.decoders import recognition

    return recognition.format_of(beginning)
