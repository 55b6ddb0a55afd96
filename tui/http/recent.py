"""The last look-ups, as the page shows them."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct

from tui.models import Label, Outcome
from tui.models.colours import DIM, FAMILY
from tui.runtime.plain_text import plain

KEPT: Final = 100
"""How many look-ups the page shows."""
SHOWN_CHARACTERS: Final = 60
"""How much of a key the page shows; a longer one has no link either."""


class RecentLookup(Struct, frozen=True, gc=False):
    """What is kept of a look-up: not its record, and no more of its key than is shown."""

    at: float
    """When it was answered, on the monotonic clock, in seconds."""
    key: str
    """The key as it may be shown."""
    path: str | None
    """Where its record is; None where the key was cut."""
    label: Label
    """What the answer is called."""
    seconds: float
    """What it took."""
    ttl_left: float | None
    """For how many seconds the copy was still fresh then; None where nothing was cached."""
    coalesced: bool
    """It shared another look-up's load."""

    def to_json(self, number: int, now: float) -> dict[str, Any]:
        """Return it as the page is told it, with its number since the start, as it is `now`."""
        left = None if self.ttl_left is None else max(0.0, self.ttl_left - (now - self.at))
        return {
            "number": number,
            "seconds_ago": round(now - self.at, 1),
            "key": self.key,
            "path": self.path,
            "outcome": self.label.value,
            "family": FAMILY[self.label],
            "dim": self.label in DIM,
            "elapsed_ms": round(self.seconds * 1000, 3),
            "fresh_for": None if left is None else round(left, 1),
            "coalesced": self.coalesced,
        }


class Recent:
    """The last KEPT look-ups."""

    def __init__(self, table: str, clock: Callable[[], float]) -> None:
        """Keep look-ups in that table; `clock` gives seconds that only go forward."""
        self._table = quote(table, safe="")
        self._clock = clock
        self._entries: deque[RecentLookup] = deque(maxlen=KEPT)
        self._total = 0

    def add(self, outcome: Outcome) -> None:
        """Keep a look-up, in the place of the oldest where there are enough."""
        key = str(outcome.id)
        is_whole = len(key) <= SHOWN_CHARACTERS
        self._total += 1
        self._entries.append(
            RecentLookup(
                self._clock(),
                plain(key, SHOWN_CHARACTERS),
                f"/{self._table}/{quote(key, safe='')}" if is_whole else None,
                outcome.label,
                outcome.seconds,
                outcome.ttl_left,
                outcome.flags.coalesced,
            )
        )

    def to_json(self) -> list[dict[str, Any]]:
        """Return them as the page is told them, the latest first."""
        now, total = self._clock(), self._total
        latest_first = reversed(self._entries)
        return [one.to_json(total - place, now) for place, one in enumerate(latest_first)]
