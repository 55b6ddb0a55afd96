"""What other programs store, read as a record: JSON, hashes, and languages' own forms."""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NoReturn

import msgspec

from tui.audit.extent import MOST_VALUES, TooManyValues, UnreadablePayload, check_extent
from tui.models import MOST_FIELDS, Cached, Key, Record, Scalar, TableSchema
from tui.models.scalars import Nested
from tui.runtime.plain_text import is_unicode

JSON: Final = "json"
HASH: Final = "hash"
LONGEST_EXPLAINED = 1 << 20
"""Bytes: what exactly is wrong with more takes seconds, and fifty times its size, to find."""
MOST_LEVELS = 100
"""Deeper than that nothing is a record, and Python's own JSON gives up at some depth."""
_BEGINNING = re.compile(rb"[ \t\n\r]*([{\[])")
_JSON_BEGINS = frozenset(b'{[" \t\r\n-0123456789tfn')
_QUICK = msgspec.json.Decoder()
"""A third of the time of Python's own, for what holds nothing out of the ordinary."""
_SCALARS = frozenset({int, str, bool, float, type(None)})


def decoded(payload: bytes, most: int) -> tuple[Any, str]:
    """Return the plain data that a program cached, and the name of the format.

    Nothing of it is run, and nothing is unpacked to more than `most` bytes.

    Raises:
        TooManyValues: nobody would wait for it.
        UnreadablePayload: it is in no format that is known.
    """
    if payload[:1] and payload[0] in _JSON_BEGINS:
        try:
            return json_value(payload), JSON
        except TooManyValues:
            raise
        except UnreadablePayload:
            if is_text(payload):
                raise
    from tui.audit import decoders  # a pickle is seldom there

    found = decoders.decode(payload, most)
    return found.value, found.format


def format_of(cached: Cached) -> str | None:
    """Return what is cached is written in, by its first bytes; None where they do not tell."""
    if cached.fields is not None:
        return HASH
    return None if cached.payload is None else format_of_beginning(cached.payload[:16])


def format_of_beginning(beginning: bytes) -> str | None:
    """Return what a value is written in that begins so; None where that does not tell."""
    if beginning[:1] and beginning[0] in _JSON_BEGINS:
        return JSON
    from tui.audit import decoders

    return decoders.format_of(beginning)


def is_text(payload: bytes) -> bool:
    """Tell whether bytes are a text that somebody could read."""
    try:
        return payload.decode().isprintable() or b"\0" not in payload
    except UnicodeDecodeError:
        return False


def json_value(payload: bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        TooManyValues: it has more than MOST_VALUES.
        UnreadablePayload: it is not JSON.
    """
    match _BEGINNING.match(payload):
        case re.Match() as beginning if beginning[1] == b"{":
            check_extent(payload)
        case re.Match() if len(payload) > LONGEST_EXPLAINED:
            raise UnreadablePayload("it is no JSON object")
    with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _QUICK.decode(payload)
    return _parse(payload)


def quick_record(payload: bytes) -> dict[str, Any] | None:
    """Return a JSON object of scalars; None for all else, or what takes longer to tell.

    Its texts are Unicode and its numbers finite: the decoder takes no others.
    """
    if len(payload) > MOST_VALUES:
        return None
    try:
        value = _QUICK.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if type(value) is dict and _SCALARS.issuperset(map(type, value.values())):
        return value if len(value) <= MOST_FIELDS else None
    return None


def record_of(value: Any, format: str = JSON) -> Record | None:
    """Return what was cached as a record; None for null. What is no scalar is given as JSON.

    Raises:
        TooManyValues: it has more than MOST_FIELDS names.
        UnreadablePayload: it is no object, or nested in more than MOST_LEVELS.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        kind = "JSON" if format == JSON else format
        raise UnreadablePayload(f"it is {kind}, but not an object")
    if len(value) > MOST_FIELDS:
        raise TooManyValues(f"it has {len(value):,} fields: more than {MOST_FIELDS:,}")
    if not _is_shallow(value):
        raise UnreadablePayload("it is nested too deeply")
    return {
        _spelled(name): inner if _is_scalar(inner) else _nested(inner)
        for name, inner in value.items()
    }


def check_is_copy(
    copy: Record, id: Key, schema: TableSchema, row_key: Scalar | None = None
) -> None:
    """Pass when `copy` can be that of record `id`, whatever else is in it.

    Where the row has another spelling of the key, as a column has that takes `A` for `a`, that
    `row_key` may stand in the copy too.

    Raises:
        UnreadablePayload: it has no column of the table, or the key of another record.
    """
    if not any(column in copy for column in schema.columns):
        raise UnreadablePayload("it has no column of the table")
    key = copy.get(schema.id_column, id)
    if (key == id and type(key) is type(id)) or (row_key is not None and key == row_key):
        return
    if schema.folds_case and str(key).casefold() == str(id).casefold():
        return
    from tui.audit.equivalence import same_key

    if not same_key(key, id):
        raise UnreadablePayload("it is the record of another key")


def _parse(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode(), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise UnreadablePayload("it is not JSON: it is no text") from error
    except (ValueError, RecursionError) as error:
        raise UnreadablePayload(f"it is not JSON: {error}") from error


def unreadable(payload: bytes) -> UnreadablePayload:
    """Give what is wrong with bytes that are no record of ours, in words for a person."""
    if len(payload) > LONGEST_EXPLAINED:
        return UnreadablePayload("it is no JSON object of scalars")
    try:
        value = _parse(payload)
    except UnreadablePayload as error:
        return error
    if value is not None and not isinstance(value, dict):
        return UnreadablePayload("it is JSON, but not an object")
    odd = (column for column, scalar in (value or {}).items() if not _is_scalar(scalar))
    return UnreadablePayload(f"{next(odd, 'it')} is not a JSON scalar of Unicode text")


def _nested(value: Any) -> str:
    if isinstance(value, dict | list):
        with suppress(ValueError):  # an infinity, which JSON cannot say back
            return Nested(_spelled(json.dumps(value, ensure_ascii=False, allow_nan=False)))
    return _spelled(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


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
