"""A statement ends in bounded time, whatever the driver does with a cancellation."""

import asyncio
import time
from contextlib import suppress

import pytest

from tui.database.mongodb import exchange as module
from tui.database.mongodb.client import close, connected
from tui.database.mongodb.exchange import MongodbExchange
from tui.database.mongodb.topology import Watch
from tui.database.mongodb.url import taken_apart
from tui.runtime.errors import DatabaseUnavailable


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_what_goes_on_although_it_was_cancelled_is_left_to_itself(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `asyncio.wait_for` lets it on Python 3.11, when the connection comes with it."""
    monkeypatch.setattr(module, "STATEMENT_SECONDS", 0.05)
    place = taken_apart("mongodb://127.0.0.1:1/test")
    client = connected(place)
    sent = MongodbExchange(Watch(client, read_only=False), place)

    async def loses_one() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match="did not answer"):
        await (sent.read(loses_one, seconds=0.05) if kind == "read" else sent.write(loses_one))
    assert time.monotonic() - began < 5
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    await close(client)


async def test_the_driver_is_cancelled_once_however_often_its_caller_is() -> None:
    """A second time would leave the driver's lock locked for good, before Python 3.12."""
    place = taken_apart("mongodb://127.0.0.1:1/test")
    client = connected(place)
    sent = MongodbExchange(Watch(client, read_only=False), place)
    lock = asyncio.Condition()
    ended = asyncio.Event()

    async def waits_for_its_turn() -> None:
        try:
            async with lock:
                with suppress(TimeoutError):
                    await asyncio.wait_for(lock.wait(), 60)
        finally:
            ended.set()

    caller = asyncio.create_task(sent.read(waits_for_its_turn))
    await asyncio.sleep(0.01)
    await lock.acquire()  # so that who is cancelled has to wait before it can leave
    for _ in range(3):
        caller.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([caller])
    assert caller.cancelled()
    assert not ended.is_set(), "it left with a lock that is not its own"
    lock.release()
    await ended.wait()
    assert not lock.locked()
    await close(client)
