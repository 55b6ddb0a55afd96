"""A server that is killed, paused, restarted, slow, or ends a connection at a bad moment."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from database_server import had
from mongodb_server import MongodbServer
from unit.database.mongodb.places import filled, table_at

from tui.database.mongodb.client import CONNECTIONS
from tui.database.mongodb.table import MongodbTable
from tui.models.recorder import Recorder
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.faults import Fault, Faults

DOCUMENTS = [{"_id": at, "name": f"n{at}", "n": at} for at in range(50)]


pytestmark = pytest.mark.slow
LIMIT, QUICKLY = 3.5, 1.8
"""Seconds: 2.0 and 0.6, and what a busy machine adds."""


async def failure(work: Awaitable[Any], most: float = LIMIT) -> str:
    """Return what is said where there is no answer, in bounded time."""
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as caught:
        await work
    assert time.monotonic() - began < most
    assert str(caught.value).isprintable()
    return str(caught.value)


async def again(table: MongodbTable, seconds: float = 3.0) -> None:
    """Pass when a look-up is answered, which it has to be within that time."""
    end = time.monotonic() + seconds
    while True:
        try:
            assert await table.find(1) is not None
        except DatabaseUnavailable:
            assert time.monotonic() < end, "it did not recover"
        else:
            return


async def test_a_killed_server_is_said_and_comes_back(own_mongodb: MongodbServer) -> None:
    """Quickly, after the first time; and all goes on by itself."""
    url = filled(own_mongodb, DOCUMENTS)
    async with table_at(url) as table:
        await asyncio.gather(*(table.find(at) for at in range(30)))
        own_mongodb.kill()
        words = f"127.0.0.1:{own_mongodb.port} cannot be reached"
        assert words in await failure(table.find(1))
        assert words in await failure(table.find(1), QUICKLY)
        assert "is the server running there?" in await failure(table.find_many([1, 2]), QUICKLY)
        # A write is waited for: whoever left it could not say that it was not made.
        assert "perhaps" not in await failure(table.insert({"_id": 99}))
        result = await table.search("n1", 5)
        assert words in (result.reason or "")
        await asyncio.to_thread(own_mongodb.start)
        await again(table)
        await table.update(1, {"n": 9})
        await asyncio.gather(*(table.find(at) for at in range(30)))


async def test_a_restarted_server_is_found_again(own_mongodb: MongodbServer) -> None:
    """Each connection is lost, and replaced once."""
    url = filled(own_mongodb, DOCUMENTS)
    async with table_at(url) as table:
        await asyncio.gather(*(table.find(at) for at in range(30)))
        await asyncio.to_thread(own_mongodb.stop)
        await asyncio.to_thread(own_mongodb.start)
        await again(table)
        found = await asyncio.gather(*(table.find(at) for at in range(30)))
        assert [(record or {})["n"] for record in found] == list(range(30))


async def test_a_paused_server_is_bounded_and_answers_nobody_else(
    own_mongodb: MongodbServer,
) -> None:
    """Late answers are not taken for those of the next look-ups."""
    url = filled(own_mongodb, DOCUMENTS)
    async with table_at(url) as table:
        await table.find(0)
        own_mongodb.pause()
        slow = "did not answer within 2 s"
        words = await asyncio.gather(*(failure(table.find(at)) for at in range(3)))
        assert words == [slow.join(("the database ", ""))] * 3
        await failure(table.find_many([1, 2]))  # by now the driver may have noticed, too
        assert (await table.search("n1", 5)).reason
        own_mongodb.resume()
        await again(table)
        found = [(await table.find(at) or {})["n"] for at in range(20)]
        assert found == list(range(20))


async def test_it_closes_in_bounded_time(own_mongodb: MongodbServer) -> None:
    """Also where the server answers nobody."""
    url = filled(own_mongodb, DOCUMENTS)
    async with table_at(url) as table:
        await table.find(0)
        await table.search("n1", 5)
        own_mongodb.pause()
        began = time.monotonic()
    assert time.monotonic() - began < 3
    own_mongodb.resume()


@pytest.fixture(scope="module")
def failing() -> Iterator[MongodbServer]:
    """A server that can be told to fail, by `failCommand`."""
    with had(MongodbServer("--enable-test-commands")) as server:
        yield server


@asynccontextmanager
async def failing_at(
    server: MongodbServer, command: str, *, times: int = 1, **how: Any
) -> AsyncIterator[MongodbTable]:
    """Open a collection whose server fails that often at a command, as told."""
    async with table_at(filled(server, DOCUMENTS)) as table:
        await table.find(0)
        point = {"failCommands": [command], **how}
        with server.client() as client:
            client.admin.command(
                {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": point}
            )
        yield table
        with server.client() as client:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


async def test_a_read_is_sent_again_once(failing: MongodbServer) -> None:
    """On another connection; a second loss is an outage."""
    async with failing_at(failing, "find", closeConnection=True) as table:
        with Recorder() as steps:
            assert (await table.find(7) or {})["n"] == 7
        assert len(steps) == 1
    async with failing_at(failing, "find", times=2, closeConnection=True) as table:
        assert "connection" in await failure(table.find(7))
        await again(table)


async def test_a_write_is_never_sent_again(failing: MongodbServer) -> None:
    """Nobody knows whether it was made, and that is what is said."""
    async with failing_at(failing, "findAndModify", closeConnection=True) as table:
        with Recorder() as steps:
            assert "perhaps written" in await failure(table.update(1, {"n": 99}))
        assert steps[-1].failed
        assert (await table.update(1, {"n": 98}) or {})["n"] == 98
    async with failing_at(failing, "insert", closeConnection=True) as table:
        assert "perhaps written" in await failure(table.insert({"_id": 99}))


async def test_a_slow_write_is_perhaps_written(failing: MongodbServer) -> None:
    """It may still be made after the time for it is over."""
    async with failing_at(
        failing, "findAndModify", blockConnection=True, blockTimeMS=4_000
    ) as table:
        assert "perhaps written" in await failure(table.touch(1))


async def test_a_write_that_most_servers_lack_is_perhaps_written(
    failing: MongodbServer,
) -> None:
    """The primary has it, and could lose it."""
    async with failing_at(
        failing, "findAndModify",
        writeConcernError={"code": 64, "errmsg": "waiting for replication timed out"},
    ) as table:  # fmt: skip
        assert "perhaps written" in await failure(table.update(1, {"n": 99}))


async def test_a_server_without_linearizable_reads_is_read_as_it_can_be(
    failing: MongodbServer,
) -> None:
    """It says so once; then nobody asks it again."""
    async with failing_at(failing, "find", errorCode=123) as table:
        assert (await table.find(7) or {})["n"] == 7
        assert (await table.find(8) or {})["n"] == 8


@pytest.mark.parametrize("code", [91, 189, 10107, 11600, 13435])
async def test_a_primary_that_steps_down_is_looked_for_anew(
    failing: MongodbServer, code: int
) -> None:
    """The read is sent again when there is one."""
    async with failing_at(failing, "find", errorCode=code) as table:
        with Recorder() as steps:
            await again(table)
        assert steps


async def test_what_the_server_stops_is_told(failing: MongodbServer) -> None:
    """At its own limit; many keys are then asked for a few at a time."""
    async with failing_at(failing, "find", errorCode=50) as table:
        assert "stopped by itself" in await failure(table.find(7))
    async with failing_at(failing, "find", errorCode=50) as table:
        assert len(await table.find_many(list(range(40)))) == 40


async def test_more_look_ups_than_connections_wait_their_turn(failing: MongodbServer) -> None:
    """For a bounded time, and then it is said why."""
    many = 3 * CONNECTIONS
    async with failing_at(
        failing, "find", times=10 * many, blockConnection=True, blockTimeMS=3_000
    ) as table:
        words = await asyncio.gather(*(failure(table.find(at)) for at in range(many)))
        assert any(f"under way on {CONNECTIONS} connections" in one for one in words)


async def test_faults_on_purpose_are_those_of_the_driver(mongodb: MongodbServer) -> None:
    """Nothing is sent while it is to be down, and all is later while it is to be slow."""
    faults = Faults()
    async with table_at(filled(mongodb, DOCUMENTS), faults=faults) as table:
        faults.switch(Fault.DATABASE_DOWN, on=True)
        for work in (table.find(1), table.find_many([1]), table.update(1, {"n": 5})):
            assert "Connection refused: is the server running" in await failure(work, 0.5)
        assert "Connection refused" in ((await table.search("n1", 5)).reason or "")
        faults.clear()
        faults.set_latency(Fault.DATABASE_SLOW, 0.1)
        faults.switch(Fault.DATABASE_SLOW, on=True)
        began = time.monotonic()
        assert (await table.find(1) or {})["n"] == 1
        assert time.monotonic() - began >= 0.1
        faults.set_latency(Fault.DATABASE_SLOW, 3.0)
        assert "did not answer" in await failure(table.find(1))
