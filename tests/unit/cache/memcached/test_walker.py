"""The list of keys: from a crawler that serves one at a time, may be busy, or switched off."""

import asyncio

import pytest
from memcached_server import MemcachedServer
from unit.cache.memcached.places import Scripted, opened, scripted

from tui.cache.memcached.adapter import MemcachedCache
from tui.models.keys import KeyTemplate
from tui.runtime.errors import CacheError, CacheNotUnderstood, CacheRefused, CacheUnavailable

TEMPLATE = KeyTemplate("app:{id}:v1")
LIST = b"key=app%3A1%3Av1 exp=1796066707 la=1796066647 cas=3 fetch=yes cls=1 size=63\n"
END = b"END\r\n"


async def walked(cache: MemcachedCache, part: str = "") -> list[str]:
    """Return the keys of a walk by somebody who waits."""
    keys = [key async for batch in cache.walker.scan(TEMPLATE, part) for key in batch]
    assert len(keys) == len(set(keys))
    return sorted(keys)


async def test_thousands_of_keys_are_listed(own_memcached: MemcachedServer) -> None:
    """In batches; what does not fit, and what is no text, is left out."""
    own_memcached.say(b"ms junk 1 T60\r\nx\r\n")
    own_memcached.say(b"ms app:\xff:v1 1 T60\r\nx\r\n")
    own_memcached.say(b"ms app:v1 1 T60\r\nx\r\n")
    async with opened(own_memcached.url) as cache:
        wanted = [TEMPLATE.value_key(id) for id in range(3000)]
        for start in range(0, 3000, 500):
            await cache.store([(key, b"x" * 20, 600) for key in wanted[start : start + 500]])
        assert await walked(cache) == sorted(wanted)
        assert cache.walker.illegible == 1
        assert await walked(cache, "299") == sorted(
            TEMPLATE.value_key(id) for id in (299, 1299, 2299, *range(2990, 3000))
        )
        assert await cache.walker.count() == 3003
        batches = [batch async for batch in cache.walker.scan(TEMPLATE)]
        assert max(map(len, batches)) <= 500
        copies = await cache.walker.read(wanted)
        while len(copies) < len(wanted):
            copies += await cache.walker.read(wanted[len(copies) :])
        assert all(copy.payload == b"x" * 20 for copy in copies)


async def test_claims_are_not_listed(memcached: MemcachedServer) -> None:
    """An empty item that is about to end is nobody's copy; one that lasts is."""
    async with opened(memcached.url) as cache:
        for id in range(120):
            assert await cache.claim(cache.new_claim(TEMPLATE.value_key(id)))
        await cache.store(
            [(TEMPLATE.value_key(500), b"", 60), (TEMPLATE.value_key(501), b"x", 2)]
        )
        assert await walked(cache) == ["app:500:v1", "app:501:v1"]


async def test_one_second_is_not_for_ever() -> None:
    """Version 1.6.18 says -1 of both; the list of keys tells which it is."""
    never = LIST.replace(b"%3A1%3A", b"%3A2%3A").replace(b"exp=1796066707", b"exp=-1")

    def reply(said: bytes) -> bytes:
        if said.startswith(b"gets"):
            values = b"".join(b"VALUE %b 0 1 3\r\nx\r\n" % key for key in said.split()[1:])
            return values + END
        if said.startswith(b"me"):
            return b"ME %b exp=-1 la=0 cas=3 fetch=yes cls=1 size=63\r\n" % said.split()[1]
        return LIST + never + END

    async with scripted(Scripted(reply)) as url, opened(url, read_only=True) as cache:
        keys = await walked(cache)
        assert keys == ["app:1:v1", "app:2:v1"]
        assert [copy.seconds_left for copy in await cache.walker.read(keys)] == [1, None]
        assert [fact.seconds_left for fact in await cache.walker.describe(keys)] == [1, None]


@pytest.mark.parametrize("option", ["-X", "no_lru_crawler"])
async def test_a_server_that_lists_nothing_says_why(option: str) -> None:
    """And all that needs no list goes on."""
    server = MemcachedServer(*([option] if option == "-X" else ["-o", option]))
    with server:
        async with opened(server.url) as cache:
            await cache.store([(TEMPLATE.value_key(1), b"x", 60)])
            with pytest.raises(CacheRefused, match="lets nobody list its keys"):
                await walked(cache)
            assert (await cache.read(TEMPLATE.value_key(1))).payload == b"x"
            assert (await cache.walker.describe([TEMPLATE.value_key(1)]))[0].size == 1


async def test_a_busy_crawler_is_waited_for() -> None:
    """It serves one at a time; who comes later is told so, and comes again."""
    busy = 3

    def reply(_: bytes) -> bytes:
        nonlocal busy
        busy -= 1
        return LIST + END if busy < 0 else b"BUSY currently processing crawler request\r\n"

    async with scripted(Scripted(reply)) as url, opened(url, read_only=True) as cache:
        assert await walked(cache) == ["app:1:v1"]
        busy = 1000
        with pytest.raises(CacheError, match="BUSY"):
            await walked(cache)


async def test_an_older_server_lists_another_way() -> None:
    """It knows no list by the hash table."""
    server = Scripted(lambda said: b"ERROR\r\n" if said.endswith(b"hash") else LIST + END)
    async with scripted(server) as url, opened(url, read_only=True) as cache:
        assert await walked(cache) == ["app:1:v1"]
    lists = [said for said in server.heard if said.startswith(b"lru")]
    assert lists == [b"lru_crawler metadump hash", b"lru_crawler metadump all"]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (LIST + b"key=\xff\xfe" * 3000, CacheNotUnderstood),
        (LIST + b"VALUE a 0 1\r\nx\r\nEND\r\n", CacheNotUnderstood),
        (b"\x00\x01\x02\r\n" + END, CacheNotUnderstood),
        (LIST, CacheUnavailable),
    ],
)
async def test_a_list_that_is_none(said: bytes, error: type[CacheError]) -> None:
    """Or that never ends: it is given up in bounded time."""
    async with (
        scripted(Scripted(lambda _: said)) as url,
        opened(url, read_only=True) as cache,
        asyncio.timeout(10),
    ):
        with pytest.raises(error):
            await walked(cache)


async def test_a_list_that_breaks_off_is_begun_again(own_memcached: MemcachedServer) -> None:
    """By whoever is patient; a key may come twice then."""
    async with opened(own_memcached.url) as cache:
        await cache.store([(TEMPLATE.value_key(1), b"x", 60)])
        assert await cache.walker.count() == 1
        own_memcached.kill()
        with pytest.raises(CacheUnavailable):
            await walked(cache)

        async def comes_back() -> None:
            await asyncio.sleep(0.3)
            await asyncio.to_thread(own_memcached.start)

        task = asyncio.create_task(comes_back())
        assert [k async for keys in cache.walker.patient().scan(TEMPLATE) for k in keys] == []
        assert await cache.walker.patient().count() == 0
        await task
