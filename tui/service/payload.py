"""What is stored in the cache: a record as one JSON object, or null for 'known absent'."""

import json
import math
from contextlib import suppress
from typing import Any, NoReturn

import msgspec

from tui.models import Key, Record, Scalar
from tui.plain_text import is_unicode
from tui.scalars import Nested

KNOWN_ABSENT = b"null"
_PLAIN = msgspec.json.Encoder()
"""A tenth of the time of Python's own, for what holds nothing out of the ordinary."""
_TO_STORE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_STORED = msgspec.json.Decoder(dict[str, Scalar] | None)
"""Parses and checks in one pass: a lookup does little else that takes time."""
_ORDINARY = frozenset({int, str, bool, type(None)})
MOST_LEVELS = 100
"""Deeper than that nothing is a record, and Python's own JSON gives up at some depth."""


class UnreadablePayload(ValueError):
    """The bytes are not a record of this table."""


def encode(record: Record | None) -> bytes:
    """Give the bytes that stand for `record` in the cache; None is 'known to be absent'."""
    if record is None:
        return KNOWN_ABSENT
    if _ORDINARY.issuperset(map(type, record.values())):
        return _PLAIN.encode(record)
    return _TO_STORE.encode(record).encode()


def decode(
    payload: bytes, *, id: Key, id_column: str, columns: frozenset[str]
) -> Record | None:
    """Give the record that `payload` stands for; None is 'known to be absent'.

    Raises:
        UnreadablePayload: it is not JSON, not an object of scalars, has other columns than
            the table, or is the record of another key.
    """
    try:
        value: Record | None = _STORED.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(payload) from error
    if value is None:
        return None
    if value.keys() != columns:
        raise UnreadablePayload("it has other columns than the table")
    if value[id_column] != id or type(value[id_column]) is not type(id):
        raise UnreadablePayload("it is the record of another key")
    return value


def read_object(payload: bytes) -> Record | None:
    """Give the object that another program cached, whatever its columns; None for null.

    What is no scalar in it is given as the JSON that it is.

    Raises:
        UnreadablePayload: it is not JSON, no object, or nested in more than MOST_LEVELS.
    """
    value = _parse(payload)
    if value is None:
        return None
    if not _is_shallow(value):
        raise UnreadablePayload("it is nested too deeply")
    return {
        _spelled(name): inner if _is_scalar(inner) else _nested(inner)
        for name, inner in value.items()
    }


def _parse(payload: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(payload.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadablePayload(f"it is not JSON: {error}") from error
    if value is not None and not isinstance(value, dict):
        raise UnreadablePayload("it is JSON, but not an object")
    return value


def _unreadable(payload: bytes) -> UnreadablePayload:
    """Give what is wrong with bytes that are no record, in words for a person."""
    try:
        value = _parse(payload)
    except UnreadablePayload as error:
        return error
    odd = (column for column, scalar in (value or {}).items() if not _is_scalar(scalar))
    return UnreadablePayload(f"{next(odd, 'it')} is not a JSON scalar of Unicode text")


def _nested(value: Any) -> str:
    text = _spelled(json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict | list):
        with suppress(ValueError):  # an infinity, which JSON cannot say back
            json.dumps(value, allow_nan=False)
            return Nested(text)
    return text


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def _spelled(text: str) -> str:
    """Give `text` with what is not Unicode in it made so."""
    return text.encode("utf-8", "replace").decode()


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return is_unicode(value)
    if isinstance(value, float):
        # 1e999 is legal JSON and becomes infinity, which JSON cannot say back.
        return math.isfinite(value)
    return value is None or isinstance(value, int)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
