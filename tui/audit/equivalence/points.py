"""Points: the same two numbers, as a text, a list, an object, or in well-known binary."""

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from tui.audit.equivalence.nested import value_of
from tui.audit.equivalence.numbers import exact
from tui.audit.equivalence.verdict import NotCompared
from tui.models.scalars import Nested, StandIn, mark_of

LONGEST = 1000
"""Characters: a longer text is no point."""
_NUMBER = r"([+\-.0-9e]{1,400})"
POINT = re.compile(
    rf"(?:SRID=[0-9]+;)?(?:POINT)? ?(\()?\s*+{_NUMBER}(?:\s*+,\s*+|\s++){_NUMBER}\s*+(\))?",
    re.ASCII | re.IGNORECASE,
)
BINARY = re.compile(r"(?:\\x)?([0-9a-f]{42}|[0-9a-f]{50})", re.IGNORECASE)
"""A point in hex digits of well-known binary, without a coordinate system and with one."""
SYSTEMS = (0, 4326, 3857, -1)
"""The numbers of coordinate systems that most points are in; none is 0."""
WITHOUT_SYSTEM = 21
"""Bytes of a point in well-known binary."""
HAS_SYSTEM = 0x20000000
"""The flag of PostGIS that the number of a system follows."""


def same_point(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one point; None where one of them is none.

    Raises:
        NotCompared: the row's bytes may be a point in another form, or the copy's object the
            row's shape.
    """
    found = _point(cached)
    if isinstance(stored, StandIn):
        if found is None:
            return None
        if stored.mark in {mark_of("blob", binary) for binary in _binaries(*found)}:
            return True
        raise NotCompared("")
    wanted = _point(stored)
    if wanted is not None:
        return found == wanted
    if isinstance(cached, Nested) and isinstance(stored, str) and value_of(stored) is None:
        raise NotCompared("a shape that is spelled otherwise")
    return None


def bytes_of_point(stored: Any) -> Iterator[bytes]:
    """Give the bytes in which databases keep a point that is spelled; none for all else."""
    point = _point(stored)
    if point is not None:
        yield from _binaries(*point)


def _binaries(x: float, y: float) -> Iterator[bytes]:
    """Give the bytes in which databases keep a point.

    Well-known binary, alone, behind the number of a system as MySQL has it, or with that inside
    as PostGIS has it; and what SpatiaLite and GeoPackage put around it.
    """
    for order, sign in (("<", b"\1"), (">", b"\0")):
        numbers = struct.pack(f"{order}dd", x, y)
        bare = sign + struct.pack(f"{order}I", 1) + numbers
        yield bare
        for system in SYSTEMS:
            packed = struct.pack(f"{order}i", system)
            yield packed + bare
            yield sign + struct.pack(f"{order}I", 1 | HAS_SYSTEM) + packed + numbers
            yield b"GP\0" + sign + packed + bare
            box = numbers + numbers
            inner = b"\x7c" + struct.pack(f"{order}I", 1) + numbers + b"\xfe"
            yield b"\0" + sign + packed + box + inner


def _point(value: Any) -> tuple[float, float] | None:
    if isinstance(value, str):
        if len(value) > LONGEST:
            return None
        match = POINT.fullmatch(value.strip())
        if match is not None and (match[1] is None) is (match[4] is None):
            return _numbers((match[2], match[3]))
        match = BINARY.fullmatch(value.strip())
        if match is not None:
            return _unpacked(bytes.fromhex(match[1]))
        value = value_of(value)
    if isinstance(value, Mapping):
        if value.get("type") == "Point":
            value = value.get("coordinates")
        elif {name.lower() for name in value} == {"x", "y"}:
            value = [value[name] for name in sorted(value, key=str.lower)]
    if isinstance(value, list) and len(value) == 2:
        return _numbers(tuple(value))
    return None


def _unpacked(binary: bytes) -> tuple[float, float] | None:
    order = "<" if binary[:1] == b"\1" else ">"
    (form,) = struct.unpack_from(f"{order}I", binary, 1)
    if len(binary) > WITHOUT_SYSTEM and not form & HAS_SYSTEM:
        return _unpacked(binary[-WITHOUT_SYSTEM:])  # behind a system's number, as in MySQL
    if form & ~HAS_SYSTEM != 1:
        return None
    x, y = struct.unpack(f"{order}dd", binary[-16:])
    return float(x), float(y)


def _numbers(parts: tuple[Any, ...]) -> tuple[float, float] | None:
    numbers = [None if isinstance(part, bool) else exact(part) for part in parts]
    try:
        x, y = (float(number) for number in numbers if number is not None)
    except (ValueError, OverflowError):
        return None
    return x, y
