"""Which keys there are on Memcached, and their bytes."""

import re
from typing import Final

LONGEST_KEY: Final = 250
"""Bytes. Source: memcached, doc/protocol.txt, 'Keys'."""
NOT_IN_KEYS: Final = re.compile(rb"[\x00-\x20\x7f]")
"""White space and control characters: the end of a key, to the server or to its clients."""


def key_bytes(key: str) -> bytes | None:
    """Return the key as it is sent; None where no item can lie under it."""
    data = key.encode("utf-8", "surrogatepass")
    if not data or len(data) > LONGEST_KEY or NOT_IN_KEYS.search(data):
        return None
    return data


def why_no_key(key: str) -> str:
    """Return why there is no such key."""
    if len(key.encode("utf-8", "surrogatepass")) > LONGEST_KEY:
        return f"Memcached has no keys of more than {LONGEST_KEY} bytes"
    return "Memcached has no keys with spaces or control characters"
