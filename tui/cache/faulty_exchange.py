"""The way to a server, breaking on purpose: for lookups what `faulty` is for the driver."""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio.connection import DefaultParser

from tui.cache.exchange import Command, Exchange
from tui.cache.faulty import REFUSAL, WRITES, be_refused
from tui.cache.limits import COMMAND_SECONDS
from tui.faults import Faults


class FaultyExchange:
    """An exchange that obeys the faults that are on; the server notices nothing."""

    def __init__(self, exchange: Exchange, faults: Faults) -> None:
        """Stand before `exchange`."""
        self._exchange = exchange
        self._faults = faults

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together; be refused, have writes refused, or get replies late."""
        if self._faults.cache_down:
            await be_refused()
        refused = [self._faults.cache_refuses_writes and _writes(each) for each in commands]
        sent = [each for each, held in zip(commands, refused, strict=True) if not held]
        replies = iter(await self._exchange.ask(sent) if sent else [])
        if self._faults.cache_latency:
            await asyncio.sleep(min(self._faults.cache_latency, COMMAND_SECONDS))
            if self._faults.cache_latency >= COMMAND_SECONDS:
                raise TimeoutError
        parser: Any = DefaultParser
        refusal = parser.parse_error(REFUSAL)
        return [refusal if held else next(replies) for held in refused]

    async def aclose(self) -> None:
        """Close the exchange behind."""
        await self._exchange.aclose()


def _writes(command: Command) -> bool:
    return str(command[0]).encode() in WRITES
