"""What languages and encoders put around a single value, seen through to the value."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tui.audit.equivalence.nested import MOST_LEVELS, value_of
from tui.models.scalars import Nested

CLASS = re.compile(r"\[*[A-Za-z_$][\w$]*(?:[.\\][\w$]+)+;?|\[+[A-Z]", re.ASCII)
"""The name of a class, with that of its package, which encoders put beside a value."""
TYPED = re.compile(r'\["([^"\\]{2,300})",')
OF_MONGODB: Final = frozenset({
    "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$oid",
})  # fmt: skip
"""What MongoDB's Extended JSON puts around a value, but for moments and bytes."""
TAGS: Final = (("$type", "$value"), ("__type__", "__value__"), ("@class", "@value"))
"""Under which names .NET, Celery and Java have the type and the value itself."""
LISTS: Final = (("$type", "$values"), ("$id", "$values"))
MOST: Final = 4
"""How many things are taken off around one value."""
MARKS: Final = ('"Valid"', '"$', '"__', '"@', '"high"')
"""One of these is in each object that is looked into."""


def inside(cached: Any, *, texts: bool = False) -> Any:
    """Return the value inside of what is put around it; itself where nothing is.

    Go has {"String": "x", "Valid": true}, and null where that is false; MongoDB
    {"$numberLong": "1"}; Java ["java.lang.Long", 1]. Where the cache holds `texts` alone, each
    may be JSON.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if not isinstance(cached, str) or not (texts or isinstance(cached, Nested)):
        return cached
    value = _value(cached)
    if isinstance(value, str):
        return cached if value == cached else value
    for number in range(MOST):
        inner = _without_one(value)
        if inner is value:
            return value if number else cached
        value = inner
        if isinstance(value, list):  # whose first element may look like a class
            break
    return value


def without_types(value: Any, depth: int = 0) -> Any:
    """Return a value without the names of classes that Java's encoders put at every level."""
    if depth > MOST_LEVELS:
        return value
    if isinstance(value, list):
        match value:
            case [str(name), list() | dict() as inner] if CLASS.fullmatch(name):
                return without_types(inner, depth + 1)
        return [without_types(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {
            name: without_types(one, depth + 1)
            for name, one in value.items()
            if name != "@class"
        }
    return value


def _value(text: str) -> Any:
    """Return what a text says as JSON, if that may be something around a value."""
    beginning = text[:1]
    if beginning == '"':
        return _quoted(text)
    typed = TYPED.match(text) if beginning == "[" else None
    if typed is not None and CLASS.fullmatch(typed[1]):
        return value_of(text)
    return value_of(text) if beginning == "{" and any(m in text for m in MARKS) else text


def _quoted(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else text


def _without_one(value: Any) -> Any:
    """Return a value without the outermost thing around it, or the very value."""
    match value:
        case [str(name), inner] if CLASS.fullmatch(name):
            return inner
        case {"Valid": bool(valid), **rest} if len(rest) == 1:
            return next(iter(rest.values())) if valid else None
        case {"Valid": False, **rest} if rest and not any(rest.values()):
            return None
        case dict() if len(value) == 1 and OF_MONGODB.issuperset(value):
            return next(iter(value.values()))
        case {"high": int(), "low": int()} if len(value) in {2, 3}:
            number = long_of(value)
            return value if number is None else number
        case dict() if len(value) == 2:
            return _tagged(value)
    return value


def without_mongodb(value: Any) -> Any:
    """Return what MongoDB's Extended JSON has a value around; itself where it is none."""
    if isinstance(value, dict) and len(value) == 1 and OF_MONGODB.issuperset(value):
        return next(iter(value.values()))
    return value


def long_of(value: Mapping[str, Any]) -> int | None:
    """Return the whole number that JavaScript's Long is, of two halves of 32 bits."""
    high, low = value.get("high"), value.get("low")
    if set(value) - {"unsigned"} != {"high", "low"} or type(high) is not int:
        return None
    if type(low) is not int or abs(high) > 1 << 32 or abs(low) > 1 << 32:
        return None
    number = (high << 32) + (low & 0xFFFFFFFF)
    return number % (1 << 64) if value.get("unsigned") is True else number


def _tagged(value: Mapping[str, Any]) -> Any:
    for tag, name in (*TAGS, *LISTS):
        if tag in value and name in value:
            return value[name]
    return value
