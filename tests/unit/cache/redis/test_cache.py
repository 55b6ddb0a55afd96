"""The Redis adapter against fakeredis and against a real server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fakes import recorded, settle
from servers import ValkeyServer, free_port

from tui.cache.redis.adapter import RedisCache, RedisClaim
from tui.cache.redis.cancellation import cancellable
from tui.cache.redis.embedded import open_embedded
from tui.cache.redis.opening import CONNECTIONS, open_url
from tui.models import Cached
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheRefused, CacheUnavailable

PAYLOAD = b'{"id":1,"name":"Zo\xc3\xab"}'


def claim_of(token: str, lease: str = "lease", key: str = "key") -> RedisClaim:
    """Give the claim of whoever has that token."""
    return RedisClaim(key, lease, token)


@pytest.fixture(params=["redis", "valkey", "dragonfly", "unix", "tcp"])
async def cache(
    request: pytest.FixtureRequest, server: ValkeyServer
) -> AsyncIterator[RedisCache]:
    """An empty cache of each kind: fakeredis in its modes, and a real server."""
    if request.param in {"redis", "valkey", "dragonfly"}:
        opened = open_embedded(SystemClock(), server_type=request.param)
    else:
        opened = open_url(
            server.url if request.param == "unix" else server.tcp_url, SystemClock()
        )
    async with opened as cache:
        yield cache


async def test_nothing_is_stored_at_first(cache: RedisCache) -> None:
    """A key that is not there is no payload and no time left."""
    trace = recorded()
    assert await cache.read("key") == Cached(None, None)
    assert [(step.command, step.result) for step in trace] == [
        ("GET key", "nil"),
        ("PTTL key", "no such key"),
    ]
    assert trace[0].seconds > 0
    assert trace[1].seconds == 0  # it travelled with the GET


async def test_a_guarded_fill_stores_while_the_lease_is_held(cache: RedisCache) -> None:
    """With the lease's token the value is stored for its time, and the lease ends."""
    assert await cache.claim(claim_of("token"))
    assert await cache.fill(claim_of("token"), PAYLOAD, 60)
    cached = await cache.read("key")
    assert cached.payload == PAYLOAD
    assert cached.seconds_left is not None
    assert 59 < cached.seconds_left <= 60
    assert await cache.claim(claim_of("another"))


@pytest.mark.parametrize(
    ("found", "there", "stored"),
    [
        (None, None, True), (b"old", b"old", True), (b"", b"", True),
        (None, b"new", False), (None, b"", False), (b"old", b"new", False),
        (b"old", None, False), (b"", None, False),
    ],
)  # fmt: skip
async def test_a_fill_of_what_is_expected(
    cache: RedisCache, found: bytes | None, there: bytes | None, stored: bool
) -> None:
    """With `expected` only what was found is replaced; either way the lease is given back."""
    if there is not None:
        await cache.store([("key", there, 60)])
    assert await cache.claim(claim_of("token"))
    expected = Cached(found, None if found is None else 60)
    for _ in range(2):  # by the script's text, and by its digest
        fill = cache.fill(claim_of("token"), PAYLOAD, 60, expected=expected)
        assert await fill is stored
        assert (await cache.read("key")).payload == (PAYLOAD if stored else there)
        await cache.drop("key")
        if there is not None:
            await cache.store([("key", there, 60)])
        assert await cache.claim(claim_of("token"))


async def test_a_fill_never_replaces_another_type(cache: RedisCache) -> None:
    """What has become a hash meanwhile stays one."""
    await cache._exchange.ask([("HSET", "key", "name", "Zoë")])
    assert await cache.claim(claim_of("token"))
    expected = Cached(None, None)
    assert not await cache.fill(claim_of("token"), PAYLOAD, 60, expected=expected)
    assert (await cache.read("key")).wrong_type


async def test_a_guarded_fill_without_the_lease_is_refused(cache: RedisCache) -> None:
    """Another token, or no lease at all, stores nothing and keeps the other's lease."""
    assert not await cache.fill(claim_of("token"), PAYLOAD, 60)
    assert await cache.claim(claim_of("theirs"))
    assert not await cache.claim(claim_of("mine"))
    assert not await cache.fill(claim_of("mine"), PAYLOAD, 60)
    assert (await cache.read("key")).payload is None
    assert (await cache.read("lease")).payload == b"theirs"


async def test_store_asks_nobody(cache: RedisCache) -> None:
    """What is there is overwritten, each entry with a life of its own, and leases stay."""
    trace = recorded()
    assert await cache.claim(claim_of("theirs"))
    await cache.store([("key", b"old", 60)])
    await cache.store([("key", PAYLOAD, 30), ("other", b"null", 10)])
    first, second = await cache.read("key"), await cache.read("other")
    assert (first.payload, second.payload) == (PAYLOAD, b"null")
    assert 29 < (first.seconds_left or 0) <= 30
    assert 9 < (second.seconds_left or 0) <= 10
    assert (await cache.read("lease")).payload == b"theirs"
    assert [step.command for step in trace if step.command.startswith("SET")][1:] == [
        "SET key (3 bytes, PX 60000)",
        "SET, 2 keys",
    ]


async def test_delete_takes_value_and_lease_in_one_command(cache: RedisCache) -> None:
    """DEL counts what was there."""
    trace = recorded()
    await cache.claim(cache.new_claim("key"))
    await cache.store([("key", PAYLOAD, 60)])
    assert await cache.invalidate(["key"]) == 2
    assert await cache.invalidate(["key"]) == 0
    assert trace[-1].command == "DEL key {key}:hitmiss-lease"


async def test_expire_after_shortens_a_life(cache: RedisCache) -> None:
    """PEXPIRE sets the time that is left, and says whether the key was there."""
    assert not await cache.expire_after("key", 5)
    await cache.store([("key", b"token", 60)])
    assert await cache.expire_after("key", 5)
    left = (await cache.read("key")).seconds_left
    assert left is not None
    assert 4 < left <= 5


async def test_a_list_is_a_wrong_type(cache: RedisCache) -> None:
    """A key that holds no string is told apart from an absent one."""
    await cache._exchange.ask([("LPUSH", "key", "a")])
    trace = recorded()
    cached = await cache.read("key")
    assert cached == Cached(None, None, wrong_type=True)
    assert trace[0].result == "wrong type"
    assert not trace[0].failed


async def test_a_value_without_expiry_has_no_time_left(cache: RedisCache) -> None:
    """PTTL -1 is 'never', not 'gone'."""
    await cache._exchange.ask([("SET", "key", "x")])
    assert await cache.read("key") == Cached(b"x", None)


async def test_read_only_refuses_what_would_change_the_server(server: ValkeyServer) -> None:
    """The adapter itself sends no command that writes."""
    async with open_url(server.url, SystemClock(), read_only=True) as cache:
        await cache.read("key")
        for change in (
            cache.claim(claim_of("t")),
            cache.fill(claim_of("t"), b"x", 3),
            cache.drop("key"),
            cache.expire_after("key", 3),
        ):
            with pytest.raises(CacheRefused, match="read-only"):
                await change
    with server.client() as client:
        assert client.dbsize() == 0


async def test_more_callers_than_connections_all_get_their_answer(cache: RedisCache) -> None:
    """Callers wait for a connection instead of failing when all are in use."""
    await cache.store([("key", b"value", 60)])
    answers = await asyncio.gather(*(cache.read("key") for _ in range(CONNECTIONS * 12)))
    assert {answer.payload for answer in answers} == {b"value"}


async def test_a_script_unknown_to_the_server_is_sent_whole(server: ValkeyServer) -> None:
    """After a restart or a failover (NOSCRIPT) a fill goes through at once."""
    async with open_url(server.url, SystemClock()) as cache:
        for _ in range(2):
            with server.client() as client:
                client.script_flush()
            await cache.claim(claim_of("t"))
            assert await cache.fill(claim_of("t"), PAYLOAD, 60)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "redis+cluster", "rediss+cluster"])
@pytest.mark.parametrize("host", ["cache..internal", "a" * 70, "xn--ü.x"])
async def test_a_host_that_no_codec_takes(scheme: str, host: str) -> None:
    """A name that cannot be looked up is a cache that cannot be reached, in a sentence."""
    async with open_url(f"{scheme}://{host}", SystemClock()) as cache:
        with pytest.raises(CacheUnavailable, match="no host can be called"):
            await cache.read("key")
        with pytest.raises(CacheUnavailable, match="no host can be called"):
            await cache.walker.count()


async def test_a_dead_port_is_unavailable_with_the_reason() -> None:
    """Connection refused is told in plain words, on the error and on the step."""
    async with open_url(f"redis://127.0.0.1:{free_port()}", SystemClock()) as cache:
        trace = recorded()
        with pytest.raises(CacheUnavailable, match="connection refused"):
            await cache.read("key")
        assert [step.failed for step in trace] == [True]


async def test_a_missing_socket_is_unavailable() -> None:
    """A unix socket that does not exist is told as such."""
    async with open_url("unix:///nowhere/valkey.sock", SystemClock()) as cache:
        with pytest.raises(CacheUnavailable, match="no such file"):
            await cache.ping()


async def test_a_wrong_password_is_told_without_it() -> None:
    """The reason says that the password is wrong, and does not say the password."""
    with ValkeyServer("--requirepass", "right") as server:
        address = f"redis://:wrong-secret@127.0.0.1:{server.port}"
        async with open_url(address, SystemClock()) as cache:
            trace = recorded()
            with pytest.raises(CacheUnavailable, match="password") as caught:
                await cache.read("key")
            assert "wrong-secret" not in str(caught.value) + repr(trace)
        address = f"redis://:right@127.0.0.1:{server.port}/3"
        async with open_url(address, SystemClock()) as cache:
            assert (await cache.read("key")).payload is None


async def test_a_paused_server_is_unavailable_and_usable_again(
    own_server: ValkeyServer,
) -> None:
    """A command that gets no answer times out; later ones find the server again."""
    async with open_url(own_server.url, SystemClock()) as cache:
        await cache.store([("key", b"value", 60)])
        own_server.pause()
        with pytest.raises(CacheUnavailable, match="did not answer"):
            await cache.read("key")
        own_server.resume()
        assert (await cache.read("key")).payload == b"value"


async def test_a_restarted_server_is_found_through_pooled_connections(
    own_server: ValkeyServer,
) -> None:
    """A connection that died with the old server is replaced without an error."""
    async with open_url(own_server.url, SystemClock()) as cache:
        await cache.ping()
        own_server.kill()
        with pytest.raises(CacheUnavailable):
            await cache.ping()
        own_server.start()
        await cache.ping()


async def test_a_full_server_refuses_the_fill_and_takes_the_delete(
    own_server: ValkeyServer,
) -> None:
    """Out of memory is a refusal, not an outage; GET and DEL still work."""
    async with open_url(own_server.url, SystemClock()) as cache:
        await cache.claim(claim := cache.new_claim("key"))
        with own_server.client() as client:
            client.config_set("maxmemory", 1)
        with pytest.raises(CacheRefused, match="out of memory"):
            await cache.fill(claim, PAYLOAD, 60)
        with pytest.raises(CacheRefused, match="out of memory"):
            await cache.claim(claim_of("t", "another"))
        assert (await cache.read("key")).payload is None
        assert await cache.invalidate(["key"]) == 1


async def test_something_that_is_not_a_server_of_the_protocol_is_told() -> None:
    """A web server at the address is unavailable, with a reason that helps."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = web.sockets[0].getsockname()[1]
    async with web, open_url(f"redis://127.0.0.1:{port}", SystemClock()) as cache:
        with pytest.raises(CacheUnavailable, match="does not speak"):
            await cache.ping()


@pytest.mark.parametrize("reply", [":1", "+1", "*0", "*-1"])
async def test_a_server_whose_replies_are_of_another_kind(reply: str) -> None:
    """What gives a number or a list for a value, or no number for a DEL, is unavailable."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard := await reader.read(1024):
            commands = heard.count(b"\r\nGET\r\n") * 2 + heard.count(b"\r\nDEL\r\n")
            writer.write(f"{reply}\r\n".encode() * commands)
        writer.close()

    odd = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = odd.sockets[0].getsockname()[1]
    async with odd, open_url(f"redis://127.0.0.1:{port}", SystemClock()) as cache:
        with pytest.raises(CacheUnavailable, match="no usual server"):
            await cache.read("key")
        if reply != ":1":
            with pytest.raises(CacheUnavailable, match="no usual server"):
                await cache.drop("key")


async def test_a_cancelled_call_leaves_the_cache_usable(own_server: ValkeyServer) -> None:
    """A caller that goes away takes no connection with it."""
    async with open_url(own_server.url, SystemClock()) as cache:
        await cache.ping()
        own_server.pause()
        calls = [asyncio.create_task(cache.read("key")) for _ in range(CONNECTIONS)]
        await settle()
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        own_server.resume()
        assert (await cache.read("key")).payload is None


async def test_a_cancellation_that_the_driver_swallows_still_counts() -> None:
    """Before Python 3.12 the driver may answer although it was cancelled; we do not."""

    async def swallowing() -> bool:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return True
        return False

    call = asyncio.create_task(cancellable(swallowing()))
    await settle()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_one_bad_key_harms_no_other(cache: RedisCache) -> None:
    """Of many keys asked for at once, each caller gets the answer to its own."""
    for number in range(20):
        await cache.store([(f"key {number}", f"value {number}".encode(), 60)])
    await cache._exchange.ask([("LPUSH", "a list", "a")])
    answers = await asyncio.gather(
        *(cache.read(f"key {number % 20}") for number in range(60)),
        cache.read("a list"),
    )
    for number, answer in enumerate(answers[:60]):
        assert answer.payload == f"value {number % 20}".encode()
    assert answers[60].wrong_type


async def test_one_reader_that_leaves_takes_nobody_along(server: ValkeyServer) -> None:
    """Of those who share a wire, each can be cancelled by itself."""
    async with open_url(server.url, SystemClock()) as cache:
        await cache.store([("key", b"value", 60)])
        readers = [asyncio.create_task(cache.read("key")) for _ in range(3)]
        await asyncio.sleep(0)
        readers[1].cancel()
        results = await asyncio.gather(*readers, return_exceptions=True)
    assert [getattr(result, "payload", None) for result in results] == [
        b"value",
        None,
        b"value",
    ]
    assert isinstance(results[1], asyncio.CancelledError)
