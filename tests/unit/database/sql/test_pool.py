"""A few connections: made when they are needed, kept, and never given to two at once."""

import asyncio
import random
import sys

import pytest
from fakes import settle
from unit.database.sql.channels import FakeChannel

from tui.database.sql import pool as pools
from tui.database.sql.pool import CLOSED, Pool, TooManyConnections
from tui.runtime.errors import DatabaseUnavailable


class Server:
    """Makes connections, or fails to, as a test says."""

    def __init__(self) -> None:
        """Make whatever is wanted, at once."""
        self.made: list[FakeChannel] = []
        self.error: DatabaseUnavailable | None = None
        self.gate: asyncio.Event | None = None
        self.most = 100

    async def connect(self) -> FakeChannel:
        """Return a new connection."""
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if sum(channel.open for channel in self.made) >= self.most:
            raise TooManyConnections("full")
        self.made.append(FakeChannel(len(self.made)))
        return self.made[-1]


@pytest.fixture
def server() -> Server:
    """A server with connections for all."""
    return Server()


async def test_the_one_used_last_is_used_next(server: Server) -> None:
    """So few stay warm, and one suffices for who asks one by one."""
    pool = Pool(server.connect)
    for _ in range(5):
        pool.give(await pool.take())
    assert len(server.made) == 1
    first, second = await pool.take(), await pool.take()
    pool.give(first)
    pool.give(second)
    assert await pool.take() is second
    assert await pool.take() is first


async def test_there_are_never_more_than_it_may_make(server: Server) -> None:
    """Whoever finds none waits until one is given back, in the order in which they came."""
    pool = Pool(server.connect, 2)
    held = [await pool.take(), await pool.take()]
    waiting = [asyncio.ensure_future(pool.take()) for _ in range(3)]
    await settle()
    assert not any(task.done() for task in waiting)
    for channel in held:
        pool.give(channel)
    await settle()
    assert [task.done() for task in waiting] == [True, True, False]
    pool.give(waiting[0].result())
    assert await waiting[2] is waiting[0].result()
    assert len(server.made) == 2


async def test_who_leaves_does_not_take_one_along(server: Server) -> None:
    """A connection that was given to somebody who left in that moment is the next one's."""
    pool = Pool(server.connect, 1)
    held = await pool.take()
    first, second = (asyncio.ensure_future(pool.take()) for _ in range(2))
    await settle()
    pool.give(held)
    first.cancel()
    assert await second is held
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_one_that_is_no_longer_usable_is_replaced(server: Server) -> None:
    """Whether it ended while it was free, while it was held, or when it was given."""
    pool = Pool(server.connect, 1)
    pool.give(await pool.take())
    server.made[0].open = False
    second = await pool.take()
    assert second is server.made[1]
    second.at_rest = False
    pool.give(second)
    third = await pool.take()
    waiting = asyncio.ensure_future(pool.take())
    await settle()
    pool.give(third)
    third.open = False
    assert await waiting is server.made[3]
    await settle()
    assert [channel.closed for channel in server.made] == [1, 1, 1, 0]


async def test_one_that_is_given_back_is_as_good_as_a_new_one(server: Server) -> None:
    """Whoever waits while one is being made takes what comes first; the new one is kept."""
    pool = Pool(server.connect, 2)
    held = await pool.take()
    server.gate = asyncio.Event()
    waiting = asyncio.ensure_future(pool.take())
    await settle()
    pool.give(held)
    assert await waiting is held
    server.gate.set()
    await settle()
    assert await pool.take() is server.made[1]


async def test_no_connection_can_be_made(server: Server) -> None:
    """All who wait hear why, each for itself; it is tried again by the next."""
    server.error = DatabaseUnavailable("nobody listens")
    pool = Pool(server.connect, 3)
    results = await asyncio.gather(*(pool.take() for _ in range(9)), return_exceptions=True)
    assert [str(result) for result in results] == ["nobody listens"] * 9
    assert len({id(result) for result in results}) == 9
    server.error = None
    assert await pool.take() is server.made[0]


async def test_no_further_connection_can_be_made(server: Server) -> None:
    """Those that there are serve all; the server is not asked again for a while."""
    server.most = 1
    pool = Pool(server.connect, 8)
    held = await pool.take()
    waiting = [asyncio.ensure_future(pool.take()) for _ in range(5)]
    await settle()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        pool.give(held)
        assert await task is held
    server.most = 9
    late = asyncio.ensure_future(pool.take())
    await settle()
    assert not late.done()
    pool.give(held)
    assert await late is held
    assert len(server.made) == 1


async def test_after_a_while_it_is_tried_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have left meanwhile."""
    monkeypatch.setattr(pools, "CROWDED_SECONDS", 0.0)
    server.most = 1
    pool = Pool(server.connect, 8)
    await pool.take()
    first = asyncio.ensure_future(pool.take())
    await settle()
    server.most = 9
    second = asyncio.ensure_future(pool.take())
    assert await first is server.made[1]
    pool.give(first.result())
    assert await second is server.made[1]


async def test_the_last_one_goes_while_others_wait(server: Server) -> None:
    """One of them makes another, which serves them all."""
    server.most = 2
    pool = Pool(server.connect, 8)
    held = [await pool.take(), await pool.take()]
    waiting = [asyncio.ensure_future(pool.take()) for _ in range(4)]
    await settle()
    for channel in held:
        channel.open = False
        pool.discard(channel)
    await settle()
    assert sum(task.done() for task in waiting) == 1
    for _ in range(4):
        (task,) = [task for task in waiting if task.done()]
        waiting.remove(task)
        pool.give(task.result())
        await settle()
    assert waiting == []


async def test_closing(server: Server) -> None:
    """Those that are free are closed, those in use later; whoever waits hears of it."""
    pool = Pool(server.connect, 2)
    held, free = await pool.take(), await pool.take()
    waiting = asyncio.ensure_future(pool.take())
    await settle()
    pool.give(free)
    await waiting
    late = asyncio.ensure_future(pool.take())
    await settle()
    await pool.aclose()
    with pytest.raises(DatabaseUnavailable, match=CLOSED):
        await late
    with pytest.raises(DatabaseUnavailable, match=CLOSED):
        await pool.take()
    assert [channel.closed for channel in (held, free)] == [0, 0]
    pool.give(held)
    pool.give(waiting.result())
    await settle()
    assert [channel.closed for channel in (held, free)] == [1, 1]


async def test_closing_while_one_is_being_made(server: Server) -> None:
    """It is not waited for."""
    server.gate = asyncio.Event()
    pool = Pool(server.connect)
    waiting = asyncio.ensure_future(pool.take())
    await settle()
    await pool.aclose()
    with pytest.raises(DatabaseUnavailable, match=CLOSED):
        await waiting
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("number", range(20))
async def test_no_one_is_given_to_two(server: Server, number: int) -> None:
    """Whatever happens in whatever order, and in the end all is as it was."""
    chance = random.Random(number)
    pool = Pool(server.connect, 3)
    in_use: set[int] = set()

    async def use() -> None:
        channel = await pool.take()
        assert channel.number not in in_use
        assert channel.usable
        in_use.add(channel.number)
        try:
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
        finally:
            in_use.discard(channel.number)
            if chance.random() < 0.2:
                channel.open = False
            pool.give(channel)

    tasks = []
    for _ in range(100):
        tasks.append(asyncio.ensure_future(use()))
        if chance.random() < 0.5:
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            chance.choice(tasks).cancel()
        if chance.random() < 0.1:
            pool.discard_free()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    assert sum(channel.open for channel in server.made) <= 3
    await pool.aclose()
    await settle()
    assert not any(channel.open for channel in server.made)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks need Python 3.12")
async def test_a_connection_that_is_made_or_refused_at_once_is_not_waited_for() -> None:
    """With eager tasks, making one may have ended before anybody could wait for it."""
    eager = getattr(asyncio, "eager_task_factory", None)
    asyncio.get_running_loop().set_task_factory(eager)

    async def refused() -> FakeChannel:
        raise DatabaseUnavailable("nobody is there")

    async with asyncio.timeout(5):
        with pytest.raises(DatabaseUnavailable, match="nobody is there"):
            await Pool(refused).take()
