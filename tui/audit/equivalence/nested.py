"""JSON and arrays: the same values, deeply, in whatever order an object names them."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from tui.audit.extent import TooManyValues, check_extent
from tui.models.scalars import Nested

MOST_LEVELS = 100
"""Deeper than that nothing is compared, and Python's own JSON gives up at some depth."""
MOST_DIGITS = 4000
"""Python makes no number of a longer text."""
LONGEST_LITERAL = 1 << 20
"""Characters: nobody keeps a longer array in PostgreSQL's own spelling."""
BOUNDS = re.compile(r"\s*(?:(?:\[[+-]?[0-9]{1,10}:[+-]?[0-9]{1,10}\]){1,6}=)?", re.ASCII)
"""Where PostgreSQL counts an array's elements from, if not from 1."""
TOKEN = re.compile(
    r'\s*+(?:([{},])|"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^",{}\s][^",{}]*+))\s*+', re.DOTALL
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def same_json(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one JSON value, as a value or as the text that spells it.

    None where the row holds no JSON.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    wanted = canonical(stored) if isinstance(stored, str) else json.dumps(stored)
    if wanted is None:
        return None
    if not isinstance(cached, str):
        return canonical(json.dumps(cached)) == wanted
    if canonical(cached) == wanted:
        return True
    is_text = wanted[:1] == '"' and not isinstance(cached, Nested)
    return is_text and json.dumps(cached) == wanted


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


def value_of(text: str) -> Any:
    """Return what a JSON text says; None where it is no JSON, as where it is null.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    try:
        return parsed(text)
    except TooManyValues:
        raise
    except ValueError:
        return None


def _array(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return None
    text = value[BOUNDS.match(value).end() :]  # type: ignore[union-attr]  # it matches nothing, too
    if text[:1] == "{":
        return _literal(text)
    inner = value_of(value)
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

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if len(text) > LONGEST_LITERAL:
        raise TooManyValues(f"an array of more than {LONGEST_LITERAL:,} characters")
    check_extent(text.encode("utf-8", "replace"))
    whole: list[Any] = []
    levels, at, is_due = [whole], 0, True
    """Whether an element must follow, or may: behind a brace or a comma."""
    while (match := TOKEN.match(text, at)) is not None:
        sign, quoted, bare = match.groups()
        at = match.end()
        if sign == "}":
            if len(levels) == 1 or (is_due and levels[-1]):
                return None
            levels.pop()
        elif sign == ",":
            if is_due or len(levels) == 1:
                return None
        elif not is_due or len(levels) > MOST_LEVELS:
            return None
        elif sign == "{":
            levels[-1].append([])
            levels.append(levels[-1][-1])
        else:
            levels[-1].append(_element(quoted, bare))
        is_due = sign in {"{", ","}
    return whole[0] if at == len(text) and len(levels) == 1 and len(whole) == 1 else None


def _element(quoted: str | None, bare: str) -> str | None:
    if quoted is not None:
        return ESCAPED.sub(r"\1", quoted)
    bare = bare.strip()
    return None if bare.upper() == "NULL" else bare


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice, and nobody knows which is meant")
    return found


def _plain(text: str) -> float | int:
    """Give a number; what is whole is whole, whether or not it is spelled with a point."""
    number = Decimal(text) if len(text) <= MOST_DIGITS else None
    if number is None or (number and abs(number.adjusted()) >= MOST_DIGITS):
        raise ValueError("too large")
    return int(number) if number == number.to_integral_value() else float(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
