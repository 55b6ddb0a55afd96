"""How commands reach a server and replies come back, whatever the server is."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, cast

import hiredis
from msgspec import Struct

Command: TypeAlias = tuple[str | bytes | int, ...]
packed = cast("Callable[[Command], bytes]", hiredis.pack_command)
"""Give a command as the protocol has it."""


class Prepared(Struct, frozen=True):
    """Commands that are packed already."""

    data: bytes
    """All of them."""
    count: int
    """How many they are."""


class Exchange(Protocol):
    """A way to a server, which any number of callers may use at the same time."""

    async def ask(
        self, commands: Sequence[Command], again: Sequence[Command] | None = None
    ) -> list[Any]:
        """Send commands together; give a reply or an error of its own for each, in order.

        When the connection is lost meanwhile, `again` is asked in their place over a new one:
        the same commands, where none are given. They may have been applied, or be so later.

        Raises:
            RedisError, TimeoutError, OSError: there are no replies.
        """
        ...

    async def aclose(self) -> None:
        """End it."""
        ...


class BulkExchange(Exchange, Protocol):
    """An exchange that also takes commands in great numbers."""

    async def ask(
        self,
        commands: Sequence[Command] | Prepared,
        again: Sequence[Command] | Prepared | None = None,
    ) -> list[Any]:
        """Send commands together; see Exchange."""
        ...
