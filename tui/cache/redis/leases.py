"""The keys of leases, each of which guards a value for a moment."""

from binascii import crc_hqx
from functools import cache
from itertools import islice, product

from tui.models.keys import RESERVED_END

SLOTS = 16384
"""Into so many parts a Redis Cluster divides its keys."""


def lease_key(value_key: str) -> str:
    """Return the key of the lease that guards a value key.

    The braces put the lease into the value key's slot of a Redis Cluster, where a script
    may use both. A value key that has a hash tag of its own (text between the first `{`
    and the next `}`) keeps it. Any other is hashed whole, and becomes the tag of its lease;
    where a `}` in it would end that tag early, four letters before it, chosen by the slot
    alone, make up for what is cut off. Source: Redis Cluster specification, 'Hash tags'.
    """
    start = value_key.find("{")
    if start >= 0 and value_key.find("}", start + 1) > start + 1:
        return f"{value_key}{RESERVED_END}"
    tag, brace, rest = value_key.partition("}")
    if brace or not tag:
        tag += _to_slot(tag, _checksum(value_key))
    return f"{{{tag}{brace}{rest}}}{RESERVED_END}"


def _checksum(text: str, before: int = 0) -> int:
    """Return the checksum by which a cluster finds the slot, going on from that `before` it.

    Source: Redis Cluster specification, appendix A (CRC-16/XMODEM).
    """
    return crc_hqx(text.encode("utf-8", "surrogatepass"), before)


def _to_slot(text: str, checksum: int) -> str:
    """Return four letters that, put behind `text`, give it the slot of that checksum.

    A CRC is linear: what comes last adds to the checksum of as many zeros in its place.
    """
    without = _checksum("\0\0\0\0", _checksum(text))
    return _letters_by_slot()[(without ^ checksum) % SLOTS]


@cache
def _letters_by_slot() -> dict[int, str]:
    """Return four of the letters from `@` to `O` for each slot.

    Letters with four free bits in a row reach every slot once, with the first SLOTS of them.
    """
    some = map("".join, product("@ABCDEFGHIJKLMNO", repeat=4))
    return {_checksum(letters) % SLOTS: letters for letters in islice(some, SLOTS)}
