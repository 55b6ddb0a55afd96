"""What other programs store, read as a record: JSON objects, and hashes."""

import json
import math
import re
from contextlib import suppress
from typing import Any, NoReturn

from tui.audit.equivalence import same_key
from tui.audit.extent import TooManyValues, UnreadablePayload, check_extent
from tui.models import MOST_FIELDS, Cached, Key, Record, TableSchema
from tui.models.scalars import Nested
from tui.runtime.plain_text import is_unicode

LONGEST_EXPLAINED = 1 << 20
"""Bytes: what exactly is wrong with more takes seconds, and fifty times its size, to find."""
MOST_LEVELS = 100
"""Deeper than that nothing is a record, and Python's own JSON gives up at some depth."""
_BEGINNING = re.compile(rb"[ \t\n\r]*([{\[])")


def copied_record(cached: Cached) -> Record | None:
    """Give the columns that are cached, whoever stored them; None for 'known to be absent'.

    A hash gives its fields, as texts. Of a JSON object, what is no scalar is given as JSON.

    Raises:
        UnreadablePayload: it is neither a JSON object, nor null, nor a hash.
    """
    if cached.fields is not None:
        return cached.fields
    if cached.payload is None:
        raise UnreadablePayload("it is neither a string nor a hash of a record's size")
    return read_object(cached.payload)


def check_is_copy(copy: Record, id: Key, schema: TableSchema) -> None:
    """Pass when `copy` can be that of record `id`, whatever else is in it.

    Raises:
        UnreadablePayload: it has no column of the table, or the key of another record.
    """
    if not any(column in copy for column in schema.columns):
        raise UnreadablePayload("it has no column of the table")
    if not same_key(copy.get(schema.id_column, id), id):
        raise UnreadablePayload("it is the record of another key")


def read_object(payload: bytes) -> Record | None:
    """Give the object that another program cached, whatever its columns; None for null.

    What is no scalar in it is given as the JSON that it is.

    Raises:
        TooManyValues: it has more than MOST_VALUES, or more than MOST_FIELDS names.
        UnreadablePayload: it is not JSON, no object, or nested in more than MOST_LEVELS.
    """
    match _BEGINNING.match(payload):
        case re.Match() as beginning if beginning[1] == b"{":
            check_extent(payload)
        case re.Match() if len(payload) > LONGEST_EXPLAINED:
            raise UnreadablePayload("it is no JSON object")
    value = _parse(payload)
    if value is None:
        return None
    if len(value) > MOST_FIELDS:
        raise TooManyValues(f"it has {len(value):,} fields: more than {MOST_FIELDS:,}")
    if not _is_shallow(value):
        raise UnreadablePayload("it is nested too deeply")
    return {
        _spelled(name): inner if _is_scalar(inner) else _nested(inner)
        for name, inner in value.items()
    }


def _parse(payload: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(payload.decode(), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise UnreadablePayload("it is not JSON: it is no text, perhaps a pickle") from error
    except (ValueError, RecursionError) as error:
        raise UnreadablePayload(f"it is not JSON: {error}") from error
    if value is not None and not isinstance(value, dict):
        raise UnreadablePayload("it is JSON, but not an object")
    return value


def unreadable(payload: bytes) -> UnreadablePayload:
    """Give what is wrong with bytes that are no record, in words for a person."""
    if len(payload) > LONGEST_EXPLAINED:
        return UnreadablePayload("it is no JSON object of scalars")
    try:
        value = _parse(payload)
    except UnreadablePayload as error:
        return error
    odd = (column for column, scalar in (value or {}).items() if not _is_scalar(scalar))
    return UnreadablePayload(f"{next(odd, 'it')} is not a JSON scalar of Unicode text")


def _nested(value: Any) -> str:
    if isinstance(value, dict | list):
        with suppress(ValueError):  # an infinity, which JSON cannot say back
            return Nested(_spelled(json.dumps(value, ensure_ascii=False, allow_nan=False)))
    return _spelled(json.dumps(value, ensure_ascii=False))


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
