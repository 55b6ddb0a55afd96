"""What every cache promises, and what of it depends on the store."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

from tui.models import Cached, KeyFacts
from tui.models.keys import KeyTemplate

CLAIM_SECONDS = 3.0
"""How long a claim lasts at most: longer than the database may take for a read."""


class Claim(Struct, frozen=True, gc=False):
    """The right to fill one key once, or what may become that.

    Only the adapter that made it knows what else it consists of.
    """

    key: str
    """The key that may be filled."""


class Walker(Protocol):
    """Reading a cache in numbers, over connections of its own; nothing is changed.

    Each call raises CacheUnavailable or CacheRefused for what goes wrong with all of it. What
    goes wrong with one key is said of that key.
    """

    def patient(self) -> "Walker":
        """Return a walker of the same cache that waits for some seconds until it answers."""
        ...

    async def count(self) -> int:
        """Return how many keys the cache holds, of everybody."""
        ...

    def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit `template`, batch by batch, each a step of the walk.

        With `part`, those whose id holds it. A key that is there all the time comes at least
        once, perhaps twice. Batches may be empty.
        """
        ...

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Return what can be said of those keys without reading their values.

        Keys that have gone meanwhile are left out.
        """
        ...

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Return what is stored under the first of those keys, of one at least, in order.

        Of what is longer than may be read comes its size.
        """
        ...


class Copies(Protocol):
    """One copy at a time, as the service needs it.

    Each call takes bounded time, notes the steps it took (`models.recorder`), in failure too,
    and raises CacheUnavailable (no answer) or CacheRefused (the cache will not do it).

    A key is claimed by one at a time. A claim ends when it is filled, abandoned, void or
    CLAIM_SECONDS old; what is then filled with it is refused. An invalidation makes it void.
    """

    async def read(self, key: str) -> Cached:
        """Return what is stored under `key`, and how long it will live: in one trip."""
        ...

    def new_claim(self, key: str) -> Claim:
        """Return what `claim` and `read_or_claim` are to claim `key` with. Nothing is sent.

        Who gets an error from them, or is cancelled, does not know whether the key was
        claimed: so it abandons the claim.
        """
        ...

    async def claim(self, claim: Claim) -> bool:
        """Claim the key; tell whether it was free. This is never sent twice.

        Were it, the first sending could arrive late, after an invalidation, and what was read
        before that could be filled.
        """
        ...

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """As `read`; where nothing fresh is stored, the key may be claimed on the same trip.

        Fresh is what lives for longer than `grace` seconds, and 'known to be absent'. Gives
        whether the key was claimed; where not, it need not have been tried.
        """
        ...

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store `payload` for that time and end the claim, if it still holds; else do nothing.

        With `expected`, only if the key still holds that payload, or still nothing. Tell
        whether it was stored.
        """
        ...

    async def abandon(self, claim: Claim) -> bool:
        """End the claim, if it holds; tell whether it did."""
        ...

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete the copies under `keys`, and make void whatever claims there are on them.

        They travel together, so the caller keeps their number small. Gives how many entries
        there were.
        """
        ...

    async def drop(self, key: str) -> bool:
        """Delete what is stored under `key`; claims on it hold. Tell whether it was there."""
        ...

    async def expire_after(self, key: str, seconds: float) -> bool:
        """Let what is stored live for that time from now; tell whether it was there."""
        ...


class Cache(Copies, Protocol):
    """All that is asked of a cache."""

    @property
    def walker(self) -> Walker:
        """Reads the cache in numbers, and delays no look-up."""
        ...

    async def ping(self) -> None:
        """Return when the cache answers."""
        ...

    async def store(self, entries: Sequence[tuple[str, bytes, float]]) -> None:
        """Store key, payload and seconds of each entry, whatever happened meanwhile.

        The service never does this, since it may store what a write has just replaced; the Lab
        does, to show that.
        """
        ...
