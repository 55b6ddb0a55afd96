"""Keys: what a person types, what the table has, and where the cache keeps a record."""

from tui.models import Key
from tui.runtime.errors import InvalidKey, SettingsError
from tui.runtime.patterns import lazily
from tui.runtime.plain_text import is_unicode

INTEGER = lazily(r"[+-]?[0-9]+")
"""A whole number in ASCII digits; int() alone would also take `1_000` and `٣`."""
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""What an integer of 64 bits can be, which the columns of databases hold."""
SHORT = 18
"""Digits: a shorter number is within these bounds."""
PLACEHOLDER = "{id}"
OURS = "hitmiss:"
"""How the templates begin whose keys no other program has."""
RESERVED_END = ":hitmiss-lease"
"""How the keys end that hitmiss keeps beside the copies, and those of no other program."""


def looks_like_integer(text: str) -> bool:
    """Tell whether `text` is a whole number, however large."""
    return INTEGER.fullmatch(text.strip()) is not None


def parse_key(text: str, *, integer: bool, largest: int = LARGEST) -> Key:
    """Give the key that `text` spells, for a table with integer or with text keys.

    A whole number is one from SMALLEST to `largest`.

    Raises:
        InvalidKey: it is empty, not a whole number, or larger than a column can hold.
    """
    if not text.strip():
        raise InvalidKey("a key is missing: type a record's key, for example 1")
    if not is_unicode(text):
        raise InvalidKey(f"{text[:40]!r} is not a key: it is not Unicode text")
    if not integer:
        if text.endswith(RESERVED_END):
            raise InvalidKey(f"{text[:40]!r} is not a key: what ends so is a lease of hitmiss")
        return text
    text = text.strip()
    if not looks_like_integer(text):
        raise InvalidKey(f"{text[:40]!r} is not a key: a key is a whole number, like 1 or 42")
    # int() itself refuses some thousand digits, leading zeros included.
    most = len(str(largest))
    digits = text.lstrip("+-").lstrip("0") or "0"
    number = int(digits[: most + 1]) * (-1 if text.startswith("-") else 1)
    if len(digits) > most or not min(SMALLEST, -largest) <= number <= largest:
        raise InvalidKey(
            f"{text[:24]}{'…' * (len(text) > 24)} is too large for a key: "
            f"keys go from {min(SMALLEST, -largest)} to {largest}"
        )
    return number


class KeyTemplate:
    """Where the cache keeps a record: a text with `{id}` in it, like `app:user:{id}`."""

    def __init__(self, template: str, *, integer: bool = False, largest: int = LARGEST) -> None:
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
        self._largest = largest
        self.before, self.after = template.split(PLACEHOLDER)
        """What stands before and behind the id in every key."""
        self.ours = self.before.startswith(OURS)
        """Whether hitmiss alone has such keys; else an application may store there too."""
        # A text key can bring what the template's end lacks of a lease's; a number cannot.
        after = self.after[-len(RESERVED_END) :]
        if after == RESERVED_END or (after and not integer and RESERVED_END.endswith(after)):
            raise SettingsError(f"--key {template!r} ends as the leases of hitmiss do")

    def value_key(self, id: Key) -> str:
        """Give the key under which the cache holds the record."""
        return f"{self.before}{id}{self.after}"

    def shown(self, part: str = "") -> str:
        """Return the template for a person: with `*` for any id, or any that holds `part`."""
        return f"{self.before}*{part}*{self.after}" if part else f"{self.before}*{self.after}"

    def id_of(self, value_key: str, *, integer: bool) -> Key | None:
        """Give the key of the record that lies under `value_key`; None when it is none of ours.

        Only what `value_key()` would give back counts: `user:01` is not the copy of 1. A
        reserved key is none either.
        """
        if not value_key.startswith(self.before) or not value_key.endswith(self.after):
            return None
        text = value_key[len(self.before) : len(value_key) - len(self.after)]
        if integer and len(text) < SHORT and text.isdecimal() and text.isascii():
            return int(text) if text[0] != "0" or text == "0" else None
        if len(value_key) < len(self.before) + len(self.after) or is_reserved(value_key):
            return None
        try:
            id = parse_key(text, integer=integer, largest=self._largest)
        except InvalidKey:
            return None
        return id if self.value_key(id) == value_key else None


def is_reserved(key: str) -> bool:
    """Tell whether `key` is one of those that hitmiss keeps beside the copies."""
    return key.endswith(RESERVED_END)
