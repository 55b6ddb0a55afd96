"""Texts that stand for values which a record of JSON scalars cannot hold."""

import json
from collections.abc import Mapping
from typing import Any, Self

_STAND_INS: set[type] = set()
"""The types of what stands for values; looked up by type, since records come by the million."""


class StandIn(str):
    """What is shown in place of a stored value that JSON has no word for.

    Bytes, an infinity, a text that is no UTF-8: a copy of such a value cannot be compared with
    it. By its mark the value itself is known again.
    """

    __slots__ = ("mark",)
    mark: bytes | float
    """The value where it is a number, else a digest of it."""

    def __new__(cls, shown: str, mark: bytes | float) -> Self:
        """Give `shown` as what stands for the value with that mark."""
        text = super().__new__(cls, shown)
        text.mark = mark
        return text

    def __init_subclass__(cls) -> None:
        """Know those that stand for some kind of value as what they are."""
        _STAND_INS.add(cls)

    def __eq__(self, other: object) -> bool:
        """Tell whether both stand for the same value; a plain text is what is shown."""
        # A NaN is no number that equals itself.
        if isinstance(other, StandIn) and repr(self.mark) != repr(other.mark):
            return False
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __repr__(self) -> str:
        return f"StandIn({str(self)!r}, {self.mark!r})"


class Unread(StandIn):
    """What is shown in place of a stored value that is too long to be read."""

    __slots__ = ()


_STAND_INS.add(StandIn)


class Nested(str):
    """An object or an array in what another program has cached, as the JSON that it is."""

    __slots__ = ()


def as_text(value: str | float | None) -> str:
    """Return a value as it is shown to a person: NULL, true and false as SQL has them."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_whole(record: Mapping[str, Any]) -> bool:
    """Tell whether every value of a record was read; else it must not be stored anywhere."""
    return Unread not in map(type, record.values())


def has_stand_in(record: Mapping[str, Any]) -> bool:
    """Tell whether a value of a record is shown in place of one that JSON cannot hold."""
    return not _STAND_INS.isdisjoint(map(type, record.values()))


def is_as(record: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Tell whether a record has all the values that are expected of it."""
    return all(_is_same(record.get(name), value) for name, value in expected.items())


def _is_same(value: Any, shown: Any) -> bool:
    return value == shown and isinstance(value, StandIn) is isinstance(shown, StandIn)


def as_json(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record as a JSON object, with what is nested in it as what it is."""
    return {
        name: json.loads(value) if isinstance(value, Nested) else value
        for name, value in record.items()
    }


def mark_of(kind: str, stored: bytes) -> bytes:
    """Give by what a value is known again: its kind, in any one word for it, and its bytes."""
    import hashlib  # not before the first paint, which shows no record

    return hashlib.blake2b(kind.encode() + b":" + stored, digest_size=16).digest()
