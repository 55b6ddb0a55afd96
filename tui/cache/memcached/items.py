"""What the server says of an item, understood."""

import re
from typing import Final

from msgspec import Struct

from tui.cache.memcached.protocol import Item, Value
from tui.cache.port import CLAIM_SECONDS
from tui.cache.wire import NotUnderstood
from tui.models import Cached

NOTHING = Cached(None, None)
FACTS: Final = re.compile(
    rb"ME [^ ]+ exp=(-?[0-9]{1,12})(?: la=[0-9]{1,20})? cas=([0-9]{1,20})(?: |$)"
)
"""What `me` says of an item: key, seconds left, seconds since it was asked for, number."""
NUMBER: Final = re.compile(rb"-?[0-9]{1,20}")
"""A life or a number, behind its letter."""
TOO_LONG = "too long to compare: {:,} bytes"


class Found(Struct, frozen=True, gc=False):
    """An item, as `mg KEY v t c` tells of it."""

    cached: Cached
    """The copy; nothing, where the item is but a claim."""
    cas: int
    won: bool
    """We alone are told that it is ours to fill."""
    taken: bool
    """Somebody has been told so before."""
    existed: bool
    """There is a copy."""


def found_in(item: Item, *, valued: bool = True) -> Found:
    """Return what an item is whose life (`t`) and number (`c`) were asked, in that order.

    Before them its value was asked, where it is `valued`; else behind them its size (`s`).

    Raises:
        NotUnderstood: it is none that a server gives.
    """
    flags = item.flags
    if len(flags) < 2 or flags[0][:1] != b"t" or flags[1][:1] != b"c":
        raise NotUnderstood("an item without its life and number")
    if not (NUMBER.fullmatch(flags[0], 1) and NUMBER.fullmatch(flags[1], 1)):
        raise NotUnderstood("an item whose life or number is none")
    left, cas = int(flags[0][1:]), int(flags[1][1:])
    more, size = flags[2:], item.size
    if not valued:
        size = int(more[0][1:]) if more and more[0][1:].isdigit() else 0
    won, taken = b"W" in more, b"Z" in more
    if not size and (won or taken):  # made by whoever claims it
        return Found(NOTHING, cas, won, taken, existed=False)
    if not valued:
        cached = Cached(None, None if left < 0 else float(left), size=size)
        return Found(cached, cas, won, taken, existed=True)
    return Found(copy_of(item.value, size, left), cas, won, taken, existed=True)


def copy_of(value: bytes | None, size: int, left: int) -> Cached:
    """Return a copy that lives for `left` seconds, -1 for ever."""
    seconds = None if left < 0 else float(left)
    if value is None:
        return Cached(None, seconds, size=size, unread=TOO_LONG.format(size))
    return Cached(value, seconds)


def read_plainly(
    value: Value | None, life: tuple[int, int] | None, *, sure: bool = False
) -> Cached:
    """Return what `gets` and `me` have told of a key: without these, no win is taken from it.

    `life` is the item's seconds left, -1 for ever, and its number. What is empty, and about to
    end, is somebody's claim; also where it is not `sure` that one for ever is none.
    """
    if value is None or life is None:
        return NOTHING
    left, _ = life
    if not value.size and left <= CLAIM_SECONDS and (left >= 0 or not sure):
        return NOTHING
    return copy_of(value.value, value.size, left)


def life_of(line: bytes) -> tuple[int, int] | None:
    """Return seconds left and number from the reply to `me`; None where there is no item.

    Old versions (1.6.18 is one) give the seconds below 0, and with one second left -1, which
    also stands for ever: that is what it is taken for here.

    Raises:
        NotUnderstood: it is another reply.
    """
    if line == b"EN":
        return None
    facts = FACTS.match(line)
    if facts is None:
        raise NotUnderstood("no reply to me")
    left, cas = int(facts[1]), int(facts[2])
    return (-1 if left == -1 else abs(left)), cas
