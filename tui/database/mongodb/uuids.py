"""Uuids in BSON: subtype 4 as everybody reads it, subtype 3 in the order of one old driver."""

from enum import StrEnum

from bson.binary import OLD_UUID_SUBTYPE, UUID_SUBTYPE, Binary

from tui.models.spelling import canonical, is_uuid, windows

LENGTH = 16


class Order(StrEnum):
    """In what order the bytes of subtype 3 stand: `uuidRepresentation` in the URL."""

    UNKNOWN = "unspecified"
    STANDARD = "standard"
    PYTHON = "pythonLegacy"
    JAVA = "javaLegacy"
    CSHARP = "csharpLegacy"


def order_of(option: str | None) -> Order:
    """Return the order that a URL names; UNKNOWN where it names none of them."""
    return next((o for o in Order if o.lower() == (option or "").lower()), Order.UNKNOWN)


def uuid_of(binary: Binary, order: Order) -> str | None:
    """Return the uuid that bytes are, as RFC 9562 spells it; None where they are none."""
    if len(binary) != LENGTH:
        return None
    if binary.subtype == UUID_SUBTYPE:
        return canonical(binary.hex())
    if binary.subtype == OLD_UUID_SUBTYPE and order not in {Order.UNKNOWN, Order.STANDARD}:
        return canonical(_turned(bytes(binary), order).hex())
    return None


def binary_of(uuid: str, order: Order, *, legacy: bool) -> Binary | None:
    """Return the bytes of a uuid in any spelling; None for what is none.

    Those of subtype 3 where `legacy`, as a driver with that order writes them.
    """
    if not is_uuid(uuid):
        return None
    content = bytes.fromhex(canonical(uuid).replace("-", ""))
    if not legacy:
        return Binary(content, UUID_SUBTYPE)
    return Binary(_turned(content, order), OLD_UUID_SUBTYPE)


def _turned(content: bytes, order: Order) -> bytes:
    """Return 16 bytes in the other order; twice gives them back."""
    match order:
        case Order.JAVA:
            return content[7::-1] + content[:7:-1]
        case Order.CSHARP:
            return windows(content)
    return content
