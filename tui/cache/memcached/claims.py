"""Claims on Memcached: the CAS number of the value's own item, on one connection.

Reading with `N` makes an empty item where there is none, and with `R` picks one reader of an
item whose life is nearly over; whoever is told `W` has won, and all others are told `Z`. The
winner fills by a set with the item's CAS number, which fails once anybody has changed or
deleted the item. So a claim is void after an invalidation without anything being done for it.

CAS numbers begin again with the server, so that after a restart an old one can fit a new item.
A claim therefore ends with the connection that it was made on.

Source: memcached, doc/protocol.txt, 'Meta Get', and its flags for winning a recache.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from tui.cache.memcached.server import MemcachedWire
from tui.cache.port import CLAIM_SECONDS, Claim

MOST_REMEMBERED: Final = 4096
"""How many keys are remembered whose win is nobody's, or somebody else's."""


class Hold(Struct, frozen=True):
    """What a claim consists of, once it holds."""

    wire: MemcachedWire
    """It ends with this connection."""
    cas: int
    since: float
    """When it was asked for."""
    existed: bool
    """Whether there was a copy already; else the item is empty, and nothing but the claim."""


class Holder(Struct):
    """Where the claim's adapter puts what it holds."""

    hold: Hold | None = None


class MemcachedClaim(Claim, frozen=True):
    """A claim on the item of a key."""

    holder: Holder

    def take(self, now: float, seconds: float) -> Hold | None:
        """Return what is held, if that is no older; afterwards the claim holds nothing."""
        hold, self.holder.hold = self.holder.hold, None
        if hold is None or now - hold.since >= seconds:
            return None
        return hold


class Win(Struct, frozen=True):
    """Somebody has won an item that holds a copy: nobody else is told so, for all its life."""

    wire: MemcachedWire
    cas: int
    since: float
    ours: bool
    """It was told to us, who had no use for it then."""


class Wins:
    """The wins that nobody makes use of: those of ours, and of others who have ended.

    A server says that an item is won until its life is over, even when the winner will never
    fill it. Whoever fills instead is as right: the CAS number decides. So after CLAIM_SECONDS
    in which the number has stayed the same, anybody may.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._wins: OrderedDict[str, Win] = OrderedDict()

    def keep(self, key: str, wire: MemcachedWire, cas: int, now: float) -> None:
        """Remember a win of ours that is not made use of yet."""
        self._put(key, Win(wire, cas, now, ours=True))

    def claims(self, key: str, wire: MemcachedWire, cas: int, now: float) -> bool:
        """Tell whether an item that somebody has won may be claimed all the same."""
        win = self._wins.get(key)
        if win is None or win.cas != cas or win.wire is not wire:
            self._put(key, Win(wire, cas, now, ours=False))
            return False
        if not win.ours and now - win.since < CLAIM_SECONDS:
            return False
        # Whoever comes next waits as long again.
        self._put(key, Win(wire, cas, now, ours=False))
        return True

    def forget(self, key: str) -> None:
        """Forget what is known of a key, which has another item now."""
        self._wins.pop(key, None)

    def _put(self, key: str, win: Win) -> None:
        self._wins[key] = win
        self._wins.move_to_end(key)
        if len(self._wins) > MOST_REMEMBERED:
            self._wins.popitem(last=False)
