"""What is made of the values that the server sends, where they are not values of ours yet."""

import struct
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from tui.database.mysql.kinds import ColumnType
from tui.database.sql.values import Blob
from tui.models import Scalar
from tui.models.columns import Kind
from tui.models.scalars import Nested

Cell: TypeAlias = Callable[[Any], Scalar]
Cells: TypeAlias = tuple[tuple[int, Cell], ...]
"""What makes a value, with its place in a row."""
FEWEST_DIGITS, MOST_DIGITS = 6, 9
"""Digits that tell any two floats of 4 bytes apart: between these."""
IN_UTC: Final = "+00:00"
NO_DATE: Final = "0000"
"""How the moment begins that is none."""
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)


def cell_of(kind: Kind, its: ColumnType, *, nested: bool) -> Cell | None:
    """Return what makes values of a column of that kind; None where they come as they are."""
    if kind is Kind.BOOLEAN:
        return truth
    if kind is Kind.FLOAT and its.word == "float":
        return shortest
    if kind is Kind.BIT:
        return partial(bits, its.length or 1)
    if kind is Kind.BYTES:
        return partial(_bytes, its.word.upper())
    if its.word == "timestamp":
        return instant
    return json if nested else None


def instant(value: str) -> Scalar:
    """Return a moment that is kept in UTC, whatever zone the server is in, as one that is."""
    return value if value.startswith(NO_DATE) else f"{value}{IN_UTC}"


def truth(value: int) -> Scalar:
    """Return a truth value; a number that is neither 0 nor 1 stays one."""
    return bool(value) if value in {0, 1} else value


def shortest(value: float) -> Scalar:
    """Return the number with the fewest digits that is the same float of 4 bytes."""
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        shorter = float(f"{value:.{digits}g}")
        try:
            if single(shorter) == value:
                return shorter
        except OverflowError:  # rounded up beyond the largest
            continue
    return float(f"{value:.{MOST_DIGITS}g}")


def single(value: float) -> float:
    """Return the float of 4 bytes that is nearest.

    Raises:
        OverflowError: none is near.
    """
    (nearest,) = struct.unpack("<f", struct.pack("<f", value))
    return float(nearest)


def bits(length: int, value: int) -> Scalar:
    """Return a number as the bits that it stands for."""
    return f"{value:0{length}b}"


def json(value: str) -> Scalar:
    """Return the JSON that a text is; MariaDB keeps texts, and may have let in others."""
    try:
        _RAW.decode(value)
    except msgspec.DecodeError:
        return value
    return Nested(value)


def _bytes(word: str, value: bytes | str) -> Scalar:
    return Blob.of(value.encode() if isinstance(value, str) else value, word)
