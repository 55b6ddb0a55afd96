"""What the service tells whoever listens: each decision, when it has been taken."""

from typing import TypeAlias

from msgspec import Struct

from tui.models import Filled, Key, Outcome


class LookedUp(Struct, frozen=True, gc=False):
    """A lookup was answered."""

    outcome: Outcome
    """The answer."""


class Loaded(Struct, frozen=True, gc=False):
    """A flight has read the database."""

    id: Key
    """The record's key."""
    seconds: float
    """How long the database took."""
    found: bool
    """Whether there is such a record."""


class FillEnded(Struct, frozen=True, gc=False):
    """A flight has stored its record, or could not."""

    id: Key
    """The record's key."""
    filled: Filled
    """What became of it."""


class Written(Struct, frozen=True, gc=False):
    """A write was acknowledged: the database has it."""

    id: Key
    """The record's key."""


class Invalidated(Struct, frozen=True, gc=False):
    """The cached copy of a record was deleted, or its delete is pending."""

    id: Key
    """The record's key."""
    pending: bool
    """The cache did not take the delete; it will be sent again before any read."""


class Drained(Struct, frozen=True, gc=False):
    """Pending deletes were taken by the cache."""

    value_keys: tuple[str, ...]
    """The value keys that are no longer pending."""


class BreakerChanged(Struct, frozen=True, gc=False):
    """The breaker opened or closed."""

    open: bool
    """Whether the cache is left alone from now on."""
    reason: str
    """Why it opened; empty when it closed."""


Event: TypeAlias = (
    LookedUp | Loaded | FillEnded | Written | Invalidated | Drained | BreakerChanged
)
