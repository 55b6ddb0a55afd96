"""The cache inside this process: fakeredis, which takes a while to import."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import fakeredis
from fakeredis._typing import ServerType
from fakeredis.aioredis import FakeAsyncRedisConnection
from redis import exceptions

from tui.cache.limits import CALL_SECONDS
from tui.cache.redis.adapter import RedisCache
from tui.cache.redis.exchange import BulkExchange, Command, Exchange, Prepared, packed
from tui.cache.redis.faulty_exchange import FaultyEmbedded, RefusingExchange
from tui.models import MAX_VALUE
from tui.runtime.clock import Clock
from tui.runtime.faults import Faults

if TYPE_CHECKING:
    from tui.cache.redis.walker import CacheWalker

ALL_KEYS = 1 << 31
"""What one SCAN looks at in the embedded cache.

Its cursors are positions in a sorted list of the keys, and two walks that come to one position
share what is remembered of it: then each could go on in the other's list and miss keys. A walk
that needs no cursor misses none; 100,000 keys take some 40 ms.
"""
TRIP_KEYS = 100
"""How many keys a walk asks about at once: nothing else runs meanwhile."""


class EmbeddedExchange:
    """Commands to fakeredis, over a connection of their own: there is nothing to pool."""

    def __init__(self, connection: FakeAsyncRedisConnection) -> None:
        """Ask over `connection`, which has no time limits: with one, the driver waits."""
        self._connection = connection

    async def ask(
        self,
        commands: Sequence[Command] | Prepared,
        again: Sequence[Command] | Prepared | None = None,
    ) -> list[Any]:
        """Run commands at once; there is no connection to be lost.

        Nothing in here waits, so no other caller's commands come in between.
        """
        if isinstance(commands, Prepared):
            await self._connection.send_packed_command([commands.data])
            return [await self._reply() for _ in range(commands.count)]
        await self._connection.send_packed_command(list(map(packed, commands)))
        return [await self._reply() for _ in commands]

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.disconnect()

    async def _reply(self) -> Any:
        try:
            return await self._connection.read_response()
        except exceptions.ResponseError as error:
            return error


@asynccontextmanager
async def open_embedded(
    clock: Clock,
    *,
    read_only: bool = False,
    hashes: bool | None = None,
    max_value: int = MAX_VALUE,
    server_type: ServerType = "redis",
    faults: Faults | None = None,
) -> AsyncIterator[RedisCache]:
    """Open an empty cache inside this process, gone when it is closed.

    It behaves as `server_type` does (redis, valkey or dragonfly), but for those `faults` that
    are on.
    """
    server = fakeredis.FakeServer(server_type=server_type, version=(7, 4))
    options: dict[str, Any] = {
        "server": server, "version": (7, 4), "server_type": server_type, "protocol": 2,
        "driver_info": None, "socket_timeout": None, "socket_connect_timeout": None,
    }  # fmt: skip
    connections = [EmbeddedExchange(FakeAsyncRedisConnection(**options)) for _ in range(2)]
    exchange: Exchange
    walked: BulkExchange
    exchange, walked = connections
    if faults is not None:
        exchange, walked = (FaultyEmbedded(each, faults) for each in connections)
        exchange = RefusingExchange(exchange, faults)

    def walk() -> "CacheWalker":
        from tui.cache.redis import walker, ways  # not for a lookup: it takes a while to import

        return walker.CacheWalker(
            ways.ServerWay(walked), clock, CALL_SECONDS,
            max_value=max_value, scan_count=ALL_KEYS, trip_keys=TRIP_KEYS,
        )  # fmt: skip

    cache = RedisCache(
        exchange, walk, clock,
        read_only=read_only, trips_cost=False, hashes=hashes, max_value=max_value,
    )  # fmt: skip
    try:
        yield cache
    finally:
        await walked.aclose()
        await cache.aclose()
