"""Faults on purpose: those of the line, and a server that takes no writes."""

import asyncio

import pytest
from memcached_server import MemcachedServer

from tui.cache.memcached.opening import open_url
from tui.cache.port import CacheOptions
from tui.models import Cached
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheRefused, CacheUnavailable
from tui.runtime.faults import Fault, Faults

KEY = "hitmiss:user:1"


async def test_faults_break_our_own_line_alone(memcached: MemcachedServer) -> None:
    """And are over at once when they are switched off."""
    faults = Faults()
    async with open_url(memcached.url, SystemClock(), CacheOptions(faults=faults)) as cache:
        await cache.store([(KEY, b"x", 60)])
        faults.switch(Fault.CACHE_DOWN, on=True)
        for call in (
            lambda: cache.read(KEY), lambda: cache.read_or_claim(cache.new_claim(KEY), 1),
            lambda: cache.invalidate([KEY]), lambda: cache.walker.count(), lambda: walk(cache),
        ):  # fmt: skip
            with pytest.raises(CacheUnavailable, match="connection refused"):
                await call()
        assert memcached.say(b"get %b\r\n" % KEY.encode()).startswith(b"VALUE")
        faults.clear()
        assert (await cache.read(KEY)).payload == b"x"

        faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
        claim = cache.new_claim("hitmiss:user:2")
        assert await cache.read_or_claim(claim, 1) == (Cached(None, None), False)
        for refused in (
            cache.claim(claim),
            cache.invalidate([KEY]),
            cache.store([(KEY, b"", 9)]),
        ):
            with pytest.raises(CacheRefused, match="out of memory"):
                await refused
        assert (await cache.read(KEY)).payload == b"x"
        faults.clear()
        assert await cache.claim(claim)

        faults.switch(Fault.CACHE_SLOW, on=True)
        faults.set_latency(Fault.CACHE_SLOW, 0.1)
        began = asyncio.get_running_loop().time()
        await cache.read(KEY)
        assert asyncio.get_running_loop().time() - began >= 0.1
        faults.set_latency(Fault.CACHE_SLOW, 3.0)
        with pytest.raises(CacheUnavailable, match="did not answer"):
            await cache.read(KEY)


async def walk(cache: object) -> None:
    """Walk through all keys."""
    walker = cache.walker  # type: ignore[attr-defined]
    async for _ in walker.scan(KeyTemplate("hitmiss:user:{id}")):
        pass
