"""How long what is cached counts for something."""

from dataclasses import dataclass

JITTER = 0.1
"""Fills live for ttl * uniform(1 - JITTER, 1 + JITTER), so that they do not end together."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what is cached counts for something, in seconds."""

    ttl: float = 30.0
    """A record is fresh for this long, give or take the jitter."""
    grace: float = 30.0
    """After that it may be served for this long when the database fails."""
    negative_ttl: float = 10.0
    """'No such record' is believed for this long; it has no grace."""

    @property
    def longest(self) -> float:
        """The longest that a copy filled now can live."""
        return max(self.ttl * (1 + JITTER) + self.grace, self.negative_ttl)
