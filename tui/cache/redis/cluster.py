"""A cluster: each command goes to the node that has its key, and the driver knows which."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

from redis import exceptions
from redis.asyncio.cluster import RedisCluster

from tui.cache.limits import CALL_SECONDS
from tui.cache.redis.exchange import Command
from tui.cache.redis.refusals import STUMBLES

CALLERS_PER_TRIP = 64

Caller: TypeAlias = "tuple[Sequence[Command], asyncio.Future[list[Any]]]"


class ClusterExchange:
    """Commands to a cluster; those of one turn of the event loop travel together."""

    def __init__(self, client: RedisCluster) -> None:
        """Ask through `client`, which belongs to whoever opened it."""
        self._client = client
        self._callers: list[Caller] = []
        self._trips: set[asyncio.Task[None]] = set()

    async def ask(
        self, commands: Sequence[Command], again: Sequence[Command] | None = None
    ) -> list[Any]:
        """Send commands together, to each node its own; what is lost the driver sends again."""
        loop = asyncio.get_running_loop()
        if not self._callers:
            loop.call_soon(self._depart)
        future: asyncio.Future[list[Any]] = loop.create_future()
        self._callers.append((commands, future))
        return await future

    async def aclose(self) -> None:
        """End the trips under way."""
        for trip in self._trips:
            trip.cancel()
        await asyncio.gather(*self._trips, return_exceptions=True)

    def _depart(self) -> None:
        callers, self._callers = self._callers, []
        for start in range(0, len(callers), CALLERS_PER_TRIP):
            trip = asyncio.create_task(self._travel(callers[start : start + CALLERS_PER_TRIP]))
            self._trips.add(trip)
            trip.add_done_callback(self._trips.discard)

    async def _travel(self, callers: Sequence[Caller]) -> None:
        pipe = self._client.pipeline(transaction=False)
        for commands, _ in callers:
            for command in commands:
                pipe.execute_command(*command)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                replies = iter(await pipe.execute(raise_on_error=False))
        except asyncio.CancelledError:
            for future in _waiting(callers):
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the callers are to have it
            for future in _waiting(callers):
                future.set_exception(_understood(error))
            return
        for commands, future in callers:
            mine = [_understood(next(replies)) for _ in commands]
            if not future.done():
                future.set_result(mine)


def _understood(reply: Any) -> Any:
    """Return a reply; where the driver has stumbled over it, an error that says so."""
    if isinstance(reply, STUMBLES):
        return exceptions.InvalidResponse(str(reply))
    return reply


def _waiting(callers: Sequence[Caller]) -> "list[asyncio.Future[list[Any]]]":
    return [future for _, future in callers if not future.done()]
