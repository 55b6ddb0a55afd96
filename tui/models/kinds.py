"""What a column of each kind takes when it is typed, and what becomes of it.

What the column holds already is the last word: a database may keep a moment as a number, a
truth value as a letter, and anything at all in a column that is declared to hold something
else.
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.numbers import is_decimal, is_rounded, number, shown_as_number
from tui.models.scalars import StandIn
from tui.models.spelling import canonical, is_uuid, spelled_like
from tui.models.temporal import is_date, is_interval, is_moment, is_time

Seen: TypeAlias = Sequence[Scalar]
"""Values that a column holds, none of them None: first the one that is to be changed."""
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN})
MOST_CHOICES = 12
"""How many of a column's values are named where another was typed."""
DIGITS = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
BARE_UUID = 32
"""How many characters a uuid has without dashes."""
WORDS = (("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("on", "off"), ("1", "0"))
"""In which words programs keep truth values, where they keep texts."""
TRUTH = {word: value for pair in WORDS for word, value in zip(pair, (True, False), strict=True)}


class NotTaken(Exception):
    """The column does not take what was typed."""

    def __init__(self, what: str, example: str) -> None:
        """Say `what` it takes, such as 'a number', with an example."""
        super().__init__(what)
        self.what = what
        self.example = example


def holds_bytes(column: Column, seen: Seen) -> bool:
    """Tell whether the column takes no text, since bytes are what it holds."""
    if column.kind in {Kind.UUID, Kind.GEOMETRY}:
        return bool(seen) and isinstance(seen[0], StandIn)
    return column.kind is Kind.BYTES


def read(text: str, column: Column, seen: Seen) -> Scalar:
    """Return the value that `text` spells for a column that holds the values `seen`.

    Raises:
        NotTaken: it takes no such value.
    """
    reader = READERS.get(column.kind)
    return text if reader is None else reader(text, column, seen)


def made_number(text: str, column: Column) -> str | None:
    """Return the number that the database makes of a text which it cannot keep in that column.

    None where it keeps it, where the number looks the same, and where numbers are meant.
    """
    if column.number_digits is None or column.kind in NUMBERS:
        return None
    shown = shown_as_number(text)
    return None if shown == text else shown


def _integer(text: str, column: Column, _: Seen) -> Scalar:
    value = number(text)
    if column.range is not None and DIGITS.fullmatch(text):
        least, most = column.range
        if not least <= int(text) <= most:
            raise NotTaken(f"a whole number from {least} to {most}", str(most))
        return int(text)
    if not isinstance(value, int):
        raise NotTaken("a whole number", "42")
    return value


def _float(text: str, _: Column, __: Seen) -> Scalar:
    value = number(text)
    if value is None:
        raise NotTaken("a number", "1.5")
    return value


def _decimal(text: str, column: Column, _: Seen) -> Scalar:
    """Return the digits as they are; whether they become a number is for the database."""
    if not is_decimal(text):
        raise NotTaken("a number", "10.50")
    behind = text.partition(".")[2].rstrip("0")
    if column.places is not None and len(behind) > column.places and behind.isdigit():
        raise NotTaken(f"a number with {column.places} digits behind the point at most", "10.5")
    most = column.number_digits
    if most is not None and is_rounded(text, most):
        raise NotTaken(f"a number of at most {most} digits, and would round it", "10.50")
    return text


def _boolean(text: str, _: Column, seen: Seen) -> Scalar:
    """Return true or false, in the way in which the column's other values are kept."""
    kept = next((value for value in seen if not isinstance(value, StandIn)), True)
    if isinstance(kept, str) and kept.casefold() not in TRUTH:
        return text
    value = TRUTH.get(text.casefold())
    if value is None:
        others = [other for other in seen if type(other) is int and other not in {0, 1}]
        if others:
            return _integer(text, _, seen)
        raise NotTaken("true or false", "true")
    if isinstance(kept, str):
        pair = next(pair for pair in WORDS if kept.casefold() in pair)
        word = pair[0] if value else pair[1]
        return word.upper() if kept.isupper() else word.title() if kept.istitle() else word
    return value if isinstance(kept, bool) else int(value)


def _as_text(
    is_one: Callable[[str], bool], what: str, example: str
) -> Callable[[str, Column, Seen], Scalar]:
    """Return a reader of texts that `is_one` knows, where the column does not hold numbers."""

    def reader(text: str, _: Column, seen: Seen) -> Scalar:
        texts = [v for v in seen if isinstance(v, str) and not isinstance(v, StandIn)]
        numbers = [v for v in seen if isinstance(v, int | float)]
        if texts and not any(map(is_one, texts)):
            return text
        if (texts or not numbers) and is_one(text):
            return text
        value = number(text)
        if value is not None and (numbers or not texts):
            return value
        if numbers and not texts:
            raise NotTaken("a number, as its other values are", str(numbers[0]))
        raise NotTaken(what, next(filter(is_one, texts), example))

    return reader


def _uuid(text: str, column: Column, seen: Seen) -> Scalar:
    """Return a uuid in the spelling that the column has, whatever spelling was typed."""
    texts = [v for v in seen if isinstance(v, str) and not isinstance(v, StandIn)]
    alike = next(filter(is_uuid, texts), None)
    if texts and alike is None:
        return text
    if not is_uuid(text):
        raise NotTaken("a uuid", "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35")
    if alike is not None:
        return spelled_like(alike, text)
    usual = canonical(text)
    return usual.replace("-", "") if column.length == BARE_UUID else usual


def _json(text: str, _: Column, __: Seen) -> Scalar:
    import json  # not before the first paint, which shows no form

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise NotTaken("JSON", '{"a": 1}') from None
    return text


def _enum(text: str, column: Column, _: Seen) -> Scalar:
    """Return one of the values that the database lists, or any text where it lists none."""
    if column.choices and text not in column.choices:
        raise NotTaken(f"one of {', '.join(column.choices[:MOST_CHOICES])}", column.choices[0])
    return text


def _any(text: str, _: Column, seen: Seen) -> Scalar:
    """Return a number for what is shown just as a number is, unless texts alone are kept."""
    if seen and all(isinstance(v, str) and not isinstance(v, StandIn) for v in seen):
        return text
    value = number(text)
    return value if value is not None and str(value) == text else text


READERS: dict[Kind, Callable[[str, Column, Seen], Scalar]] = {
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.FLOAT: _float,
    Kind.BOOLEAN: _boolean,
    Kind.MOMENT: _as_text(is_moment, "a moment", "2026-06-30 12:30:00"),
    Kind.DATE: _as_text(is_date, "a date", "2026-06-30"),
    Kind.TIME: _as_text(is_time, "a time", "12:30:00"),
    Kind.INTERVAL: _as_text(is_interval, "an interval", "P1DT2H30M"),
    Kind.UUID: _uuid,
    Kind.JSON: _json,
    Kind.ENUM: _enum,
    Kind.UNKNOWN: _any,
}
"""What is made of a text; a column of any other kind takes it as it is."""
BY_VALUE = frozenset(READERS.keys() | {Kind.GEOMETRY}) - {
    Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.JSON, Kind.ENUM,
}  # fmt: skip
"""The kinds of which `read` has to know what the column holds."""
HINTS = {
    Kind.DECIMAL: "decimal: 10.50",
    Kind.BOOLEAN: "boolean: true or false",
    Kind.MOMENT: "moment: 2026-06-30 12:30:00",
    Kind.DATE: "date: 2026-06-30",
    Kind.TIME: "time: 12:30:00",
    Kind.INTERVAL: "interval: P1DT2H30M",
    Kind.UNKNOWN: "any value",
}
TEMPORAL = frozenset({Kind.MOMENT, Kind.DATE, Kind.TIME, Kind.INTERVAL})


def hint(column: Column, value: Scalar) -> str:
    """Return in a few words what a column takes that holds `value` now."""
    required = "" if column.nullable else ", not NULL"
    if column.kind in TEMPORAL and isinstance(value, int | float):
        return f"{column.kind}, as a number{required}"
    if column.choices:
        return f"{', '.join(column.choices[:MOST_CHOICES])}{required}"
    return f"{HINTS.get(column.kind, column.kind)}{required}"
