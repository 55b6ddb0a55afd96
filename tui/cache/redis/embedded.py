"""A server inside this process."""

from collections.abc import Sequence
from typing import Any

from fakeredis.aioredis import FakeAsyncRedisConnection
from redis import exceptions

from tui.cache.redis.exchange import Command, packed


class EmbeddedExchange:
    """Commands to fakeredis, over a connection of their own: there is nothing to pool."""

    def __init__(self, connection: FakeAsyncRedisConnection) -> None:
        """Ask over `connection`, which has no time limits: with one, the driver waits."""
        self._connection = connection

    async def ask(
        self, commands: Sequence[Command], again: Sequence[Command] | None = None
    ) -> list[Any]:
        """Run commands at once; there is no connection to be lost.

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
