"""Connections to the cache that break on purpose, under the driver and for us alone.

The driver above them is the real one: it is refused, waits in vain, gets an error for a reply,
retries and gives up as it would with a server that fails. No server notices anything but
connections that come and go and writes that do not come, so nobody else is disturbed. Being
connections, they serve TCP, unix sockets, TLS, each node of a cluster, and fakeredis alike.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection

from tui.cache.faulty_line import be_refused
from tui.runtime.faults import Faults

WRITES = frozenset(
    name.encode()
    for name in (
        "SET", "SETEX", "PSETEX", "SETNX", "MSET", "GETSET", "GETDEL", "GETEX", "APPEND",
        "INCR", "INCRBY", "DECR", "DECRBY", "DEL", "UNLINK", "EXPIRE", "PEXPIRE", "EXPIREAT",
        "PEXPIREAT", "PERSIST", "HSET", "HDEL", "EVAL", "EVALSHA", "FCALL", "FLUSHDB",
        "FLUSHALL",
    )
)  # fmt: skip
"""Commands that a replica refuses; our scripts write, and so EVAL stands among them."""
REFUSAL = "READONLY You can't write against a read only replica."
"""What a replica replies to them."""


class LateReader:
    """Holds the first bytes of each reply back for as long as the fault says."""

    def __init__(self, reader: Any, faults: Faults) -> None:
        """Read from `reader`, which is asyncio's or fakeredis'."""
        self._reader = reader
        self._faults = faults
        self._awaiting = False

    def expect_reply(self) -> None:
        """Note that a request has been sent: what comes next is its reply."""
        self._awaiting = True

    async def read(self, count: int) -> Any:
        """Give what has come, later."""
        data = await self._reader.read(count)
        if self._awaiting:
            self._awaiting = False
            await asyncio.sleep(self._faults.cache_latency)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


class FaultyConnection(AbstractConnection):
    """What is put before a connection class of the driver's; see `faulty`."""

    faults: Faults

    def __init__(self, **options: Any) -> None:
        """Prepare to connect, with the driver's own options."""
        super().__init__(**options)
        self._refused: deque[bool] = deque()
        """For each reply that is still to be read, whether its command was held back."""

    async def _connect(self) -> None:
        self._refused.clear()
        if self.faults.cache_down:
            await be_refused()
        await super()._connect()  # type: ignore[safe-super,no-untyped-call]  # of the class behind
        self._reader: Any = LateReader(self._reader, self.faults)

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        """Send commands; to a cache that is down over a connection that has ended."""
        faults = self.faults
        if faults.cache_down:
            await self.disconnect(nowait=True)  # and to connect again is refused
        if faults.cache_refuses_writes:
            if not self.is_connected:
                await self.connect_check_health(check_health=False)
            command = self._hold_writes_back(command)
            if not command:
                return
        await super().send_packed_command(command, check_health)
        # On a unix socket the driver logs in before it has returned the reader.
        if faults.cache_latency and isinstance(self._reader, LateReader):
            self._reader.expect_reply()

    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Give the next reply, or the refusal in its place."""
        if self._refused and self._refused.popleft():
            parser: Any = self._parser
            raise parser.parse_error(REFUSAL)
        return await super().read_response(*arguments, **options)

    def _hold_writes_back(self, command: bytes | str | Iterable[bytes]) -> list[bytes]:
        """Give the commands that do not write, and remember whose replies will not come."""
        if isinstance(command, str | bytes):
            command = [command.encode() if isinstance(command, str) else command]
        pack: Any = hiredis.pack_command  # its types know tuples of one only
        sent = []
        for request in _requests(command):
            refused = request[0].upper() in WRITES
            self._refused.append(refused)
            if not refused:
                sent.append(pack(tuple(request)))
        return sent


def faulty(base: type[AbstractConnection], faults: Faults) -> type[AbstractConnection]:
    """Give a connection class of the driver's as one that obeys `faults`."""
    return type(f"Faulty{base.__name__}", (FaultyConnection, base), {"faults": faults})


def _requests(command: Iterable[bytes]) -> Iterable[list[bytes]]:
    reader: Any = hiredis.Reader()
    reader.feed(b"".join(command))
    while (request := reader.gets()) is not False:
        yield request
