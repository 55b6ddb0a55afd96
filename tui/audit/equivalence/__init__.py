"""Which cached value stands for which stored one, whatever language spelled it."""

import json
import math
import re
from typing import Any, NoReturn

from tui.audit.extent import check_extent
from tui.models import Scalar

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
"""A number as JSON spells it."""
MOST_DIGITS = 400
TRUTH = {"true": True, "false": False}
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]+)?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
"""A date with a time, as ISO 8601 and as SQL spell it."""


def same(cached: Scalar, stored: Scalar, *, texts: bool = False) -> bool:
    """Tell whether a cached value stands for the stored one.

    Programs cache what their language makes of a column: the same is 1 and true; a number or a
    truth value and the text that spells it; one moment, with T or a space, with or without
    zeros behind the seconds, in UTC whether or not it says so; one JSON object or array, parsed
    or a text, however it is spaced. Where the cache holds `texts` alone, as a hash does, an
    empty one may also stand for NULL.
    """
    if cached == stored:
        return True
    if cached is None or stored is None:
        return texts and stored is None and cached == ""
    if isinstance(cached, str) and isinstance(stored, str):
        return _same_moment(cached, stored) or _same_json(cached, stored)
    if isinstance(cached, str):
        return _number(cached) == stored or TRUTH.get(cached.lower()) == stored
    if isinstance(stored, str):
        if isinstance(cached, bool):
            return TRUTH.get(stored.lower()) is cached
        return _number(stored) == cached
    return False


def same_key(cached: Scalar, id: Scalar) -> bool:
    """Tell whether a cached key may be that one; many a key column takes `A` for `a`."""
    if isinstance(cached, str) and isinstance(id, str):
        return cached.casefold() == id.casefold()
    return same(cached, id)


def _number(text: str) -> float | int | None:
    match = NUMBER.fullmatch(text)
    if match is None or len(text) > MOST_DIGITS:
        return None
    if match[2] is None and match[3] is None:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else None


def _same_moment(cached: str, stored: str) -> bool:
    moment = _moment(cached)
    return moment is not None and moment == _moment(stored)


def _moment(text: str) -> tuple[str, ...] | None:
    match = MOMENT.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, zone = match.groups()
    offset = (zone or "Z").upper().replace(":", "")
    return (
        day,
        minute,
        second or ":00",
        (fraction or "").rstrip("0").rstrip("."),
        "Z" if offset in {"+0000", "-0000"} else offset,
    )


def _same_json(cached: str, stored: str) -> bool:
    if cached[:1] + stored[:1] not in {"{{", "[["}:
        return False
    check_extent(cached.encode("utf-8", "replace"))
    check_extent(stored.encode("utf-8", "replace"))
    value = _canonical(cached)
    return value is not None and value == _canonical(stored)


def _canonical(text: str) -> str | None:
    """Give a JSON text in the one way in which all texts of that meaning are given."""
    try:
        value: Any = json.loads(
            text, object_pairs_hook=_without_twins, parse_float=_plain, parse_constant=_refuse
        )
        return json.dumps(value, sort_keys=True)
    except (ValueError, RecursionError):
        return None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice, and nobody knows which is meant")
    return found


def _plain(text: str) -> float | int:
    """Give a number; what is whole is whole, whether or not it is spelled with a point."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large")
    return int(number) if number.is_integer() else number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
