"""What is stored in the cache: a record as one JSON object, or null for 'known absent'."""

import json
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from tui.audit.extent import MOST_VALUES, UnreadablePayload, check_extent
from tui.audit.formats import unreadable
from tui.models import KNOWN_ABSENT, Key, Record, Scalar
from tui.models.scalars import Nested

_PLAIN = msgspec.json.Encoder()
"""A tenth of the time of Python's own, for what holds nothing out of the ordinary."""
_TO_STORE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_STORED = msgspec.json.Decoder(dict[str, Scalar] | None)
"""Parses and checks in one pass: a lookup does little else that takes time."""
_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ORDINARY = frozenset({int, str, bool, type(None)})


def encode(record: Record | None) -> bytes:
    """Give the bytes that stand for `record` in the cache; None is 'known to be absent'."""
    if record is None:
        return KNOWN_ABSENT
    if _ORDINARY.issuperset(map(type, record.values())):
        return _PLAIN.encode(record)
    if Nested in map(type, record.values()):
        return _PLAIN.encode({name: _as_it_is(value) for name, value in record.items()})
    return _TO_STORE.encode(record).encode()


def _as_it_is(value: Scalar) -> Any:
    if isinstance(value, Nested):
        return msgspec.Raw(value.encode())
    return str(value) if isinstance(value, str) else value  # of what stands for bytes, its text


def decode(
    payload: bytes,
    *,
    id: Key,
    id_column: str,
    columns: frozenset[str],
    nested: AbstractSet[str] = frozenset(),
    is_open: bool = False,
) -> Record | None:
    """Give the record that `payload` stands for; None is 'known to be absent'.

    The columns that are `nested` hold JSON of any kind, given as `models.scalars.Nested`. Of a
    table that `is_open` a record may have any columns beside its key.

    Raises:
        UnreadablePayload: it is not JSON, not an object of scalars, has other columns than
            the table, or is the record of another key. Or it has so many values that nobody
            would wait for them.
    """
    if len(payload) > MOST_VALUES:
        check_extent(payload)
    try:
        value: Record | None
        value = _with_nested(payload, nested) if nested else _STORED.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unreadable(payload) from error
    if value is None:
        return None
    if value.keys() != columns and not (is_open and id_column in value):
        raise UnreadablePayload("it has other columns than the table")
    if value[id_column] != id or type(value[id_column]) is not type(id):
        raise UnreadablePayload("it is the record of another key")
    return value


def _with_nested(payload: bytes, nested: AbstractSet[str]) -> Record | None:
    """Return a record of which some columns are JSON, each with the text that it has."""
    if payload == KNOWN_ABSENT:
        return None
    raw = _RAW.decode(payload)
    plain = {name: value for name, value in raw.items() if name not in nested}
    record = _STORED.decode(_PLAIN.encode(plain)) or {}
    return {
        name: record[name] if name in record else _nested(value) for name, value in raw.items()
    }


def _nested(value: msgspec.Raw) -> Nested | None:
    text = bytes(value).decode()
    return None if text == "null" else Nested(text)
