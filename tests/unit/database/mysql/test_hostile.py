"""What answers on the port may be anything: each time it is a sentence, in bounded time."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

import pytest
from mariadb_server import MariadbServer
from unit.database.mysql.places import made

from tui.database.mysql.session import Opener
from tui.database.mysql.url import parsed
from tui.database.sql.query import Query
from tui.runtime.errors import DatabaseUnavailable, HitmissError

Answer: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NOISE = random.Random(7)  # the same each time
GREETINGS = {
    "nothing": b"",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "Redis": b"-ERR wrong number of arguments\r\n",
    "zeros": bytes(200),
    "noise": bytes(NOISE.randrange(256) for _ in range(300)),
    "a short packet": b"\x05\x00\x00\x00\x0a5.7",
    "an old protocol": b"\x10\x00\x00\x00\x09" + b"5.0.0\x00" + bytes(9),
    "too many connections": b"\x17\x00\x00\x00\xff\x10\x04Too many connections",
    "a host that is blocked": b"\x10\x00\x00\x00\xff\x69\x04Host blocked!",
    "a packet without an end": b"\xff\xff\xff\x00" + bytes(5000),
}


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[int]:
    """Listen on a port, and answer whoever comes."""
    writers: list[asyncio.StreamWriter] = []

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await answer(reader, writer)

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        for writer in writers:
            with suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def greeting(words: bytes, *, closes: bool = True) -> AsyncIterator[str]:
    """Listen somewhere, and say that to whoever comes; give the URL."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        if closes:
            writer.close()

    async with listening(answer) as port:
        yield f"mysql://app:secret77@127.0.0.1:{port}/shop"


@pytest.mark.parametrize("kind", GREETINGS)
async def test_whoever_greets_otherwise_is_no_server(kind: str) -> None:
    """No password is shown, nothing hangs, nothing else is raised."""
    async with greeting(GREETINGS[kind]) as url:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="cannot be reached") as error:
            await Opener(parsed(url)).open()
        assert time.monotonic() - began < 3.0
        assert "secret77" not in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.slow
async def test_whoever_says_nothing_is_not_waited_for() -> None:
    """Two seconds, and no more."""
    async with greeting(b"", closes=False) as url:
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="did not answer in time"):
            await Opener(parsed(url)).open()
        assert 1.5 < time.monotonic() - began < 3.0


async def test_a_password_is_given_to_none_who_asks_for_it_in_clear_text() -> None:
    """Whose certificate is not checked might be anybody."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = (
            b"\x0a8.0.1\x00" + b"\x01\x00\x00\x00" + b"12345678\x00" + b"\xff\xf7" + b"\x2d"
            + b"\x02\x00" + b"\xff\xc1" + b"\x15" + bytes(10) + b"123456789012\x00"
            + b"mysql_native_password\x00"
        )  # fmt: skip
        writer.write(len(greeting).to_bytes(3, "little") + b"\x00" + greeting)
        await reader.read(4096)
        switch = b"\xfemysql_clear_password\x00"
        writer.write(len(switch).to_bytes(3, "little") + b"\x02" + switch)
        asked.append(await reader.read(4096))
        writer.close()

    async with listening(answer) as port:
        with pytest.raises(DatabaseUnavailable, match="asks for the password itself"):
            await Opener(parsed(f"mysql://app:secret77@127.0.0.1:{port}/shop")).open()
    assert not any(b"secret77" in one for one in asked)


class Damage:
    """Stands between, and now and then changes or cuts what the server says."""

    def __init__(self, port: int) -> None:
        self.on = False
        self._port = port
        self._noise = random.Random(11)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what both sides say, until one of them ends."""
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer, back=True))

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, back: bool = False
    ) -> None:
        with suppress(OSError):
            while data := bytearray(await source.read(65536)):
                sink.write(self._damaged(data) if back and self.on else data)
        sink.close()
        with suppress(OSError):
            await sink.wait_closed()

    def _damaged(self, data: bytearray) -> bytearray:
        for _ in range(3):
            data[self._noise.randrange(len(data))] = self._noise.randrange(256)
        if self._noise.random() < 0.5:
            del data[self._noise.randrange(len(data)) :]
        return data


async def test_answers_that_are_changed_or_cut_on_the_way(mariadb: MariadbServer) -> None:
    """A sentence, or an answer; the next connection is as good as the first."""
    url, damage = made(mariadb), Damage(mariadb.port)
    async with listening(damage.answer) as port:
        opener = Opener(parsed(url.replace(f":{mariadb.port}/", f":{port}/")))
        for _ in range(40):
            damage.on = False
            channel = await opener.open()
            damage.on = True
            try:
                async with asyncio.timeout(0.2):
                    await channel.run(Query("SELECT id, name, city, 'x', 1.5 FROM people"))
            except (HitmissError, TimeoutError):
                pass
            await channel.aclose()
        damage.on = False
