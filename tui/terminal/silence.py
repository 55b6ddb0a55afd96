"""How long a line has been silent, for what has begun on it and is not whole."""


class Silence:
    """Measures from when the line is found empty, not from when it was last read.

    Between the two more may have come: whoever reads may have waited for the app.
    Times are seconds of the caller's clock.
    """

    def __init__(self) -> None:
        """Begin with nothing that waits."""
        self._patience: float | None = None
        self._since: float | None = None
        self.last = 0.0
        """When the line was last found empty: what is read next may lie there since then."""

    def begins_anew(self, patience: float | None) -> None:
        """Measure again, what has come being read; None where nothing waits for its rest."""
        self._patience, self._since = patience, None

    def is_over(self, now: float) -> bool:
        """Tell whether patience is at an end, once; to be asked where the line is empty."""
        self.last = now
        if self._since is None:
            self._since = now
        if self._patience is None or now < self._since + self._patience:
            return False
        self._patience = None
        return True

    def seconds_left(self, now: float) -> float | None:
        """Return how long until it is over, in seconds; None where nothing waits.

        It is 0.0 until somebody has looked whether the line is empty.
        """
        if self._patience is None:
            return None
        return 0.0 if self._since is None else max(0.0, self._since + self._patience - now)
