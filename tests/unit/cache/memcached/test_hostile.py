"""Servers, clients and keys that mean harm: nothing is sent for them, and nothing hangs."""

import asyncio

import pytest
from memcached_server import MemcachedServer
from unit.cache.memcached.places import Scripted, opened, scripted

from tui.models import Cached
from tui.models.keys import KeyTemplate
from tui.runtime.errors import CacheError, CacheNotUnderstood, CacheRefused, CopyTooLarge

KEY = "hitmiss:user:1"
TEMPLATE = KeyTemplate("hitmiss:user:{id}")
NOTHING = Cached(None, None)
# Of 'hitmiss:user:1', a line break, and a command: as the flag b takes it, in base 64.
PLANTED = b"aGl0bWlzczp1c2VyOjENCmZsdXNoX2FsbA0K"


@pytest.mark.parametrize("life", [b"T3", b"T60", b"T0"])
async def test_a_key_that_would_be_a_command_is_not_asked_about(
    memcached: MemcachedServer, life: bytes
) -> None:
    """The binary protocol, and the flag `b`, take keys with line breaks in them."""
    memcached.say(b"ms %b 2 b %b\r\nhi\r\n" % (PLANTED, life))
    memcached.say(b"ms hitmiss:user:2 2 T3\r\nhi\r\n")
    async with opened(memcached.url, read_only=True) as cache:
        for template in (TEMPLATE, KeyTemplate("{id}")):
            keys = [key async for keys in cache.walker.scan(template) for key in keys]
            assert keys == ["hitmiss:user:2"]
            assert [copy.payload for copy in await cache.walker.read(keys)] == [b"hi"]
        assert cache.walker.illegible == 2
    assert b"hi" in memcached.say(b"get hitmiss:user:2\r\n", b"END\r\n")


@pytest.mark.parametrize("number", [b"0", b"-5"])
async def test_without_a_number_nothing_is_filled(number: bytes) -> None:
    """By 0 a fill would overwrite whatever is there by then."""
    server = Scripted(
        lambda said: b"VA 0 t3 c%b W\r\n\r\n" % number if b"mg" in said else b"EN\r\n"
    )
    async with scripted(server) as url, opened(url) as cache:
        claim = cache.new_claim(KEY)
        assert await cache.read_or_claim(claim, 30) == (NOTHING, False)
        with pytest.raises(CacheRefused, match="CAS"):
            await cache.claim(claim)
        assert not await cache.fill(claim, b"{}", 60)
    assert not any(said.startswith(b"ms") for said in server.heard)


@pytest.mark.parametrize("stored", [b'{"id":1}', b"", b"junk"])
async def test_what_never_ends_can_be_claimed(
    memcached: MemcachedServer, stored: bytes
) -> None:
    """The server offers it to nobody; else it could never be overwritten."""
    memcached.say(b"ms hitmiss:user:1 %d T0\r\n%b\r\n" % (len(stored), stored))
    async with opened(memcached.url) as cache:
        claim = cache.new_claim(KEY)
        assert (await cache.read(KEY)).payload == stored
        assert await cache.claim(claim)
        assert await cache.fill(claim, b"{}", 60)
        assert (await cache.read(KEY)).payload == b"{}"


@pytest.mark.parametrize(
    "flags", [b"t" + b"9" * 400 + b" c1", b"t1 c" + b"9" * 400, b"t1_0 c1", b"t c", b"tx c1"]
)
async def test_lives_and_numbers_that_are_none(flags: bytes) -> None:
    """Each is one error that says so."""
    server = Scripted(lambda _: b"VA 1 " + flags + b"\r\nx\r\n")
    async with scripted(server) as url, opened(url) as cache:
        with pytest.raises(CacheNotUnderstood):
            await cache.read(KEY)


async def test_a_login_whose_answer_never_ends() -> None:
    """It is given up, on both kinds of connection."""

    def reply(said: bytes) -> bytes:
        return b"STORED" + b"x" * 200_000 if said.startswith(b"set") else b"MN\r\n"

    class Guarded(Scripted):
        """It wants a login before anything else."""

        async def serve(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            """Serve one connection."""
            await reader.readline()
            writer.write(b"CLIENT_ERROR unauthenticated\r\n")
            await super().serve(reader, writer)

    async with scripted(Guarded(reply)) as url:
        login = url.replace("://", "://ada:s3cret-word@")
        async with opened(login) as cache:
            with pytest.raises(CacheError):
                await cache.ping()
            with pytest.raises(CacheError):
                [key async for keys in cache.walker.scan(TEMPLATE) for key in keys]


@pytest.mark.parametrize(
    "said",
    [
        b"x" * 100_000,
        b"key=hitmiss%3Auser%3A1 exp=-1 la=1 cas=1 fetch=no cls=1 size=6\n" * 9000,
    ],
)
async def test_a_list_that_never_ends(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a line nor a list goes on for ever."""
    monkeypatch.setattr("tui.cache.memcached.dump.MORE_KEYS", 5000)

    class Endless(Scripted):
        """It never stops to list."""

        async def serve(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            """Serve one connection."""
            while line := await reader.readline():
                if line.startswith(b"lru"):
                    while not writer.is_closing():
                        writer.write(said)
                        await writer.drain()
                writer.write(
                    b"VERSION 1.6.18\r\n"
                    if b"version" in line
                    else b"STAT curr_items 3\r\nEND\r\n"
                )

    async with (
        scripted(Endless(lambda _: b"")) as url,
        opened(url, read_only=True) as cache,
        asyncio.timeout(20),
    ):
        with pytest.raises(CacheError):
            [key async for keys in cache.walker.scan(TEMPLATE) for key in keys]


async def test_a_win_on_what_is_too_long_goes_back(memcached: MemcachedServer) -> None:
    """Else everybody would wait for who cannot use it."""
    memcached.say(b"ms hitmiss:user:1 20 T20\r\n%b\r\n" % (b"x" * 20))
    async with opened(memcached.url, max_value=10) as cache, opened(memcached.url) as other:
        with pytest.raises(CopyTooLarge):
            await cache.read_or_claim(cache.new_claim(KEY), 30)
        await cache.ping()
        assert (await other.read_or_claim(other.new_claim(KEY), 30))[1]


async def test_a_claim_is_not_made_longer(memcached: MemcachedServer) -> None:
    """A life that is changed is that of a copy, also when a claim takes its place meanwhile."""
    async with opened(memcached.url) as cache:
        await cache.store([(KEY, b"x", 60)])
        look = cache._look

        async def raced(key: str) -> object:
            found = await look(key)
            await cache.invalidate([KEY])
            assert await cache.claim(cache.new_claim(KEY))
            return found

        cache._look = raced  # type: ignore[method-assign,assignment]
        assert not await cache.expire_after(KEY, 3600)
        said = memcached.say(b"mg hitmiss:user:1 t\r\n")
        assert int(said.split()[1][1:]) <= 3
