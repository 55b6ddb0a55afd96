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
from tui.audit.equivalence.content import same_bytes, same_uuid
from tui.audit.equivalence.durations import same_interval, same_time
from tui.audit.equivalence.moments import same_date, same_moment
from tui.audit.equivalence.nested import parsed, same_array, same_json
from tui.audit.equivalence.numbers import (
    infinity,
    same_bits,
    same_boolean,
    same_decimal,
    same_float,
    same_integer,
)
from tui.audit.equivalence.spellings import (
    same_choice,
    same_geometry,
    same_network,
    same_range,
)
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import Nested, StandIn, Unread

ANY = Column("")
"""A column of which nothing is known."""
CLASS = re.compile(r"[A-Za-z_$][\w$]*(?:[.\\][\w$]+)+", re.ASCII)
"""The name of a class, with that of its package, which encoders put beside a value."""
OF_MONGODB = frozenset({
    "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$oid",
})  # fmt: skip
"""What MongoDB's Extended JSON puts around a value, but for moments and bytes."""
MOST_WRAPS = 4
"""How many things are taken off around one value."""
TEXTS = frozenset({Kind.TEXT, Kind.ENUM, Kind.JSON, Kind.ARRAY, Kind.UNKNOWN})
"""The kinds of which a row that is no UTF-8 may hold a text all the same."""


class NotCompared(Exception):
    """It cannot be told; the reason, where it is not plain from what is shown."""


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
    if stored is None:
        return (texts and cached == "") or _inner(cached) is None
    found: Any = cached
    if cached is None:
        if isinstance(stored, StandIn) and isinstance(stored.mark, float):
            raise NotCompared("")  # many an encoder knows no infinity
        return column.kind is Kind.JSON and same_json(None, stored) is True
    verdict = _by_kind(found, stored, column, zone)
    if verdict is True:
        return True
    inner = _inner(found)
    if inner is None and found is not None:
        return False
    if inner is not found and _verdict(inner, stored, column, zone) is True:
        return True
    if verdict is None:
        verdict = _otherwise(found, stored, column, texts=texts)
    return verdict


def same_key(cached: Scalar, id: Scalar, column: Column = ANY) -> bool:
    """Tell whether a cached key may be that one; many a key column takes `A` for `a`."""
    if isinstance(cached, str) and isinstance(id, str) and cached.casefold() == id.casefold():
        return True
    try:
        return same(cached, id, column)
    except NotCompared:
        return True


def _verdict(cached: Any, stored: Any, column: Column, zone: tzinfo | None) -> bool | None:
    if cached == stored and not isinstance(stored, StandIn):
        return True
    return _by_kind(cached, stored, column, zone)


def _by_kind(cached: Any, stored: Any, column: Column, zone: tzinfo | None) -> bool | None:
    """Compare two values by the kind of their column; None: the row holds no such value."""
    if isinstance(stored, StandIn):
        return _stand_in(cached, stored, column)
    value = partial(_plain, column=column)
    match column.kind:
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
    return None if compare is None else compare(cached, stored)


SAME: dict[Kind, Callable[[Any, Any], bool | None]] = {
    Kind.INTEGER: same_integer,
    Kind.DECIMAL: same_decimal,
    Kind.BOOLEAN: same_boolean,
    Kind.TIME: same_time,
    Kind.INTERVAL: same_interval,
    Kind.UUID: same_uuid,
    Kind.JSON: same_json,
    Kind.BIT: same_bits,
    Kind.NETWORK: same_network,
    Kind.GEOMETRY: same_geometry,
    Kind.ENUM: same_choice,
}
"""How the values of a kind are compared that needs to know nothing else."""


def _plain(cached: Any, stored: Any, column: Column) -> bool:
    """Compare what a column's values are made of: elements of arrays, ends of ranges."""
    if same_value(cached, stored):
        return True
    number = same_decimal(cached, stored)
    if number is not None:
        return number
    return same_moment(cached, stored) is True


def _stand_in(cached: Any, stored: StandIn, column: Column) -> bool | None:
    if isinstance(stored.mark, float):
        return infinity(cached) == stored.mark
    if column.kind is Kind.GEOMETRY and (point := same_geometry(cached, stored)) is not None:
        return point
    if column.kind is Kind.BOOLEAN and isinstance(cached, bool):
        return same_bytes([int(cached)], stored)
    if column.kind is Kind.BIT and isinstance(cached, int) and cached >= 0:
        size = max(1, (cached.bit_length() + 7) // 8)
        return any(same_bytes(list(cached.to_bytes(n)), stored) for n in range(size, 9))
    if column.kind is Kind.UUID:
        return same_uuid(cached, stored)
    told = same_bytes(cached, stored)
    return None if told is False and column.kind in TEXTS else told


def _otherwise(cached: Any, stored: Scalar, column: Column, *, texts: bool) -> bool:
    """Compare by value what is not of its column's kind.

    Raises:
        NotCompared: the row holds what JSON cannot hold, and the copy does not spell it.
    """
    if isinstance(stored, StandIn):
        raise NotCompared("")
    return same_value(cached, stored, uuids=column.kind is not Kind.TEXT, texts=texts)


def _inner(cached: Any) -> Any:
    """Return the value inside of what languages wrap it in; itself where it is not wrapped.

    Go has {"String": "x", "Valid": true}, and null where that is false; MongoDB
    {"$numberLong": "1"}; Java ["java.lang.Long", 1].
    """
    value = cached
    if isinstance(value, Nested):
        try:
            value = parsed(value)
        except ValueError:
            return cached
    for number in range(MOST_WRAPS):
        match value:
            case {"Valid": bool(valid), **rest} if len(rest) == 1:
                value = next(iter(rest.values())) if valid else None
            case dict() if len(value) == 1 and OF_MONGODB.issuperset(value):
                (value,) = value.values()
            case [str(name), inner] if CLASS.fullmatch(name):
                value = inner
            case _:
                return value if number else cached
    return value
