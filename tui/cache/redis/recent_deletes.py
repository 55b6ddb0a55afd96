"""The deletes that a primary has acknowledged lately, which a failover may have lost."""

from collections import deque

from tui.cache.redis.exchange import Command
from tui.runtime.clock import Clock

RECENT_SECONDS = 10.0
"""How long after it was acknowledged a delete may still not have reached the replicas."""
LONGEST_SILENCE = 300.0
"""Seconds that a primary may at most be taken to be cut off before sentinels replace it."""
MOST_DELETES = 10_000
"""So many are remembered; of more, the latest."""


class RecentDeletes:
    """Deletes of some seconds, in the order in which they were acknowledged.

    Replication is asynchronous: a replica that is promoted may lack what its primary had
    acknowledged last. And a primary that was cut off from the others goes on acknowledging
    until the sentinels have replaced it, which takes their `down-after-milliseconds`. What
    counts is how old a delete was when the primary was last heard: it may be silent for long
    before another one is there.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        self._clock = clock
        self._noted: deque[tuple[float, Command]] = deque(maxlen=MOST_DELETES)
        self._seconds = RECENT_SECONDS
        self._heard = 0.0

    def keep_for(self, silence: float) -> None:
        """Take `silence` seconds for what sentinels wait until they replace a primary."""
        self._seconds = RECENT_SECONDS + min(max(silence, 0.0), LONGEST_SILENCE)

    def heard(self) -> None:
        """Note that the primary has answered."""
        self._heard = self._clock.monotonic()

    def note(self, command: Command) -> None:
        """Note a delete that the primary has just acknowledged."""
        now = self._clock.monotonic()
        self._noted.append((now, command))
        while self._noted[0][0] < now - self._seconds:
            self._noted.popleft()

    def commands(self) -> list[Command]:
        """Return those that the next primary may not know, each once."""
        since = self._heard - self._seconds
        return list(dict.fromkeys(command for at, command in self._noted if at >= since))
