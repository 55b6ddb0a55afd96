"""Leases that nobody needs any more: given back, while everybody else goes on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheLeftAlone, CacheUnavailable, CopyTooLarge
from tui.service.guarded_cache import GuardedCache

LATE_PAUSES = (0.25, 0.5, 1.0)
"""After which a lease is released that a command may have taken without a reply, or may yet."""
MOST_LATE = 1000
"""So many are tried again and again; those beyond end by themselves, as all leases do."""


class LeaseReturns:
    """Gives leases back of which nobody may know whether they were taken.

    Else whoever asks for those keys next would wait in vain for somebody to fill them.
    """

    def __init__(self, cache: GuardedCache, clock: Clock) -> None:
        """Release through `cache`, whose breaker hears nothing of it."""
        self._cache = cache
        self._clock = clock
        self._prompt: set[asyncio.Task[Any]] = set()
        self._late: set[asyncio.Task[Any]] = set()
        self._closed = False

    def give_back(self, lease: str, token: str) -> None:
        """Release a lease, if it is held with `token`: what may have taken it is done."""
        self._start(self._released(lease, token), self._prompt)

    def look_after(self, lease: str, token: str, error: BaseException) -> None:
        """Release what may have been taken, or may yet be, by a command that ended so.

        Who was cancelled had sent it before the release goes out. What got no reply may be
        late; what was refused, or not sent at all, took nothing. What found a copy that is too
        large may have taken it before.
        """
        sent = isinstance(error, CacheUnavailable) and not isinstance(error, CacheLeftAlone)
        if isinstance(error, asyncio.CancelledError | CopyTooLarge):
            self.give_back(lease, token)
        elif sent and len(self._late) < MOST_LATE:
            self._start(self._again_and_again(lease, token), self._late)

    async def aclose(self) -> None:
        """Let those end that know what they do; the others are not waited for."""
        self._closed = True
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._prompt, *self._late, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, Any], tasks: set[asyncio.Task[Any]]) -> None:
        if self._closed:  # the cache is closed by now, or soon
            work.close()
            return
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _again_and_again(self, lease: str, token: str) -> None:
        for pause in LATE_PAUSES:
            await self._clock.sleep(pause)
            if await self._released(lease, token):
                return

    async def _released(self, lease: str, token: str) -> bool:
        try:
            return await self._cache.release_unnoticed(lease, token)
        except CacheError:
            return False
