"""A wire to a server that counts what it carries, and that can be held and cut."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from unit.database.postgresql.places import Database


class Wire:
    """Forwards connections to one port, in a thread of its own."""

    def __init__(self, port: int) -> None:
        """Forward to `port`."""
        self.received = 0
        """Bytes that came from the server."""
        self.port = 0
        """Where it listens."""
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._run(self._listen())

    def hold(self) -> None:
        """Let nothing through; connections stay open, and new ones are taken."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def release(self) -> None:
        """Let through what came meanwhile, and what comes."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def cut(self) -> None:
        """End all connections."""
        self._run(self._cut())

    def stop(self) -> None:
        """End all, and the thread."""
        self.release()
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: "asyncio.Future[None] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, back}
        await asyncio.gather(self._forward(reader, back, 0), self._forward(there, writer, 1))
        self._writers -= {writer, back}

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: int
    ) -> None:
        try:
            while data := await reader.read(1 << 16):
                self.received += counted * len(data)
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0)

    async def _close(self) -> None:
        self._server.close()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def wired(database: Database) -> Iterator[tuple[Wire, str]]:
    """Lay a wire to a database's server; give it, and the database's address over it."""
    wire = Wire(database.server.port)
    wire.start()
    try:
        yield wire, database.url.replace(f":{urlsplit(database.url).port}", f":{wire.port}")
    finally:
        wire.stop()
