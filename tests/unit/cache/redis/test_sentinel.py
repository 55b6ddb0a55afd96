"""The service on a primary that real sentinels watch, replace, and are asked for."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Cli, cli
from sentinels import FAILOVER_SECONDS, SERVICE, SentinelTrio
from servers import ValkeyServer, free_port
from serving import serving

from tui.bootstrap import Services, open_services, prepare
from tui.cache.redis import primary, sentinels
from tui.config.settings import resolve
from tui.models import Filled, Label
from tui.models.keys import KeyTemplate
from tui.runtime.faults import Fault, Faults

__all__ = ["cli"]

KEYS = range(1, 9)
TEMPLATE = KeyTemplate("hitmiss:user:{id}", integer=True)


@pytest.fixture(scope="module")
def shared_trio() -> Iterator[SentinelTrio]:
    """A service for tests that leave it as it is."""
    with SentinelTrio() as trio:
        yield trio


@pytest.fixture
def trio() -> Iterator[SentinelTrio]:
    """A service of this test's own."""
    with SentinelTrio() as trio:
        yield trio


async def is_cached_again(services: Services, id: int = 1) -> None:
    """Wait until the record is a hit, as long as a failover may take."""
    async with asyncio.timeout(FAILOVER_SECONDS):
        while (await services.service.look_up(id)).label is not Label.HIT:
            await asyncio.sleep(0.02)


def commands_run(server: ValkeyServer, *names: str) -> int:
    """Return how often a server has run those commands."""
    with server.client() as client:
        stats: Any = client.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in names)


async def test_lookups_writes_and_walks(users_db: Path, shared_trio: SentinelTrio) -> None:
    """All of it goes to the primary, wherever that is."""
    async with serving(shared_trio.url, users_db) as services:
        service = services.service
        first = await service.look_up(1)
        assert (first.label, first.flags.filled) == (Label.DB, Filled.YES), first
        assert (await service.look_up(1)).label is Label.HIT
        assert not (await service.writer.update(1, {"city": "Abuja"})).pending
        outcome = await service.look_up(1)
        assert (outcome.label, (outcome.record or {})["city"]) == (Label.DB, "Abuja")
        assert (await service.look_up(1)).label is Label.HIT
        assert [key async for batch in services.cache.walker.scan(TEMPLATE) for key in batch]


class Load:
    """Readers and writers of some records, each city being the number of its write."""

    def __init__(self, services: Services) -> None:
        """Ask those services."""
        self._service = services.service
        self._written: dict[int, int] = dict.fromkeys(KEYS, 0)
        self.labels: list[str] = []
        self.old: list[tuple[int, int, str]] = []
        self.ends = False

    async def read(self, id: int) -> None:
        """Look it up again and again, and keep what is older than was acknowledged before."""
        while not self.ends:
            least = self._written[id]
            outcome = await self._service.look_up(id)
            self.labels.append(outcome.label)
            number = int(str((outcome.record or {})["city"]))
            if number < least:
                self.old.append((least, number, outcome.label))
            await asyncio.sleep(0.002)

    async def write(self, id: int) -> None:
        """Write it again and again."""
        for number in itertools.count():
            await self._service.writer.update(id, {"city": str(number)})
            self._written[id] = number
            if self.ends:
                return
            await asyncio.sleep(0.01 * id)


async def test_the_primary_is_killed_under_load(users_db: Path, trio: SentinelTrio) -> None:
    """BYPASS meanwhile, then hits again; and no answer is older than an acknowledged write."""
    async with serving(trio.url, users_db, ttl="300") as services:
        for id in KEYS:
            await services.service.writer.update(id, {"city": "0"})
        load = Load(services)
        async with asyncio.TaskGroup() as group, asyncio.timeout(FAILOVER_SECONDS):
            for id in KEYS:
                group.create_task(load.read(id))
                group.create_task(load.write(id))
            while load.labels.count(Label.HIT) < 50:
                await asyncio.sleep(0.02)
            trio.first.kill()
            while Label.BYPASS not in load.labels:
                await asyncio.sleep(0.02)
            load.labels.clear()
            while load.labels.count(Label.HIT) < 200 or services.service.pending_count:
                await asyncio.sleep(0.02)
            load.ends = True
        assert Label.ERROR not in load.labels
        assert load.old == []


async def test_a_delete_that_replication_lost_is_sent_again(users_db: Path) -> None:
    """The replica that takes over still has the copy; nobody reads it from there."""
    with SentinelTrio(password="s3cret-one") as trio:
        async with serving(trio.url, users_db, ttl="300") as services:
            await services.service.look_up(1)
            with trio.first.client(password=trio.password) as client:
                client.wait(1, 5000)
                with trio.second.client(password=trio.password) as replica:
                    replica.config_set("masterauth", "wrong")
                client.client_kill_filter(_type="replica")
                result = await services.service.writer.update(1, {"city": "Lost"})
                assert not result.pending
                assert not client.exists(TEMPLATE.value_key(1))
            with trio.second.client(password=trio.password) as replica:
                assert replica.exists(TEMPLATE.value_key(1)), "replication has lost it"
                trio.first.kill()
                async with asyncio.timeout(FAILOVER_SECONDS):
                    while replica.exists(TEMPLATE.value_key(1)):  # before anybody looks it up
                        await asyncio.sleep(0.02)
            await is_cached_again(services)
            assert ((await services.service.look_up(1)).record or {})["city"] == "Lost"


async def test_a_stale_primary_is_never_read_again(users_db: Path, trio: SentinelTrio) -> None:
    """It was paused and replaced; back again, it takes itself for a primary for seconds."""
    async with serving(trio.url, users_db, ttl="300") as services:
        await services.service.look_up(1)
        assert (await services.service.look_up(1)).label is Label.HIT
        trio.first.pause()
        assert (await services.service.look_up(1)).label is Label.BYPASS
        await is_cached_again(services)
        trio.wait_for_primary(trio.second.port)
        trio.first.resume()
        with trio.first.client() as old:
            assert old.role()[0] == b"master"
            asked = commands_run(trio.first, "get", "eval", "evalsha", "del")
            with trio.second.client() as new:
                new.client_kill_filter(_type="normal", skipme=True)  # wires are opened anew
            for _ in range(100):
                assert (await services.service.look_up(1)).label is Label.HIT
                await asyncio.sleep(0.002)
            assert old.role()[0] == b"master", "it was not replaced for too short a time"
        assert commands_run(trio.first, "get", "eval", "evalsha", "del") == asked


@pytest.mark.parametrize("way", ["announced", "checked"])
async def test_a_failover_is_noticed_without_a_lookup(
    way: str, users_db: Path, trio: SentinelTrio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the sentinels announce, and where that is lost by asking them."""
    if way == "announced":
        monkeypatch.setattr(primary, "CHECK_SECONDS", 1000.0)
    else:
        monkeypatch.setattr(sentinels, "SWITCHED", "+nothing")
    async with serving(trio.url, users_db) as services:
        assert not (await services.service.writer.update(1, {"city": "Abuja"})).pending
        before = commands_run(trio.second, "del")  # by replication
        trio.first.pause()
        async with asyncio.timeout(FAILOVER_SECONDS):
            while commands_run(trio.second, "del") == before:  # sent again
                await asyncio.sleep(0.05)


async def test_without_sentinels_the_primary_goes_on(
    users_db: Path, trio: SentinelTrio
) -> None:
    """They are needed to find it; what is found is used while it answers."""
    async with serving(trio.url, users_db, ttl="300") as services:
        await services.service.look_up(1)
        for sentinel in trio.sentinels:
            sentinel.kill()
        end = time.monotonic() + 2 * primary.CHECK_SECONDS
        while time.monotonic() < end:
            assert (await services.service.look_up(1)).label is Label.HIT
            await asyncio.sleep(0.01)
        with trio.first.client() as client:
            client.client_kill_filter(_type="normal", skipme=True)
        outcome = await services.service.look_up(1)
        assert outcome.label is Label.BYPASS
        assert outcome.reason == "none of the 3 sentinels answers"


async def test_faults_on_purpose(users_db: Path, shared_trio: SentinelTrio) -> None:
    """They break this process's own way to the primary, and are over when they are off."""
    faults = Faults()
    settings = resolve({"cache": shared_trio.url, "db": str(users_db)}, {}, {}, "no file")
    async with open_services(prepare(settings), faults=faults) as services:
        await services.service.look_up(5)
        faults.switch(Fault.CACHE_DOWN, on=True)
        assert (await services.service.look_up(5)).label is Label.BYPASS
        faults.switch(Fault.CACHE_DOWN, on=False)
        faults.switch(Fault.CACHE_REFUSES_WRITES, on=True)
        assert (await services.service.look_up(5)).label is Label.HIT
        assert (await services.service.writer.update(5, {"city": "Kano"})).pending
        faults.clear()
        assert ((await services.service.look_up(5)).record or {})["city"] == "Kano"


async def test_one_sentinel_of_three_is_enough(users_db: Path, trio: SentinelTrio) -> None:
    """The others are dead, or do not answer."""
    trio.sentinels[0].kill()
    trio.sentinels[1].pause()
    async with serving(trio.url, users_db) as services:
        assert (await services.service.look_up(1)).label is Label.DB
        assert (await services.service.look_up(1)).label is Label.HIT


async def test_logins_of_both_kinds(users_db: Path) -> None:
    """The servers' stands before the hosts, the sentinels' behind the '?'."""
    with SentinelTrio(password="s3cret-one", sentinel_password="s3cret-two") as trio:
        url = f"{trio.url}?sentinel_password=s3cret-two"
        async with serving(url, users_db) as services:
            await services.service.look_up(1)
            assert (await services.service.look_up(1)).label is Label.HIT
        for wrong, words in (
            (trio.url, "add ?sentinel_password=PASSWORD"),
            (f"{trio.url}?sentinel_password=s3cret-six", "take no such sentinel_username"),
            (url.replace(":s3cret-one@", ""), "wants a password"),
        ):
            async with serving(wrong, users_db) as services:
                outcome = await services.service.look_up(1)
                assert outcome.label is Label.BYPASS
                assert words in (outcome.reason or "")
                assert "s3cret" not in str(outcome)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("dead", "the sentinel does not answer"),
        ("server", "what answers is no sentinel: name the sentinels"),
        ("service", f"the sentinels know no service another: they know {SERVICE}"),
    ],
)
def test_what_no_command_can_use(
    place: str, words: str, users_db: Path, shared_trio: SentinelTrio, cli: Cli
) -> None:
    """One sentence says what to do; what needs the cache exits with 4, as for any other."""
    hosts = {
        "dead": f"127.0.0.1:{free_port()}",
        "server": f"127.0.0.1:{shared_trio.first.port}",
        "service": shared_trio.hosts,
    }
    url = f"redis+sentinel://:s3cret-one@{hosts[place]}/another"
    ran = cli("get", "1", "--json", "--db", users_db, "--cache", url)
    (answer,) = ran.answers
    assert (ran.code, answer["outcome"]) == (0, "BYPASS")
    assert words in answer["reason"]
    ran = cli("invalidate", "1", "--db", users_db, "--cache", url)
    assert ran.code == 4
    assert words in ran.out + ran.err
    assert "s3cret" not in ran.out + ran.err


def test_doctor(users_db: Path, shared_trio: SentinelTrio, cli: Cli) -> None:
    """It says who watches what, and finds the primary by a connection of the driver's own."""
    ran = cli("doctor", "--json", "--db", users_db, "--cache", f"{shared_trio.url}?family=4")
    checks = {(one["group"], one["check"]): one for one in ran.answers if "check" in one}
    assert f"primary 127.0.0.1:{shared_trio.first.port}" in checks["cache", "service"]["detail"]
    assert "3 of 3 in the address answer" in checks["cache", "sentinels"]["detail"]
    assert checks["cache", "cut off"]["state"] == "warning"
    assert checks["cache", "may write"]["state"] == "ok"
    assert "family" in checks["settings", "cache options"]["detail"]


def test_the_commands(users_db: Path, shared_trio: SentinelTrio, cli: Cli) -> None:
    """They find the primary as the explorer does."""
    told = ("--db", users_db, "--cache", shared_trio.url)
    assert cli("get", "7", "--json", *told).code == 0
    assert cli("get", "7", "--json", *told).outcomes == ["HIT"]
    assert TEMPLATE.value_key(7) in cli("keys", *told).out
    assert "compared" in cli("audit", *told).out
    assert cli("invalidate", "7", *told).code == 0
    assert cli("get", "7", "--json", *told).outcomes == ["DB"]
