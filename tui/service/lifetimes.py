"""How long what is cached counts for something."""

from collections.abc import Callable

from msgspec import Struct

JITTER = 0.1
"""By what share of the ttl fills live longer or shorter, so that they do not end together."""

NEARLY = 1e-6
"""By what share of a step a life may differ from whole steps."""


class Lifetimes(Struct, frozen=True):
    """How long what is cached counts for something, in seconds."""

    ttl: float = 30.0
    """A record is fresh for this long, give or take the jitter."""
    grace: float = 30.0
    """After that it may be served for this long when the database fails."""
    negative_ttl: float = 10.0
    """'No such record' is believed for this long; it has no grace."""
    jitter: float = JITTER
    """A fill lives for ttl * uniform(1 - jitter, 1 + jitter); 0 lets those end together that
    began together."""
    beta: float = 1.0
    """How early hits refresh a copy, as XFetch has it; 0 is never before its end."""

    @property
    def longest(self) -> float:
        """The longest that a copy filled now can live."""
        return max(self.ttl * (1 + self.jitter) + self.grace, self.negative_ttl)

    def not_kept(self, step: float, least: float) -> str | None:
        """Return what a cache makes of these that keeps lives in steps, of `least` seconds on.

        None where it keeps them as they are.
        """
        lives = {
            "ttl": self.ttl,
            "ttl and grace": self.ttl + self.grace,
            "negative ttl": self.negative_ttl,
        }
        for name, seconds in lives.items():
            whole = abs(seconds / step - round(seconds / step)) < NEARLY
            if seconds < least or not whole:
                kept = max(least, round(seconds / step) * step)
                return (
                    f"this cache keeps lives in steps of {step:g} s, of {least:g} s at the"
                    f" least: the {name} of {seconds:g} s is kept as {kept:g} s"
                )
        return None

    def draw(self, uniform: Callable[[float, float], float]) -> float:
        """Draw for how many seconds a record that is stored now is to be fresh."""
        return self.ttl * uniform(1 - self.jitter, 1 + self.jitter)
