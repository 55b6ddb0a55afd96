"""One look-up under way: what it asks, and what it has found so far."""

from typing import TYPE_CHECKING

from tui.models import Key, Step

if TYPE_CHECKING:
    from tui.cache.port import Claim
    from tui.service.cached_copy import CachedCopy


class Lookup:
    """One look-up under way, or one for all that ask the same in one turn of the loop."""

    __slots__ = (
        "alone", "claim", "epoch", "held", "id", "pending", "reason", "started", "steps",
        "value_key",
    )  # fmt: skip

    def __init__(
        self, id: Key, value_key: str, epoch: int, started: float, steps: list[Step]
    ) -> None:
        """Ask for record `id`; `epoch` is its number in the order of look-ups and reads."""
        self.id = id
        self.value_key = value_key
        self.epoch = epoch
        self.started = started
        self.steps = steps
        """What ran for it so far."""
        self.reason: str | None = None
        """Why the cache is not asked, or did not answer."""
        self.alone = True
        """Nobody else of this process was asking for the key when this was asked."""
        self.pending = False
        self.held: CachedCopy | None = None
        """What may stand in for a database that fails."""
        self.claim: Claim | None = None
        """On the key, made when the cache was read, for the flight to come."""

    @property
    def why(self) -> str | None:
        """Why the cache was bypassed, or what it had was not used."""
        if self.reason is None and self.held is not None and self.held.reason is not None:
            return f"the cached copy was not used: {self.held.reason}"
        return self.reason
