"""An application that is served in this process, on fakes, and asked over sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from asking import Got, asked, connected, listening, site_of
from fakes import Bench

from tui.http.application import Application
from tui.http.connections import MOST, Connections
from tui.http.hosts import Hosts


class Served:
    """An application that is served in this process, on fakes."""

    def __init__(self, bench: Bench, most: int = MOST) -> None:
        """Serve users, over that many connections at most."""
        self.bench = bench
        self.connections = Connections(most)
        self.application = Application(site_of(bench), Hosts(), bench.clock, self.connections)
        self.port = 0

    async def asked(self, *requests: bytes) -> list[Got]:
        """Send requests over one connection, from a thread."""
        return await asyncio.to_thread(asked, self.port, *requests)

    def connect(self) -> socket.socket:
        """Return a connection."""
        return connected(self.port)


@asynccontextmanager
async def serving(bench: Bench, most: int = MOST) -> AsyncIterator[Served]:
    """Serve it."""
    served = Served(bench, most)
    async with listening(served.application, served.connections) as served.port:
        yield served


async def until(what: Callable[[], bool]) -> None:
    """Wait until something has come true."""
    async with asyncio.timeout(10):
        while not what():
            await asyncio.sleep(0.005)
