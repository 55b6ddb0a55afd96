"""A statement ends in bounded time, whatever the driver does with a cancellation."""

import asyncio
import time

import pytest

from tui.database.mongodb import exchange as module
from tui.database.mongodb.client import close, connected
from tui.database.mongodb.exchange import MongodbExchange
from tui.database.mongodb.topology import Watch
from tui.database.mongodb.url import taken_apart
from tui.runtime.errors import DatabaseUnavailable


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_cancellation_that_the_driver_loses_is_sent_again(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `asyncio.wait_for` does on Python 3.11, when both come at once."""
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
