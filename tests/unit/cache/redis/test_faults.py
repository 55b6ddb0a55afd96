"""The faults that are switched on on purpose: what each makes of lookups and writes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import UnixDomainSocketConnection
from redis.exceptions import ReadOnlyError
from servers import ValkeyServer, make_cluster
from serving import let_breaker_try

from tui.bootstrap import Services, open_services, prepare
from tui.cache.redis.faulty import faulty
from tui.cache.redis.opening import CONNECTIONS
from tui.config.settings import resolve
from tui.models import Filled, Key, Label, Outcome, Target
from tui.runtime.errors import CacheError, DatabaseUnavailable, SettingsError
from tui.runtime.faults import LATENCY_STEPS, Fault, Faults, faults_of, read_fault

CLOSED, UNIX, TCP = "embedded", "unix", "tcp"
PATIENCE = 20


@asynccontextmanager
async def serving(url: str, path: Path) -> AsyncIterator[tuple[Services, Faults]]:
    """Open services that obey faults, which are off at first."""
    faults = Faults()
    settings = resolve({"cache": url, "db": str(path)}, {}, {}, "no file")
    async with open_services(prepare(settings), faults=faults) as services:
        yield services, faults


@pytest.fixture(params=[CLOSED, UNIX, TCP])
def url(request: pytest.FixtureRequest) -> str:
    """The embedded cache, and a real server in two ways."""
    if request.param == CLOSED:
        return "embedded"
    server: ValkeyServer = request.getfixturevalue("server")
    return server.url if request.param == UNIX else server.tcp_url


async def look_up(services: Services, *ids: Key) -> list[Outcome]:
    """Look records up, one after the other."""
    return [await services.service.look_up(id) for id in ids]


def labels(outcomes: Sequence[Outcome]) -> list[Label]:
    """Give the outcomes' words."""
    return [outcome.label for outcome in outcomes]


async def test_a_cache_that_is_down(users_db: Path, url: str) -> None:
    """Refused three times, then left alone: BYPASS, nothing filled; off again: HIT and DB."""
    async with serving(url, users_db) as (services, faults):
        assert labels(await look_up(services, 1, 1)) == [Label.DB, Label.HIT]
        faults.switch(Fault.CACHE_DOWN, on=True)
        outcomes = await look_up(services, 1, 2, 3, 4)
        assert labels(outcomes) == [Label.BYPASS] * 4
        assert {outcome.flags.filled for outcome in outcomes} == {None}
        reasons = [outcome.reason or "" for outcome in outcomes]
        assert set(reasons[:3]) == {"cannot reach the cache: connection refused"}
        assert "left alone" in reasons[3]
        faults.switch(Fault.CACHE_DOWN, on=False)
        let_breaker_try(services)
        assert labels(await look_up(services, 1, 2, 2)) == [Label.HIT, Label.DB, Label.HIT]


async def test_a_write_while_the_cache_is_down(users_db: Path, url: str) -> None:
    """It is made, its delete is pending, and the old copy is read by nobody afterwards."""
    async with serving(url, users_db) as (services, faults):
        await look_up(services, 1)
        faults.switch(Fault.CACHE_DOWN, on=True)
        result = await services.service.writer.update(1, {"city": "Abuja"})
        assert (result.found, result.pending) == (True, True)
        faults.switch(Fault.CACHE_DOWN, on=False)
        (outcome,) = await look_up(services, 1)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.DB, "Abuja")


async def test_a_slow_cache(users_db: Path, url: str) -> None:
    """Every command is later by the latency; later than its limit it is no answer at all."""
    async with serving(url, users_db) as (services, faults):
        faults.set_latency(Fault.CACHE_SLOW, 0.01)
        faults.switch(Fault.CACHE_SLOW, on=True)
        miss, hit = await look_up(services, 1, 1)
        assert (miss.label, miss.flags.filled, hit.label) == (Label.DB, Filled.YES, Label.HIT)
        steps = [step for step in (*miss.steps, *hit.steps) if step.target is Target.CACHE]
        late = [step.command.split()[0] for step in steps if step.seconds >= 0.01]
        along = [] if url != "embedded" else ["SET"]  # a server takes the lease with the GET
        assert late == ["GET", *along, "EVALSHA", "GET"]
        faults.set_latency(Fault.CACHE_SLOW, 60.0)
        (outcome,) = await look_up(services, 1)
        assert outcome.label is Label.BYPASS
        assert outcome.reason == "the cache did not answer within 0.25 s"
        with pytest.raises(CacheError, match="did not answer"):
            await services.cache.walker.count()
        faults.switch(Fault.CACHE_SLOW, on=False)
        assert labels(await look_up(services, 1)) == [Label.HIT]


async def test_many_readers_of_a_slow_cache(users_db: Path, url: str) -> None:
    """More callers than connections wait side by side, and all are answered."""
    async with serving(url, users_db) as (services, faults):
        faults.set_latency(Fault.CACHE_SLOW, 0.01)
        faults.switch(Fault.CACHE_SLOW, on=True)
        ids = range(1, 2 * CONNECTIONS)
        outcomes = await asyncio.gather(*(services.service.look_up(id) for id in ids))
        assert set(labels(outcomes)) == {Label.DB}


async def test_a_cache_that_refuses_writes(users_db: Path, url: str) -> None:
    """Hits go on, fills fail, a refused delete is pending, and the breaker stays closed."""
    async with serving(url, users_db) as (services, faults):
        await look_up(services, 1, 2)
        faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
        for _ in range(4):
            hit, miss = await look_up(services, 1, 3)
            assert (hit.label, miss.label, miss.flags.filled) == (
                Label.HIT, Label.DB, Filled.FAILED,
            )  # fmt: skip
            assert "the cache is a read-only replica" in [step.result for step in miss.steps]
        result = await services.service.writer.update(2, {"city": "Abuja"})
        assert (result.pending, result.reason) == (True, "the cache is a read-only replica")
        (outcome,) = await look_up(services, 2)
        assert (outcome.label, outcome.flags.pending) == (Label.BYPASS, True)
        faults.switch(Fault.CACHE_REFUSES_WRITES, on=False)
        (outcome,) = await look_up(services, 2)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.DB, "Abuja")
        assert services.service.pending_count == 0


async def test_reads_and_refused_writes_in_one_trip(users_db: Path, url: str) -> None:
    """Each command of a trip gets its own reply, whichever of them was held back."""
    async with serving(url, users_db) as (services, faults):
        cache: Any = services.cache
        exchange = cache._exchange
        await exchange.ask([("SET", "a", "1")])
        faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
        words = ("GET a", "SET a 2", "STRLEN a", "DEL a", "GET a")
        replies = await exchange.ask([tuple(command.split()) for command in words])
        kinds = [type(reply).__name__ for reply in replies]
        assert kinds == ["bytes", "ReadOnlyError", "int", "ReadOnlyError", "bytes"]
        faults.clear()
        assert await exchange.ask([("GET", "a"), ("DEL", "a")]) == [b"1", 1]


async def test_a_connection_that_has_yet_to_connect(server: ValkeyServer) -> None:
    """Writes are held back on it too, and each reply is that of its command."""
    faults = faults_of(["cache-refuses-writes"])
    made: Any = faulty(UnixDomainSocketConnection, faults)
    connection = made(path=str(server.socket), protocol=2, driver_info=None)
    commands = [("STRLEN", "a"), ("SET", "a", "22"), ("STRLEN", "a"), ("GET", "a")]
    await connection.send_packed_command(connection.pack_commands(commands))
    assert await connection.read_response() == 0
    with pytest.raises(ReadOnlyError):
        await connection.read_response()
    assert [await connection.read_response() for _ in range(2)] == [0, None]
    await connection.disconnect()


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.in_cache])
async def test_nobody_else_at_the_server_is_disturbed(
    users_db: Path, server: ValkeyServer, fault: Fault
) -> None:
    """While our connections are broken, another program reads and writes as ever."""
    async with serving(server.url, users_db) as (services, faults):
        faults.set_latency(fault, 60.0)
        faults.switch(fault, on=True)
        assert labels(await look_up(services, 1)) != [Label.HIT]
        with server.client(socket_timeout=5) as other:
            other.set("theirs", "1")
            assert other.get("theirs") == b"1"


async def test_a_password_and_a_database_on_a_slow_line(users_db: Path) -> None:
    """Logging in is late too, on each kind of connection, and succeeds."""
    with ValkeyServer("--requirepass", "secret") as server:
        for url in (
            f"unix://:secret@{server.socket}?db=2", f"redis://:secret@127.0.0.1:{server.port}/2",
        ):  # fmt: skip
            async with serving(url, users_db) as (services, faults):
                faults.set_latency(Fault.CACHE_SLOW, 0.01)
                faults.switch(Fault.CACHE_SLOW, on=True)
                (outcome,) = await look_up(services, 1)
                assert outcome.label in {Label.DB, Label.HIT}
                faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
                (outcome,) = await look_up(services, 2)
                assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)


async def comes_to(services: Services, id: Key, label: Label) -> Outcome:
    """Look a record up until that is the answer: a busy machine may outwait the limits."""
    for _ in range(PATIENCE):
        (outcome,) = await look_up(services, id)
        if outcome.label is label:
            return outcome
        let_breaker_try(services)
    raise AssertionError(f"it does not come to {label}: {outcome}")


async def test_each_node_of_a_cluster(users_db: Path) -> None:
    """A cluster is down, slow and read-only as one server is, and comes back."""
    with ValkeyServer("--cluster-enabled", "yes") as server:
        make_cluster([server])
        url = f"redis+cluster://127.0.0.1:{server.port}"
        async with serving(url, users_db) as (services, faults):
            await comes_to(services, 1, Label.HIT)
            faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
            assert (await comes_to(services, 2, Label.DB)).flags.filled is Filled.FAILED
            await comes_to(services, 1, Label.HIT)
            faults.clear()
            faults.set_latency(Fault.CACHE_SLOW, 0.02)
            faults.switch(Fault.CACHE_SLOW, on=True)
            assert (await comes_to(services, 1, Label.HIT)).seconds >= 0.02
            faults.clear()
            faults.switch(Fault.CACHE_DOWN, on=True)
            assert labels(await look_up(services, 1)) == [Label.BYPASS]
            faults.clear()
            await comes_to(services, 1, Label.HIT)


async def test_a_database_that_is_down(users_db: Path) -> None:
    """Fresh hits go on; inside its grace a copy stands in; else ERROR, never cached."""
    async with serving("embedded", users_db) as (services, faults):
        await look_up(services, 1, 2)
        await services.service.writer.expire(2)
        faults.switch(Fault.DATABASE_DOWN, on=True)
        outcomes = await look_up(services, 1, 2, 3)
        assert labels(outcomes) == [Label.HIT, Label.STALE, Label.ERROR]
        assert "cannot open" in (outcomes[2].reason or "")
        for call in (
            services.service.writer.update(1, {"city": "Abuja"}),
            services.table.search("amara", 5),
        ):  # fmt: skip
            with pytest.raises(DatabaseUnavailable, match="cannot open"):
                await call
        faults.switch(Fault.DATABASE_DOWN, on=False)
        outcomes = await look_up(services, 2, 3, 1)
        assert labels(outcomes) == [Label.DB] * 3, "the write that failed has forgotten 1"
        assert (outcomes[2].record or {})["city"] == "Lagos"


async def test_a_slow_database(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement is later by the latency; a lookup outwaits it, up to its limit."""
    async with serving("embedded", users_db) as (services, faults):
        faults.set_latency(Fault.DATABASE_SLOW, 0.01)
        faults.switch(Fault.DATABASE_SLOW, on=True)
        (outcome,) = await look_up(services, 1)
        (select,) = [step for step in outcome.steps if step.command.startswith("SELECT")]
        assert (outcome.label, select.seconds >= 0.01) == (Label.DB, True)
        faults.set_latency(Fault.DATABASE_SLOW, 60.0)
        monkeypatch.setattr("tui.database.sqlite.connection.QUERY_SECONDS", 0.05)
        assert labels(await look_up(services, 1)) == [Label.HIT]
        await services.service.writer.expire(1)
        outcomes = await look_up(services, 1, 2)
        assert labels(outcomes) == [Label.STALE, Label.ERROR]
        assert outcomes[1].reason == "the database did not answer within 0.05 s"
        with pytest.raises(DatabaseUnavailable):
            await services.service.writer.update(1, {"city": "Abuja"})
        faults.switch(Fault.DATABASE_SLOW, on=False)
        (outcome,) = await look_up(services, 1)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.DB, "Lagos")


@pytest.mark.slow
async def test_a_slow_database_is_slow_for_all_at_once(users_db: Path) -> None:
    """As one elsewhere is: a crowd waits once, not one after the other until time is up."""
    async with serving("embedded", users_db) as (services, faults):
        faults.set_latency(Fault.DATABASE_SLOW, 0.3)
        faults.switch(Fault.DATABASE_SLOW, on=True)
        assert labels(await look_up(services, *range(1, 31))) == [Label.DB] * 30


@pytest.mark.slow
async def test_a_slow_database_holds_no_lock(users_db: Path) -> None:
    """While our write is late, and our read, another program writes without a wait."""
    with closing(sqlite3.connect(users_db, timeout=0, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        async with serving("embedded", users_db) as (services, faults):
            faults.set_latency(Fault.DATABASE_SLOW, 60.0)
            faults.switch(Fault.DATABASE_SLOW, on=True)
            ours = asyncio.gather(
                services.service.look_up(1),
                services.service.writer.update(2, {"city": "Kano"}),
                return_exceptions=True,
            )
            for turn in range(20):
                other.execute("UPDATE users SET city = ? WHERE id = 3", (str(turn),))
                await asyncio.sleep(0)
            assert not ours.done()
            outcome, error = await ours
            assert isinstance(outcome, Outcome)
            assert outcome.label is Label.ERROR
            assert isinstance(error, DatabaseUnavailable)


@pytest.mark.parametrize("fault", [Fault.DATABASE_DOWN, Fault.DATABASE_SLOW])
async def test_the_file_is_never_touched(users_db: Path, fault: Fault) -> None:
    """Neither the database nor its folder has anything new after a fault."""
    before = users_db.read_bytes()
    async with serving("embedded", users_db) as (services, faults):
        faults.set_latency(fault, 0.01)
        faults.switch(fault, on=True)
        await look_up(services, 1, 2)
    assert users_db.read_bytes() == before
    assert [path.name for path in users_db.parent.iterdir()] == [users_db.name]


async def test_at_the_end_all_are_off_and_pending_deletes_go_out(
    users_db: Path, server: ValkeyServer
) -> None:
    """Leaving with the cache down, the delete that was pending reaches the server."""
    async with serving(server.url, users_db) as (services, faults):
        await look_up(services, 1)
        faults.switch(Fault.CACHE_DOWN, on=True)
        assert (await services.service.writer.update(1, {"city": "Abuja"})).pending
    assert faults.on == ()
    with server.client() as client:
        assert client.exists("hitmiss:user:1") == 0


def test_latencies_go_up_and_down_in_steps() -> None:
    """Each step is the next longer or shorter one, and both ends hold; others have none."""
    faults = Faults()
    for fault in Fault:
        faults.set_latency(fault, LATENCY_STEPS[0])
        for step in (*LATENCY_STEPS[1:], LATENCY_STEPS[-1]):
            faults.step_latency(fault, +1)
            slow = fault in {Fault.CACHE_SLOW, Fault.DATABASE_SLOW}
            assert faults.latency(fault) == (step if slow else None)
        for step in (*LATENCY_STEPS[-2::-1], LATENCY_STEPS[0]):
            faults.step_latency(fault, -1)
            assert faults.latency(fault) == (step if slow else None)


def test_a_latency_counts_only_while_it_is_on() -> None:
    """Off, a slow fault adds nothing; what is on is listed in the usual order."""
    faults = faults_of(["database-slow=1.5s", "cache-slow=200ms"])
    assert (faults.cache_latency, faults.database_latency) == (0.2, 1.5)
    described = [faults.describe(fault) for fault in faults.on]
    assert described == ["cache slow +200 ms", "database slow +1.5 s"]
    faults.clear()
    assert (faults.cache_latency, faults.database_latency, faults.on) == (0.0, 0.0, ())


@pytest.mark.parametrize(
    "text", ["", "cache", "cache-slow=", "cache-slow=2", "cache-slow=-1s", "cache-down=1s"]
)
def test_what_is_no_fault_is_refused_by_name(text: str) -> None:
    """The message repeats what was typed."""
    with pytest.raises(SettingsError) as error:
        read_fault(text)
    assert repr(text) in str(error.value)


def test_faults_can_be_told_and_followed() -> None:
    """Spelled as they are on, they can be switched on elsewhere; a mistake changes nothing."""
    faults = faults_of(["database-slow=50ms", "cache-down"])
    assert faults.texts == ["cache-down", "database-slow=50ms"]
    others = Faults()
    others.switch(Fault.CACHE_REFUSES_WRITES, on=True)
    others.follow(faults.texts)
    assert others.on == faults.on
    assert others.latency(Fault.DATABASE_SLOW) == 0.05
    with pytest.raises(SettingsError):
        others.follow(["cache-slow", "nonsense"])
    assert others.on == faults.on
