"""Leases at the adapter: taken along with a read, and given back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import ManualClock, recorded
from servers import ValkeyServer
from serving import serving

from tui.cache.redis.adapter import SCRIPTS_SECONDS, RedisCache, RedisClaim
from tui.cache.redis.embedded import open_embedded
from tui.cache.redis.opening import open_url
from tui.models import Cached, Filled, Label, Trace
from tui.models.recorder import Recorder
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheRefused, CacheUnavailable
from tui.runtime.faults import Fault, Faults

PAYLOAD = b'{"id":1}'
GRACE = 30.0


def claim_of(token: str, lease: str = "lease", key: str = "key") -> RedisClaim:
    """Give the claim of whoever has that token."""
    return RedisClaim(key, lease, token)


@pytest.fixture(params=["unix", "tcp"])
async def cache(
    request: pytest.FixtureRequest, server: ValkeyServer
) -> AsyncIterator[RedisCache]:
    """An empty cache on a server."""
    url = server.url if request.param == "unix" else server.tcp_url
    async with open_url(url, SystemClock()) as cache:
        yield cache


async def ask(cache: RedisCache, trace: Trace | None = None) -> tuple[Cached, bool]:
    """Read the key, or take the lease."""
    trace = [] if trace is None else trace
    return await cache.read_or_claim(claim_of("mine"), GRACE)


async def test_where_nothing_is_stored_the_lease_is_taken_on_the_same_trip(
    cache: RedisCache,
) -> None:
    """The steps are the commands that ran; only the first has a round trip of its own."""
    trace = recorded()
    assert await ask(cache) == (Cached(None, None), True)
    assert [(step.command, step.result) for step in trace] == [
        ("GET key", "nil"),
        ("PTTL key", "no such key"),
        ("SET lease mine NX PX 3000", "OK"),
    ]
    assert [step.seconds > 0 for step in trace] == [True, False, False]
    assert [step.typed for step in trace] == [
        ("GET", "key"), ("PTTL", "key"), ("SET", "lease", "mine", "NX", "PX", 3000),
    ]  # fmt: skip
    held = await cache.read("lease")
    assert held.payload == b"mine"
    assert 2 < (held.seconds_left or 0) <= 3
    assert await cache.fill(claim_of("mine"), PAYLOAD, 60)


async def test_somebody_elses_lease_is_left_to_them(cache: RedisCache) -> None:
    """It is not taken, and the step says so."""
    await cache.claim(claim_of("theirs"))
    trace = recorded()
    assert await ask(cache) == (Cached(None, None), False)
    assert trace[-1].result == "nil: another process holds the lease"
    assert (await cache.read("lease")).payload == b"theirs"


@pytest.mark.parametrize(
    ("payload", "seconds", "held"),
    [
        pytest.param(PAYLOAD, 60, False, id="fresh"),
        pytest.param(PAYLOAD, 20, True, id="in grace"),
        pytest.param(b"null", 5, False, id="known absent"),
        pytest.param(b" null", 60, False, id="known absent, for long"),
        pytest.param(b"", 60, False, id="empty"),
    ],
)
async def test_only_where_nothing_fresh_is_stored(
    cache: RedisCache, payload: bytes, seconds: float, held: bool
) -> None:
    """What is stored is given whatever becomes of the lease; a hit writes nothing."""
    await cache.store([("key", payload, seconds)])
    with Recorder() as steps:
        cached, taken = await ask(cache)
    assert (cached.payload, taken) == (payload, held)
    assert len(steps) == 2 + held
    assert seconds - 1 < (cached.seconds_left or 0) <= seconds
    assert ((await cache.read("lease")).payload is not None) is held


async def test_what_never_expires_is_not_judged(
    cache: RedisCache, server: ValkeyServer
) -> None:
    """It is given as it is, without a lease."""
    with server.client() as client:
        client.set("key", PAYLOAD)
    assert await ask(cache) == (Cached(PAYLOAD, None), False)


async def test_grace_is_told_apart_to_the_millisecond(
    cache: RedisCache, server: ValkeyServer
) -> None:
    """Fresh is what lives for longer than the grace, for the server as for the service."""
    with server.client() as client:
        client.set("key", PAYLOAD, px=100_000)
        for _ in range(20):
            cached, taken = await cache.read_or_claim(claim_of("mine"), 99.9985)
            assert taken is ((cached.seconds_left or 0) <= 99.9985)
            client.delete("lease")
            client.pexpire("key", 100_000)


async def test_what_is_no_string_is_a_wrong_type(
    cache: RedisCache, server: ValkeyServer
) -> None:
    """The script fails, and the plain commands say what is there."""
    with server.client() as client:
        client.rpush("key", "a")
    trace = recorded()
    assert await ask(cache) == (Cached(None, None, wrong_type=True), False)
    assert [step.command.split()[0] for step in trace] == ["EVALSHA", "GET", "PTTL"]
    assert "WRONGTYPE" in trace[0].result
    assert not any(step.failed for step in trace)


async def test_a_server_that_does_not_know_the_script(
    cache: RedisCache, server: ValkeyServer
) -> None:
    """It is sent whole, and the next one goes by its digest."""
    with server.client() as client:
        client.script_flush()
        assert (await ask(cache))[1]
        assert await cache.abandon(claim_of("mine"))
        client.config_resetstat()
        assert (await ask(cache))[1]
        ran = client.info("commandstats")
    assert ran["cmdstat_evalsha"]["calls"] == 1
    assert "cmdstat_eval" not in ran


async def test_a_server_that_runs_no_scripts(own_server: ValkeyServer) -> None:
    """Where a user may not, the plain commands answer, and no lease is taken."""
    with own_server.client() as client:
        client.acl_setuser(
            "plain", enabled=True, passwords=["+secret"], keys=["*"],
            categories=["+@all", "-@scripting"],
        )  # fmt: skip
    address = f"redis://plain:secret@127.0.0.1:{own_server.port}"
    async with open_url(address, SystemClock()) as cache:
        trace = recorded()
        assert await ask(cache) == (Cached(None, None), False)
        assert "no permissions" in trace[0].result
        with pytest.raises(CacheRefused, match="without scripts nothing can be stored"):
            await cache.claim(claim_of("mine"))


async def test_scripts_that_are_allowed_later_are_run_again(own_server: ValkeyServer) -> None:
    """A refusal is believed for a while, and then asked about anew."""
    clock = ManualClock()
    rules: Any = {"enabled": True, "passwords": ["+x"], "keys": ["*"]}
    with own_server.client() as client:
        client.acl_setuser("plain", **rules, categories=["+@all", "-@scripting"])
        client.config_resetstat()
        async with open_url(f"redis://plain:x@127.0.0.1:{own_server.port}", clock) as cache:
            for _ in range(3):
                assert await ask(cache) == (Cached(None, None), False)
            refused = client.info("commandstats")["cmdstat_eval"]["rejected_calls"]
            assert refused == 1, "it is not asked each time"
            client.acl_setuser("plain", **rules, categories=["+@all"])
            assert await ask(cache) == (Cached(None, None), False)
            clock.now += SCRIPTS_SECONDS
            assert await ask(cache) == (Cached(None, None), True)


async def test_a_full_server_still_gives_what_it_has(own_server: ValkeyServer) -> None:
    """Without memory for a lease a read is a read."""
    async with open_url(own_server.url, SystemClock()) as cache:
        await cache.store([("key", PAYLOAD, 60)])
        with own_server.client() as client:
            client.config_set("maxmemory", 1)
        cached, taken = await ask(cache)
        assert (cached.payload, taken) == (PAYLOAD, False)
        trace = recorded()
        found = await cache.read_or_claim(claim_of("mine", key="another"), GRACE)
        assert found == (Cached(None, None), False)
        assert [step.command.split()[0] for step in trace] == ["GET", "PTTL", "SET"]
        assert trace[-1].result == "the cache is out of memory"


async def test_a_replica_still_gives_what_it_has(server: ValkeyServer) -> None:
    """Where nothing may be written a read is a read; on a real one no trip is lost."""
    faults = Faults()
    async with open_url(server.url, SystemClock(), faults=faults) as cache:
        await cache.store([("key", PAYLOAD, 60)])
        faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
        trace = recorded()
        cached, taken = await ask(cache)
        assert (cached.payload, taken) == (PAYLOAD, False)
        assert trace[0].result == "the cache is a read-only replica"


@pytest.mark.parametrize("reply", ["+OK", "*0", "*1\r\n:1", "*2\r\n:1\r\n:1"])
async def test_a_script_whose_reply_is_of_another_kind(reply: str) -> None:
    """It is no server that we know how to talk to."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            writer.write(f"{reply}\r\n".encode())
        writer.close()

    odd = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = odd.sockets[0].getsockname()[1]
    async with odd, open_url(f"redis://127.0.0.1:{port}", SystemClock()) as cache:
        trace = recorded()
        with pytest.raises(CacheUnavailable, match="no usual server"):
            await ask(cache)
        assert [(step.command, step.failed) for step in trace] == [("GET key", True)]


async def test_read_only_and_embedded_caches_only_read(server: ValkeyServer) -> None:
    """The one may not take a lease, and to the other a trip costs nothing."""
    async with (
        open_url(server.url, SystemClock(), read_only=True) as reading,
        open_embedded(SystemClock()) as embedded,
    ):
        for cache in (reading, embedded):
            trace = recorded()
            assert await ask(cache) == (Cached(None, None), False)
            assert [step.command for step in trace] == ["GET key", "PTTL key"]
            assert (await cache.read("lease")).payload is None
        with pytest.raises(CacheRefused, match="read-only"):
            await reading.abandon(claim_of("mine"))


async def test_a_lease_is_released_by_its_holder_only(cache: RedisCache) -> None:
    """With another token, or none there, nothing changes."""
    trace = recorded()
    assert not await cache.abandon(claim_of("mine"))
    await cache.claim(claim_of("theirs"))
    assert not await cache.abandon(claim_of("mine"))
    assert (await cache.read("lease")).payload == b"theirs"
    assert await cache.abandon(claim_of("theirs"))
    assert (await cache.read("lease")).payload is None
    assert [step.result for step in trace if step.command.startswith("EVAL release")] == [
        "0: it was not ours", "0: it was not ours", "1: released"
    ]  # fmt: skip


@asynccontextmanager
async def losing_replies(server: ValkeyServer) -> AsyncIterator[str]:
    """Give the address of a server that hangs up when it has given a lease, the first time."""
    lost = False

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lost
        behind, ahead = await asyncio.open_unix_connection(server.socket)
        with suppress(ConnectionError):
            while heard := await reader.read(4096):
                ahead.write(heard)
                said = await behind.read(4096)
                if b"NX" in heard and not lost:
                    lost = True
                    break
                writer.write(said)
        writer.close()
        ahead.close()

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy:
        yield f"redis://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"


async def test_no_lease_is_asked_for_twice_along_with_a_read(server: ValkeyServer) -> None:
    """A first sending may still arrive, after a write: what it took is given back instead."""
    async with losing_replies(server) as url, open_url(url, SystemClock()) as cache:
        await cache.ping()
        trace = recorded()
        assert await ask(cache) == (Cached(None, None), False)
        assert [(step.command.split()[0], step.result) for step in trace] == [
            ("EVALSHA", "the connection was lost"),
            ("GET", "nil"),
            ("PTTL", "no such key"),
        ]
        assert (await cache.read("lease")).payload is None


async def test_a_lost_connection_loses_no_fill(server: ValkeyServer, users_db: Path) -> None:
    """The lookup reads plainly over a new one, and its flight takes a lease of its own."""
    async with losing_replies(server) as url, serving(url, users_db) as services:
        await services.cache.ping()
        outcome = await services.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert [step.result for step in outcome.steps][:1] == ["the connection was lost"]


async def test_a_lease_asked_for_alone_is_given_back_too(server: ValkeyServer) -> None:
    """Nobody knows whether it was taken, so nobody fills under it."""
    async with losing_replies(server) as url, open_url(url, SystemClock()) as cache:
        await cache.ping()
        with pytest.raises(CacheUnavailable, match="closed the connection"):
            await cache.claim(claim_of("mine"))
        assert (await cache.read("lease")).payload is None
