"""The way of lookups to a server, breaking on purpose; `faulty` does so for the driver."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio.connection import DefaultParser

from tui.cache.faulty_line import FaultyLine, LateWire, be_refused
from tui.cache.limits import COMMAND_SECONDS
from tui.cache.redis.exchange import BulkExchange, Command, Exchange, Prepared
from tui.cache.redis.faulty import REFUSAL, WRITES
from tui.cache.redis.server import Guide, Server
from tui.cache.redis.wire import RedisWire
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


class FaultyServer(FaultyLine[RedisWire, Sequence[Command] | Prepared], Server):
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
        self.faults = faults

    def _make_wire(self) -> RedisWire:
        wire = LateRedisWire(self._seconds, self._largest)
        wire.faults = self.faults
        return wire


class LateRedisWire(LateWire, RedisWire):
    """A wire of Redis on which everything comes later."""


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
