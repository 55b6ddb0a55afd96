"""Keys: what a person types, what the table has, and where the cache keeps a record."""

import re
from binascii import crc_hqx
from functools import cache
from itertools import islice, product

from tui.models import Key
from tui.runtime.errors import InvalidKey, SettingsError
from tui.runtime.plain_text import is_unicode

INTEGER = re.compile(r"[+-]?[0-9]+")
"""A whole number in ASCII digits; int() alone would also take `1_000` and `٣`."""
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""What an integer column of SQLite can hold."""
PLACEHOLDER = "{id}"
OURS = "hitmiss:"
"""How the templates begin whose keys no other program has."""
LEASE_END = ":hitmiss-lease"
"""How the keys of leases end, and those of no other program."""
SLOTS = 16384
"""Into so many parts a Redis Cluster divides its keys."""


def looks_like_integer(text: str) -> bool:
    """Tell whether `text` is a whole number, however large."""
    return INTEGER.fullmatch(text.strip()) is not None


def parse_key(text: str, *, integer: bool) -> Key:
    """Give the key that `text` spells, for a table with integer or with text keys.

    Raises:
        InvalidKey: it is empty, not a whole number, or larger than a column can hold.
    """
    if not text.strip():
        raise InvalidKey("a key is missing: type a record's key, for example 1")
    if not is_unicode(text):
        raise InvalidKey(f"{text[:40]!r} is not a key: it is not Unicode text")
    if not integer:
        if text.endswith(LEASE_END):
            raise InvalidKey(f"{text[:40]!r} is not a key: what ends so is a lease of hitmiss")
        return text
    text = text.strip()
    if not looks_like_integer(text):
        raise InvalidKey(f"{text[:40]!r} is not a key: a key is a whole number, like 1 or 42")
    # 2**63 has 19 digits; int() itself refuses some thousand, leading zeros included.
    digits = text.lstrip("+-").lstrip("0") or "0"
    number = int(digits[:20]) * (-1 if text.startswith("-") else 1)
    if len(digits) > 19 or not SMALLEST <= number <= LARGEST:
        raise InvalidKey(
            f"{text[:24]}{'…' * (len(text) > 24)} is too large for a key: "
            f"keys go from {SMALLEST} to {LARGEST}"
        )
    return number


class KeyTemplate:
    """Where the cache keeps a record: a text with `{id}` in it, like `app:user:{id}`."""

    def __init__(self, template: str, *, integer: bool = False) -> None:
        """Take the template apart, for a table with text keys unless they are whole numbers.

        Raises:
            SettingsError: there is no `{id}` in it, or more than one, it is not Unicode, or
                with some key it ends as leases do.
        """
        if template.count(PLACEHOLDER) != 1 or not is_unicode(template):
            raise SettingsError(
                f"--key {template!r} must be Unicode text and hold {PLACEHOLDER} once, "
                "where the record's key goes: for example 'app:user:{id}'"
            )
        self.template = template
        self._before, self._after = template.split(PLACEHOLDER)
        # A text key can bring what the template's end lacks of a lease's; a number cannot.
        after = self._after[-len(LEASE_END) :]
        if after == LEASE_END or (after and not integer and LEASE_END.endswith(after)):
            raise SettingsError(f"--key {template!r} ends as the leases of hitmiss do")

    @property
    def ours(self) -> bool:
        """Whether hitmiss alone has such keys; else an application may store there too."""
        return self._before.startswith(OURS)

    def value_key(self, id: Key) -> str:
        """Give the key under which the cache holds the record."""
        return f"{self._before}{id}{self._after}"

    def pattern(self, part: str = "") -> str:
        """Give the pattern by which SCAN finds the value keys, or those whose id holds `part`.

        What would have a meaning in a pattern is escaped, so that it means itself.
        """
        middle = f"*{_escaped(part)}*" if part else "*"
        return f"{_escaped(self._before)}{middle}{_escaped(self._after)}"

    def lease_pattern(self) -> str:
        """Return a pattern that fits the leases of all records whose keys hold no brace."""
        value_key = self.value_key("\0")
        lease = lease_key(value_key)
        if not lease.startswith((value_key, f"{{{value_key}")):  # letters by slot are in it
            tag, brace, rest = value_key.partition("}")
            lease = f"{{{tag}\0{brace}{rest}}}{LEASE_END}"
        return re.sub("\0+", "*", _escaped(lease))

    def id_of(self, value_key: str, *, integer: bool) -> Key | None:
        """Give the key of the record that lies under `value_key`; None when it is none of ours.

        Only what `value_key()` would give back counts: `user:01` is not the copy of 1. A
        lease is none either.
        """
        if not value_key.startswith(self._before) or not value_key.endswith(self._after):
            return None
        text = value_key[len(self._before) : len(value_key) - len(self._after)]
        if len(value_key) < len(self._before) + len(self._after) or is_lease(value_key):
            return None
        try:
            id = parse_key(text, integer=integer)
        except InvalidKey:
            return None
        return id if self.value_key(id) == value_key else None


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
        return f"{value_key}{LEASE_END}"
    tag, brace, rest = value_key.partition("}")
    if brace or not tag:
        tag += _to_slot(tag, _checksum(value_key))
    return f"{{{tag}{brace}{rest}}}{LEASE_END}"


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


def is_lease(key: str) -> bool:
    """Tell whether `key` is that of a lease, which guards a value for a moment."""
    return key.endswith(LEASE_END)


def _escaped(text: str) -> str:
    """Give `text` as a pattern of SCAN that means just that text."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)
