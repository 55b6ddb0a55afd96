"""Bytes and uuids by their content, in whatever way a text or a list spells them."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from tui.audit.equivalence.nested import same_json, value_of
from tui.audit.equivalence.wraps import without_types
from tui.models.scalars import Nested, StandIn, mark_of
from tui.models.spelling import UUID, canonical, is_uuid, windows

ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([\\'\"abfnrtv0]))")
ESCAPED = {
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n",
    b"r": b"\r", b"t": b"\t", b"v": b"\v", b"0": b"\0",
}  # fmt: skip
LONGEST_LITERAL = 1 << 16
"""Characters: nobody keeps more bytes in Python's own spelling."""
URL_SAFE = bytes.maketrans(b"-_", b"+/")
BYTE = 256


def same_bytes(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are the same bytes; None where the copy spells none that are known.

    What the row holds is known by a digest alone; a text in it stands for its bytes.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if not isinstance(stored, StandIn):
        wanted = _raw(stored) if isinstance(stored, str) else None
        return True if wanted is not None and wanted in contents_of(cached) else None
    if not isinstance(stored.mark, bytes):
        return None
    is_spelled = not isinstance(cached, str) or cached[:1] in {"{", "["}
    for content in _spelled(cached):
        if stored.mark in _marks(content):
            return True
        is_spelled = True
    if any(stored.mark in _marks(content) for content in _as_they_are(cached)):
        return True
    return False if is_spelled else None


def same_uuid(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one uuid; None where the row holds none."""
    if isinstance(stored, StandIn):
        if isinstance(cached, str) and is_uuid(cached):
            key = bytes.fromhex(canonical(cached).replace("-", ""))
            return any(mark_of("blob", one) == stored.mark for one in (key, windows(key)))
        return same_bytes(cached, stored)
    if not isinstance(stored, str) or not is_uuid(stored):
        return None
    wanted = canonical(stored)
    if isinstance(cached, str) and is_uuid(cached):
        return canonical(cached) == wanted
    if isinstance(cached, Mapping) and set(cached) == {"$uuid"}:
        return canonical(str(cached["$uuid"])) == wanted
    key = bytes.fromhex(wanted.replace("-", ""))
    return any(content in {key, windows(key)} for content in contents_of(cached))


def same_json_bytes(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one JSON value, which Go may have spelled as the bytes of its text.

    None where the row holds no JSON.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    told = same_json(cached, stored)
    if told is False and isinstance(cached, str) and '"@class"' in cached:
        bare = without_types(value_of(cached))
        told = same_json(Nested(json.dumps(bare)), stored)
    if told is not False or not isinstance(cached, str) or isinstance(cached, Nested):
        return told
    if cached[:2] not in {"ey", "e3", "W1", "Ww", "W3", "Wy"}:  # of {" and {} and [ in base64
        return told
    return any(same_json(_as_text(content), stored) is True for content in _base64(cached))


def _as_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _marks(content: bytes) -> set[bytes]:
    return {mark_of("blob", content), mark_of("text", content)}


def contents_of(value: Any) -> Iterator[bytes]:
    """Give the bytes that a value may spell: base64, hex, lists of numbers, Node's Buffer.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    yield from _spelled(value)
    yield from _as_they_are(value)


def _spelled(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield from _numbers(value)
    elif isinstance(value, Mapping):
        yield from _objects(value)


def _as_they_are(value: Any) -> Iterator[bytes]:
    """Give the bytes of a text's own characters: in UTF-8, or each of them one byte."""
    if isinstance(value, str) and (content := _raw(value)) is not None:
        yield content
        if not value.isascii():
            with suppress(UnicodeEncodeError):
                yield value.encode("latin-1")


def _raw(text: str) -> bytes | None:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return None


def _texts(text: str) -> Iterator[bytes]:
    if text[:1] in {"{", "["}:
        value = value_of(text)
        if isinstance(value, Mapping | list):
            yield from _spelled(value)
    if not text.isascii():
        return
    if text[:2] in {"b'", 'b"'} and text[-1:] == text[1] and len(text) <= LONGEST_LITERAL:
        yield from _literal(text[2:-1])
    yield from _hex(text)
    if (match := UUID.fullmatch(text)) is not None:
        key = bytes.fromhex("".join(match.groups()))
        yield from (key, windows(key))
    yield from _base64(text)


def _hex(text: str) -> Iterator[bytes]:
    """Give what hex digits spell: alone, behind a prefix, or with a sign between each two."""
    if text[:2].lower() in {"\\x", "0x"}:
        text = text[2:]
    elif text[:2].lower() == "x'":
        text = text[2:].removesuffix("'")
    elif text[2:3] in {"-", ":"} and len(text) % 3 == 2:
        text = text.replace(text[2], "")
    with suppress(ValueError):
        yield bytes.fromhex(text)


def _base64(text: str) -> Iterator[bytes]:
    bare = text.removeprefix("base64:").encode("ascii")
    if b"\n" in bare or b" " in bare:
        bare = b"".join(bare.split())
    bare = bare.rstrip(b"=").translate(URL_SAFE)
    with suppress(binascii.Error):
        yield base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)


def _objects(value: Mapping[str, Any]) -> Iterator[bytes]:
    binary = value.get("$binary", value.get("$uuid"))
    if isinstance(binary, Mapping):
        binary = binary.get("base64")
    elif value.keys() == {"type", "data"}:
        binary = value["data"]
    if isinstance(binary, str):
        yield from _texts(binary)
    elif isinstance(value.get("data"), list) and set(value) <= {"type", "data"}:
        yield from _numbers(value["data"])
    elif all(name == str(number) for number, name in enumerate(value)):
        yield from _numbers(list(value.values()))  # a Uint8Array of JavaScript


def _numbers(numbers: list[Any]) -> Iterator[bytes]:
    """Give the bytes that numbers are, with a sign or without one."""
    if all(type(number) is int and -128 <= number < BYTE for number in numbers):
        yield bytes([number % BYTE for number in numbers])


def _literal(inner: str) -> Iterator[bytes]:
    """Give what stands between the quotes of Python's own spelling of bytes."""
    yield ESCAPE.sub(
        lambda match: bytes.fromhex(match[1].decode()) if match[1] else ESCAPED[match[2]],
        inner.encode(),
    )
