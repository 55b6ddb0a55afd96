"""What all decoders share: how a value becomes plain data, and how much of it there may be."""

import math
from typing import Any, Final

from tui.audit.extent import MOST_VALUES, TooManyValues, UnreadablePayload

MOST_LEVELS: Final = 100
"""Deeper than that nothing is a record."""
MOST_DIGITS: Final = 400
"""Digits of a whole number; no database has a longer one, and spelling it takes long."""
MOST_OCTETS: Final = 1 << 20
"""Bytes of one payload that are given as lists of numbers, each of which takes eight."""
_TOO_LARGE: Final = 10**MOST_DIGITS


class Allowance:
    """How much may still be made of one payload.

    Formats that refer to a value once more make much out of few bytes, so all is counted.
    """

    def __init__(self, format: str, text: int) -> None:
        """Allow MOST_VALUES values, and `text` characters in all texts together."""
        self.format = format
        self._values = MOST_VALUES
        self._text = text
        self._octets = MOST_OCTETS

    def take(self, count: int = 1) -> None:
        """Count values.

        Raises:
            TooManyValues: there are more than MOST_VALUES.
        """
        self._values -= count
        if self._values < 0:
            raise TooManyValues(f"it has more than {MOST_VALUES:,} values")

    def text(self, text: str) -> str:
        """Return a text, its characters counted.

        Raises:
            TooManyValues: there are more than are allowed.
        """
        self.weigh(len(text))
        return text

    def weigh(self, length: int) -> None:
        """Count the characters of a text before it is made.

        Raises:
            TooManyValues: there are more than are allowed.
        """
        self._text -= length
        if self._text < 0:
            raise TooManyValues(
                f"unreadable: {self.format}, larger than --max-value when unpacked"
            )

    def octets(self, octets: bytes) -> dict[str, Any]:
        """Return bytes that are no text, in the spelling of Node.js's Buffer.

        Raises:
            TooManyValues: there are more than MOST_OCTETS.
        """
        self._octets -= len(octets)
        if self._octets < 0:
            raise TooManyValues(f"it has more than {MOST_OCTETS:,} bytes that are no text")
        return {"type": "Buffer", "data": list(octets)}

    def text_or_octets(self, octets: bytes) -> str | dict[str, Any]:
        """Return the text that bytes are in UTF-8, else the bytes."""
        try:
            return self.text(octets.decode())
        except UnicodeDecodeError:
            return self.octets(octets)


def whole(number: int) -> int | str:
    """Return a whole number, or what names it if it has more than MOST_DIGITS."""
    if -_TOO_LARGE < number < _TOO_LARGE:
        return number
    return f"<a whole number of about {int(number.bit_length() * 0.30103):,} digits>"


def whole_of_digits(text: str) -> int | str:
    """Return the whole number that is spelled, or what names it if it is too long."""
    if len(text) <= MOST_DIGITS:
        return int(text)
    return f"<a whole number of {len(text.lstrip('+-')):,} digits>"


def finite(number: float) -> float | str:
    """Return a number, or the word for it if JSON has none."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def broken(format: str, why: str) -> UnreadablePayload:
    """Return what is wrong with data in that format, in words for a person."""
    return UnreadablePayload(f"unreadable: {format}, {why}")


def too_short(format: str) -> UnreadablePayload:
    """Return what is wrong with data that ends too early."""
    return broken(format, "it ends too early")


def too_deep(format: str) -> UnreadablePayload:
    """Return what is wrong with data that is nested in more than MOST_LEVELS."""
    return broken(format, "it is nested too deeply")
