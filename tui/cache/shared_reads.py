"""The reads of one turn of the event loop, sent to the server together."""

import asyncio
from itertools import islice
from typing import Any, TypeAlias

from tui.cache.exchange import Exchange

KEYS_PER_TRIP = 64

Waiters: TypeAlias = "list[asyncio.Future[tuple[Any, Any]]]"


class SharedReads:
    """GET and PTTL of many callers in one round trip.

    What costs most of a read is not the server but the trip: a write and a wait. Callers who
    ask in the same turn of the loop share one, and those who ask for the same key share its
    answer. Nothing is sent before a caller has asked, so no answer is older than its question.
    """

    def __init__(self, exchange: Exchange) -> None:
        """Read through `exchange`."""
        self._exchange = exchange
        self._asked: dict[str, Waiters] = {}
        self._trips: set[asyncio.Task[None]] = set()

    async def get(self, key: str) -> tuple[Any, Any]:
        """Give the replies to GET and PTTL of `key`; either may be an error of its own.

        Raises:
            RedisError, TimeoutError, OSError: the trip failed.
        """
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._depart)
        waiter: asyncio.Future[tuple[Any, Any]] = loop.create_future()
        self._asked.setdefault(key, []).append(waiter)
        return await waiter

    async def aclose(self) -> None:
        """End the trips under way."""
        for trip in self._trips:
            trip.cancel()
        await asyncio.gather(*self._trips, return_exceptions=True)

    def _depart(self) -> None:
        asked, self._asked = self._asked, {}
        keys = iter(asked)
        while batch := tuple(islice(keys, KEYS_PER_TRIP)):
            trip = asyncio.create_task(self._travel({key: asked[key] for key in batch}))
            self._trips.add(trip)
            trip.add_done_callback(self._trips.discard)

    async def _travel(self, asked: dict[str, Waiters]) -> None:
        commands = [(name, key) for key in asked for name in ("GET", "PTTL")]
        try:
            replies = await self._exchange.ask(commands)
        except asyncio.CancelledError:
            for waiter in _waiting(asked):
                waiter.cancel()
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the callers are to have it
            for waiter in _waiting(asked):
                waiter.set_exception(error)
            return
        for waiters, value, pttl in zip(
            asked.values(), replies[::2], replies[1::2], strict=True
        ):
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result((value, pttl))


def _waiting(asked: dict[str, Waiters]) -> Waiters:
    return [waiter for waiters in asked.values() for waiter in waiters if not waiter.done()]
