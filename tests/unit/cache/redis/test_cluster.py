"""The service on a cluster: value and lease share a slot, whichever node that is on."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from commands import Cli, cli
from files import make_file
from servers import ValkeyServer, free_port, make_cluster
from serving import let_breaker_try, serving

from tui.bootstrap import Services
from tui.cache.redis.opening import open_url
from tui.models import Filled, Label
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheUnavailable
from tui.service.cache_aside import CacheAside

__all__ = ["cli"]

NODES = 3


@pytest.fixture(scope="module")
def cluster() -> Iterator[list[ValkeyServer]]:
    """Three nodes on loopback, with the slots spread over them."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(ValkeyServer("--cluster-enabled", "yes")) for _ in range(NODES)
        ]
        make_cluster(servers)
        yield servers


def url_of(cluster: list[ValkeyServer]) -> str:
    """Give the address of a cluster by one of its nodes."""
    return f"redis+cluster://127.0.0.1:{cluster[0].port}"


async def knows_the_nodes(services: Services) -> CacheAside:
    """Give the service once its client knows the cluster, whatever else the machine does."""
    async with asyncio.timeout(30):
        while (await services.service.look_up(600)).label is Label.BYPASS:
            await asyncio.sleep(0.05)
    return services.service


async def test_lookups_and_writes_on_every_node(
    users_db: Path, cluster: list[ValkeyServer]
) -> None:
    """Every command finds its node, scripts included, and nothing crosses slots."""
    async with serving(url_of(cluster), users_db) as services:
        service = await knows_the_nodes(services)
        for id in range(1, 31):
            first = await service.look_up(id)
            assert (first.label, first.flags.filled) == (Label.DB, Filled.YES), first
            assert (await service.look_up(id)).label is Label.HIT
        for id in range(1, 11):
            result = await service.writer.update(id, {"city": "Abuja"})
            assert not result.pending
            assert ((await service.look_up(id)).record or {})["city"] == "Abuja"
            assert (await service.writer.expire(id)).found
    held = []
    for server in cluster:
        with server.client() as client:
            held.append(client.dbsize())
    assert all(held), "each node holds some of the records"


async def test_ids_with_braces_are_cached_as_others(
    cluster: list[ValkeyServer], tmp_path: Path
) -> None:
    """Such a record is stored, read again and deleted by a write, and no lease is left."""
    ids = (
        "a}b",
        "a{}b",
        "{}",
        "}",
        "}{",
        "{",
        "{}{x}",
        "{x}",
        "a}b{c}",
        "{{}}",
        "x" * 90 + "}",
    )
    path = make_file(
        tmp_path / "u.db",
        "CREATE TABLE u(id TEXT PRIMARY KEY, n TEXT); INSERT INTO u VALUES "
        + ",".join(f"('{id}','a')" for id in ids),
    )
    for template in ("u:{id}", "u}{id}", "u{}:{id}", "{id}"):
        own = {"table": "u", "key": template, "read-only": False}
        async with serving(url_of(cluster), path, **own) as services:
            await knows_the_nodes(services)
            for id in ids:
                first = await services.service.look_up(id)
                assert (first.label, first.flags.filled) == (Label.DB, Filled.YES), first
                assert (await services.service.look_up(id)).label is Label.HIT
                assert not (await services.service.writer.update(id, {"n": template})).pending
                outcome = await services.service.look_up(id)
                assert (outcome.label, (outcome.record or {})["n"]) == (Label.DB, template)
    for server in cluster:
        with server.client() as client:
            assert not list(client.scan_iter("*:hitmiss-lease"))


async def test_pending_deletes_are_drained_across_nodes(
    users_db: Path, cluster: list[ValkeyServer]
) -> None:
    """Deletes for several nodes travel in one drain."""
    async with serving(url_of(cluster), users_db) as services:
        service = await knows_the_nodes(services)
        for id in range(1, 11):
            await service.look_up(id)
        for server in cluster:
            server.pause()
        results = [await service.writer.update(id, {"city": "Kano"}) for id in range(1, 11)]
        for server in cluster:
            server.resume()
        assert all(result.pending for result in results)
        let_breaker_try(services)
        for id in range(1, 11):
            assert ((await service.look_up(id)).record or {})["city"] == "Kano"
        assert service.pending_count == 0


async def test_a_cluster_that_is_not_there(users_db: Path, server: ValkeyServer) -> None:
    """Dead, or a server that is no cluster: lookups are bypassed, a write is pending."""
    for port in (free_port(), server.port):
        async with serving(f"redis+cluster://127.0.0.1:{port}", users_db) as services:
            outcome = await services.service.look_up(1)
            assert outcome.label is Label.BYPASS
            result = await services.service.writer.update(1, {"city": "Abuja"})
            assert (result.found, result.pending) == (True, True)


def with_user(cluster: list[ValkeyServer], rules: str) -> str:
    """Give the cluster's address for a user with these rights."""
    for server in cluster:
        with server.client() as client:
            client.execute_command(
                "ACL", "SETUSER", "us3r", "reset", "on", ">s3cr3t", *rules.split()
            )
    return url_of(cluster).replace("//", "//us3r:s3cr3t@")


def test_no_right_to_command_is_needed(
    cli: Cli, users_db: Path, cluster: list[ValkeyServer]
) -> None:
    """What a single server's user needs, and CLUSTER, is enough for every command."""
    rights = (
        "~* +cluster +ping +info +dbsize +get +pttl +strlen +getrange +hlen +hgetall +scan"
        " +hkeys +hstrlen +set +del +eval +evalsha +pexpire"
    )
    flags = (
        "--db",
        users_db,
        "--cache",
        with_user(cluster, rights),
        "--key",
        "nc:{id}",
        "--writable",
    )
    ran = cli("get", "1", "2", "3", "1", "--json", *flags)
    assert (ran.code, ran.outcomes) == (0, ["DB", "DB", "DB", "HIT"])
    assert cli("set", "1", "city=Abuja", *flags).code == 0
    for command in ("keys", "audit", "doctor"):
        assert (command, cli(command, *flags).code) == (command, 0)


def test_who_may_not_ask_for_the_nodes_is_told_so(
    cli: Cli, users_db: Path, cluster: list[ValkeyServer]
) -> None:
    """The doctor goes on with all else, and what needs the cache says why it cannot."""
    flags = ("--db", users_db, "--cache", with_user(cluster, "~* +@all -cluster"))
    ran = cli("doctor", "--json", *flags)
    assert (ran.code, ran.err) == (1, "")
    failed = {check["check"]: check for check in ran.answers if check.get("state") == "failed"}
    assert list(failed) == ["answers"]
    assert "no permissions to run the 'cluster' command" in failed["answers"]["detail"]
    assert "+cluster" in failed["answers"]["advice"]
    assert {"rows", "file"} <= {check.get("check") for check in ran.answers}
    for command in ("keys", "audit"):
        ran = cli(command, *flags)
        assert ran.code == 4
        assert "no permissions to run the 'cluster' command" in ran.err


def test_a_server_that_is_no_cluster_is_told_so(
    cli: Cli, users_db: Path, server: ValkeyServer
) -> None:
    """In one sentence of ours, with what to write in place of the address."""
    url = server.tcp_url.replace("redis:", "redis+cluster:")
    ran = cli("keys", "--db", users_db, "--cache", url)
    assert ran.code == 4
    assert "the cache is no cluster: leave '+cluster' out of its address" in ran.err
    assert "provide at least" not in ran.err
    doctor = cli("doctor", "--db", users_db, "--cache", url)
    assert doctor.code == 1
    assert "write redis:// for it" in doctor.out
    nobody = cli(
        "keys", "--db", users_db, "--cache", f"redis+cluster://127.0.0.1:{free_port()}"
    )
    assert "cannot reach the cache: connection refused" in nobody.err


async def test_all_nodes_are_walked_through(cluster: list[ValkeyServer]) -> None:
    """All keys of all nodes, described and read wherever they are."""
    async with open_url(url_of(cluster), SystemClock()) as cache:
        keys = [f"walk:{n}" for n in range(60)]
        await cache.store([(key, b"null", 60) for key in keys])
        found = {
            key async for batch in cache.walker.scan(KeyTemplate("walk:{id}")) for key in batch
        }
        assert found == set(keys)
        facts = await cache.walker.describe(keys)
        assert [fact.key for fact in facts] == keys
        assert all(fact.known_absent for fact in facts)
        assert {copy.payload for copy in await cache.walker.read(keys)} == {b"null"}
        assert await cache.walker.count() >= 60


async def test_a_node_that_cannot_be_reached_is_named() -> None:
    """A cluster behind a wall announces addresses that mean nothing to others."""
    options = ("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.9")
    with ValkeyServer(*options) as server, server.client() as client:
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        url = f"redis+cluster://127.0.0.1:{server.port}"
        async with open_url(url, SystemClock()) as cache, asyncio.timeout(30):
            while True:
                with pytest.raises(CacheUnavailable) as told:
                    await cache.walker.count()
                if "CLUSTERDOWN" not in str(told.value) and "node" in str(told.value):
                    break
                await asyncio.sleep(0.05)
    assert "the cluster says that a node is at 127.0.0.9:" in str(told.value)


async def test_reads_of_one_turn_travel_together(cluster: list[ValkeyServer]) -> None:
    """Many keys on all nodes, asked for at once, are one pipeline; one bad key harms nobody."""
    async with open_url(url_of(cluster), SystemClock()) as cache:
        exchange: Any = cache._exchange
        client = exchange._client
        pipeline, made = client.pipeline, []

        def counted(**options: object) -> object:
            made.append(pipeline(**options))
            return made[-1]

        await client.lpush("bad", "a")
        for number in range(20):
            await client.set(f"good {number}", number, px=60_000)
        client.pipeline = counted
        keys = ["bad", *(f"good {number}" for number in range(20))]
        bad, *good = await asyncio.gather(*(cache.read(key) for key in keys))
    assert len(made) == 1
    assert bad.wrong_type
    assert [copy.payload for copy in good] == [str(number).encode() for number in range(20)]
