"""The ways of a walk to what holds the keys: one server, or the nodes of a cluster."""

from collections.abc import Sequence
from typing import Any, Protocol

from redis.asyncio.cluster import ClusterNode, RedisCluster

from tui.cache.redis.exchange import BulkExchange, Command
from tui.cache.redis.key_commands import KeyCommands
from tui.cache.redis.shapes import raised


class Node(Protocol):
    """A server that holds keys."""

    @property
    def place(self) -> str:
        """Where it is, if a cluster has said so; else ''."""
        ...

    async def command(self, command: Command) -> Any:
        """Return the reply to one command, or raise the error that it is."""
        ...


class Way(Protocol):
    """Reaches all keys. What it raises is what the driver or the exchange raises."""

    async def nodes(self) -> Sequence[Node]:
        """Return whoever holds keys."""
        ...

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together; return a reply or an error for each, in order."""
        ...

    async def send_for(self, keys: Sequence[str], commands: KeyCommands) -> list[Any]:
        """Send the commands about each of the keys together."""
        ...


class ServerWay:
    """One server, which is asked over an exchange that no look-up uses."""

    place = ""

    def __init__(self, exchange: BulkExchange) -> None:
        """Ask over `exchange`, which belongs to whoever opened it."""
        self._exchange = exchange

    async def nodes(self) -> "Sequence[Node]":
        """Return itself."""
        return [self]

    async def command(self, command: Command) -> Any:
        """Return the reply to one command."""
        (reply,) = await self._exchange.ask([command])
        return raised(reply)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together."""
        return await self._exchange.ask(commands)

    async def send_for(self, keys: Sequence[str], commands: KeyCommands) -> list[Any]:
        """Send the commands about each of the keys together, packed at once."""
        return await self._exchange.ask(commands.packed_for(keys))


class ClusterWay:
    """A cluster: the driver knows which node has a key, and asks it over its connections."""

    def __init__(self, client: RedisCluster) -> None:
        """Ask through `client`, which gives replies as they came."""
        self._client = client

    async def nodes(self) -> "Sequence[Node]":
        """Return the primaries."""
        await self._client.initialize()
        return [_ClusterNode(node) for node in self._client.get_primaries()]

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands together, to each node its own."""
        pipe = self._client.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)
        return list(await pipe.execute(raise_on_error=False))

    async def send_for(self, keys: Sequence[str], commands: KeyCommands) -> list[Any]:
        """Send the commands about each of the keys together, to each node its own."""
        return await self.send([command for key in keys for command in commands.of(key)])


class _ClusterNode:
    def __init__(self, node: ClusterNode) -> None:
        self._node = node
        self.place = f"{node.host}:{node.port}"

    async def command(self, command: Command) -> Any:
        return await self._node.execute_command(*command)
