"""Classes that are known by their names in a pickle, and what their instances say.

How they are stored is in their `__reduce__`: Lib/_pydatetime.py, decimal, uuid, fractions and
zoneinfo of Python, pytz, django.utils.timezone, numpy's scalars, and bson of pymongo.
"""

import re
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from tui.audit.decoders.graph import Listing, Pairs
from tui.audit.decoders.pickled_calls import Call, octets_of, text_of
from tui.audit.decoders.plain import MOST_DIGITS
from tui.audit.decoders.spelling import in_zone, spelled_duration, spelled_number

OBJECT_ID: Final = 12
"""Bytes of an ObjectId of MongoDB."""
LONGEST: Final = 16
"""Bytes of a moment or of a number."""
_NUMPY: Final = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I",
    "u8": "Q", "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""How struct calls what numpy calls so."""
PRIVATE = "_"
"""What stands before `core` in numpy since version 2."""


def known(call: Call) -> object:
    """Return what an instance of a known class says; None for all others."""
    reading = _KNOWN.get(call.name)
    if reading is None:
        return _model_rows(call)
    try:
        return reading(call)
    except (ValueError, OverflowError, TypeError, LookupError, struct.error):
        return None


def _model_rows(call: Call) -> object:
    if isinstance(call.state, Pairs):
        rows = call.state.named().get("_result_cache")
        return rows if isinstance(rows, Listing) else None
    return None


def _datetime(call: Call) -> object:
    first = octets_of(call.arguments[0], LONGEST)
    if first is None:
        numbers = [one for one in call.arguments[:8] if type(one) is int]
        return datetime(*numbers[:7]).isoformat()  # type: ignore[arg-type]  # noqa: DTZ001
    year, month, day, hour, minute, second, high, low = struct.unpack(">HBBBBBBH", first)
    moment = datetime(  # noqa: DTZ001 - its zone is the second argument
        year, month & 0x7F, day, hour, minute, second, high << 16 | low, fold=month >> 7
    )
    return (
        in_zone(moment, _zone(call.arguments[1])) if call.arguments[1:] else moment.isoformat()
    )


def _date(call: Call) -> object:
    first = octets_of(call.arguments[0], LONGEST)
    if first is None:
        year, month, day = (one for one in call.arguments[:8] if type(one) is int)
    else:
        year, month, day = struct.unpack(">HBB", first)
    return date(year, month, day).isoformat()


def _time(call: Call) -> object:
    hour, minute, second, high, low = struct.unpack(
        ">BBBBH", octets_of(call.arguments[0], LONGEST) or b""
    )
    zone = _zone(call.arguments[1]) if call.arguments[1:] else None
    fixed = zone if isinstance(zone, timezone) else None
    return time(hour & 0x7F, minute, second, high << 16 | low, fixed).isoformat()


def _timedelta(call: Call) -> object:
    return spelled_duration(_duration(call))


def _duration(call: Any) -> timedelta:
    if not isinstance(call, Call) or call.name != "datetime.timedelta":
        raise ValueError("no duration")
    numbers = [one for one in call.arguments[:8] if type(one) is int]
    days, seconds, microseconds = [*numbers, 0, 0, 0][:3]
    return timedelta(days, seconds, microseconds)


def _zone(value: Any) -> tzinfo | str | None:
    """Return a zone of which an offset is known; the name of one that has to be looked up."""
    if not isinstance(value, Call):
        return None
    name, arguments = value.name, value.arguments
    if name in _IN_UTC:
        return UTC
    if name == "datetime.timezone" and arguments:
        return timezone(_duration(arguments[0]))
    if name in _OFFSETS:
        state = value.state.named() if isinstance(value.state, Pairs) else {}
        minutes = next(
            (one for one in [*arguments[:1], state.get("_minutes")] if one is not None), 0
        )
        if isinstance(minutes, Call):
            return timezone(_duration(minutes))
        return timezone(timedelta(minutes=minutes)) if type(minutes) is int else None
    if name == "pytz._p" and len(arguments) >= 3 and type(arguments[1]) is int:
        return timezone(timedelta(seconds=arguments[1]))
    if name in _REGIONS and arguments:
        return text_of(arguments[0])
    return None


def _decimal(call: Call) -> object:
    text = text_of(call.arguments[0])
    if text is None or len(text) > MOST_DIGITS:
        return None
    try:
        return spelled_number(Decimal(text))
    except InvalidOperation:
        return None


def _fraction(call: Call) -> object:
    match call.arguments:
        case [int() as over, int() as under]:
            return f"{over}/{under}" if max(abs(over), abs(under)) < 10**MOST_DIGITS else None
        case [one]:
            return text_of(one)
    return None


def _uuid(call: Call) -> object:
    number = call.state.named().get("int") if isinstance(call.state, Pairs) else None
    return str(UUID(int=number)) if isinstance(number, int) else None


def _object_id(call: Call) -> object:
    octets = octets_of(call.state, LONGEST)
    return None if octets is None or len(octets) != OBJECT_ID else octets.hex()


def _long(call: Call) -> object:
    (number,) = call.arguments
    return number if type(number) is int else None


def _decimal128(call: Call) -> object:
    """Return a decimal of IEEE 754 in 128 bits, whose digits are a whole number (BID)."""
    high, low = call.state.items if isinstance(call.state, Listing) else (None, None)
    if type(high) is not int or type(low) is not int or not 0 <= low < 1 << 64:
        return None
    if high >> 61 & 3 == 3:  # an infinity, NaN, or more digits than there can be
        return None
    digits = (high & (1 << 49) - 1) << 64 | low
    exponent = (high >> 49 & 0x3FFF) - 6176
    sign = 1 if high >> 63 & 1 else 0
    return spelled_number(Decimal((sign, tuple(map(int, str(digits))), exponent)))


def _bytes(call: Call) -> object:
    match call.arguments:
        case []:
            return b""
        case [bytes() | Call(name="_codecs.encode") as octets, *_]:
            return octets
        case [str() as text, *_]:
            return text.encode("latin-1") if max(text, default="") <= "\xff" else None
    return None


def _complex(call: Call) -> object:
    match call.arguments:
        case [float() as real, float() as imaginary]:
            return str(complex(real, imaginary))
    return None


def _numpy_scalar(call: Call) -> object:
    kind, octets = call.arguments[0], octets_of(call.arguments[1], LONGEST)
    if not isinstance(kind, Call) or kind.name != "numpy.dtype" or octets is None:
        return None
    state = kind.state.items if isinstance(kind.state, Listing) else []
    order = text_of(state[1]) if len(state) > 1 else "<"
    code = _NUMPY[re.sub("^[<>|=]", "", text_of(kind.arguments[0]) or "")]
    return struct.unpack((">" if order == ">" else "<") + code, octets)[0]


_IN_UTC: Final = "pytz._UTC", "pytz.UTC", "django.utils.timezone.UTC", "dateutil.tz.tz.tzutc"
_OFFSETS: Final = "pytz._FixedOffset", "django.utils.timezone.FixedOffset"
_REGIONS: Final = (
    "zoneinfo.ZoneInfo._unpickle",
    "backports.zoneinfo.ZoneInfo._unpickle",
    "pytz._p",
)
_KNOWN: Final[dict[str, Callable[[Call], object]]] = {
    "datetime.datetime": _datetime, "datetime.date": _date, "datetime.time": _time,
    "datetime.timedelta": _timedelta, "decimal.Decimal": _decimal, "uuid.UUID": _uuid,
    "_codecs.encode": _bytes, "builtins.bytes": _bytes, "builtins.bytearray": _bytes,
    "bson.objectid.ObjectId": _object_id, "bson.int64.Int64": _long,
    "bson.decimal128.Decimal128": _decimal128,
    "fractions.Fraction": _fraction, "builtins.complex": _complex,
    "numpy.core.multiarray.scalar": _numpy_scalar,
    f"numpy.{PRIVATE}core.multiarray.scalar": _numpy_scalar,
}  # fmt: skip
