"""The way of lookups to a server, breaking on purpose; `faulty` does so for the driver."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio.connection import DefaultParser

from tui.cache.redis.exchange import BulkExchange, Command, Exchange, Prepared
from tui.cache.redis.faulty import REFUSAL, WRITES, be_refused
from tui.cache.redis.limits import COMMAND_SECONDS
from tui.cache.redis.server import Guide, Server
from tui.cache.redis.wire import Wire
from tui.runtime.faults import Faults


class RefusingExchange:
    """Holds commands that write back while that fault is on, and gives a replica's reply."""

    def __init__(self, exchange: Exchange, faults: Faults) -> None:
        """Stand before `exchange`."""
        self._exchange = exchange
        self._faults = faults

    async def ask(
        self, commands: Sequence[Command], again: Sequence[Command] | None = None
    ) -> list[Any]:
        """Send commands together; give a reply for each, whoever it is from."""
        if not self._faults.cache_refuses_writes:
            return await self._exchange.ask(commands, again)
        refused = [str(command[0]).encode() in WRITES for command in commands]
        sent = [each for each, held in zip(commands, refused, strict=True) if not held]
        replies = iter(await self._exchange.ask(sent) if sent else [])
        parser: Any = DefaultParser
        return [parser.parse_error(REFUSAL) if held else next(replies) for held in refused]

    async def aclose(self) -> None:
        """Close the exchange behind."""
        await self._exchange.aclose()


class LateWire(Wire):
    """A wire on which everything comes later: the time limits are the wire's own."""

    def __init__(self, seconds: float, largest: int, faults: Faults) -> None:
        """Give a server up as a wire does."""
        super().__init__(seconds, largest)
        self._faults = faults
        self._held: deque[bytes] = deque()
        self._due = 0.0

    def data_received(self, data: bytes) -> None:
        """Hold what has come back for as long as the fault says: called by the event loop."""
        latency = self._faults.cache_latency
        if not latency and not self._held:
            super().data_received(data)
            return
        self._held.append(data)
        self._due = max(self._due, self._loop.time() + latency)
        self._loop.call_at(self._due, self._let_through)

    def _let_through(self) -> None:
        super().data_received(self._held.popleft())


class FaultyServer(Server):
    """A server whose wire is late, or ends, and to which nobody gets through."""

    def __init__(
        self,
        options: Mapping[str, Any],
        largest: int,
        faults: Faults,
        seconds: float = COMMAND_SECONDS,
        guide: Guide | None = None,
    ) -> None:
        """Prepare for the server that `options` name, or that `guide` finds."""
        super().__init__(options, largest, seconds, guide)
        self._faults = faults

    async def ask(
        self,
        commands: Sequence[Command] | Prepared,
        again: Sequence[Command] | Prepared | None = None,
    ) -> list[Any]:
        """Send commands together; while it is down, over a wire that has ended."""
        if self._faults.cache_down and self._wire is not None:
            await self._wire.aclose()
        return await super().ask(commands, again)

    async def _open(self) -> Wire:
        if self._faults.cache_down:
            await be_refused()
        return await super()._open()

    def _make_wire(self) -> Wire:
        return LateWire(self._seconds, self._largest, self._faults)


class FaultyEmbedded:
    """The server in this process, to which there is no line that could break or be late."""

    def __init__(self, exchange: BulkExchange, faults: Faults) -> None:
        """Stand before `exchange`."""
        self._exchange = exchange
        self._faults = faults

    async def ask(
        self,
        commands: Sequence[Command] | Prepared,
        again: Sequence[Command] | Prepared | None = None,
    ) -> list[Any]:
        """Send commands together; be refused, or wait for the replies as on a line.

        Commands whose replies come too late have run all the same.
        """
        if self._faults.cache_down:
            await be_refused()
        replies = await self._exchange.ask(commands)
        if self._faults.cache_latency:
            async with asyncio.timeout(COMMAND_SECONDS):
                await asyncio.sleep(self._faults.cache_latency)
        return replies

    async def aclose(self) -> None:
        """Close the exchange behind."""
        await self._exchange.aclose()
