"""What BSON holds, as the scalars of a record; what is nested, as JSON."""

import base64
import json
import math
import struct
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any, Final, Self

from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from tui.database.mongodb import moments
from tui.database.mongodb.uuids import Order, uuid_of
from tui.models import Scalar
from tui.models.scalars import Nested, StandIn, Unread, mark_of
from tui.runtime.plain_text import is_unicode

KIND_OF_BYTES: Final = "blob"
"""In one word for all databases: the audit knows bytes again by their mark."""
DECIMAL: Final = struct.Struct("<QQ")
SPECIAL: Final = 3 << 61
COEFFICIENT: Final = (1 << 49) - 1
LARGEST: Final = 10**34 - 1
BIAS: Final = 6176
DIGITS: Final = Context(prec=34, Emin=-6143, Emax=6144)
FLAGS: Final = ((2, "i"), (4, "l"), (8, "m"), (16, "s"), (32, "u"), (64, "x"))
"""The options of a regular expression, by the bits that Python's `re` has for them."""
PLAIN: Final = frozenset({int, str, bool, type(None)})
"""The types of values that are JSON scalars whatever they are; texts, if they are Unicode."""
NESTED: Final = frozenset({dict, list, DBRef})
"""The types of documents and arrays."""


class Bytes(StandIn):
    """What is shown in place of bytes; they are kept, for nobody else's may be overwritten."""

    __slots__ = ("content", "subtype")
    content: bytes
    subtype: int

    @classmethod
    def of(cls, content: bytes, subtype: int) -> Self:
        """Return what stands for those bytes of that subtype of BSON's."""
        shown = cls(f"<BINDATA, {len(content):,} bytes>", mark_of(KIND_OF_BYTES, content))
        shown.content = content
        shown.subtype = subtype
        return shown


class LongValue:
    """A value that the server was told not to send."""

    __slots__ = ("size", "type")

    def __init__(self, type: str, size: int) -> None:
        """Keep its type, as the server calls it, and its bytes."""
        self.type = type
        self.size = size


class BsonValues:
    """Makes scalars of BSON, with uuids of subtype 3 in one order."""

    def __init__(self, order: Order = Order.UNKNOWN) -> None:
        """Read uuids of subtype 3 in that `order`; where it is unknown they are bytes."""
        self._order = order
        self._scalars: dict[type[Any], Callable[[Any], Scalar]] = {
            **dict.fromkeys(NESTED, self.nested),
            str: _text,
            Int64: int,
            float: _float,
            Decimal128: _decimal,
            DatetimeMS: _moment,
            ObjectId: str,
            Binary: self._binary,
            bytes: self._binary,
            Regex: _regex,
            Code: _code,
            Timestamp: _timestamp,
            MinKey: lambda _: "MinKey",
            MaxKey: lambda _: "MaxKey",
            LongValue: _too_long,
        }

    def scalar(self, value: Any) -> Scalar:
        """Return a value as a record has it."""
        make = self._scalars.get(type(value))
        return value if make is None else make(value)

    def nested(self, value: Any) -> Scalar:
        """Return any value but null as JSON, which a column of nested values holds."""
        if value is None:
            return None
        if isinstance(value, LongValue):
            return _too_long(value)
        return Nested(json.dumps(self.plain(value), ensure_ascii=False))

    def plain(self, value: Any) -> Any:
        """Return a value as an application hands it to an encoder of JSON."""
        kind = type(value)
        if kind is str:
            return value if is_unicode(value) else _legible(value)
        if kind is dict:
            return {_named(name): self.plain(inner) for name, inner in value.items()}
        if kind is list:
            return [self.plain(inner) for inner in value]
        if kind is DBRef:
            return self.plain(dict(value.as_doc()))
        if kind is DatetimeMS:
            return moments.iso_of(int(value))
        if kind is Binary or kind is bytes:
            uuid = uuid_of(value, self._order) if kind is Binary else None
            return uuid or base64.b64encode(value).decode()
        scalar = self.scalar(value)
        return str(scalar) if isinstance(scalar, StandIn) else scalar

    def _binary(self, value: bytes) -> Scalar:
        if isinstance(value, Binary):
            uuid = uuid_of(value, self._order)
            return Bytes.of(bytes(value), value.subtype) if uuid is None else uuid
        return Bytes.of(value, 0)


def named(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document whose names are Unicode: JSON and screens take no others."""
    if all(map(is_unicode, document)):
        return document
    return {_named(name): value for name, value in document.items()}


def _named(name: str) -> str:
    return name if is_unicode(name) else _legible(name)


def _legible(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _text(text: str) -> Scalar:
    if is_unicode(text):
        return text
    return StandIn(_legible(text), mark_of("text", text.encode("utf-8", "surrogateescape")))


def _float(value: float) -> Scalar:
    return value if math.isfinite(value) else _no_number(value)


def _no_number(value: float) -> StandIn:
    shown = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return StandIn(shown, value)


def _decimal(value: Decimal128) -> Scalar:
    """Return all digits. Source: IEEE 754-2008, the binary encoding of decimal128.

    The driver's own way takes four times as long.
    """
    low, high = DECIMAL.unpack(value.bid)
    coefficient = (high & COEFFICIENT) << 64 | low
    if high & SPECIAL == SPECIAL or coefficient > LARGEST:  # none, or digits that count as none
        text = str(value)
        return _no_number(float(text)) if text[-1].isalpha() else text
    exponent = (high >> 49 & 0x3FFF) - BIAS
    text = str(Decimal(coefficient).scaleb(exponent, DIGITS))
    return f"-{text}" if high >> 63 else text


def _moment(value: DatetimeMS) -> str:
    return moments.text_of(int(value))


def _regex(value: "Regex[Any]") -> Scalar:
    pattern = value.pattern
    if isinstance(pattern, bytes):
        pattern = pattern.decode("utf-8", "surrogateescape")
    return _text(f"/{pattern}/{''.join(sign for bit, sign in FLAGS if value.flags & bit)}")


def _code(value: Code) -> Scalar:
    scope = f" with {json.dumps(value.scope, default=str)}" if value.scope else ""
    return _text(f"{value!s}{scope}")


def _timestamp(value: Timestamp) -> str:
    return f"Timestamp({value.time}, {value.inc})"


def _too_long(value: LongValue) -> Unread:
    name = value.type.upper()
    mark = mark_of(f"unread {name}", b"%d" % value.size)
    return Unread(f"<{name}, {value.size:,} bytes: not read>", mark)
