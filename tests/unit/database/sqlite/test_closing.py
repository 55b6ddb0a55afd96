"""Closing a table, whatever its connections hang in."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from files import make_file
from servers import ValkeyServer

from tui.bootstrap import open_services, prepare
from tui.config.settings import resolve
from tui.database.sqlite import aside, channel, connection, file, opening
from tui.database.sqlite.opening import Opened
from tui.database.sqlite.schema import read_schema
from tui.models import Label
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.faults import Fault, Faults

HANGING = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b');
    CREATE VIEW v AS SELECT id, name, hang(id) AS hangs FROM t;
"""


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A function hang() in each connection, in which record 2 hangs until this is set."""
    monkeypatch.setattr(channel, "CLOSE_SECONDS", 0.05)
    monkeypatch.setattr(connection, "QUERY_SECONDS", 0.05)
    event, connect = threading.Event(), opening.connect

    def hanging(uri: str) -> Opened:
        opened = connect(uri)
        opened.create_function("hang", 1, lambda key: event.wait(30) if key == 2 else key)
        return opened

    monkeypatch.setattr(opening, "connect", hanging)
    yield event
    event.set()


async def ended(threads: set[threading.Thread]) -> None:
    """Wait until no other threads are left than those, while the loop answers them."""
    for thread in set(threading.enumerate()) - threads:
        await asyncio.to_thread(thread.join, 10)


async def test_the_cache_gets_its_deletes_first(
    tmp_path: Path, server: ValkeyServer, over: threading.Event
) -> None:
    """With a query that hangs, closing ends, and the pending delete has reached the server."""
    path = make_file(tmp_path / "a.db", HANGING)
    settings = resolve(
        {"cache": server.url, "db": str(path), "table": "v", "id-column": "id",
         "key": "hitmiss:v:{id}", "read-only": False},
        {}, {}, "no file",
    )  # fmt: skip
    threads, faults = set(threading.enumerate()), Faults()
    async with open_services(prepare(settings), faults=faults) as services:
        assert (await services.service.look_up(1)).label is Label.DB
        faults.switch(Fault.CACHE_DOWN, on=True)
        assert (await services.service.writer.invalidate(1)).pending
        assert (await services.service.look_up(2)).label is Label.ERROR
    assert not over.is_set()
    with server.client() as client:
        assert client.exists("hitmiss:v:1") == 0
    over.set()
    await ended(threads)


async def test_cancelled_while_it_closes(tmp_path: Path, over: threading.Event) -> None:
    """Whoever is told to end at once while a query hangs ends, and leaves the thread alone."""
    path = make_file(tmp_path / "a.db", HANGING)
    threads = set(threading.enumerate())
    opened = await channel.open_channel(path, read_only=True)
    hangs = asyncio.ensure_future(
        opened.statements.execute_fetchall("SELECT * FROM v WHERE id = 2")
    )
    closing = asyncio.create_task(opened.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    assert not over.is_set()
    over.set()
    await asyncio.gather(hangs, return_exceptions=True)
    await ended(threads)


async def test_a_disk_that_hangs_when_the_place_is_looked_at(
    users_db: Path, monkeypatch: pytest.MonkeyPatch, over: threading.Event
) -> None:
    """A look-up says that there is no answer in time, and closing waits for nobody."""
    threads = set(threading.enumerate())
    settings = resolve({"db": str(users_db)}, {}, {}, "no file")
    identity = file.identity

    def slow(path: Path) -> tuple[int, ...] | None:
        over.wait(30)
        return identity(path)

    monkeypatch.setattr(connection, "CHECK_SECONDS", 0.0)
    async with open_services(prepare(settings)) as services:
        await services.service.look_up(1)
        monkeypatch.setattr(file, "identity", slow)
        outcome = await services.service.look_up(2)
        assert (outcome.label, outcome.reason) == (
            Label.ERROR, "the database did not answer within 0.05 s",
        )  # fmt: skip
        with pytest.raises(DatabaseUnavailable, match="did not answer"):
            await services.service.writer.update(1, {"city": "Abuja"})
    assert not over.is_set()
    over.set()
    await ended(threads)


async def test_a_disk_that_hangs_when_the_file_is_opened(
    users_db: Path, monkeypatch: pytest.MonkeyPatch, over: threading.Event
) -> None:
    """Neither its schema nor its table is waited for without end."""
    threads = set(threading.enumerate())
    connect = opening.connect

    def slow(uri: str) -> Any:
        over.wait(30)
        return connect(uri)

    monkeypatch.setattr(opening, "connect", slow)
    for module in (aside, channel):
        monkeypatch.setattr(module, "FILE_SECONDS", 0.05)
    with pytest.raises(DatabaseUnavailable, match=r"within 0\.05 s; is its disk there"):
        read_schema(users_db, "users")
    with pytest.raises(DatabaseUnavailable, match=r"within 0\.05 s; is its disk there"):
        await channel.open_channel(users_db, read_only=True)
    assert not over.is_set()
    over.set()
    await ended(threads)
