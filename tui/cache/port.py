"""What every cache promises, and what of it depends on the store."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from tui.models import MAX_VALUE, Cached, KeyFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.faults import Faults

if TYPE_CHECKING:
    from tui.models.check import Check

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

    illegible: int
    """How many keys its walks have passed over, since they fit and are no UTF-8."""

    def patient(self) -> "Walker":
        """Return a walker of the same cache that waits for some seconds until it answers."""
        ...

    async def count(self) -> int:
        """Return how many keys the cache holds, of everybody."""
        ...

    def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit `template`, batch by batch, each a step of the walk.

        With `part`, those whose id holds it. What the adapter keeps for claims is not among
        them, or is a reserved key (`models.keys`). A key that is there all the time comes at
        least once, perhaps twice. Batches may be empty.
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

    Opened read-only, each call that writes raises CacheRefused, with 'read-only' in its text.
    """

    ttl_step: float
    """By how many seconds less may be left of a life than is told."""

    async def read(self, key: str) -> Cached:
        """Return what is stored under `key`, and how long it will live: in one trip."""
        ...

    def lasting(self, seconds: float) -> float:
        """Return for how long something is really kept that is to live for `seconds`."""
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

        What may claim is never sent twice, this as little as `claim`. A cache that was opened
        read-only reads, and claims nothing.
        Fresh is what lives for longer than `grace` seconds, and 'known to be absent'. Gives
        whether the key was claimed; where not, it need not have been tried.
        """
        ...

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store `payload` for that time and end the claim, if it still holds; else do nothing.

        With `expected`, only if the key still holds that payload, or still nothing; refused so,
        the claim ends too. Tell whether it was stored.
        """
        ...

    async def abandon(self, claim: Claim) -> bool:
        """End the claim, if it holds; tell whether it did."""
        ...

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete the copies under `keys`, and make void whatever claims there are on them.

        They travel together, so the caller keeps their number small. Gives how many entries,
        copies and claims, there were.
        """
        ...

    async def drop(self, key: str) -> bool:
        """Delete what is stored under `key`. Tell whether it was there.

        Claims on the key hold, where they are apart from copies (`Capabilities`).
        """
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


class Capabilities(Struct, frozen=True):
    """What of a cache depends on its kind."""

    ttl_step: float
    """The smallest difference of two lives, in seconds."""
    least_ttl: float
    """The shortest life, in seconds."""
    largest_value: int
    """Bytes that a value may have."""
    longest_key: int
    """Bytes that a key may have."""
    walks: bool
    """Whether its keys can be walked through: the list of what is cached, and the audit."""
    claims: bool
    """Whether a claim can be taken, without which nothing is stored."""
    claims_apart: bool
    """Whether a claim holds although the copy is stored over or dropped meanwhile; else it is
    void then, as after an invalidation."""
    shared: bool
    """Whether other processes see what is in it."""


class CacheOptions(Struct, frozen=True):
    """How a cache is to be opened."""

    read_only: bool = False
    """Nothing that writes is sent."""
    others: bool = False
    """Other programs store under the same keys, in forms of their own, which are read too."""
    max_value: int = MAX_VALUE
    """Bytes: of a longer value comes its size."""
    faults: Faults | None = None
    """What breaks on purpose."""


class Asked(Struct, frozen=True):
    """What is to be found out about a cache, and how hitmiss is to use it."""

    url: str
    template: KeyTemplate | None
    """None where it cannot be used: then nothing is asked that needs a key."""
    read_only: bool
    rows: bool
    """Whether the table has some."""
    named: bool
    """Whether somebody has chosen the template."""


class CacheStore(Protocol):
    """A kind of cache, found by the scheme of its URLs. Importing it loads no driver."""

    def check(self, url: str) -> str:
        """Return the URL, without white space around it, if it can be used.

        Raises:
            SettingsError: it cannot. The message never holds a password.
        """
        ...

    def name(self, url: str) -> str:
        """Return the cache as it may be shown: without user, password and options."""
        ...

    def capabilities(self, url: str) -> Capabilities:
        """Return what it can do, as far as that is known before it is asked."""
        ...

    def passed_over(self, url: str) -> tuple[str, ...]:
        """Return the names of the URL's options that mean nothing here, without values."""
        ...

    def client(self, url: str) -> tuple[str, ...]:
        """Return the words that call the store's own client in a shell, without a password.

        Empty where no client reaches it.
        """
        ...

    def load(self) -> None:
        """Import the driver, which takes a while."""
        ...

    def open(
        self, url: str, clock: Clock, options: CacheOptions
    ) -> AbstractAsyncContextManager[Cache]:
        """Open the cache. Nothing is sent yet: the first call finds out that it is down."""
        ...

    async def checks(self, asked: Asked) -> "list[Check]":
        """Return what `doctor` is to say of the cache; changes nothing, and takes seconds."""
        ...
