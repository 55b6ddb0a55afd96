"""What a lookup and a write make of a real server that fails, in every way it can."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from servers import ValkeyServer, free_port
from serving import let_breaker_try, serving

from tui.models import Filled, Label, Outcome, Record
from tui.runtime.errors import CacheUnavailable

KEY = "hitmiss:user:1"


def results(outcome: Outcome) -> str:
    """Give what came back from every step."""
    return "; ".join(step.result for step in outcome.steps)


async def test_a_server_that_is_dead_at_the_start(users_db: Path) -> None:
    """Lookups are answered past it, with the reason; the breaker opens at the third."""
    async with serving(f"redis://127.0.0.1:{free_port()}", users_db) as services:
        for _ in range(3):
            outcome = await services.service.look_up(1)
            assert (outcome.label, outcome.flags.filled) == (Label.BYPASS, None)
            assert "connection refused" in (outcome.reason or "")
        assert "left alone" in ((await services.service.look_up(1)).reason or "")


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose owner takes no connection any more, as behind a silent firewall."""
    with ExitStack() as stack:
        owner = stack.enter_context(socket.socket())
        owner.bind(("127.0.0.1", 0))
        owner.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(owner.getsockname())
        yield owner.getsockname()[1]


async def test_a_server_that_takes_no_connection(users_db: Path, full_port: int) -> None:
    """That is told apart from one that does not answer, with the time that was waited."""
    url = f"redis://127.0.0.1:{full_port}"
    async with serving(url, users_db) as services:
        outcomes = await asyncio.gather(*(services.service.look_up(id) for id in (1, 2)))
        with pytest.raises(CacheUnavailable, match=r"within 0\.5 s"):
            await services.cache.walker.count()
    reasons = {outcome.reason for outcome in outcomes}
    assert reasons == {"no connection to the cache within 0.5 s"}


async def test_a_wrong_password(users_db: Path) -> None:
    """The reason says so, and does not say the password."""
    with ValkeyServer("--requirepass", "right") as server:
        url = f"redis://:wrong-one@127.0.0.1:{server.port}"
        async with serving(url, users_db) as services:
            outcome = await services.service.look_up(1)
            assert outcome.label is Label.BYPASS
            assert "password" in (outcome.reason or "")
            assert "wrong-one" not in repr(outcome)


async def test_paused_before_a_write(users_db: Path, own_server: ValkeyServer) -> None:
    """The write is made, its delete is pending, and the stale copy is read by nobody of us."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        own_server.pause()
        result = await service.writer.update(1, {"city": "Abuja"})
        assert (result.found, result.pending) == (True, True)
        outcome = await service.look_up(1)
        assert (outcome.label, outcome.flags.pending) == (Label.BYPASS, True)
        assert (outcome.record or {})["city"] == "Abuja"
        own_server.resume()
        let_breaker_try(services)
        outcome = await service.look_up(1)
        assert "drained 1 pending delete" in results(outcome)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.DB, "Abuja")


async def test_paused_during_a_write(users_db: Path, own_server: ValkeyServer) -> None:
    """A delete whose answer is lost is sent again, whether it was applied or not."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        own_server.pause()
        write = asyncio.create_task(service.writer.update(1, {"city": "Abuja"}))
        while not write.done():
            await asyncio.sleep(0)
        own_server.resume()
        assert write.result().pending
        assert service.pending_count == 1
        let_breaker_try(services)
        assert ((await service.look_up(1)).record or {})["city"] == "Abuja"
        assert service.pending_count == 0


async def test_paused_after_a_write(users_db: Path, own_server: ValkeyServer) -> None:
    """What was invalidated in time is read from the database, past a cache that hangs."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        assert not (await service.writer.update(1, {"city": "Abuja"})).pending
        own_server.pause()
        outcome = await service.look_up(1)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.BYPASS, "Abuja")
        assert not outcome.flags.pending
        own_server.resume()


async def test_restarted_behind_pooled_connections(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """Connections and scripts of the old server are replaced without a trace on an answer."""
    async with serving(own_server.url, users_db) as services:
        await asyncio.gather(*(services.service.look_up(id) for id in range(1, 30)))
        own_server.kill()
        own_server.start()
        for id in range(1, 30):
            outcome = await services.service.look_up(id)
            assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
        assert (await services.service.look_up(1)).label is Label.HIT


async def test_flushed_in_the_middle_of_a_load(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """A flight whose lease is gone stores nothing, and answers all the same."""
    async with serving(own_server.url, users_db) as services:
        table, find = services.table, services.table.find

        async def slowly(id: int | str) -> Record | None:
            record = await find(id)
            with own_server.client() as client:
                client.flushall()
            return record

        table.find = slowly  # type: ignore[method-assign]
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.REFUSED)
        assert "refused" in results(outcome)
        del table.find
        assert (await services.service.look_up(1)).flags.filled is Filled.YES


async def test_out_of_memory(users_db: Path, own_server: ValkeyServer) -> None:
    """Hits go on, fills fail, deletes work, and the breaker stays closed."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        with own_server.client() as client:
            client.config_set("maxmemory", 1)
            client.config_set("maxmemory-policy", "noeviction")
        for _ in range(4):
            outcome = await service.look_up(2)
            assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)
            assert "out of memory" in results(outcome)
        assert (await service.look_up(1)).label is Label.HIT
        assert not (await service.writer.update(1, {"city": "Abuja"})).pending
        assert (await service.look_up(1)).label is Label.DB


async def test_a_read_only_replica(users_db: Path, own_server: ValkeyServer) -> None:
    """Hits go on, fills fail, and a delete that it refuses is pending."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        with own_server.client() as client:
            client.replicaof("127.0.0.1", str(free_port()))
        assert (await service.look_up(1)).label is Label.HIT
        outcome = await service.look_up(2)
        assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)
        result = await service.writer.update(1, {"city": "Abuja"})
        assert (result.pending, result.reason) == (True, "the cache is a read-only replica")
        assert (await service.look_up(1)).flags.pending
        with own_server.client() as client:
            client.replicaof("NO", "ONE")
        assert ((await service.look_up(1)).record or {})["city"] == "Abuja"
        assert service.pending_count == 0


async def test_no_more_clients(users_db: Path) -> None:
    """A server that takes no further connection is bypassed, with a reason."""
    with ValkeyServer("--maxclients", "1") as server, server.client() as client:
        client.ping()
        async with serving(server.url, users_db) as services:
            outcome = await services.service.look_up(1)
            assert outcome.label is Label.BYPASS
            reason = outcome.reason or ""
            assert "takes no more clients" in reason or "closed the connection" in reason


@pytest.mark.parametrize("kind", ["list", "hash", "set"])
async def test_a_key_of_another_type(users_db: Path, server: ValkeyServer, kind: str) -> None:
    """It is deleted once, and the record is stored in its place."""
    with server.client() as client:
        {
            "list": lambda: client.lpush(KEY, "x"),
            "hash": lambda: client.hset(KEY, "x", "y"),
            "set": lambda: client.sadd(KEY, "x"),
        }[kind]()
    async with serving(server.url, users_db) as services:
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
        assert (await services.service.look_up(1)).label is Label.HIT


@pytest.mark.parametrize(
    "payload",
    [
        b"", b" ", b"nul", b'"null"', b"[]", b"{}", b"0", b'"x"', b"\xff\xfe", b"[" * 100_000,
        b'{"id":' * 50_000, b'{"id":1,"name":NaN}', b"9" * 5000, b'{"id":1}', b"1e999",
        b'{"id":2,"name":"x","email":null,"city":null,"country":null,"plan":"pro",'
        b'"credit":0.0,"created_at":"x","last_seen_at":null}',
        b'{"id":1,"name":"x","email":null,"city":null,"country":null,"plan":"pro",'
        b'"credit":0.0,"created_at":"x","last_seen_at":null,"extra":1}',
    ],
    ids=lambda payload: repr(payload[:24]),
)  # fmt: skip
async def test_a_payload_that_is_no_record_of_this_key(
    users_db: Path, server: ValkeyServer, payload: bytes
) -> None:
    """It is a miss, and overwritten by the guarded fill."""
    with server.client() as client:
        client.set(KEY, payload, px=60_000)
    async with serving(server.url, users_db) as services:
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
        assert (outcome.record or {})["name"] == "Amara Okafor"
        assert (await services.service.look_up(1)).label is Label.HIT


async def test_a_copy_without_expiry(users_db: Path, server: ValkeyServer) -> None:
    """It gets one."""
    async with serving(server.url, users_db) as services:
        await services.service.look_up(1)
        with server.client() as client:
            client.persist(KEY)
        outcome = await services.service.look_up(1)
        assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
        with server.client() as client:
            assert client.pttl(KEY) > 0


async def test_what_a_server_that_fails_may_cost(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """A server that does not answer is waited for once, and not asked again for the fill."""
    async with serving(own_server.tcp_url, users_db) as services:
        await services.service.look_up(1)
        own_server.pause()
        outcome = await services.service.look_up(1)
        own_server.resume()
    assert outcome.label is Label.BYPASS
    assert [step.failed for step in outcome.steps] == [True, False]
    assert "0.25 s" in outcome.steps[0].result


async def test_the_way_back_after_an_outage(users_db: Path, own_server: ValkeyServer) -> None:
    """The first lookup after the breaker's two seconds finds a server that is back."""
    async with serving(own_server.url, users_db) as services:
        service = services.service
        await service.look_up(1)
        own_server.kill()
        for _ in range(3):
            assert (await service.look_up(1)).label is Label.BYPASS
        own_server.start()
        assert "left alone" in ((await service.look_up(1)).reason or "")
        let_breaker_try(services)
        assert (await service.look_up(1)).label is Label.DB
        assert (await service.look_up(1)).label is Label.HIT


async def test_a_thousand_lookups_of_a_cold_key(users_db: Path, server: ValkeyServer) -> None:
    """One SELECT answers all of them, through a handful of connections.

    On a machine that is busy with other things, some may outwait the cache's time limit; they
    share a SELECT of their own then, and it is still no herd.
    """
    async with serving(server.url, users_db) as services:
        outcomes = await asyncio.gather(*(services.service.look_up(1) for _ in range(1000)))
    names = {(outcome.record or {}).get("name") for outcome in outcomes}
    assert names == {"Amara Okafor"}
    reads = sum("SELECT" in step.command for o in outcomes for step in o.steps)
    assert reads <= 1 + any(outcome.label is Label.BYPASS for outcome in outcomes)


async def test_two_processes_load_a_record_once(users_db: Path, server: ValkeyServer) -> None:
    """The one that loses the lease waits, says so, and answers with what the other stored."""
    async with (
        serving(server.url, users_db) as mine,
        serving(server.url, users_db) as other,
    ):
        gate, find = asyncio.Event(), other.table.find

        async def held(id: int | str) -> Record | None:
            await gate.wait()
            return await find(id)

        other.table.find = held  # type: ignore[method-assign]
        theirs = asyncio.create_task(other.service.look_up(1))
        while not other.service._loader.flights:
            await asyncio.sleep(0)
        with server.client() as client:
            end = time.monotonic() + 5
            while (
                not client.exists("{hitmiss:user:1}:hitmiss-lease") and time.monotonic() < end
            ):
                await asyncio.sleep(0)
        ours = asyncio.create_task(mine.service.look_up(1))
        while not any(mine.service._loader.flights._tasks):
            await asyncio.sleep(0)
        gate.set()
        outcome = await ours
        assert (outcome.label, outcome.flags.coalesced) == (Label.HIT, True)
        assert "waited for another process: found" in results(outcome)
        assert (await theirs).label is Label.DB


async def test_a_copy_that_is_too_large(users_db: Path, own_server: ValkeyServer) -> None:
    """It is not taken, and said; the cache is not left alone for it, and no lease stays."""
    size = 3 << 20
    with own_server.client() as client:
        client.setrange(KEY, size - 1, "x")
        client.pexpire(KEY, 60_000)
    async with serving(own_server.url, users_db, max_value=2 << 20) as services:
        for _ in range(5):
            one, two = await asyncio.gather(*map(services.service.look_up, (1, 2)))
            assert (one.label, one.flags.filled) == (Label.BYPASS, None)
            assert (
                one.reason
                == "what is cached is longer than --max-value; give a larger one to read it"
            )
            assert (one.record or {})["id"] == 1
            assert two.label in {Label.DB, Label.HIT}
        assert (await services.service.writer.invalidate(1)).found
        assert [(await services.service.look_up(1)).label for _ in "12"] == [
            Label.DB, Label.HIT,
        ]  # fmt: skip


@pytest.mark.parametrize("near_its_end", [True, False])
async def test_what_is_read_has_the_bound_that_is_set(
    users_db: Path, server: ValkeyServer, near_its_end: bool
) -> None:
    """A byte more than `max_value` is not used; a lease taken with it is given back."""
    with server.client() as client:
        client.set(KEY, b"x" * 2001, px=10_000 if near_its_end else 90_000)
        async with serving(server.url, users_db, max_value=2000) as services:
            outcome = await services.service.look_up(1)
            assert (outcome.label, outcome.flags.filled) == (Label.BYPASS, None)
            await services.service.aclose()
        assert client.keys("*:hitmiss-lease") == []
        client.set(KEY, b"x" * 2000, px=90_000)
        async with serving(server.url, users_db, max_value=2000) as services:
            outcome = await services.service.look_up(1)
            assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)


async def test_what_would_not_be_read_again_is_not_stored(
    users_db: Path, server: ValkeyServer
) -> None:
    """A record whose JSON is longer than `max_value` is answered, and leaves no lease."""
    async with serving(server.url, users_db, max_value=2000) as services:
        await services.service.writer.update(1, {"city": "\x01" * 400})  # 2,400 bytes as JSON
        for _ in range(2):
            outcome = await services.service.look_up(1)
            assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)
            assert "more than --max-value" in (outcome.reason or "")
    with server.client() as client:
        assert client.keys("*") == []
