"""What the service tells whoever listens: each decision, when it has been taken."""

from dataclasses import dataclass
from typing import TypeAlias

from tui.models import Filled, Key, Outcome


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A lookup was answered."""

    outcome: Outcome
    """The answer."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A flight has read the database."""

    id: Key
    """The record's key."""
    seconds: float
    """How long the database took."""
    found: bool
    """Whether there is such a record."""


@dataclass(frozen=True, slots=True)
class FillEnded:
    """A flight has stored its record, or could not."""

    id: Key
    """The record's key."""
    filled: Filled
    """What became of it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A write was acknowledged: the database has it."""

    id: Key
    """The record's key."""


@dataclass(frozen=True, slots=True)
class Invalidated:
    """The cached copy of a record was deleted, or its delete is pending."""

    id: Key
    """The record's key."""
    pending: bool
    """The cache did not take the delete; it will be sent again before any read."""


@dataclass(frozen=True, slots=True)
class Drained:
    """Pending deletes were taken by the cache."""

    value_keys: tuple[str, ...]
    """The value keys that are no longer pending."""


@dataclass(frozen=True, slots=True)
class BreakerChanged:
    """The breaker opened or closed."""

    open: bool
    """Whether the cache is left alone from now on."""
    reason: str
    """Why it opened; empty when it closed."""


Event: TypeAlias = (
    LookedUp | Loaded | FillEnded | Written | Invalidated | Drained | BreakerChanged
)
