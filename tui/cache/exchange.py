"""How commands reach a server and replies come back, whatever the server is."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, cast

import hiredis
from fakeredis.aioredis import FakeAsyncRedisConnection
from redis import exceptions
from redis.asyncio.cluster import RedisCluster

from tui.cache.cancellation import cancellable
from tui.cache.limits import CALL_SECONDS

Command: TypeAlias = tuple[str | bytes | int, ...]
packed = cast("Callable[[Command], bytes]", hiredis.pack_command)
"""Give a command as the protocol has it."""


class Exchange(Protocol):
    """A way to a server, which any number of callers may use at the same time."""

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together; give a reply or an error of its own for each, in order.

        Raises:
            RedisError, TimeoutError, OSError: there are no replies.
        """
        ...

    async def aclose(self) -> None:
        """End it."""
        ...


class ClusterExchange:
    """Each command goes to the node that has its key; the cluster's client knows which."""

    def __init__(self, client: RedisCluster) -> None:
        """Ask through `client`, which belongs to whoever opened it."""
        self._client = client

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together, to each node its own."""
        pipe = self._client.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        async with asyncio.timeout(CALL_SECONDS):
            return list(await cancellable(pipe.execute(raise_on_error=False)))

    async def aclose(self) -> None:
        """Leave the client as it is."""


class EmbeddedExchange:
    """A server inside this process, over a connection of its own: there is nothing to pool."""

    def __init__(self, connection: FakeAsyncRedisConnection) -> None:
        """Ask over `connection`."""
        self._connection = connection

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands at once.

        Nothing in here waits, so no other caller's commands come in between.
        """
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
