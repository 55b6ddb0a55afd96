"""MessagePack, read value by value (https://github.com/msgpack/msgpack, spec.md).

Not by msgspec: of 16 MiB of empty maps it makes a gigabyte, it refuses a whole object for one
text that is no UTF-8, as older encoders write bytes, and for a moment after the year 9999.
"""

from typing import Any, Final

from tui.audit.decoders.graph import spelled, text_of
from tui.audit.decoders.plain import finite
from tui.audit.decoders.source import Source
from tui.audit.decoders.spelling import spelled_instant

TIMESTAMP: Final = 0xFF
"""The one kind of an extension that the specification gives a meaning."""
_NUMBERS: Final = {
    0xCA: "f", 0xCB: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q",
    0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q",
}  # fmt: skip
_TEXTS: Final = {0xD9: "B", 0xDA: "H", 0xDB: "I"}
_OCTETS: Final = {0xC4: "B", 0xC5: "H", 0xC6: "I"}
_EXTENSIONS: Final = {0xC7: "B", 0xC8: "H", 0xC9: "I"}
_FIXED_EXTENSIONS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_ARRAYS: Final = {0xDC: "H", 0xDD: "I"}
_MAPS: Final = {0xDE: "H", 0xDF: "I"}
_CONSTANTS: Final = {0xC0: None, 0xC2: False, 0xC3: True}


def decode(payload: bytes, most: int) -> Any:
    """Return what MessagePack says, as plain data.

    Raises:
        TooManyValues: it has more values than are allowed.
        UnreadablePayload: it is broken, or nested too deeply.
    """
    source = Source("msgpack", payload, most)
    value = _value(source)
    source.finish()
    return value


def _value(source: Source) -> Any:
    source.allowance.take()
    first = source.octet()
    if first <= 0x7F or first >= 0xE0:
        return first if first <= 0x7F else first - 0x100
    if first in _CONSTANTS:
        return _CONSTANTS[first]
    if first in _NUMBERS:
        number = source.number(_NUMBERS[first])
        return finite(number) if isinstance(number, float) else number
    if first <= 0x9F or first in _ARRAYS or first in _MAPS:
        return _container(source, first)
    if first <= 0xBF or first in _TEXTS:
        count = first & 0x1F if first <= 0xBF else source.number(_TEXTS[first])
        return source.allowance.text_or_octets(source.take(count))
    if first in _OCTETS:
        return source.allowance.octets(source.take(source.number(_OCTETS[first])))
    return _extension(source, first)


def _container(source: Source, first: int) -> Any:
    with source:
        if 0x90 <= first <= 0x9F or first in _ARRAYS:
            count = first & 0x0F if first <= 0x9F else source.number(_ARRAYS[first])
            return [_value(source) for _ in range(count)]
        count = first & 0x0F if first <= 0x8F else source.number(_MAPS[first])
        return {_key(source): _value(source) for _ in range(count)}


def _key(source: Source) -> str:
    place = source.place
    first = source.octet()
    if first in _OCTETS:
        return source.allowance.text(text_of(source.take(source.number(_OCTETS[first]))))
    source.place = place
    return spelled(_value(source))


def _extension(source: Source, first: int) -> Any:
    if first in _FIXED_EXTENSIONS:
        count = _FIXED_EXTENSIONS[first]
    elif first in _EXTENSIONS:
        count = source.number(_EXTENSIONS[first])
    else:
        raise source.broken()
    kind = source.octet()
    octets = source.take(count)
    if kind == TIMESTAMP:
        moment = _moment(octets)
        if moment is not None:
            return moment
    return f"<extension {kind if kind < 0x80 else kind - 0x100}>"


def _moment(octets: bytes) -> str | None:
    """Return a moment that is stored as seconds, or with nanoseconds before or above them."""
    whole = int.from_bytes(octets)
    match len(octets):
        case 4:
            seconds, nanoseconds = whole, 0
        case 8:
            seconds, nanoseconds = whole & (1 << 34) - 1, whole >> 34
        case 12:
            seconds = int.from_bytes(octets[4:], signed=True)
            nanoseconds = int.from_bytes(octets[:4])
        case _:
            return None
    try:
        return spelled_instant(seconds, nanoseconds) if nanoseconds < 10**9 else None
    except (OverflowError, ValueError):
        return None
