"""One connection for all callers: replies in order, and what comes of them when it breaks."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fakes import settle
from redis import exceptions

from tui.cache.redis.failures import LoginRefused
from tui.cache.redis.replies import ReplyTooLarge
from tui.cache.redis.server import Server
from tui.cache.redis.wire import RedisWire
from tui.cache.wire import COMMANDS_PER_WRITE

GET = ("GET", "key")


class Scripted(asyncio.Protocol):
    """One connection to a server that does what its test says with what it hears."""

    def __init__(self, hear: Callable[["Scripted"], None]) -> None:
        """Call `hear` each time something has come."""
        self.heard = b""
        self.transport: asyncio.Transport | None = None
        self._hear = hear

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Hear more."""
        self.heard += data
        self._hear(self)

    def say(self, reply: bytes) -> None:
        """Send a reply."""
        assert self.transport is not None
        self.transport.write(reply)

    def hang_up(self) -> None:
        """Close the connection."""
        assert self.transport is not None
        self.transport.abort()


@asynccontextmanager
async def listening(
    tmp_path: Path, hear: Callable[[Scripted], None]
) -> AsyncIterator[tuple[str, list[Scripted]]]:
    """Run a scripted server; give its path, and the connections that were made to it."""
    made: list[Scripted] = []

    def make() -> Scripted:
        made.append(Scripted(hear))
        return made[-1]

    path = str(tmp_path / "s")
    server = await asyncio.get_running_loop().create_unix_server(make, path)
    try:
        yield path, made
    finally:
        for connection in made:
            connection.hang_up()
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def wired(path: str, seconds: float = 5.0) -> AsyncIterator[RedisWire]:
    """Open a wire whose replies may take that long."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_unix_connection(lambda: RedisWire(seconds), path)
    try:
        yield wire
    finally:
        await wire.aclose()


async def test_those_who_ask_while_another_waits_share_one_write(tmp_path: Path) -> None:
    """Each gets the replies to its own commands, an error among them as a value."""
    said = b"+first\r\n+one\r\n-WRONGTYPE two\r\n:3\r\n"
    writes = []

    def hear(connection: Scripted) -> None:
        writes.append(connection.heard)
        if connection.heard.count(b"GET") == said.count(b"\n"):
            connection.say(said)

    async with listening(tmp_path, hear) as (path, _), wired(path) as wire:
        first = wire.ask([GET])
        await settle()
        two, one = await asyncio.gather(wire.ask([GET, GET]), wire.ask([GET]))
        assert await first == [b"first"]
    assert [written.count(b"GET") for written in writes] == [1, 4]
    assert two[0] == b"one"
    assert isinstance(two[1], exceptions.ResponseError)
    assert one == [3]


async def test_a_reply_that_comes_too_late_is_given_to_nobody(tmp_path: Path) -> None:
    """Who waited too long gets TimeoutError; those behind still get what is theirs."""
    async with listening(tmp_path, lambda _: None) as (path, made), wired(path) as wire:
        early = wire.ask([GET])
        await settle()
        wire._trips[0].deadline = asyncio.get_running_loop().time()
        late = wire.ask([GET])
        wire._give_up_late_ones()
        with pytest.raises(TimeoutError):
            await early
        assert not wire.usable
        made[0].say(b"+first\r\n+second\r\n")
        assert await late == [b"second"]


async def test_replies_that_wait_to_be_read_are_not_late(tmp_path: Path) -> None:
    """Held up itself, this process blames no server: whoever asked gets the reply; but once."""
    async with listening(tmp_path, lambda _: None) as (path, made), wired(path) as wire:
        answered, unanswered = wire.ask([GET]), wire.ask([GET])
        await settle()
        made[0].say(b"+there\r\n")  # written at once, and not read before the next turn
        for again in (False, True):
            now = asyncio.get_running_loop().time()
            wire._trips[-1].deadline = wire._trips[0].deadline = now
            wire._give_up_late_ones()
            assert unanswered.done() is again
            await settle()
        assert await answered == [b"there"]
        with pytest.raises(TimeoutError):
            await unanswered


async def test_who_was_held_up_does_not_blame_the_server(tmp_path: Path) -> None:
    """When the loop comes late to look, all get as much time again, but only once."""
    async with listening(tmp_path, lambda _: None) as (path, made), wired(path) as wire:
        first, second = wire.ask([GET]), wire.ask([GET])
        await settle()
        wire._trips[0].deadline = wire._trips[1].deadline = 0.0
        wire._give_up_late_ones()
        made[0].say(b"+there\r\n")
        assert await first == [b"there"]
        wire._trips[0].deadline = 0.0
        wire._give_up_late_ones()
        with pytest.raises(TimeoutError):
            await second


async def test_a_wire_that_nobody_waits_on_any_more_is_closed(tmp_path: Path) -> None:
    """After a timeout it is kept for those behind, and not longer."""
    async with listening(tmp_path, lambda _: None) as (path, _), wired(path, 0.0) as wire:
        with pytest.raises(TimeoutError):
            await wire.ask([GET])
        await settle()
        assert wire.closed
        with pytest.raises(exceptions.ConnectionError):
            await wire.ask([GET])


async def test_a_loss_that_nobody_waits_for_is_no_news(tmp_path: Path) -> None:
    """Who leaves in the moment of a failure leaves nothing behind for the loop to report."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, news: reported.append(news))
    async with listening(tmp_path, Scripted.hang_up) as (path, _), wired(path) as wire:
        future = wire.ask([GET])
        await asyncio.wait([future])
        del future
        gc.collect()
    assert reported == []


async def test_one_who_closes_and_leaves_takes_the_end_from_nobody(tmp_path: Path) -> None:
    """Whoever else closes the wire sees it end, and the loop has nothing to report."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, news: reported.append(news))
    async with listening(tmp_path, lambda _: None) as (path, _), wired(path) as wire:
        leaving, staying = (asyncio.create_task(wire.aclose()) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying
        assert wire.closed
        await settle()
    assert reported == []


async def test_one_who_leaves_does_not_shift_the_replies(tmp_path: Path) -> None:
    """A cancelled caller's reply is dropped, and the next one goes to the next caller."""
    async with listening(tmp_path, lambda _: None) as (path, made), wired(path) as wire:
        first, second = wire.ask([GET]), wire.ask([GET])
        await settle()
        first.cancel()
        made[0].say(b"+first\r\n+second\r\n")
        assert await second == [b"second"]


async def test_what_was_asked_when_the_connection_broke_is_asked_once_more(
    tmp_path: Path,
) -> None:
    """All who waited get their replies over one new connection."""

    def hear(connection: Scripted) -> None:
        if connection is made[0] and connection.heard.count(b"GET") > 1:
            connection.hang_up()
        else:
            connection.say(b"+again\r\n" * connection.heard.count(b"GET"))
            connection.heard = b""

    async with listening(tmp_path, hear) as (path, made):
        server = Server({"path": path})
        assert await server.ask([GET]) == [b"again"]
        replies = await asyncio.gather(*(server.ask([GET]) for _ in range(5)))
        assert replies == [[b"again"]] * 5
        assert len(made) == 2
        await server.aclose()


async def test_a_connection_that_always_breaks_is_not_tried_for_ever(tmp_path: Path) -> None:
    """Once more, and then it is an error."""
    async with listening(tmp_path, Scripted.hang_up) as (path, made):
        server = Server({"path": path})
        for _ in range(2):
            with pytest.raises(exceptions.ConnectionError):
                await server.ask([GET])
        assert len(made) == 2
        await server.aclose()


async def test_what_is_no_redis_is_told(tmp_path: Path) -> None:
    """A server that speaks another protocol is an error of its own."""

    def hear(connection: Scripted) -> None:
        connection.say(b"HTTP/1.1 400 Bad Request\r\n")

    async with listening(tmp_path, hear) as (path, _), wired(path) as wire:
        with pytest.raises(exceptions.InvalidResponse):
            await wire.ask([GET])


@pytest.mark.parametrize("bad", [b"*2147483648\r\n", b"$500000000\r\nxx"])
async def test_a_reply_that_is_too_large_is_its_askers_alone(
    tmp_path: Path, bad: bytes
) -> None:
    """Whoever asked for it is told; the others have their replies over a new connection."""

    def hear(connection: Scripted) -> None:
        asked = connection.heard.count(b"GET")
        if connection is not made[0]:
            connection.say(b"+again\r\n" * asked)
            connection.heard = b""
        elif asked in {1, 8}:
            connection.say(b"+first\r\n" if asked == 1 else b"+before\r\n" + bad)

    async with listening(tmp_path, hear) as (path, made):
        server = Server({"path": path})
        assert await server.ask([GET]) == [b"first"]
        asked = [server.ask([GET, GET, GET, GET])] + [server.ask([GET]) for _ in range(3)]
        large, *others = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(large, ReplyTooLarge)
        assert others == [[b"again"]] * 3
        assert len(made) == 2
        await server.aclose()


async def test_what_a_login_is_refused_with_is_not_repeated(tmp_path: Path) -> None:
    """The server's words may hold the password, so nobody is given them."""

    def hear(connection: Scripted) -> None:
        connection.say(b"-ERR unknown command 'AUTH', with args beginning with: 'wrong'\r\n")

    async with listening(tmp_path, hear) as (path, _):
        server = Server({"path": path, "password": "wrong"})
        with pytest.raises(LoginRefused) as refused:
            await server.ask([GET])
        assert "wrong" not in str(refused.value)
        await server.aclose()


async def test_who_connects_says_who_it_is(tmp_path: Path) -> None:
    """User, password, name and database go before the first command."""

    def hear(connection: Scripted) -> None:
        connection.say(b"+OK\r\n" * connection.heard.count(b"*"))

    options = {"username": "ann", "password": "secret", "client_name": "me", "db": 2}
    async with listening(tmp_path, hear) as (path, made):
        server = Server({"path": path, **options})
        await server.ask([GET])
        await server.aclose()
    words = [word for word in made[0].heard.split(b"\r\n") if word[:1] not in {b"*", b"$", b""}]
    assert words == b"AUTH ann secret CLIENT SETNAME me SELECT 2 GET key".split()


async def test_a_greeting_that_is_refused_leaves_nothing_open(tmp_path: Path) -> None:
    """A wrong password is the answer to every call, and each connection is closed again."""

    def hear(connection: Scripted) -> None:
        connection.say(b"-WRONGPASS invalid\r\n")

    async with listening(tmp_path, hear) as (path, made):
        server = Server({"path": path, "password": "wrong"})
        with pytest.raises(exceptions.AuthenticationError):
            await server.ask([GET])
        await settle()
        assert made[0].transport is not None
        assert made[0].transport.is_closing()
        await server.aclose()


async def test_the_server_gets_to_work_while_more_is_asked() -> None:
    """The first of a turn and then enough others leave at once, the rest when it is over."""
    written: list[int] = []

    class Listening(asyncio.Transport):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            written.append(bytes(data).count(b"GET"))

        def abort(self) -> None:
            """There is nothing to close."""

    wire = RedisWire(5.0)
    wire.connection_made(Listening())
    wire.ask([GET])
    assert written == [1]
    for _ in range(COMMANDS_PER_WRITE):
        wire.ask([GET])
    assert written == [1, COMMANDS_PER_WRITE]
    await asyncio.sleep(0)
    wire.ask([GET])
    wire.ask([GET])
    await asyncio.sleep(0)
    assert written == [1, COMMANDS_PER_WRITE, 2]
    wire.connection_lost(None)
