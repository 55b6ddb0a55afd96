"""Kinds that are kept as texts: networks, and values of a list."""

import ipaddress
import re
from typing import Any

from tui.audit.equivalence.content import contents_of
from tui.audit.equivalence.nested import value_of

LONGEST = 1000
"""Characters: a longer text is none of these."""
LONGEST_SET = 1 << 16
"""Characters of a list: MySQL's sets have 64 values at most, of 255 characters each."""
MAC = re.compile(
    r"[0-9a-f]{2}(?:([:-]?)[0-9a-f]{2}){5,7}|(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4}", re.IGNORECASE
)


def same_network(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one address, of a network or a machine; None: the row has none."""
    wanted = _network(stored)
    return None if wanted is None else _network(cached) == wanted


def same_choice(cached: Any, stored: Any) -> bool | None:
    """Tell whether a list of texts is a set of values, as MySQL spells one with commas."""
    if isinstance(cached, str) and cached[:1] == "[" and len(cached) <= LONGEST_SET:
        cached = value_of(cached)
    if not isinstance(cached, list) or not isinstance(stored, str):
        return None
    return ",".join(map(str, cached)) == stored


def _network(value: Any) -> object:
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = _of_go(value) if value[:1] == "{" else value.strip()
    if MAC.fullmatch(text) is not None:
        return re.sub(r"[^0-9a-f]", "", text.lower())
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        return None


def _of_go(text: str) -> str:
    """Return the network that Go's IPNet is: an address, and the bytes of a mask."""
    match value_of(text):
        case {"IP": str(address), "Mask": str(mask)}:
            ones = next((content for content in contents_of(mask)), b"")
            return f"{address}/{int.from_bytes(ones).bit_count()}"
    return ""
