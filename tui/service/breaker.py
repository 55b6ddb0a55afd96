"""When to leave the cache alone: after failures in a row, for a while."""

from enum import StrEnum

from tui.runtime.clock import Clock

FAILURES_TO_OPEN = 3
OPEN_SECONDS = 2.0


class BreakerState(StrEnum):
    """What the breaker lets through."""

    CLOSED = "closed"
    """Everything: the cache answers, or has not failed often enough yet."""
    OPEN = "open"
    """Nothing, until OPEN_SECONDS are over."""
    HALF_OPEN = "half-open"
    """One caller at a time, to find out whether the cache is back."""


class Breaker:
    """Counts failures in a row, and opens at the third.

    An open breaker spares every lookup the wait for a cache that does not answer, and the
    cache a crowd while it comes back. Source: M. Nygard, Release It!, 'Circuit Breaker'.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin closed."""
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self.at_rest = True
        """Whether nothing has failed since the cache last answered."""
        self.reason = ""
        """Why the cache failed the last time."""

    @property
    def is_open(self) -> bool:
        """Whether it has opened, and nobody has found the cache back yet."""
        return self._opened_at is not None

    @property
    def state(self) -> BreakerState:
        """What the breaker lets through right now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.seconds_left > 0 else BreakerState.HALF_OPEN

    @property
    def seconds_left(self) -> float:
        """Time until somebody may try the cache again; 0 when not open."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + OPEN_SECONDS - self._clock.monotonic())

    def lets_through(self) -> bool:
        """Tell whether the caller may use the cache.

        In the half-open state the first caller gets True, and must report by `succeeded`,
        `failed` or `gave_up`; until then everybody else gets False.
        """
        if self._opened_at is None:
            return True
        if self.state is BreakerState.HALF_OPEN and not self._probing:
            self._probing = True
            return True
        return False

    def succeeded(self) -> None:
        """Note that the cache answered: close."""
        self._failures = 0
        self._opened_at = None
        self._probing = False
        self.at_rest = True

    def failed(self, reason: str) -> None:
        """Note that the cache did not answer: open at the third time, or after a probe.

        A call that began before the breaker opened, and fails now, prolongs nothing.
        """
        self.reason = reason
        self.at_rest = False
        self._failures += 1
        state = self.state
        if state is BreakerState.HALF_OPEN or (
            state is BreakerState.CLOSED and self._failures >= FAILURES_TO_OPEN
        ):
            self._opened_at = self._clock.monotonic()
            self._probing = False

    def gave_up(self) -> None:
        """Note that a caller left without an answer, so that another one may try."""
        self._probing = False
