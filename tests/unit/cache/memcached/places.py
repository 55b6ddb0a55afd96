"""A Memcached opened for a test, and one that says what the test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from tui.cache.memcached.adapter import MemcachedCache
from tui.cache.memcached.opening import open_url
from tui.cache.port import CacheOptions
from tui.runtime.clock import SystemClock

STATS = b"STAT curr_items 3\r\nEND\r\n"
SETTINGS = b"STAT cas_enabled yes\r\nEND\r\n"


@asynccontextmanager
async def opened(
    url: str, *, read_only: bool = False, others: bool = False, max_value: int = 1 << 20
) -> AsyncIterator[MemcachedCache]:
    """Open the cache at a URL."""
    options = CacheOptions(read_only, others, max_value)
    async with open_url(url, SystemClock(), options) as cache:
        yield cache


class Scripted:
    """What stands for a server: each command gets what the test says, and is remembered."""

    def __init__(self, reply: Callable[[bytes], bytes], version: bytes = b"1.6.45") -> None:
        """Let `reply` answer what is not asked when a connection begins."""
        self._reply = reply
        self._version = version
        self.settings = SETTINGS
        self.heard: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        while line := await reader.readline():
            command = line.strip()
            self.heard.append(command)
            if command.startswith((b"ms ", b"set ")):
                size = command.split()[2 if command.startswith(b"ms ") else 4]
                await reader.readexactly(int(size) + 2)
            if command == b"version":
                writer.write(b"VERSION %b\r\n" % self._version)
            elif command == b"stats":
                writer.write(STATS)
            elif command == b"stats settings":
                writer.write(self.settings)
            else:
                writer.write(self._reply(command))
        writer.close()


@asynccontextmanager
async def scripted(server: Scripted) -> AsyncIterator[str]:
    """Let it listen; give its URL."""
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            with suppress(OSError):
                await server.serve(reader, writer)
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"memcached://127.0.0.1:{port}"
    finally:
        listening.close()
        for task in serving:
            if task is not None:
                task.cancel()
        await asyncio.gather(*filter(None, serving), return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports are closed in the next turn
