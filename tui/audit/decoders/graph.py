"""Values that may refer to each other, as a decoder reads them, and the plain data they are."""

import json
from typing import Any, Final

from tui.audit.decoders.plain import (
    MOST_LEVELS,
    Allowance,
    finite,
    too_deep,
    whole,
)

LONGEST_KEY: Final = 200
"""Characters of a key that is no text and has to be spelled as one."""
ITSELF: Final = "<itself>"
"""What stands where a container is inside of itself."""


class Listing:
    """Values in a row: a list, a tuple, a set."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        """Keep the values, which may still change."""
        self.items = items


class Pairs:
    """Names or keys with values, in their order; nothing is hashed before it is plain."""

    __slots__ = ("_named", "_public", "items")

    def __init__(self, items: list[tuple[Any, Any]]) -> None:
        """Keep the pairs, which may still change until they are asked for names."""
        self.items = items
        self._named: dict[str, Any] | None = None
        self._public: Pairs | None = None

    def named(self) -> dict[str, Any]:
        """Return those whose key is a text; looked for once, whoever shares them."""
        if self._named is None:
            self._named = {name: value for name, value in self.items if isinstance(name, str)}
        return self._named

    def public(self) -> "Pairs":
        """Return those whose name does not begin with `_`; all if there are no others."""
        if self._public is None:
            shown = [(name, value) for name, value in self.items if not _is_private(name)]
            self._public = Pairs(shown) if 0 < len(shown) < len(self.items) else self
        return self._public


class Thing:
    """What has a class in the program that stored it."""

    __slots__ = ()

    def meaning(self) -> object:
        """Return what it says: a scalar, a Listing, Pairs, or another Thing."""
        raise NotImplementedError


class Octets(bytes):
    """Bytes that may be meant as a text: they are one if they are UTF-8."""

    __slots__ = ()


class Flattening:
    """One graph of values on its way to plain data.

    What is referred to twice is given twice as long as that is allowed, and what is inside of
    itself once, so that whoever walks the result comes to an end.
    """

    def __init__(self, allowance: Allowance) -> None:
        """Count all that is made in `allowance`."""
        self._allowance = allowance
        self._open: set[int] = set()
        self._meanings: dict[int, tuple[Thing, object]] = {}

    def plain(self, value: Any, level: int = 0) -> Any:
        """Return a value as plain data.

        Raises:
            TooManyValues: it would be more than is allowed.
            UnreadablePayload: it is nested in more than MOST_LEVELS.
        """
        if not isinstance(value, Listing | Pairs | Thing):
            return self._scalar(value)
        if id(value) in self._open:
            return ITSELF
        if level >= MOST_LEVELS:
            raise too_deep(self._allowance.format)
        self._open.add(id(value))
        try:
            return self._inside(value, level + 1)
        finally:
            self._open.discard(id(value))

    def _inside(self, value: Listing | Pairs | Thing, level: int) -> Any:
        match value:
            case Thing():
                return self.plain(self._meaning(value), level)
            case Listing():
                self._allowance.take()
                return [self.plain(item, level) for item in value.items]
            case Pairs():
                self._allowance.take()
                return {
                    self._key(key, level): self.plain(item, level) for key, item in value.items
                }

    def _meaning(self, thing: Thing) -> object:
        """Return what a thing says; found out once, since it may be referred to often."""
        found = self._meanings.get(id(thing))
        if found is None:
            found = self._meanings[id(thing)] = thing, thing.meaning()
        return found[1]

    def _scalar(self, value: Any) -> Any:
        self._allowance.take()
        match value:
            case None | bool():
                return value
            case str():
                return self._allowance.text(value)
            case int():
                return whole(value)
            case float():
                return finite(value)
            case Octets():
                return self._allowance.text_or_octets(value)
            case bytes() | bytearray():
                return self._allowance.octets(bytes(value))
        raise TypeError(f"no decoder makes a {type(value).__name__}")

    def _key(self, key: Any, level: int) -> str:
        """Return the text that a key is; of one that is none, JSON, cut where it is long."""
        if isinstance(key, Thing) and isinstance(self._meaning(key), bytes):
            key = self._meaning(key)
        if isinstance(key, bytes):
            self._allowance.take()
            self._allowance.weigh(len(key))
            return text_of(key)
        plain = self.plain(key, level)
        return plain if isinstance(plain, str) else spelled(plain)


def _is_private(name: Any) -> bool:
    if isinstance(name, bytes):
        return name.startswith(b"_")
    return isinstance(name, str) and name.startswith("_")


def text_of(octets: bytes) -> str:
    """Return the text that bytes are in UTF-8, else some of them in hexadecimal digits."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets[:LONGEST_KEY].hex()


def spelled(plain: Any) -> str:
    """Return the text for a key that is none."""
    return plain if isinstance(plain, str) else json.dumps(plain)[:LONGEST_KEY]
