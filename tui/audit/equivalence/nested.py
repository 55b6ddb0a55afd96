"""JSON and arrays: the same values, deeply, in whatever order an object names them."""

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from tui.audit.extent import TooManyValues, check_extent

MOST_LEVELS = 100
"""Deeper than that nothing is compared, and Python's own JSON gives up at some depth."""
MOST_DIGITS = 4000
"""Python makes no number of a longer text."""


def same_json(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one JSON value, as a value or as the text that spells it.

    None where the row holds no JSON.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    wanted = canonical(stored) if isinstance(stored, str) else json.dumps(stored)
    if wanted is None:
        return None
    if isinstance(cached, str):
        if canonical(cached) == wanted:
            return True
        return canonical(json.dumps(cached)) == wanted
    return canonical(json.dumps(cached)) == wanted


def same_objects(cached: str, stored: str) -> bool:
    """Tell whether two texts spell one JSON object or array.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if cached.lstrip()[:1] + stored.lstrip()[:1] not in {"{{", "[["}:
        return False
    value = canonical(cached)
    return value is not None and value == canonical(stored)


def same_array(cached: Any, stored: Any, same: Callable[[Any, Any], bool]) -> bool | None:
    """Tell whether both are one array, each element by `same`; None where the row has none.

    Arrays are lists, JSON, or texts as PostgreSQL spells them.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    wanted, found = _array(stored), _array(cached)
    if wanted is None:
        return None
    return found is not None and _same_lists(found, wanted, same)


def canonical(text: str) -> str | None:
    """Return a JSON text in the one way in which all texts of that meaning are given.

    None where it is no JSON, or where a name stands twice.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    try:
        return json.dumps(parsed(text), sort_keys=True)
    except TooManyValues:
        raise
    except (ValueError, RecursionError):
        return None


def parsed(text: str) -> Any:
    """Return what a JSON text says; a number is whole if it is, however it is spelled.

    Raises:
        ValueError: it is no JSON, or nested too deeply, or a name stands twice.
        TooManyValues: nobody would wait for it.
    """
    check_extent(text.encode("utf-8", "replace"))
    try:
        return json.loads(
            text, object_pairs_hook=_without_twins, parse_float=_plain, parse_constant=_refuse
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _array(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text[:1] == "{":
        return _literal(text)
    try:
        inner = parsed(text)
    except ValueError:
        return None
    return inner if isinstance(inner, list) else None


def _same_lists(
    found: list[Any], wanted: list[Any], same: Callable[[Any, Any], bool], depth: int = 0
) -> bool:
    if len(found) != len(wanted) or depth > MOST_LEVELS:
        return False
    return all(
        _same_lists(one, other, same, depth + 1)
        if isinstance(one, list) and isinstance(other, list)
        else _same_element(one, other, same)
        for one, other in zip(found, wanted, strict=True)
    )


def _same_element(one: Any, other: Any, same: Callable[[Any, Any], bool]) -> bool:
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        texts = [v if isinstance(v, str) else json.dumps(v) for v in (one, other)]
        return same_objects(*texts)
    return same(one, other)


def _literal(text: str) -> list[Any] | None:
    """Return what an array in PostgreSQL's spelling holds, as texts; None where it is none.

    Source: PostgreSQL documentation, 'Array Input and Output Syntax'.
    """
    check_extent(text.encode("utf-8", "replace"))
    levels: list[list[Any]] = [[]]
    at, end = 0, len(text)
    while at < end:
        sign = text[at]
        if sign == "{":
            if len(levels) > MOST_LEVELS:
                return None
            inner: list[Any] = []
            levels[-1].append(inner)
            levels.append(inner)
            at += 1
        elif sign == "}":
            levels.pop()
            at += 1
            if not levels or (len(levels) == 1 and at < end):
                return None
        elif sign == ",":
            at += 1
        else:
            value, at = _element(text, at)
            levels[-1].append(value)
    return levels[0][0] if len(levels) == 1 and levels[0] else None


def _element(text: str, at: int) -> tuple[str | None, int]:
    if text[at] != '"':
        end = at
        while end < len(text) and text[end] not in ",{}":
            end += 1
        bare = text[at:end].strip()
        return (None if bare.upper() == "NULL" else bare), end
    parts: list[str] = []
    at += 1
    while at < len(text) and text[at] != '"':
        at += text[at] == "\\"
        parts.append(text[at : at + 1])
        at += 1
    return "".join(parts), at + 1


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
