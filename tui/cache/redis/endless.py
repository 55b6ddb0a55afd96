"""Finding out that a walk has no end, as no server's has."""

from collections.abc import Awaitable, Callable

from tui.models import KEYS_PER_STEP
from tui.runtime.errors import CacheNotUnderstood

MOST_ROUNDS = 8
"""How often a walk comes to one cursor before it is taken to go round in circles."""
SPARE_STEPS = 50_000
"""So many steps may be without a key: the table of a server that was emptied is still large.

A step of SCAN looks at ten places for each key that it is asked for: these are 250,000,000.
"""
SPARE_KEYS = 100_000
"""So many keys may be more than there are, because they come twice."""
TIMES = 4
"""And so often may all come: a table that grows or shrinks is gone through in part again."""
MOST_KEYS = 1 << 30
"""What a server holds that does not say how much, or says more."""
ENDLESS = "what answers there is no usual server: SCAN"


class WalkEnd:
    """Ends a walk over one server that would not end by itself.

    It keeps one cursor in hand, and takes another after twice as many steps each time. Source:
    R. Brent, 'An improved Monte Carlo factorization algorithm', BIT 20 (1980). Where cursors
    never come again, what the server holds is the measure: it is asked only after so many steps
    or keys as no small server has.
    """

    def __init__(self, count: Callable[[], Awaitable[int | None]]) -> None:
        """Begin a walk; `count` gives how many keys there are, None where nobody may know."""
        self._count = count
        self._mark: int | None = None
        self._until, self._rounds = 1, 0
        self._steps = self._keys = self._largest = 0
        self._most_steps, self._most_keys = SPARE_STEPS, SPARE_KEYS

    async def came_to(self, cursor: int, keys: int) -> None:
        """Note a step, which has brought so many keys, and the next cursor.

        Raises:
            CacheNotUnderstood: the walk goes round in circles, or gives far more than there is.
        """
        self._steps += 1
        self._keys += keys
        self._rounds += cursor == self._mark
        if self._rounds >= MOST_ROUNDS:
            raise CacheNotUnderstood(f"{ENDLESS} goes round in circles")
        if self._steps == self._until:
            self._mark, self._until, self._rounds = cursor, 2 * self._until, 0
        if self._steps > self._most_steps or self._keys > self._most_keys:
            await self._compare()

    async def _compare(self) -> None:
        """Compare what has come with what there is, or was when that was asked last."""
        count = await self._count()
        held = min(MOST_KEYS, MOST_KEYS if count is None else count)
        self._largest = max(self._largest, held)
        most = TIMES * self._largest
        self._most_steps = SPARE_STEPS + most // KEYS_PER_STEP
        self._most_keys = SPARE_KEYS + most
        if self._steps > self._most_steps or self._keys > self._most_keys:
            raise CacheNotUnderstood(
                f"{ENDLESS} has no end ({self._steps:,} steps and {self._keys:,} keys so far,"
                f" where DBSIZE says {held:,})"
            )
