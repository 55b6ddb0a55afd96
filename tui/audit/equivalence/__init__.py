"""Which cached value stands for which stored one, whatever language spelled it.

A copy is compared by the kind of its column (`models.columns.Kind`), a module a family of
kinds. What the row holds may be of another kind than its column is declared to be, as in
SQLite: then the value itself tells what it is (`by_value`).
"""

import re
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import Any

from tui.audit.equivalence.by_value import same_value
from tui.audit.equivalence.content import same_bytes, same_json_bytes, same_uuid
from tui.audit.equivalence.documents import same_document
from tui.audit.equivalence.durations import same_interval, same_time
from tui.audit.equivalence.kept import is_kept_as
from tui.audit.equivalence.moments import same_date, same_moment
from tui.audit.equivalence.nested import same_array, same_json
from tui.audit.equivalence.numbers import (
    bits_of,
    infinity,
    same_bits,
    same_boolean,
    same_decimal,
    same_float,
    same_integer,
    truth,
)
from tui.audit.equivalence.points import same_point
from tui.audit.equivalence.ranges import same_range
from tui.audit.equivalence.spellings import same_choice, same_network
from tui.audit.equivalence.verdict import NotCompared
from tui.audit.equivalence.wraps import inside
from tui.models import Key, Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import StandIn, Unread
from tui.models.spelling import is_same_key

__all__ = ["ANY", "NotCompared", "same", "same_key"]

ANY = Column("")
"""A column of which nothing is known."""
EXPONENT = re.compile(r"[0-9.]{1,20}[eE][+-]?[0-9]{1,20}", re.ASCII)
OF_TEXTS = re.compile(r"char|text|string|name|enum", re.IGNORECASE)
"""What is in the declared type of an array of texts."""
LONGEST = 20_000
"""Characters: nothing that a value of a short kind may be spelled as is longer."""
SHORT = frozenset({
    Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN, Kind.MOMENT, Kind.DATE, Kind.TIME,
    Kind.INTERVAL, Kind.UUID, Kind.NETWORK, Kind.BIT,
})  # fmt: skip
KEPT_AS_BYTES = frozenset({Kind.BOOLEAN, Kind.BIT, Kind.GEOMETRY})
"""The kinds of which drivers of MySQL give the bytes, and programs cache those."""
TEXTS = frozenset({Kind.TEXT, Kind.ENUM, Kind.JSON, Kind.ARRAY, Kind.UNKNOWN})
"""The kinds of which a row that is no UTF-8 may hold a text all the same."""


def same(
    cached: Scalar,
    stored: Scalar,
    column: Column = ANY,
    *,
    texts: bool = False,
    zone: tzinfo | None = None,
) -> bool:
    """Tell whether a cached value stands for the stored one of `column`.

    Where the cache holds `texts` alone, as a hash does, an empty one may also stand for NULL.
    Moments without a zone are meant in `zone`, or in UTC.

    Raises:
        NotCompared: that cannot be told.
        TooManyValues: nobody would wait for it.
    """
    if isinstance(stored, Unread):
        raise NotCompared("longer than --max-value")
    if cached == stored and not isinstance(stored, StandIn):
        return True
    if column.kind in SHORT and _is_long(cached) and not _is_long(stored):
        return False
    inner = inside(cached, texts=texts)
    if stored is None:
        return _is_nothing(cached, inner, column, texts=texts)
    if cached is not None and inner is not cached and _is_whole(cached, stored, column, zone):
        return True
    if inner is None:
        return _is_null(stored, column)
    verdict = _by_kind(inner, stored, column, zone)
    return _otherwise(inner, stored, column, texts=texts) if verdict is None else verdict


def same_key(cached: Scalar, id: Key) -> bool:
    """Tell whether a cached key is that one: a number, a text to the letter, or one uuid."""
    inner = inside(cached, texts=False)
    if isinstance(id, int):
        return same_integer(inner, id) is True
    if isinstance(inner, int) and not isinstance(inner, bool):
        return str(inner) == id
    if isinstance(inner, dict | list):
        return same_uuid(inner, id) is True
    return isinstance(inner, str) and is_same_key(inner, id)


def _is_long(value: Any) -> bool:
    return isinstance(value, StandIn) or (isinstance(value, str) and len(value) > LONGEST)


def _is_nothing(cached: Any, inner: Any, column: Column, *, texts: bool) -> bool:
    """Tell whether a copy has NULL: an empty text in a hash, and null as JSON has it."""
    if inner is None or (texts and cached == ""):
        return True
    return texts and cached == "null" and column.kind not in TEXTS


def _is_null(stored: Any, column: Column) -> bool:
    """Tell whether null may stand for what the row has, which is not NULL."""
    if isinstance(stored, StandIn) and isinstance(stored.mark, float):
        raise NotCompared("")  # many an encoder knows no infinity
    return column.kind is Kind.JSON and same_json(None, stored) is True


def _is_whole(cached: Any, stored: Any, column: Column, zone: tzinfo | None) -> bool:
    """Tell whether a copy is the row's value with all that seems to be put around it."""
    if isinstance(stored, StandIn):
        return same_bytes(cached, stored) is True
    return _by_kind(cached, stored, column, zone) is True or same_value(cached, stored)


def _by_kind(cached: Any, stored: Any, column: Column, zone: tzinfo | None) -> bool | None:
    """Compare two values by the kind of their column; None: the row holds no such value."""
    if isinstance(stored, StandIn):
        return _stand_in(cached, stored, column)
    value = partial(_plain, column=column)
    match column.kind:
        case Kind.JSON if column.documents:
            return same_document(cached, stored)
        case Kind.MOMENT:
            return same_moment(cached, stored, zone)
        case Kind.DATE:
            return same_date(cached, stored, zone)
        case Kind.FLOAT:
            return same_float(cached, stored, size=column.float_bytes)
        case Kind.ARRAY:
            return same_array(cached, stored, value)
        case Kind.RANGE:
            return same_range(cached, stored, value)
    compare = SAME.get(column.kind)
    told = None if compare is None else compare(cached, stored)
    if told is not True and column.kind in KEPT_AS_BYTES and is_kept_as(cached, stored):
        return True
    return told


SAME: dict[Kind, Callable[[Any, Any], bool | None]] = {
    Kind.INTEGER: same_integer,
    Kind.DECIMAL: same_decimal,
    Kind.BOOLEAN: same_boolean,
    Kind.TIME: same_time,
    Kind.INTERVAL: same_interval,
    Kind.UUID: same_uuid,
    Kind.JSON: same_json_bytes,
    Kind.BIT: same_bits,
    Kind.NETWORK: same_network,
    Kind.GEOMETRY: same_point,
    Kind.BYTES: same_bytes,
    Kind.ENUM: same_choice,
}
"""How the values of a kind are compared that needs to know nothing else."""


def _plain(cached: Any, stored: Any, column: Column) -> bool:
    """Compare what a column's values are made of: elements of arrays, ends of ranges."""
    if cached is None or stored is None:
        return cached is stored
    if same_value(cached, stored):
        return True
    if isinstance(cached, bool) or isinstance(stored, bool):
        return same_boolean(cached, stored) is True
    if OF_TEXTS.search(column.declared):
        return False
    number = same_decimal(cached, stored)
    if number is not None:
        return number
    return same_moment(cached, stored) is True


def _stand_in(cached: Any, stored: StandIn, column: Column) -> bool | None:
    if isinstance(stored.mark, float):  # many an encoder knows no infinity
        found = infinity(cached)
        return None if found is None else repr(found) == repr(stored.mark)  # NaN is NaN
    if column.kind is Kind.GEOMETRY and (point := same_point(cached, stored)) is not None:
        return point
    if column.kind is Kind.BOOLEAN and (value := truth(cached)) is not None:
        return same_bytes([int(value)], stored)
    if column.kind is Kind.BIT and (told := _same_bits(cached, stored)) is not None:
        return told
    if column.kind is Kind.UUID:
        return same_uuid(cached, stored)
    told = same_bytes(cached, stored)
    return None if told is False and column.kind in TEXTS else told


def _same_bits(cached: Any, stored: StandIn) -> bool | None:
    """Tell whether a copy has the number that the row's bytes are; None where it has none."""
    if isinstance(cached, str) and cached.isascii() and cached.isdigit() and len(cached) <= 64:
        as_number = _is_number(int(cached), stored)
        if not as_number and set(cached) <= {"0", "1"} and _is_number(int(cached, 2), stored):
            raise NotCompared("a number, or its bits")
        return as_number
    number = bits_of(cached)
    return None if number is None or number < 0 else _is_number(number, stored)


def _is_number(number: int, stored: StandIn) -> bool:
    size = max(1, (number.bit_length() + 7) // 8)
    return any(same_bytes(list(number.to_bytes(n)), stored) for n in range(size, 9))


def _otherwise(cached: Any, stored: Scalar, column: Column, *, texts: bool) -> bool:
    """Compare by value what is not of its column's kind.

    Raises:
        NotCompared: the row holds what JSON cannot hold, and the copy does not spell it.
    """
    if isinstance(stored, StandIn):
        raise NotCompared("")
    if column.kind is not Kind.TEXT:
        return same_value(cached, stored, texts=texts)
    if isinstance(stored, str) and EXPONENT.fullmatch(stored):
        return False  # a text, which many a program takes for a number
    uuids = _has_dashes(cached) and _has_dashes(stored)
    return same_value(cached, stored, uuids=uuids, texts=texts)


def _has_dashes(value: Any) -> bool:
    """Tell whether a text is of a uuid's length with dashes, and not only of its digits."""
    return isinstance(value, str) and len(value) == 36
