"""Connecting: versions, logins, servers that refuse; and what goes wrong afterwards."""

import asyncio
import stat
from pathlib import Path

import pytest
from memcached_server import MemcachedServer
from unit.cache.memcached.places import Scripted, opened, scripted

from tui.models import Cached
from tui.models.keys import KeyTemplate
from tui.models.recorder import Recorder
from tui.runtime.errors import (
    CacheError,
    CacheNotUnderstood,
    CacheRefused,
    CacheUnavailable,
    CopyTooLarge,
)
from tui.runtime.redaction import SECRETS

KEY = "hitmiss:user:1"
NOTHING = Cached(None, None)
TEMPLATE, CONTRACT = KeyTemplate("hitmiss:user:{id}"), KeyTemplate("contract:{id}")


@pytest.mark.parametrize("version", [b"1.5.22", b"1.4.39", b"0.9", b"mcrouter 1.0", b""])
async def test_a_server_without_the_meta_commands_is_refused(version: bytes) -> None:
    """With its version, and what is needed; nothing else is sent."""
    server = Scripted(lambda _: b"ERROR\r\n", version)
    async with scripted(server) as url, opened(url) as cache:
        with pytest.raises(CacheRefused, match=r"too old: hitmiss needs 1\.6"):
            await cache.read(KEY)
        with pytest.raises(CacheRefused, match="too old"):
            await cache.claim(cache.new_claim(KEY))
    assert set(server.heard) == {b"version"}


@pytest.mark.parametrize(
    "said", [b"+PONG\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x01\x02\r\n", b"EN\r\n"]
)
async def test_what_is_no_memcached_is_told(said: bytes) -> None:
    """By what it says to the first command."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said + said)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, opened(f"memcached://127.0.0.1:{port}") as cache:
        with pytest.raises(CacheNotUnderstood, match="does not speak Memcached"):
            await cache.ping()


async def test_nobody_listens() -> None:
    """The system's reason is told; and a name that does not exist."""
    async with opened("memcached://127.0.0.1:1") as cache:
        with pytest.raises(CacheUnavailable, match="cannot reach the cache: connection refus"):
            await cache.read(KEY)
    async with opened("memcached+unix:///nowhere/at/all") as cache:
        with pytest.raises(CacheUnavailable, match="no such file"):
            await cache.read(KEY)


@pytest.fixture
def logins(tmp_path: Path) -> Path:
    """A file of users and passwords that a server can read that is nobody."""
    path = tmp_path / "logins"
    path.write_text("ada:pass-word\n")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    path.chmod(0o644)
    return path


async def test_a_login_is_asked_for_and_given(tmp_path: Path) -> None:
    """By a file of names and passwords (-Y); what is wrong is said without either."""
    SECRETS.forget()

    def reply(command: bytes) -> bytes:
        if command.startswith(b"set "):
            server.logged_in = True
            return b"STORED\r\n"
        return b"MN\r\n"

    class Guarded(Scripted):
        """It wants a login before anything else."""

        logged_in = False

        async def serve(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            """Serve one connection."""
            while True:
                line = await reader.readline()
                self.heard.append(line.strip())
                if not line:
                    writer.close()
                    return
                if not line.startswith(b"set "):
                    writer.write(b"CLIENT_ERROR unauthenticated\r\n")
                elif await reader.readline() != b"ada s3cret word\r\n":
                    writer.write(b"CLIENT_ERROR authentication failure\r\n")
                else:
                    writer.write(b"STORED\r\n")
                    break
            await super().serve(reader, writer)

    server = Guarded(reply)
    async with scripted(server) as url:
        place = url.removeprefix("memcached://")
        async with opened(url) as cache:
            with pytest.raises(CacheUnavailable, match="wants a user and a password"):
                await cache.ping()
        async with opened(f"memcached://ada:wrong-one@{place}") as cache:
            with pytest.raises(CacheUnavailable, match="wrong user or password") as caught:
                await cache.ping()
            assert "wrong-one" not in str(caught.value)
        async with opened(f"memcached://ada:s3cret%20word@{place}") as cache:
            await cache.ping()
            with Recorder() as steps:
                await cache.ping()
            assert "s3cret" not in repr(steps)


async def test_a_real_server_takes_the_login(logins: Path) -> None:
    """Of a file of names and passwords that Memcached itself reads."""
    server = MemcachedServer("-Y", str(logins))
    with server:
        url = server.url.replace("://", "://ada:pass-word@")
        async with opened(url) as cache:
            await cache.ping()
            await cache.store([(KEY, b"{}", 60)])
            assert [key async for keys in cache.walker.scan(TEMPLATE) for key in keys] == [KEY]
        async with opened(server.url) as cache:
            with pytest.raises(CacheUnavailable, match="wants a user"):
                await cache.ping()


async def test_a_login_that_nobody_wants_is_not_sent(memcached: MemcachedServer) -> None:
    """It would be an item like any other: the password, for everybody to read, for ever."""
    memcached.say(b"ms login 4 T60\r\ndata\r\n")
    url = memcached.url.replace("://", "://ada:s3cret-word@")
    for read_only in (True, False):
        async with opened(url, read_only=read_only) as cache:
            await cache.ping()
            async for _ in cache.walker.scan(TEMPLATE):
                pass
            await cache.walker.count()
    assert memcached.say(b"get login\r\n", b"END\r\n").split(b"\r\n")[1] == b"data"
    dumped = memcached.say(b"lru_crawler metadump all\r\n", b"END\r\n")
    assert dumped.count(b"key=") == 1


async def test_a_full_house_is_told() -> None:
    """It says so to each new connection, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"ERROR Too many open connections\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, opened(f"memcached://127.0.0.1:{port}") as cache:
        with pytest.raises(CacheUnavailable):
            await cache.ping()


async def test_outages_are_bounded_and_end(own_memcached: MemcachedServer) -> None:
    """Killed, paused and back."""
    async with opened(own_memcached.url) as cache:
        await cache.store([(KEY, b"one", 60)])
        own_memcached.pause()
        began = asyncio.get_running_loop().time()
        for call in (cache.read(KEY), cache.invalidate([KEY]), cache.ping()):
            with pytest.raises(CacheUnavailable, match=r"did not answer|no connection"):
                await call
        assert asyncio.get_running_loop().time() - began < 5
        own_memcached.resume()
        await cache.ping()
        own_memcached.kill()
        with pytest.raises(CacheUnavailable):
            await cache.read(KEY)
        own_memcached.start()
        await cache.store([(KEY, b"two", 60)])
        assert (await cache.read(KEY)).payload == b"two"


@pytest.mark.parametrize("key", ["hitmiss:user:a b", "x" * 251, "é" * 126, "a\nb", "a\x00b"])
async def test_keys_that_memcached_has_not(memcached: MemcachedServer, key: str) -> None:
    """Nothing is sent that could be another command; nothing can lie there to be deleted."""
    async with opened(memcached.url) as cache:
        for call in (
            lambda: cache.read(key), lambda: cache.claim(cache.new_claim(key)),
            lambda: cache.store([(key, b"", 60)]),
            lambda: cache.read_or_claim(cache.new_claim(key), 30),
        ):  # fmt: skip
            with pytest.raises(CacheRefused, match="Memcached has no keys"):
                await call()
        assert await cache.invalidate([key]) == 0
        await cache.store([(KEY, b"x", 60)])
        assert await cache.invalidate([key, KEY]) == 1
        assert not await cache.drop(key)
        assert not await cache.expire_after(key, 60)
        assert await cache.walker.read([key, KEY]) == [NOTHING, NOTHING]
        assert await cache.walker.describe([key]) == []


async def test_keys_of_any_language_are_kept(memcached: MemcachedServer) -> None:
    """UTF-8, tabs excepted; they come back from the list as they were."""
    keys = [f"contract:{id}" for id in ("Zürich", "日本", "%41", "a%20b", "q+v", "~._-", "🦊")]
    async with opened(memcached.url) as cache:
        await cache.store([(key, key.encode(), 60) for key in keys])
        found = [key async for batch in cache.walker.scan(CONTRACT) for key in batch]
        assert sorted(found) == sorted(keys)
        copies = await cache.walker.read(keys)
        assert [copy.payload for copy in copies] == [key.encode() for key in keys]


async def test_values_that_are_too_long(memcached: MemcachedServer) -> None:
    """For the server, and for --max-value: each in its own words, and nothing is lost."""
    async with opened(memcached.url, max_value=4 << 20) as cache:
        with pytest.raises(CacheRefused, match="larger than the cache takes"):
            await cache.store([(KEY, b"x" * (2 << 20), 60)])
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        with pytest.raises(CacheRefused, match="larger than the cache takes"):
            await cache.fill(claim, b"x" * (2 << 20), 60)
        assert await cache.claim(cache.new_claim(KEY)), "nobody waits for that claim"
    async with opened(memcached.url, max_value=10) as cache:
        memcached.say(b"ms %b 20 T60\r\n%b\r\n" % (KEY.encode(), b"x" * 20))
        for read in (cache.read(KEY), cache.read_or_claim(cache.new_claim(KEY), 1)):
            with pytest.raises(CopyTooLarge, match="--max-value"):
                await read
        (copy,) = await cache.walker.read([KEY])
        assert (copy.payload, copy.size) == (None, 20)
        (fact,) = await cache.walker.describe([KEY])
        assert (fact.size, fact.known_absent) == (20, False)
        claim = cache.new_claim("hitmiss:user:2")
        assert await cache.claim(claim)
        with pytest.raises(CopyTooLarge):
            await cache.fill(claim, b"x" * 11, 60)
        assert await cache.claim(cache.new_claim("hitmiss:user:2"))
        await cache.ping()


async def test_a_full_memory_refuses_fills_and_reads_on() -> None:
    """With -M nothing is evicted; what is told names the memory."""
    with MemcachedServer("-M", "-m", "8") as server:
        async with opened(server.url) as cache:
            await cache.store([(KEY, b"one", 60)])
            refused = None
            for number in range(200):
                try:
                    await cache.store([(f"junk:{number}", b"x" * 100_000, 60)])
                except CacheError as error:
                    refused = error
            assert isinstance(refused, CacheRefused)
            assert "out of memory" in str(refused)
            assert (await cache.read(KEY)).payload == b"one"
            assert await cache.invalidate([KEY]) == 1


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(0.001, 1, 2), (1, 1, 2), (2.4, 1, 2), (59.6, 59, 60), (40 * 86400, 3455990, 3456001)],
)
async def test_lives_are_whole_seconds(
    memcached: MemcachedServer, seconds: float, least: int, most: int
) -> None:
    """Of two at the least; beyond 30 days a date is sent, since a number would be one."""
    async with opened(memcached.url) as cache:
        await cache.store([(KEY, b"x", seconds)])
        assert least <= ((await cache.read(KEY)).seconds_left or 0) <= most
        assert await cache.expire_after(KEY, seconds)
        assert least <= ((await cache.read(KEY)).seconds_left or 0) <= most
        assert least <= cache.lasting(seconds) <= most + 0.5


async def test_what_never_ends_is_told(memcached: MemcachedServer) -> None:
    """By each way of reading it."""
    memcached.say(b"ms %b 1 T0\r\nx\r\n" % KEY.encode())
    for read_only in (True, False):
        async with opened(memcached.url, read_only=read_only) as cache:
            assert await cache.read(KEY) == Cached(b"x", None)
            (fact,) = await cache.walker.describe([KEY])
            assert fact.seconds_left is None
