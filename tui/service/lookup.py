"""A lookup under way, and those who ask the same in the same turn of the event loop."""

import asyncio
from typing import TYPE_CHECKING

from tui.models import Key, Outcome, Trace

if TYPE_CHECKING:
    from tui.service.cached_copy import CachedCopy


class Question:
    """One lookup under way, and everybody whose lookup it is.

    Who asks for the same key in the same turn of the event loop, before anything was sent,
    shares it: a crowd costs a read or two of the cache and one waiter each. What is shared is
    not sent before the turn is over, so no answer is older than any lookup that it answers.
    """

    __slots__ = (
        "_followers", "alone", "held", "id", "pending", "reason", "started", "token",
        "trace", "turn", "value_key",
    )  # fmt: skip

    def __init__(self, id: Key, value_key: str, turn: int, started: float) -> None:
        """Ask for record `id`; `turn` is its number in the order of lookups and reads."""
        self.id = id
        self.value_key = value_key
        self.turn = turn
        self.started = started
        self.trace: Trace = []
        self.reason: str | None = None
        """Why the cache is not asked, or did not answer."""
        self.alone = True
        """Nobody else of this process was asking for the key when this was asked."""
        self.pending = False
        self.held: CachedCopy | None = None
        """What may stand in for a database that fails."""
        self.token: str | None = None
        """Of the lease that was taken when the cache was read, for the flight to come."""
        self._followers: list[asyncio.Future[Outcome | None]] | None = None

    @property
    def why(self) -> str | None:
        """Why the cache was bypassed, or what it had was not used."""
        if self.reason is None and self.held is not None and self.held.reason is not None:
            return f"the cached copy was not used: {self.held.reason}"
        return self.reason

    def follow(self, turn: int) -> "asyncio.Future[Outcome | None]":
        """Share this lookup; None says that whoever asked has left without an answer.

        It becomes as young as its youngest asker: what is new enough for that one is new
        enough for all.
        """
        self.turn = max(self.turn, turn)
        follower: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        if self._followers is None:
            self._followers = []
        self._followers.append(follower)
        return follower

    def settle(self, outcome: Outcome | None) -> None:
        """Give all who share it the answer, or None."""
        for follower in self._followers or ():
            if not follower.done():
                follower.set_result(outcome)
