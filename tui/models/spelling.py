"""Keys that are the same in several spellings: a uuid with and without dashes, or as bytes."""

import re

from tui.runtime.patterns import lazily

UUID = lazily(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?",
    re.ASCII | re.IGNORECASE,
)
"""A uuid in the spellings that programs have for it. Source: RFC 9562, section 4."""
HEX = lazily(r"(?:0x)?((?:[0-9a-f]{2})+)", re.ASCII | re.IGNORECASE)


def canonical(text: str) -> str:
    """Return a uuid as RFC 9562 has it, in lower case with dashes; any other text as it is."""
    match = UUID.fullmatch(text)
    return text if match is None else "-".join(match.groups()).lower()


def text_of(key: bytes) -> str:
    """Return how a key of bytes is written: 16 bytes as a uuid, all else as hex digits."""
    return canonical(key.hex())


def spellings(text: str) -> list[str | bytes]:
    """Return in what other ways a table may keep the key `text`, the likeliest first.

    A uuid without dashes, with them, in capitals; as bytes, in their order or in that of
    Windows, which turns the first three groups round. What is written in hex digits, as bytes.
    """
    match = UUID.fullmatch(text)
    if match is None:
        digits = HEX.fullmatch(text)
        return [] if digits is None else [bytes.fromhex(digits[1])]
    with_dashes = "-".join(match.groups()).lower()
    bare = "".join(match.groups()).lower()
    key = bytes.fromhex(bare)
    texts = (with_dashes, bare, with_dashes.upper(), bare.upper())
    return [*(other for other in texts if other != text), key, windows(key)]


def windows(key: bytes) -> bytes:
    """Return the bytes of a uuid as Windows has them, with the first three groups turned."""
    return key[3::-1] + key[5:3:-1] + key[7:5:-1] + key[8:]


def is_same_key(text: str, other: str) -> bool:
    """Tell whether both texts are one uuid, however it is spelled, or the very same text."""
    return canonical(text) == canonical(other)


def is_uuid(text: str) -> bool:
    """Tell whether a text is a uuid, in whatever spelling."""
    return UUID.fullmatch(text) is not None


def spelled_like(alike: str, text: str) -> str:
    """Return the uuid `text` in the spelling that the uuid `alike` has."""
    spelled = canonical(text)
    if "-" not in alike:
        spelled = spelled.replace("-", "")
    if alike.lower().startswith("urn:"):
        return f"{alike[:9]}{spelled}"
    if alike.startswith("{"):
        spelled = f"{{{spelled}}}"
    return spelled.upper() if alike.isupper() else spelled
