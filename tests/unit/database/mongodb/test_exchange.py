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


class KnownWatch(Watch):
    """A watch that knows whether there is a server."""

    known = False

    @property
    def is_reachable(self) -> bool:
        """Return what was said."""
        return self.known


@pytest.mark.parametrize("known", [False, True])
async def test_the_driver_is_cancelled_once_however_often_its_caller_is(
    known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second time would leave the driver's lock locked for good, before Python 3.12."""
    monkeypatch.setattr(module, "LOOKING_SECONDS", 0.1)
    place = taken_apart("mongodb://127.0.0.1:1/test")
    client = connected(place)
    watch = KnownWatch(client, read_only=False)
    watch.known = known
    sent = MongodbExchange(watch, place)
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


async def test_who_looks_for_a_server_is_left_until_the_driver_has_ended() -> None:
    """It waits by `asyncio.wait_for` twice a second; a read does not wait for it."""
    place = taken_apart("mongodb://127.0.0.1:1/test")
    client = connected(place)
    sent = MongodbExchange(KnownWatch(client, read_only=False), place)
    found = asyncio.Event()
    seen: list[str] = []

    async def looks() -> str:
        try:
            await found.wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        seen.append("found")
        return "written"

    with pytest.raises(DatabaseUnavailable):
        await sent.read(looks, seconds=0.01)
    assert not seen
    asyncio.get_running_loop().call_later(0.1, found.set)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STATEMENT_SECONDS", 0.01)
        assert await sent.write(looks) == "written"
    assert seen == ["found", "found"]
    await close(client)
