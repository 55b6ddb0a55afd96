"""Commands that fail before they are applied, after it, or are applied late."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tui.cache.port import Cache, Claim
from tui.models import Cached
from tui.runtime.errors import CacheUnavailable

LATEST_SECONDS = 0.4


class FaultyCache:
    """A cache whose network loses requests, loses answers, and delivers late."""

    def __init__(self, cache: Cache, chance: random.Random, share: float) -> None:
        """Let that share of the commands go wrong, drawn from `chance`."""
        self.ttl_step = cache.ttl_step
        self._cache = cache
        self._chance = chance
        self._share = share
        self._late: set[asyncio.Task[Any]] = set()
        self.faults = 0

    async def _send(self, send: Callable[[], Awaitable[Any]]) -> Any:
        if self._chance.random() >= self._share:
            return await send()
        self.faults += 1
        kind = self._chance.choice(["before", "after", "late"])
        if kind == "after":
            await send()
        elif kind == "late":
            task = asyncio.create_task(self._later(send))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        raise CacheUnavailable(f"injected: the answer was lost ({kind})")

    async def _later(self, send: Callable[[], Awaitable[Any]]) -> None:
        await asyncio.sleep(self._chance.uniform(0, LATEST_SECONDS))
        try:
            await send()
        except CacheUnavailable:
            return  # too late for a server that is gone

    async def settle(self) -> None:
        """Wait until everything late has been delivered, and inject nothing any more."""
        self._share = 0.0
        await asyncio.gather(*self._late, return_exceptions=True)

    def lasting(self, seconds: float) -> float:
        """See Copies."""
        return self._cache.lasting(seconds)

    def new_claim(self, key: str) -> Claim:
        """See Copies."""
        return self._cache.new_claim(key)

    async def read(self, key: str) -> Cached:
        """See Copies."""
        cached: Cached = await self._send(lambda: self._cache.read(key))
        return cached

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """See Copies."""
        found: tuple[Cached, bool] = await self._send(
            lambda: self._cache.read_or_claim(claim, grace)
        )
        return found

    async def claim(self, claim: Claim) -> bool:
        """See Copies."""
        return bool(await self._send(lambda: self._cache.claim(claim)))

    async def abandon(self, claim: Claim) -> bool:
        """See Copies."""
        return bool(await self._send(lambda: self._cache.abandon(claim)))

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """See Copies."""
        return bool(
            await self._send(
                lambda: self._cache.fill(claim, payload, seconds, expected=expected)
            )
        )

    async def invalidate(self, keys: Sequence[str]) -> int:
        """See Copies."""
        return int(await self._send(lambda: self._cache.invalidate(keys)))

    async def drop(self, key: str) -> bool:
        """See Copies."""
        return bool(await self._send(lambda: self._cache.drop(key)))

    async def expire_after(self, key: str, seconds: float) -> bool:
        """See Copies."""
        return bool(await self._send(lambda: self._cache.expire_after(key, seconds)))


class NaiveCache(FaultyCache):
    """The usual pattern: no claim, and a fill that stores whatever was read."""

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """Read, and ask nobody."""
        return await self.read(claim.key), True

    async def claim(self, claim: Claim) -> bool:
        """Ask nobody."""
        return True

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """SET, come what may."""
        await self._send(lambda: self._cache.store([(claim.key, payload, seconds)]))
        return True
