"""Opening a Memcached server as the cache."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from tui.cache.limits import CALL_SECONDS, COMMAND_SECONDS
from tui.cache.memcached.adapter import MemcachedCache
from tui.cache.memcached.address import place_of
from tui.cache.memcached.server import MemcachedLine
from tui.cache.port import CacheOptions
from tui.runtime.clock import Clock
from tui.runtime.redaction import SECRETS

if TYPE_CHECKING:
    from tui.cache.memcached.walker import MemcachedWalker


@asynccontextmanager
async def open_url(
    url: str, clock: Clock, options: CacheOptions
) -> AsyncIterator[MemcachedCache]:
    """Open the cache at a URL. Nothing is sent yet: the first call finds a server down."""
    SECRETS.learn_url(url)
    async with AsyncExitStack() as stack:
        server = _server(url, options, COMMAND_SECONDS)
        walked = _server(url, options, CALL_SECONDS, read_only=True)
        stack.push_async_callback(walked.aclose)
        cache = MemcachedCache(
            server, partial(_walk, walked, clock, options.max_value), clock,
            read_only=options.read_only, others=options.others, max_value=options.max_value,
        )  # fmt: skip
        stack.push_async_callback(cache.aclose)
        yield cache


def _server(
    url: str, options: CacheOptions, seconds: float, *, read_only: bool = False
) -> MemcachedLine:
    read_only = read_only or options.read_only
    if options.faults is None:
        return MemcachedLine(place_of(url), options.max_value, seconds, read_only=read_only)
    from tui.cache.memcached.faulty import FaultyMemcachedLine

    return FaultyMemcachedLine(
        place_of(url), options.max_value, seconds, options.faults, read_only=read_only
    )


def _walk(server: MemcachedLine, clock: Clock, max_value: int) -> "MemcachedWalker":
    from tui.cache.memcached.walker import MemcachedWalker  # it takes a while to import

    return MemcachedWalker(server, clock, max_value)
