"""What replies have to look like: whatever else comes back is an error that says so.

Proxies, gateways and what is no server at all answer with what none would: SCAN with a list of
cursors, PTTL with nothing, a number where a text belongs. All that is taken from a reply comes
through here first, so that nothing behind can stumble over it.
"""

from collections.abc import Sequence
from typing import Any, cast

from tui.cache.redis.failures import OddReply

LONGEST_CURSOR = 20
"""Digits: a cursor has 64 bits."""
NO_KEY = -2
"""What PTTL says of a key that is not there."""


def raised(reply: Any) -> Any:
    """Return `reply`; raise it where it is an error."""
    if isinstance(reply, Exception):
        raise reply
    return reply


def text(reply: Any, command: str) -> bytes:
    """Return the bytes that GETRANGE gave.

    Raises:
        OddReply: it is no bytes.
    """
    if isinstance(raised(reply), bytes):
        return bytes(reply)
    raise _odd(reply, command, "a text")


def text_or_nothing(reply: Any, command: str) -> bytes | None:
    """Return the bytes that GET gave.

    Raises:
        OddReply: it is neither bytes nor nothing.
    """
    if reply is None or isinstance(raised(reply), bytes):
        return cast("bytes | None", reply)
    raise _odd(reply, command, "a text or nothing")


def number(reply: Any, command: str, least: int = 0) -> int:
    """Return a whole number that is not below `least`.

    Raises:
        OddReply: it is none.
    """
    if type(raised(reply)) is int and reply >= least:  # True is an int too
        return int(reply)
    raise _odd(reply, command, "a whole number" if least < 0 else "a count")


def milliseconds_left(reply: Any) -> int:
    """Return what PTTL gave: -1 is no expiry, -2 no such key.

    Raises:
        OddReply: it is no such number.
    """
    return number(reply, "PTTL", NO_KEY)


def one_or_zero(reply: Any, command: str) -> bool:
    """Return the answer of a command or a script that says yes or no.

    Raises:
        OddReply: it is neither 0 nor 1.
    """
    if number(reply, command) > 1:
        raise _odd(reply, command, "0 or 1")
    return bool(reply)


def okay(reply: Any, command: str) -> None:
    """Return where the server has said OK.

    Raises:
        OddReply: it has said something else.
    """
    if raised(reply) != b"OK":
        raise _odd(reply, command, "OK")


def page(reply: Any) -> tuple[int, list[bytes]]:
    """Return the cursor and the keys of one step of SCAN.

    Raises:
        OddReply: it is not one cursor and one list of keys.
    """
    match raised(reply):
        case [bytes() | int() as cursor, list() as keys]:
            if isinstance(cursor, bytes) and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR:
                cursor = int(cursor)
            if type(cursor) is int and cursor >= 0 and _all_texts(keys):
                return cursor, keys
    raise _odd(reply, "SCAN", "a cursor and a list of keys")


def names(reply: Any, command: str) -> list[bytes]:
    """Return a list of texts.

    Raises:
        OddReply: it is none.
    """
    if isinstance(raised(reply), list) and _all_texts(reply):
        return list(reply)
    raise _odd(reply, command, "a list of texts")


def fields(reply: Any) -> dict[bytes, bytes]:
    """Return the fields of a hash, which come as a map, or in turn with their values.

    Raises:
        OddReply: they do not.
    """
    if isinstance(raised(reply), dict):
        reply = [part for field in reply.items() for part in field]
    if isinstance(reply, list) and len(reply) % 2 == 0 and _all_texts(reply):
        return dict(zip(reply[::2], reply[1::2], strict=True))
    raise _odd(reply, "HGETALL", "fields and values")


def _all_texts(parts: Sequence[Any]) -> bool:
    return all(isinstance(part, bytes) for part in parts)


def _odd(reply: Any, command: str, expected: str) -> OddReply:
    """Return the error; what came is named by its kind, since it may be anything."""
    return OddReply(f"{command} gave {_kind(reply)} in place of {expected}")


def _kind(reply: Any) -> str:
    if isinstance(reply, list):
        return f"a list of {len(reply):,}"
    if isinstance(reply, bytes):
        return f"a text of {len(reply):,} bytes"
    kinds = {bool: "a truth value", int: "a number", float: "a decimal", dict: "a map"}
    return "nothing" if reply is None else kinds.get(type(reply), "something else")
