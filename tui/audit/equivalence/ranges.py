"""Ranges: the same ends and the same bounds, as a text or as an object."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from tui.audit.equivalence.nested import value_of

LONGEST = 10_000
"""Characters: a longer text is no range."""
_END = r'("(?:[^"\\]|\\.|"")*+"|[^,"\[\]()]*+)'
RANGE = re.compile(rf"([\[(])\s*+{_END}\s*+,\s*+{_END}([\])])", re.DOTALL)
RUBY = re.compile(r"(.*?)\.\.(\.?)(.*)", re.DOTALL)
"""What Rails writes: two points where the upper end belongs to it, else three."""
PART = re.compile(r"[\[(][^\[\]()]*+[\])]")
"""One range of several."""
DOUBLED = re.compile(r'(?:\\|"(?="))(.)', re.DOTALL)
EMPTY = "empty"
NO_BOUND = frozenset({"", "null", "none", "infinity", "-infinity"})
LOWER = ("lower", "start", "from", "lowerbound", "begin")
UPPER = ("upper", "end", "to", "upperbound")
OF_GO = {ord("i"): True, ord("e"): False, ord("U"): False}
"""How pgx says whether an end belongs to a range."""


class End(Struct, frozen=True):
    """One end of a range."""

    value: Any = None
    """Where it is; None for nowhere."""
    belongs: bool = False
    """Whether it is in the range itself."""


Range: TypeAlias = "tuple[End, End] | None"
"""Both ends of a range; None for the empty one."""


def same_range(cached: Any, stored: Any, same: Callable[[Any, Any], bool]) -> bool | None:
    """Tell whether both are the same ranges, each end by `same`; None: the row has none.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    wanted = _ranges(stored)
    if wanted is None:
        return None
    found = _ranges(cached)
    if found is None or len(found) != len(wanted):
        return False
    return all(_is_same(*pair, same) for pair in zip(found, wanted, strict=True))


def _is_same(found: Range, wanted: Range, same: Callable[[Any, Any], bool]) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return all(_is_same_end(*ends, same) for ends in zip(found, wanted, strict=True))


def _is_same_end(found: End, wanted: End, same: Callable[[Any, Any], bool]) -> bool:
    if found.value is None or wanted.value is None:
        return found.value is wanted.value
    return found.belongs is wanted.belongs and same(found.value, wanted.value)


def _ranges(value: Any) -> list[Range] | None:
    """Return the ranges that a value is: one, or those of a multirange; None for others."""
    if isinstance(value, str):
        text = value.strip() if len(value) <= LONGEST else ""
        if text[:1] == "{" and '"' not in text[:2]:
            return _several(text[1:].removesuffix("}"))
        if text[:1] == "{" or text[:2] in {"[{", '["'}:
            found = _ranges(value_of(text))
            if found is not None:
                return found
        return _all([_of_text(text)])
    if isinstance(value, list):
        return _of_list(value)
    return _all([_of_object(value)]) if isinstance(value, Mapping) else None


def _several(text: str) -> list[Range] | None:
    """Return the ranges between the braces of a multirange."""
    rest = PART.sub("", text).replace(",", "").strip()
    return None if rest else _all([_of_text(part) for part in PART.findall(text)])


def _of_list(value: list[Any]) -> list[Range] | None:
    if len(value) == 2 and all(isinstance(v, Mapping) and "inclusive" in v for v in value):
        return [(_end(value[0], True), _end(value[1], False))]  # Sequelize
    inner = [_ranges(one) for one in value]
    if any(one is None or len(one) != 1 for one in inner):
        return None
    return [one[0] for one in inner if one]


def _all(ranges: "list[Range | Literal[False]]") -> list[Range] | None:
    return None if False in ranges else [one for one in ranges if one is not False]


def _of_text(text: str) -> "Range | Literal[False]":
    if text.lower() == EMPTY:
        return None
    match = RANGE.fullmatch(text)
    if match is not None:
        begin, lower, upper, end = match.groups()
        return _end(_unquoted(lower), begin == "["), _end(_unquoted(upper), end == "]")
    match = RUBY.fullmatch(text)
    if match is None or text[:1] in {"[", "("}:
        return False
    return _end(match[1], True), _end(match[3], not match[2])


def _of_object(value: Mapping[str, Any]) -> "Range | Literal[False]":
    named = {name.lower().replace("_", ""): inner for name, inner in value.items()}
    if named.get("empty") is True or named.get("isempty") is True:
        return None
    lower = next((name for name in LOWER if name in named), None)
    upper = next((name for name in UPPER if name in named), None)
    if lower is None or upper is None:
        return False
    bounds = str(named.get("bounds") or "[)")
    begin = _belongs(named, "lower", bounds[:1] == "[")
    end = _belongs(named, "upper", bounds[-1:] == "]")
    return _end(named[lower], begin), _end(named[upper], end)


def _belongs(named: Mapping[str, Any], end: str, usual: bool) -> bool:
    """Tell whether an end belongs to its range, where an object says so in its own way."""
    inclusive = named.get(f"{end}inclusive")
    if isinstance(inclusive, bool):
        return inclusive
    type_of_go = named.get(f"{end}type")
    return OF_GO.get(type_of_go, usual) if isinstance(type_of_go, int) else usual


def _end(value: Any, belongs: bool) -> End:
    if isinstance(value, Mapping) and isinstance(value.get("inclusive"), bool):
        value, belongs = value.get("value"), value["inclusive"]
    if value is None or (isinstance(value, str) and value.strip().lower() in NO_BOUND):
        return End()
    return End(value.strip() if isinstance(value, str) else value, belongs)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return DOUBLED.sub(r"\1", text[1:-1])
    return text
