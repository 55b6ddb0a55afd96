"""Lists of keys that are longer than what lies on a connection."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from database_server import had
from memcached_server import MemcachedServer

from tui.cache.memcached.store import STORE
from tui.cache.port import Cache, CacheOptions
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock

KEYS = 10_000
TEMPLATE = KeyTemplate("lång:" + "é" * 50 + ":{id}")
"""In the list each takes 400 bytes: 4 MB in all, and a unix socket holds the tenth part."""


@pytest.fixture(scope="module")
def server() -> Iterator[MemcachedServer]:
    """A server with KEYS copies, of which each is its id."""
    with had(MemcachedServer(on_socket=True)) as filled:
        copies = [
            b"ms %b %d T900 q\r\n%d\r\n" % (TEMPLATE.value_key(id).encode(), len(str(id)), id)
            for id in range(KEYS)
        ]
        assert filled.say(b"".join(copies) + b"mn\r\n") == b"MN\r\n"
        yield filled


@pytest.fixture
async def cache(server: MemcachedServer) -> AsyncIterator[Cache]:
    """That server, to be read."""
    options = CacheOptions(read_only=True)
    async with STORE.open(server.url, SystemClock(), options) as opened:
        yield opened


async def test_who_reads_what_is_listed_is_answered_meanwhile(cache: Cache) -> None:
    """All values come, though a crawler that cannot send on keeps items locked."""
    read: dict[str, bytes | None] = {}
    async for batch in cache.walker.scan(TEMPLATE):
        left = batch
        while left:
            copies = await cache.walker.read(left)
            read.update(zip(left, (copy.payload for copy in copies), strict=False))
            left = left[len(copies) :]
    assert read == {TEMPLATE.value_key(id): b"%d" % id for id in range(KEYS)}


async def test_a_list_that_nobody_wants_any_more_leaves_the_crawler_free(cache: Cache) -> None:
    """Whoever lists keys next gets all of them."""
    async with aclosing(cache.walker.scan(TEMPLATE)) as batches:  # type: ignore[type-var]
        assert await anext(batches)
    assert sum([len(batch) async for batch in cache.walker.scan(TEMPLATE)]) == KEYS
