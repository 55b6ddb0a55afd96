"""Commands that fail before they are applied, after it, or are applied late."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tui.cache.redis import RedisCache
from tui.models import Cached, Trace
from tui.runtime.errors import CacheUnavailable

LATEST_SECONDS = 0.4


class FaultyCache:
    """A cache whose network loses requests, loses answers, and delivers late."""

    def __init__(self, cache: RedisCache, chance: random.Random, share: float) -> None:
        """Let that share of the commands go wrong, drawn from `chance`."""
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

    async def get(self, key: str, trace: Trace) -> Cached:
        """See RedisCache."""
        cached: Cached = await self._send(lambda: self._cache.get(key, trace))
        return cached

    async def get_or_lease(
        self, key: str, lease: str, token: str, seconds: float, grace: float, trace: Trace
    ) -> tuple[Cached, bool]:
        """See RedisCache."""
        found: tuple[Cached, bool] = await self._send(
            lambda: self._cache.get_or_lease(key, lease, token, seconds, grace, trace)
        )
        return found

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """See RedisCache."""
        return bool(
            await self._send(lambda: self._cache.acquire_lease(lease, token, seconds, trace))
        )

    async def release_lease(self, lease: str, token: str, trace: Trace) -> bool:
        """See RedisCache."""
        return bool(await self._send(lambda: self._cache.release_lease(lease, token, trace)))

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace,
        *, expected: Cached | None = None,
    ) -> bool:  # fmt: skip
        """See RedisCache."""
        return bool(
            await self._send(
                lambda: self._cache.fill(
                    key, lease, token, payload, seconds, trace, expected=expected
                )
            )
        )

    async def delete(self, *keys: str, trace: Trace) -> int:
        """See RedisCache."""
        return int(await self._send(lambda: self._cache.delete(*keys, trace=trace)))

    async def delete_pairs(self, pairs: Sequence[tuple[str, str]], trace: Trace) -> int:
        """See RedisCache."""
        return int(await self._send(lambda: self._cache.delete_pairs(pairs, trace)))

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """See RedisCache."""
        return bool(await self._send(lambda: self._cache.expire_after(key, seconds, trace)))


class NaiveCache(FaultyCache):
    """The usual pattern: no lease, and a fill that stores whatever was read."""

    async def get_or_lease(
        self, key: str, lease: str, token: str, seconds: float, grace: float, trace: Trace
    ) -> tuple[Cached, bool]:
        """Read, and ask nobody."""
        return await self.get(key, trace), True

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Ask nobody."""
        return True

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace,
        *, expected: Cached | None = None,
    ) -> bool:  # fmt: skip
        """SET, come what may."""
        cache, milliseconds = self._cache, round(seconds * 1000)

        async def store() -> bool:
            return await cache._change(
                trace,
                "SET",
                [("SET", key, payload, "PX", milliseconds)],
                bool,
                str,
            )

        return bool(await self._send(store))
