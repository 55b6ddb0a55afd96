"""The wire to a server of the Redis protocol."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redis import exceptions

from tui.cache.redis.exchange import Command, Prepared, packed
from tui.cache.redis.refusals import STUMBLES
from tui.cache.redis.replies import Replies, ReplyTooLarge
from tui.cache.wire import Wire
from tui.models import MAX_VALUE

if TYPE_CHECKING:
    import asyncio


class Displaced(exceptions.ConnectionError):
    """The connection was given up for what somebody else has asked: the server is there."""


class RedisWire(Wire):
    """One open connection, shared by all callers; what it raises is of the driver's kinds."""

    lost = exceptions.ConnectionError
    displaced = Displaced
    nonsense = (exceptions.InvalidResponse, *STUMBLES)
    too_large = ReplyTooLarge

    def __init__(self, seconds: float, largest: int = MAX_VALUE) -> None:
        """Let a server be given up that does not answer within `seconds`.

        Or one that answers with more than `largest` bytes, or somewhat more.
        """
        super().__init__(Replies(largest), seconds)

    def ask(self, commands: Sequence[Command] | Prepared) -> "asyncio.Future[list[Any]]":
        """Send commands together; give a reply or an error of its own for each, in order.

        The future raises ConnectionError when the connection is lost, TimeoutError when it
        took too long, ReplyTooLarge for a reply that is not taken.
        """
        if isinstance(commands, Prepared):
            return self.send((commands.data,), commands.count)
        return self.send([*map(packed, commands)], len(commands))

    def not_understood(self, error: Exception) -> Exception:
        """Return the driver's error for what is not of the protocol."""
        if isinstance(error, exceptions.InvalidResponse):
            return error
        # Of the parser's: a map with a list for a key.
        return exceptions.InvalidResponse("what answers does not speak the protocol")
