"""Statements in bounded time: read twice at most, written once, and cancelled for nobody."""

import asyncio

import pytest
from fakes import settle
from unit.database.sql.channels import FakeChannel

from tui.database.sql import connections
from tui.database.sql.connections import (
    PERHAPS,
    StatementReader,
    StatementTooSlow,
    StatementWriter,
)
from tui.database.sql.pool import ConnectionLost, Pool
from tui.database.sql.query import Changed, Query, SqlChange
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

ASK = Query("SELECT 1")
CHANGE = SqlChange(Query("UPDATE t"))
CHANGE_AND_READ = SqlChange(Query("UPDATE t"), Query("SELECT t"))


class Connections:
    """Connections that are prepared before they are made."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made: list[FakeChannel] = []
        self.prepared: list[FakeChannel] = []

    def next(self) -> FakeChannel:
        """Prepare the next one."""
        self.prepared.append(FakeChannel(len(self.made) + len(self.prepared)))
        return self.prepared[-1]

    async def connect(self) -> FakeChannel:
        """Return the next one."""
        self.made.append(self.prepared.pop(0) if self.prepared else FakeChannel())
        return self.made[-1]


@pytest.fixture
def links() -> Connections:
    """Connections to be made."""
    return Connections()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let statements have no time at all."""
    monkeypatch.setattr(connections, "QUERY_SECONDS", 0.05)
    monkeypatch.setattr(connections, "CANCEL_SECONDS", 0.05)


def lost(_: Query) -> object:
    """Lose the connection instead of an answer."""
    raise ConnectionLost("it ended")


def refused(_: Query) -> object:
    """Refuse a statement."""
    raise ChangeRefused("not allowed")


async def test_a_read_that_lost_its_connection_is_sent_once_more(links: Connections) -> None:
    """On a new one; the free ones led to the same server, and are closed."""
    reader = StatementReader(Pool(links.connect))
    first, second = links.next(), links.next()
    await asyncio.gather(reader.read(ASK), reader.read(ASK))
    second.answer = lost
    first.answer = lost
    assert await reader.read(ASK) == [("SELECT 1",)]
    await settle()
    assert [channel.closed for channel in (first, second)] == [1, 1]
    assert links.made[2].usable


async def test_a_read_that_lost_two_connections(links: Connections) -> None:
    """There is no answer."""
    reader = StatementReader(Pool(links.connect))
    for _ in range(2):
        links.next().answer = lost
    with pytest.raises(DatabaseUnavailable, match="it ended"):
        await reader.read(ASK)
    assert [channel.ran for channel in links.made] == [["SELECT 1"], ["SELECT 1"]]
    assert await reader.read(ASK)


async def test_a_read_that_is_refused(links: Connections) -> None:
    """It is no change, so there is no answer; the connection is as good as before."""
    reader = StatementReader(Pool(links.connect))
    links.next().answer = refused
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="not allowed"):
            await reader.read(ASK)
    assert len(links.made) == 1


@pytest.mark.usefixtures("quick")
async def test_a_read_that_takes_too_long(links: Connections) -> None:
    """It is cancelled on the server, and its connection is used again where it is clean."""
    reader = StatementReader(Pool(links.connect))
    channel = links.next()
    channel.gate = asyncio.Event()
    with pytest.raises(StatementTooSlow, match="did not answer within"):
        await reader.read(ASK)
    await settle()
    assert channel.cancelled == 1
    channel.gate = None
    assert await reader.read(ASK)
    assert links.made == [channel]
    await reader.aclose()
    assert channel.closed == 1


@pytest.mark.usefixtures("quick")
async def test_a_read_that_cannot_be_cancelled(links: Connections) -> None:
    """Its connection is closed, and so are the free ones, which may lead nowhere either."""
    reader = StatementReader(Pool(links.connect))
    stuck, free = links.next(), links.next()
    await asyncio.gather(reader.read(ASK), reader.read(ASK))
    stuck.gate = free.gate = asyncio.Event()
    stuck.ends_when_cancelled = free.ends_when_cancelled = False
    with pytest.raises(StatementTooSlow):
        await reader.read(ASK)
    await reader.aclose()
    assert stuck.closed
    assert free.closed


async def test_a_read_that_nobody_waits_for(links: Connections) -> None:
    """The connection is cleaned in the background, and closing waits for that."""
    reader = StatementReader(Pool(links.connect))
    channel = links.next()
    channel.gate = asyncio.Event()
    asked = asyncio.ensure_future(reader.read(ASK))
    await settle()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await reader.aclose()
    assert (channel.cancelled, channel.closed) == (1, 1)
    assert len(asyncio.all_tasks()) == 1


async def test_who_only_wants_a_connection(links: Connections) -> None:
    """It is made, and kept for what is asked next."""
    reader = StatementReader(Pool(links.connect))
    await reader.connect()
    await reader.connect()
    assert await reader.read(ASK)
    assert len(links.made) == 1


async def test_rows_as_they_come(links: Connections) -> None:
    """They are sent once more where the connection was lost."""
    reader = StatementReader(Pool(links.connect))
    links.next().answer = lost
    rows: list[object] = []
    await reader.stream(ASK, rows.append)
    assert rows == [("SELECT 1",)]


async def test_a_write_is_sent_once(links: Connections) -> None:
    """When the connection is lost nobody knows, and it is said."""
    writer = StatementWriter(Pool(links.connect))
    links.next().answer = lost
    with pytest.raises(DatabaseUnavailable, match=f"it ended; {PERHAPS}"):
        await writer.change(CHANGE)
    assert [channel.ran for channel in links.made] == [["UPDATE t"]]
    assert await writer.change(CHANGE) == Changed(1, [("UPDATE t",)])


async def test_a_write_and_a_read_are_one_transaction(links: Connections) -> None:
    """Nothing is read where nothing was matched."""
    writer = StatementWriter(Pool(links.connect))
    channel = links.next()
    assert await writer.change(CHANGE_AND_READ) == Changed(1, [("SELECT t",)])
    channel.answer = lambda query: (0, [])
    assert await writer.change(CHANGE_AND_READ) == Changed(0, [])
    assert channel.ran == [
        "BEGIN",
        "UPDATE t",
        "SELECT t",
        "COMMIT",
        "BEGIN",
        "UPDATE t",
        "COMMIT",
    ]


@pytest.mark.parametrize(
    ("fails", "outcome"),
    [("BEGIN", "nothing was"), ("UPDATE t", "nothing was"), ("SELECT t", "nothing was"),
     ("COMMIT", PERHAPS)],
)  # fmt: skip
async def test_a_transaction_that_loses_its_connection(
    links: Connections, fails: str, outcome: str
) -> None:
    """Before it commits nothing is changed; then nobody knows."""
    writer = StatementWriter(Pool(links.connect))
    links.next().answer = lambda query: lost(query) if query.sql == fails else (1, [])
    with pytest.raises(DatabaseUnavailable, match=f"it ended; {outcome}"):
        await writer.change(CHANGE_AND_READ)


async def test_a_transaction_that_is_refused(links: Connections) -> None:
    """It is rolled back, and the connection used again."""
    writer = StatementWriter(Pool(links.connect))
    channel = links.next()
    channel.answer = lambda query: refused(query) if query.sql == "UPDATE t" else (1, [])
    for _ in range(2):
        with pytest.raises(ChangeRefused):
            await writer.change(CHANGE_AND_READ)
    assert channel.ran == ["BEGIN", "UPDATE t", "ROLLBACK"] * 2


@pytest.mark.usefixtures("quick")
async def test_a_write_that_takes_too_long(links: Connections) -> None:
    """It is cancelled, and its end is waited for; where none comes nobody knows."""
    writer = StatementWriter(Pool(links.connect))
    channel = links.next()
    channel.gate = asyncio.Event()
    with pytest.raises(StatementTooSlow, match=PERHAPS):
        await writer.change(CHANGE)
    assert channel.cancelled == 1
    await settle()
    assert channel.closed == 1
    assert await writer.change(CHANGE)
    await writer.aclose()


@pytest.mark.usefixtures("quick")
async def test_a_write_that_is_cancelled_in_time(links: Connections) -> None:
    """What the server says of it counts."""

    class Cancelling(FakeChannel):
        async def cancel(self) -> None:
            self.answer = refused
            assert self.gate
            self.gate.set()

    writer = StatementWriter(Pool(links.connect))
    channel = Cancelling()
    channel.gate = asyncio.Event()
    links.prepared.append(channel)
    with pytest.raises(ChangeRefused):
        await writer.change(CHANGE)
    assert channel.closed == 0


@pytest.mark.usefixtures("quick")
async def test_a_write_that_gets_no_connection_in_time(links: Connections) -> None:
    """Nothing was changed, since nothing was sent."""
    gate = asyncio.Event()

    async def connect() -> FakeChannel:
        await gate.wait()
        return await links.connect()

    writer = StatementWriter(Pool(connect))
    with pytest.raises(StatementTooSlow, match="nothing was changed"):
        await writer.change(CHANGE)
    await writer.aclose()


async def test_writes_that_nobody_waits_for(links: Connections) -> None:
    """However impatient: each connection is closed, and none of its places is lost."""
    writer = StatementWriter(Pool(links.connect, 2))
    for _ in range(6):
        channel = links.next()
        channel.gate = asyncio.Event()
        asked = asyncio.ensure_future(writer.change(CHANGE))
        await settle()
        asked.cancel()
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await settle()
        assert channel.closed == 1
    assert await writer.change(CHANGE)
    await writer.aclose()
    assert len(asyncio.all_tasks()) == 1
