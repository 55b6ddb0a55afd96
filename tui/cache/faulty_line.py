"""A line and its wire, breaking on purpose; what speaks a protocol is put behind them."""

import asyncio
import socket
from collections import deque
from typing import Any

from tui.cache.line import Commands, W, WireLine
from tui.cache.wire import Wire
from tui.runtime.faults import Faults


class LateWire(Wire):
    """A wire on which everything comes later: the time limits are the wire's own."""

    faults: Faults

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Give a server up as a wire does."""
        super().__init__(*arguments, **options)
        self._held: deque[bytes] = deque()
        self._due = 0.0

    def data_received(self, data: bytes) -> None:
        """Hold what has come back for as long as the fault says: called by the event loop."""
        latency = self.faults.cache_latency
        if not latency and not self._held:
            super().data_received(data)
            return
        self._held.append(data)
        self._due = max(self._due, self._loop.time() + latency)
        self._loop.call_at(self._due, self._let_through)

    def _let_through(self) -> None:
        super().data_received(self._held.popleft())


class FaultyLine(WireLine[W, Commands]):
    """A line whose wire ends, and over which nobody gets through, while its cache is down."""

    faults: Faults

    async def ask(self, commands: Commands, again: Commands | None = None) -> list[Any]:
        """Send commands together; while it is down, over a wire that has ended."""
        await self._break()
        return await super().ask(commands, again)

    async def wire(self) -> W:
        """Return a wire that is open, which there is none of while it is down."""
        await self._break()
        return await super().wire()

    async def _break(self) -> None:
        if self.faults.cache_down and self._wire is not None:
            await self._wire.aclose()

    async def _connected(self) -> W:
        if self.faults.cache_down:
            await be_refused()
        return await super()._connected()


async def be_refused() -> None:
    """Connect to a port that is taken, and that nobody listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        await asyncio.open_connection(*taken.getsockname())
