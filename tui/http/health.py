"""Whether cache and database answer: asked on the side, for whoever watches the process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tui.cache.port import Cache
from tui.database.port import Table
from tui.models import Health
from tui.runtime.errors import CacheError, DatabaseUnavailable
from tui.runtime.shared_task import SharedTask

WAIT_SECONDS: Final = 0.5
"""How long an answer waits for what is asked: most who watch give up after a second."""
KEPT_SECONDS: Final = 1.0
"""For how long what was found counts, however many ask."""


class Watched:
    """A cache or a database that is asked whether it answers, one question at a time."""

    def __init__(
        self, ask: Callable[[], Awaitable[object]], clock: Callable[[], float]
    ) -> None:
        """Ask by `ask`, which raises where there is no answer; `clock` counts seconds."""
        self._ask = ask
        self._clock = clock
        self._asking = SharedTask(self._found)
        self._known: tuple[float, Health] | None = None

    async def health(self) -> Health:
        """Return how it does, after WAIT_SECONDS at the latest."""
        if self._known is not None and self._clock() - self._known[0] < KEPT_SECONDS:
            return self._known[1]
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._asking.result()
        except TimeoutError:
            return Health(up=False, reason=f"no answer within {WAIT_SECONDS} s")

    async def aclose(self) -> None:
        """Ask no more."""
        await self._asking.aclose()

    async def _found(self) -> Health:
        started = self._clock()
        try:
            await self._ask()
        except (CacheError, DatabaseUnavailable) as error:
            health = Health(up=False, reason=str(error))
        else:
            health = Health(up=True, seconds=self._clock() - started)
        self._known = self._clock(), health
        return health


class HealthWatch:
    """Both of them."""

    def __init__(self, cache: Cache, table: Table, clock: Callable[[], float]) -> None:
        """Watch this cache, and the database of this table."""
        self._cache = Watched(cache.ping, clock)
        self._database = Watched(lambda: table.first_keys(1), clock)

    async def both(self) -> tuple[Health, Health]:
        """Return how the cache does, and the database."""
        cache, database = await asyncio.gather(self._cache.health(), self._database.health())
        return cache, database

    async def aclose(self) -> None:
        """Ask no more."""
        await self._cache.aclose()
        await self._database.aclose()


def health_json(name: str, health: Health) -> dict[str, Any]:
    """Return how one of them does, as /healthz says it."""
    milliseconds = None if health.seconds is None else round(health.seconds * 1000, 3)
    return {
        "name": name,
        "reachable": health.up,
        "ms": milliseconds,
        "reason": health.reason,
    }
