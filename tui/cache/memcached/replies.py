"""What a reply has to be, and what it is called: whatever else comes back is an error."""

from collections.abc import Sequence
from typing import Any, Final

from tui.cache.memcached.items import NOTHING
from tui.cache.memcached.protocol import ErrorReply, Item
from tui.cache.wire import NotUnderstood
from tui.models import Cached

NOT_DONE: Final = (b"NF", b"NS", b"EX", b"EN")
"""No such item; not stored; another CAS number; no such item either."""


def number_in(facts: object, name: str, *, digits: int = 19) -> int | None:
    """Return a number from the reply to `stats`; None where there is none, or a longer one."""
    text = facts.get(name, "") if isinstance(facts, dict) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def raise_error(reply: object) -> None:
    """Raise what stands in the place of a reply, if that is an error."""
    if isinstance(reply, ErrorReply):
        raise reply


def item(reply: object) -> Item:
    """Return the reply to `mg`.

    Raises:
        ErrorReply: the server refused it.
        NotUnderstood: it is no such reply.
    """
    raise_error(reply)
    if not isinstance(reply, Item):
        raise NotUnderstood(f"no reply to mg: {reply!r:.40}")
    return reply


def line(reply: object) -> bytes:
    """Return the reply to `me`.

    Raises:
        ErrorReply, NotUnderstood: as for `item`.
    """
    raise_error(reply)
    if not isinstance(reply, bytes):
        raise NotUnderstood(f"no reply to me: {reply!r:.40}")
    return reply


def is_done(reply: object) -> bool:
    """Tell whether the server has done what it was asked to."""
    raise_error(reply)
    if isinstance(reply, Item):
        return True
    if reply not in NOT_DONE:
        raise NotUnderstood(f"no reply to that: {reply!r:.40}")
    return False


def say_done(replies: Sequence[Any]) -> str:
    """Return what the only reply says, in words."""
    (reply,) = replies
    said = "HD" if is_done(reply) else reply.decode()
    return said if said == "HD" else f"{said}: {_MEANINGS[said]}"


def say_copy(cached: Cached) -> str:
    """Return how long a copy is and how long it will live, in words."""
    payload, left = cached.payload, cached.seconds_left
    if payload is not None and left is not None:  # as nearly always
        return f"{len(payload)} bytes, {left:.0f} s"
    if cached == NOTHING:
        return "nothing"
    size = cached.size if payload is None else len(payload)
    return f"{size} bytes, " + ("no expiry" if left is None else f"{left:.0f} s")


_MEANINGS: Final = {
    "NF": "no such item", "NS": "not stored", "EX": "it has changed", "EN": "no such item"
}  # fmt: skip
