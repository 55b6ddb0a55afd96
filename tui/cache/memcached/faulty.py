"""A Memcached server that breaks on purpose, for us alone; see `runtime.faults`.

The line ends and is late as any; what writes is held back, and its reply is that of a server
without memory: Memcached has no read-only replicas.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.cache.faulty_line import FaultyLine, LateWire, be_refused
from tui.cache.memcached.address import MemcachedPlace
from tui.cache.memcached.protocol import ErrorReply
from tui.cache.memcached.server import Commands, MemcachedLine, MemcachedWire
from tui.runtime.faults import Faults

if TYPE_CHECKING:
    import asyncio

REFUSAL: Final = "SERVER_ERROR out of memory storing object"


class LateMemcachedWire(LateWire, MemcachedWire):
    """A wire on which replies come later, and on which nothing that writes is sent."""

    def ask(self, commands: Sequence[bytes]) -> "asyncio.Future[list[Any]]":
        """Send commands together; those that write are refused while that fault is on."""
        if not self.faults.cache_refuses_writes or not any(map(_writes, commands)):
            return super().ask(commands)
        # No trip of ours has commands of both kinds.
        replies: asyncio.Future[list[Any]] = self._loop.create_future()
        replies.set_result([ErrorReply(REFUSAL) for _ in commands])
        return replies


class FaultyMemcachedLine(FaultyLine[MemcachedWire, Commands], MemcachedLine):
    """A server whose wire is late, or ends, and to which nobody gets through."""

    def __init__(
        self,
        place: MemcachedPlace,
        largest: int,
        seconds: float,
        faults: Faults,
        *,
        read_only: bool = False,
    ) -> None:
        """Prepare for the server there."""
        super().__init__(place, largest, seconds, read_only=read_only)
        self.faults = faults

    async def dial(self) -> Any:
        """Return a new connection, which is refused while the cache is down."""
        if self.faults.cache_down:
            await be_refused()
        return await super().dial()

    def _make_wire(self) -> MemcachedWire:
        wire = LateMemcachedWire(self._seconds, self._largest)
        wire.faults = self.faults
        return wire


def _writes(command: bytes) -> bool:
    """Tell whether a command changes an item: `ms`, `md`, and `mg` with N or T."""
    if command.startswith((b"ms ", b"md ")):
        return True
    return command.startswith(b"mg ") and any(
        flag[:1] in (b"N", b"T") for flag in command.split()[2:]
    )
