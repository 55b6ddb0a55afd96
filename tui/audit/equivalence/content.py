"""Bytes and uuids by their content, in whatever way a text or a list spells them."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from tui.audit.equivalence.nested import parsed
from tui.models.scalars import StandIn, mark_of
from tui.models.spelling import UUID, canonical, is_uuid

HEX = re.compile(r"(?:\\x|0x|x')?((?:[0-9a-fA-F]{2})*)'?", re.ASCII)
BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]*={0,2}\s*", re.ASCII)
LITERAL = re.compile(r"b(['\"])(.*)\1", re.DOTALL)
ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([\\'\"abfnrtv0]))")
ESCAPED = {
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n",
    b"r": b"\r", b"t": b"\t", b"v": b"\v", b"0": b"\0",
}  # fmt: skip
BYTE = 256


def same_bytes(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are the same bytes; None where the copy spells none that are known.

    What the row holds is known by a digest alone.
    """
    if not isinstance(stored, StandIn) or not isinstance(stored.mark, bytes):
        return None
    if any(stored.mark in _marks(content) for content in contents_of(cached)):
        return True
    return None if isinstance(cached, str) and not _is_spelled(cached) else False


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


def _marks(content: bytes) -> set[bytes]:
    return {mark_of("blob", content), mark_of("text", content)}


def _is_spelled(text: str) -> bool:
    """Tell whether a text spells bytes, and is not only what they may mean as a text."""
    forms = (LITERAL, HEX, BASE64)
    return text[:1] in {"{", "["} or any(form.fullmatch(text) for form in forms)


def windows(key: bytes) -> bytes:
    """Return the bytes of a uuid as Windows has them, with the first three groups turned."""
    return key[3::-1] + key[5:3:-1] + key[7:5:-1] + key[8:]


def contents_of(value: Any) -> Iterator[bytes]:
    """Give the bytes that a value may spell: base64, hex, lists of numbers, Node's Buffer."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, list):
        yield from _numbers(value)
    elif isinstance(value, Mapping):
        yield from _objects(value)


def _texts(text: str) -> Iterator[bytes]:
    if text[:1] in {"{", "["}:
        with suppress(ValueError):
            yield from contents_of(parsed(text))
    if (match := LITERAL.fullmatch(text)) is not None:
        yield from _literal(match[2])
    if (match := HEX.fullmatch(text)) is not None:
        yield bytes.fromhex(match[1])
    if (match := UUID.fullmatch(text)) is not None:
        yield bytes.fromhex("".join(match.groups()))
    if BASE64.fullmatch(text) is not None:
        bare = "".join(text.split()).rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
        with suppress(binascii.Error):
            yield base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    with suppress(UnicodeEncodeError):
        yield text.encode()
        yield text.encode("latin-1")


def _objects(value: Mapping[str, Any]) -> Iterator[bytes]:
    binary = value.get("$binary", value.get("$uuid"))
    if isinstance(binary, Mapping):
        binary = binary.get("base64")
    if isinstance(binary, str):
        yield from _texts(binary)
    elif isinstance(value.get("data"), list) and set(value) <= {"type", "data"}:
        yield from _numbers(value["data"])
    elif value and all(name == str(number) for number, name in enumerate(value)):
        yield from _numbers(list(value.values()))  # a Uint8Array of JavaScript


def _numbers(numbers: list[Any]) -> Iterator[bytes]:
    """Give the bytes that numbers are, with a sign or without one."""
    if all(type(number) is int and -128 <= number < BYTE for number in numbers):
        yield bytes(number % BYTE for number in numbers)


def _literal(inner: str) -> Iterator[bytes]:
    """Give what stands between the quotes of Python's own spelling of bytes."""
    if inner.isascii():
        yield ESCAPE.sub(
            lambda match: bytes.fromhex(match[1].decode()) if match[1] else ESCAPED[match[2]],
            inner.encode(),
        )
