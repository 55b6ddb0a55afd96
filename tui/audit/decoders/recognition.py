"""Which format a payload is in, and which decoder reads that."""

import re
from importlib import import_module
from typing import Any, Final

from tui.audit.decoders import json_text
from tui.audit.decoders.plain import broken, too_deep
from tui.audit.extent import TooManyValues, UnreadablePayload

MOST_LAYERS: Final = 3
"""Compressions around each other."""
MARKS: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\xac\xed\x00\x05", "java"),
    (b"\x04\x08", "marshal"),
    (b"\x00\x04\x08", "rails"),
    (b"\x01\x78", "rails"),
    (b"\x00\x11", "rails"),
    (b"\x00\x00\x00\x02", "igbinary"),
    (b"\x00\x00\x00\x01", "igbinary"),
)
"""Bytes with which only that format begins, by the formats' specifications."""
COMPRESSIONS: Final = frozenset({"gzip", "zlib", "xz", "zstd", "lz4", "snappy"})
DECODERS: Final = {
    "java": "java",
    "marshal": "ruby",
    "msgpack": "message_pack",
    "php": "php",
    "pickle": "pickled",
}
"""The modules in which the formats are decoded."""
SHORTEST_UNMARKED: Final = 5
"""Bytes of an old pickle without a container; fewer are sooner a text."""

_JSON = re.compile(
    rb"""(?:\xef\xbb\xbf)?[ \t\n\r]*(?:
    \{[ \t\n\r]*(?:["}]|\Z) | \[[ \t\n\r]*(?:[\[\]{"0-9]|-[0-9]|[tfn]|\Z) | "
    | (?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? | true | false | null)[ \t\n\r]*\Z)""",
    re.VERBOSE,
)
_PHP = re.compile(
    rb'a:[0-9]+:(?:\{|\Z)|[OCE]:[0-9]+:(?:"|\Z)|[sS]:[0-9]+:(?:"|\Z)|b:[01];\Z|N;\Z'
    rb"|i:-?[0-9]+(?:;|\Z)|d:-?[0-9.INF]"
)
_PICKLE = re.compile(
    rb"""\x80[\x02-\x05]. | \((?:[dl]p[0-9]+(?:\n|\Z)|[dl]\.\Z|i[a-zA-Z_][\w.]*\n)
    | [\]}](?:[qr].|p[0-9]+(?:\n|\Z)|\.\Z)
    | c[a-zA-Z_][\w.]*\n[a-zA-Z_]""",
    re.VERBOSE | re.DOTALL,
)
OLD_PICKLES: Final = frozenset(bytes([first]) for first in b"()]}cIVSXKNJFGULMT")
"""The first bytes of pickles of protocols 0 and 1, which have no mark."""
_ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
_PRINTABLE = re.compile(rb"[\t\n\r -~]*")
_CONTROL = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f]")
_KEY_OF_MAP = re.compile(rb"[\x00-\x7f\xa0-\xbf\xc4\xcc-\xd3\xd9\xda]")


def format_of(beginning: bytes) -> str | None:
    """Return the format that these first bytes show; None where they do not tell."""
    if _JSON.match(beginning):
        return "json"
    for mark, name in MARKS:
        if beginning.startswith(mark):
            return name
    if _ZLIB.match(beginning) and not _PRINTABLE.fullmatch(beginning):
        return "zlib"
    if _PICKLE.match(beginning.removeprefix(b"!")):
        return "pickle"
    if _PHP.match(beginning):
        return "php"
    return "msgpack" if _is_message_pack(beginning) else None


def decode(payload: bytes, most: int, unknown: UnreadablePayload) -> tuple[Any, str]:
    """Return what a payload says that is no JSON, and the name of its format.

    Raises:
        UnreadablePayload: it is no format that is known, which is said by `unknown` if it is no
            text; or it is broken.
    """
    return _decode(payload, most, unknown, MOST_LAYERS)


def _decode(
    payload: bytes, most: int, unknown: UnreadablePayload, layers: int
) -> tuple[Any, str]:
    try:
        return _marked(payload, most, unknown, layers)
    except TooManyValues:
        raise
    except UnreadablePayload as error:
        found = _unmarked(payload, most, layers)
        if found is None:
            raise error from None
        return found


def _marked(
    payload: bytes, most: int, unknown: UnreadablePayload, layers: int
) -> tuple[Any, str]:
    """Return what a payload says in the format that its first bytes show."""
    match format_of(payload[:64]):
        case "igbinary":
            raise broken("igbinary", "which only PHP reads")
        case "rails":
            return _of_rails(payload, most, layers)
        case str() as name if name in COMPRESSIONS:
            return _unpacked(name, payload, most, layers)
        case "msgpack":
            return _unsure("msgpack", payload, most, unknown)
        case str() as name if name in DECODERS:
            return _decoded(name, payload, most), name
    if payload[:1] in OLD_PICKLES and payload.endswith(b"."):
        value, name = _unsure("pickle", payload, most, unknown)
        if isinstance(value, dict | list) or len(payload) >= SHORTEST_UNMARKED:
            return value, name
    raise _no_format(payload, unknown)


def _unsure(
    name: str, payload: bytes, most: int, unknown: UnreadablePayload
) -> tuple[Any, str]:
    """Return what a payload says in a format that has no mark of its own."""
    try:
        return _decoded(name, payload, most), name
    except TooManyValues:
        raise
    except UnreadablePayload:
        raise _no_format(payload, unknown) from None


def _unmarked(payload: bytes, most: int, layers: int) -> tuple[Any, str] | None:
    """Return what is in a compression without a mark: if it says an object or a list."""
    if not layers:
        return None
    from tui.audit.decoders import compressed

    for name, unpacked in compressed.guesses(payload, most):
        try:
            value, inner = _inner(unpacked, most, layers - 1)
        except TooManyValues:
            raise
        except UnreadablePayload:
            continue
        if isinstance(value, dict | list):
            return value, f"{name}+{inner}"
    return None


def _unpacked(name: str, payload: bytes, most: int, layers: int) -> tuple[Any, str]:
    from tui.audit.decoders import compressed

    if not layers:
        raise broken(name, f"it is compressed more than {MOST_LAYERS} times")
    value, inner = _inner(compressed.unpack(name, payload, most), most, layers - 1)
    return value, f"{name}+{inner}"


def _of_rails(payload: bytes, most: int, layers: int) -> tuple[Any, str]:
    """Return what an entry of Rails.cache holds."""
    from tui.audit.decoders import rails

    content = rails.content_of(payload)
    if content is None or not layers:
        raise broken("rails", "it is broken")
    value, inner = _inner(content, most, layers - 1)
    return rails.value_of(payload, value), f"rails+{inner}"


def _inner(payload: bytes, most: int, layers: int) -> tuple[Any, str]:
    """Return what unpacked bytes say."""
    unknown = UnreadablePayload("it is no format that hitmiss knows")
    if _JSON.match(payload[:64]):
        try:
            return json_text.decode(payload), "json"
        except json_text.NoText as reason:
            unknown = reason
    return _decode(payload, most, unknown, layers)


def _decoded(name: str, payload: bytes, most: int) -> Any:
    module = import_module(f"tui.audit.decoders.{DECODERS[name]}")
    try:
        return module.decode(payload, most)
    except RecursionError as error:  # whoever asks is deep in calls already
        raise too_deep(name) from error


def _no_format(payload: bytes, unknown: UnreadablePayload) -> UnreadablePayload:
    """Return what is wrong with bytes in no known format: with a text, why it is not JSON."""
    if _CONTROL.search(payload):
        return unknown
    try:
        json_text.decode(payload)
    except json_text.NoText:
        return unknown
    except UnreadablePayload as error:
        return error
    return unknown


def _is_message_pack(beginning: bytes) -> bool:
    """Tell whether MessagePack begins so, and no text in UTF-8 does."""
    first = beginning[0] if beginning else 0
    if first < 0x80 or first in {0xC1, 0xFF} or _begins_a_text(beginning):
        return False
    if first <= 0x8F or first in {0xDE, 0xDF}:
        key = beginning[{0xDE: 3, 0xDF: 5}.get(first, 1) :][:1]
        return first == 0x80 or _KEY_OF_MAP.match(key) is not None
    return True


def _begins_a_text(beginning: bytes) -> bool:
    try:
        beginning.decode()
    except UnicodeDecodeError as error:
        return error.start > 0 and error.reason == "unexpected end of data"
    return True
