"""What is to be written, as BSON: of the type that the field has."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Any, Final, NoReturn

from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId

from tui.database.mongodb import moments
from tui.database.mongodb.described import KINDS, UUID, type_name
from tui.database.mongodb.keys import HEX
from tui.database.mongodb.uuids import Order, binary_of
from tui.database.mongodb.values import BsonValues, Bytes
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.keys import LARGEST, SMALLEST
from tui.models.numbers import is_decimal
from tui.models.scalars import StandIn
from tui.runtime.errors import ChangeRefused
from tui.runtime.plain_text import is_unicode, plain

MOST_SHOWN: Final = 40
"""Characters of a value that an error repeats."""
USUAL: Final = {
    Kind.DECIMAL: "decimal", Kind.FLOAT: "double", Kind.MOMENT: "date", Kind.BOOLEAN: "bool",
    Kind.UUID: UUID, Kind.BYTES: "binData", Kind.INTEGER: "int",
}  # fmt: skip
"""As what a value of a column is kept of which nothing else tells it."""
INT32: Final = 1 << 31


class NotBson(ValueError):
    """The type takes no such value; the message says what it takes."""


class Writing:
    """Makes BSON of what is to be written."""

    def __init__(self, order: Order = Order.UNKNOWN) -> None:
        """Write uuids of subtype 3 in that `order`, where a field has such."""
        self._order = order
        self._values = BsonValues(order)
        self._makers: dict[str, Callable[[Scalar, Any], Any]] = {
            "int": _whole, "long": _long, "double": _double, "decimal": _decimal,
            "bool": _truth, "date": _moment, "objectId": _object_id, "string": _string,
            "binData": _bytes, UUID: self._uuid,
        }  # fmt: skip

    def stored(self, value: Scalar, column: Column, now: Any = None) -> Any:
        """Return what a field is to hold that holds `now`, or None.

        Raises:
            ChangeRefused: the field takes no such value.
        """
        if value is None:
            return None
        shown = None if column.nested else self._values.scalar(now)
        if type(shown) is type(value) and shown == value:
            return now
        try:
            if column.nested:
                return self._nested(value, now)
            return self._scalar(value, column, now)
        except NotBson as error:
            raise ChangeRefused(
                f"column {column.name!r} takes {error}, not {plain(repr(value), MOST_SHOWN)}"
            ) from None

    def _scalar(self, value: Scalar, column: Column, now: Any) -> Any:
        if isinstance(value, Bytes):
            return _bytes(value, now)
        if isinstance(value, StandIn):
            if isinstance(value.mark, float):
                return Decimal128(str(value)) if isinstance(now, Decimal128) else value.mark
            raise NotBson("nothing that only stands for a value")
        if isinstance(value, str) and not is_unicode(value):
            raise NotBson("texts of Unicode")
        types = _types(column, now, self._values)
        if not types:
            return _natural(value)
        first: NotBson | None = None
        for name in types:
            make = self._makers.get(name)
            if make is None:
                raise NotBson(f"values of MongoDB's type {name}, which cannot be typed here")
            try:
                return make(value, now)
            except NotBson as error:
                first = first or error
        raise first or NotBson("no such value")

    def _nested(self, value: Scalar, now: Any) -> Any:
        if not isinstance(value, str):
            return self._like(now, value)
        try:
            parsed = json.loads(value, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise NotBson('JSON, such as {"a": 1}') from None
        if isinstance(now, dict | list) and isinstance(parsed, int | float):
            raise NotBson('a document or an array, as it is now: {"a": 1}, [1, 2]')
        return self._like(now, parsed)

    def _like(self, now: Any, new: Any) -> Any:
        """Return what is JSON as BSON, each value of the type that stands at its place now."""
        if isinstance(new, dict):
            held: Mapping[str, Any] = {}
            if isinstance(now, dict | DBRef):
                held = now.as_doc() if isinstance(now, DBRef) else now
            _check_names(new)
            return {name: self._like(held.get(name), inner) for name, inner in new.items()}
        if isinstance(new, list):
            there = now if isinstance(now, list) else []
            usual = there[-1] if there else None
            return [
                self._like(there[at] if at < len(there) else usual, inner)
                for at, inner in enumerate(new)
            ]
        if now is not None and not isinstance(now, dict | list | DBRef):
            if json.dumps(self._values.plain(now)) == json.dumps(new):
                return now
            name = type_name(now, self._values)
            make = self._makers.get(name)
            if make is not None and new is not None:
                try:
                    return make(_from_base64(new) if name == "binData" else new, now)
                except NotBson:
                    pass  # it is to be of another type from now on
        return None if new is None else _natural(new)

    def _uuid(self, value: Scalar, now: Any) -> Binary:
        legacy = isinstance(now, Binary) and now.subtype == 3
        found = binary_of(value, self._order, legacy=legacy) if type(value) is str else None
        if found is None:
            raise NotBson("a uuid")
        return found


def _types(column: Column, now: Any, values: BsonValues) -> list[str]:
    """Return as what a value may be kept: as the one that is there, else as the others are."""
    if now is not None:
        own = type_name(now, values)
        usual = USUAL.get(column.kind)
        numbers = {"int", "long", "double", "decimal"}
        if own in numbers and usual in numbers:  # a fraction in the place of a whole number
            return list(dict.fromkeys((own, "long", usual)))
        return [own] if usual is None or usual == own else [own, usual]
    if column.kind is Kind.UNKNOWN:
        return []
    named = [one for one in column.declared.split(" | ") if KINDS.get(one) is column.kind]
    usual = USUAL.get(column.kind)
    return named or ([usual] if usual else [])


def _natural(value: Any) -> Any:
    """Return a value as BSON has it of which nothing tells the type."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return _whole(value, None)
    if isinstance(value, float) and not math.isfinite(value):
        raise NotBson("numbers that JSON has")
    if isinstance(value, str) and not is_unicode(value):
        raise NotBson("texts of Unicode")
    return str(value) if isinstance(value, str) else value


def _whole(value: Scalar, _: Any) -> Any:
    if type(value) is not int and not isinstance(value, Int64):
        raise NotBson("a whole number")
    if not SMALLEST <= value <= LARGEST:
        raise NotBson("a whole number of 64 bits")
    return int(value) if -INT32 <= value < INT32 else Int64(value)


def _long(value: Scalar, now: Any) -> Any:
    return Int64(_whole(value, now))


def _double(value: Scalar, _: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotBson("a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if isinstance(value, int) and (not math.isfinite(found) or int(found) != value):
        raise NotBson("a number of at most 15 digits, and would round it")
    return found


def _decimal(value: Scalar, _: Any) -> Any:
    text = str(value)
    if isinstance(value, bool) or not is_decimal(text):
        raise NotBson("a number, such as 10.50")
    try:
        found = Decimal128(text)
    except (DecimalException, ValueError, TypeError):
        found = None
    if found is None or found.to_decimal() != Decimal(text):
        raise NotBson("a number of at most 34 digits")
    return found


def _truth(value: Scalar, _: Any) -> Any:
    if isinstance(value, bool):
        return value
    if type(value) is int and value in {0, 1}:
        return bool(value)
    raise NotBson("true or false")


def _moment(value: Scalar, _: Any) -> Any:
    if not isinstance(value, str):
        raise NotBson("a moment, such as 2026-06-30 12:30:00")
    try:
        return DatetimeMS(moments.milliseconds_of(value))
    except moments.NoMoment as error:
        raise NotBson(str(error)) from None


def _object_id(value: Scalar, _: Any) -> Any:
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise NotBson("an ObjectId: 24 hex digits")
    return ObjectId(value)


def _string(value: Scalar, _: Any) -> Any:
    if not isinstance(value, str):
        raise NotBson("a text")
    return str(value)


def _bytes(value: Any, now: Any) -> Any:
    if isinstance(value, Bytes):
        return Binary(value.content, value.subtype)
    if isinstance(value, bytes):
        return Binary(value, now.subtype if isinstance(now, Binary) else 0)
    raise NotBson("bytes, which cannot be typed here")


def _from_base64(new: Any) -> Any:
    """Return the bytes that a text of base64 says; all else as it is."""
    if not isinstance(new, str):
        return new
    try:
        return base64.b64decode(new, validate=True)
    except (binascii.Error, ValueError):
        return new


def _check_names(document: Mapping[str, Any]) -> None:
    for name in document:
        if "\0" in name or not is_unicode(name):
            raise NotBson("names of Unicode without NUL")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
