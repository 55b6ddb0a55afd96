"""Kinds that are kept as texts: networks, ranges, points, and values of a list."""

import ipaddress
import re
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tui.audit.equivalence.nested import parsed
from tui.audit.equivalence.numbers import exact
from tui.models.scalars import StandIn, mark_of

LONGEST = 1000
"""Characters: a longer text is none of these."""
MAC = re.compile(
    r"[0-9a-f]{2}(?:([:-]?)[0-9a-f]{2}){5,7}|(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4}", re.IGNORECASE
)
RANGE = re.compile(r"\s*([\[(])(.*),(.*)([\])])\s*", re.DOTALL)
EMPTY = "empty"
NO_BOUND = frozenset({"", "null", "none", "infinity", "-infinity"})
POINT = re.compile(
    r"(?:SRID=[0-9]+;)?(?:POINT)? ?\(\s*([^\s,()]+)\s*[\s,]\s*([^\s,()]+)\s*\)", re.IGNORECASE
)
LOWER = ("lower", "start", "from", "lowerBound", "begin")
UPPER = ("upper", "end", "to", "upperBound")
LITTLE_ENDIAN_POINT = struct.pack("<BI", 1, 1)
"""How a point begins in well-known binary."""
NO_SYSTEM = bytes(4)
"""What MySQL puts before it: the number of a coordinate system."""


def same_network(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one address, of a network or a machine; None: the row has none."""
    wanted = _network(stored)
    return None if wanted is None else _network(cached) == wanted


def same_range(cached: Any, stored: Any, same: Callable[[Any, Any], bool]) -> bool | None:
    """Tell whether both are one range, each end by `same`; None where the row holds none."""
    wanted = _range(stored)
    if wanted is None:
        return None
    found = _range(cached)
    if found is None:
        return False
    if isinstance(found, str) or isinstance(wanted, str):
        return found == wanted
    if found[0] + found[3] != wanted[0] + wanted[3]:
        return False
    return all(_same_end(found[n], wanted[n], same) for n in (1, 2))


def same_geometry(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one point; None where that cannot be told."""
    found = _point(cached)
    if isinstance(stored, StandIn):
        if found is None:
            return None
        binary = LITTLE_ENDIAN_POINT + struct.pack("<dd", *found)
        marks = {mark_of("blob", NO_SYSTEM + binary), mark_of("blob", binary)}
        return True if stored.mark in marks else None
    wanted = _point(stored)
    return None if wanted is None else found == wanted


def same_choice(cached: Any, stored: Any) -> bool | None:
    """Tell whether a list of texts is a set of values, as MySQL spells one with commas."""
    if isinstance(cached, str) and cached[:1] == "[":
        try:
            cached = parsed(cached)
        except ValueError:
            return None
    if not isinstance(cached, list) or not isinstance(stored, str):
        return None
    return ",".join(map(str, cached)) == stored


def _network(value: Any) -> object:
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = value.strip()
    if MAC.fullmatch(text) is not None:
        return re.sub(r"[^0-9a-f]", "", text.lower())
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        return None


def _range(value: Any) -> "tuple[Any, Any, Any, Any] | str | None":
    """Return how a range begins, its ends, and how it ends; None for what is none."""
    if isinstance(value, str) and len(value) <= LONGEST:
        if value[:1] != "{":
            return _range_of(value)
        with suppress(ValueError):
            return _range(parsed(value))
    if not isinstance(value, Mapping):
        return None
    if value.get("empty") is True or value.get("isEmpty") is True:
        return EMPTY
    lower = next((value[name] for name in LOWER if name in value), EMPTY)
    upper = next((value[name] for name in UPPER if name in value), EMPTY)
    if EMPTY in (lower, upper):
        return None
    bounds = str(value.get("bounds") or "[)")
    return _open(bounds[:1], lower), lower, upper, _open(bounds[-1:], upper)


def _range_of(text: str) -> "tuple[Any, Any, Any, Any] | str | None":
    if text.strip().lower() == EMPTY:
        return EMPTY
    match = RANGE.fullmatch(text)
    if match is None:
        return None
    begin, lower, upper, end = match.groups()
    lower, upper = (_unquoted(part.strip()) for part in (lower, upper))
    return _open(begin, lower), lower, upper, _open(end, upper)


def _open(bound: str, end: Any) -> str:
    """Return a bound as it is spelled; where there is no end, both mean the same."""
    return "" if _is_no_bound(end) else bound


def _is_no_bound(end: Any) -> bool:
    return end is None or (isinstance(end, str) and end.lower() in NO_BOUND)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace('""', '"').replace("\\\\", "\\")
    return text


def _same_end(found: Any, wanted: Any, same: Callable[[Any, Any], bool]) -> bool:
    if _is_no_bound(found) or _is_no_bound(wanted):
        return _is_no_bound(found) and _is_no_bound(wanted)
    return same(found, wanted)


def _point(value: Any) -> tuple[float, float] | None:
    if isinstance(value, str):
        if len(value) > LONGEST:
            return None
        match = POINT.fullmatch(value.strip())
        if match is not None:
            return _numbers(match.groups())
        try:
            value = parsed(value)
        except ValueError:
            return None
    if isinstance(value, Mapping):
        if value.get("type") == "Point":
            value = value.get("coordinates")
        elif {name.lower() for name in value} == {"x", "y"}:
            value = [value[name] for name in sorted(value)]
    if isinstance(value, list) and len(value) == 2:
        return _numbers(tuple(value))
    return None


def _numbers(parts: tuple[Any, ...]) -> tuple[float, float] | None:
    numbers = [None if isinstance(part, bool) else exact(part) for part in parts]
    try:
        x, y = (float(number) for number in numbers if number is not None)
    except (ValueError, OverflowError):
        return None
    return x, y
