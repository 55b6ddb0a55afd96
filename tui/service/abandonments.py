"""Claims that nobody needs any more: abandoned, while everybody else goes on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tui.cache.port import Claim
from tui.models.recorder import Recorder
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheLeftAlone, CacheUnavailable, CopyTooLarge
from tui.service.guarded_cache import GuardedCache

LATE_PAUSES = (0.25, 0.5, 1.0)
"""After which a claim is abandoned that was made without a reply, or may be yet."""
MOST_LATE = 1000
"""So many are tried again and again; those beyond end by themselves, as all claims do."""


class Abandonments:
    """Ends claims of which nobody may know whether they hold.

    Else whoever asks for those keys next would wait in vain for somebody to fill them.
    """

    def __init__(self, cache: GuardedCache, clock: Clock) -> None:
        """Abandon in `cache`, whose breaker hears nothing of it."""
        self._cache = cache
        self._clock = clock
        self._prompt: set[asyncio.Task[Any]] = set()
        self._late: set[asyncio.Task[Any]] = set()
        self._closed = False

    def now(self, claim: Claim) -> None:
        """Abandon a claim: what may have made it is done."""
        self._start(self._abandoned(claim), self._prompt)

    def after_failure(self, claim: Claim, error: BaseException) -> None:
        """Abandon what may have been claimed, or may be yet, by a call that ended so.

        Who was cancelled had sent it before the end of the claim goes out. What got no reply
        may be late; what was refused, or not sent at all, claimed nothing. What found a copy
        that is too large may have claimed its key before.
        """
        sent = isinstance(error, CacheUnavailable) and not isinstance(error, CacheLeftAlone)
        if isinstance(error, asyncio.CancelledError | CopyTooLarge):
            self.now(claim)
        elif sent and len(self._late) < MOST_LATE:
            self._start(self._again_and_again(claim), self._late)

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

    async def _again_and_again(self, claim: Claim) -> None:
        for pause in LATE_PAUSES:
            await self._clock.sleep(pause)
            if await self._abandoned(claim):
                return

    async def _abandoned(self, claim: Claim) -> bool:
        with Recorder():  # it is no step of the look-up that had to do with it
            try:
                return await self._cache.abandon_unnoticed(claim)
            except CacheError:
                return False
