"""A Memcached server: the wire to it, and what is asked of it when that is opened."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from tui.cache.limits import COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.line import WireLine, in_time
from tui.cache.memcached.address import MemcachedPlace
from tui.cache.memcached.failures import OLDEST, TooOld
from tui.cache.memcached.protocol import ErrorReply, MemcachedReplies
from tui.cache.wire import NotUnderstood, Wire, WireLost

Commands: TypeAlias = Sequence[bytes]
"""Whole commands, with what ends them."""
VERSION: Final = b"version\r\n"
NO_ITEM: Final = b"hitmiss:no-such-item"


class MemcachedWire(Wire):
    """One open connection, shared by all callers, and what the server behind it can do."""

    version: str = ""
    has_cas: bool = True
    """Whether items have CAS numbers; not with the server's option -C."""
    takes_cas: bool = False
    """Whether the number that an item gets may be chosen (`E`): new servers allow that."""

    def __init__(self, seconds: float, largest: int) -> None:
        """Take values of `largest` bytes, from a server that answers within `seconds`."""
        super().__init__(MemcachedReplies(largest), seconds)


class MemcachedLine(WireLine[MemcachedWire, Commands]):
    """Commands to one server, over one wire that all callers share."""

    def __init__(
        self,
        place: MemcachedPlace,
        largest: int,
        seconds: float = COMMAND_SECONDS,
        *,
        read_only: bool = False,
    ) -> None:
        """Prepare for the server there, with values of up to `largest` bytes.

        With `read_only` nothing is sent in connecting that could write.
        """
        super().__init__()
        self.place = place
        self._largest = largest
        self._seconds = seconds
        self._read_only = read_only

    async def dial(self) -> Any:
        """Return a stream's reader and writer on a new connection, which has logged in.

        Raises:
            ErrorReply, NotUnderstood, TimeoutError, OSError: there is none.
        """
        place = self.place
        async with in_time(CONNECT_SECONDS):
            reader, writer = await (
                asyncio.open_unix_connection(place.path)
                if place.path
                else asyncio.open_connection(place.host, place.port)
            )
            try:
                await _log_in(reader, writer, place)
            except BaseException:
                writer.close()
                raise
        return reader, writer

    async def _open(self) -> MemcachedWire:
        async with in_time(CONNECT_SECONDS):
            wire = await self._dialled()
            self._keep(wire)
            try:
                await self._greet(wire)
            except (ErrorReply, NotUnderstood, TooOld, WireLost):
                await wire.aclose()
                raise
        self._wire = wire
        return wire

    async def _dialled(self) -> MemcachedWire:
        loop, place = asyncio.get_running_loop(), self.place
        if place.path:
            _, wire = await loop.create_unix_connection(self._make_wire, place.path)
        else:
            _, wire = await loop.create_connection(self._make_wire, place.host, place.port)
        return wire

    def _make_wire(self) -> MemcachedWire:
        return MemcachedWire(self._seconds, self._largest)

    async def _greet(self, wire: MemcachedWire) -> None:
        """Log in, and find out what the server can do.

        Raises:
            ErrorReply: it wants another login, or no more clients.
            TooOld: it does not know the meta commands.
            NotUnderstood: it is no Memcached.
        """
        # Alone, since a server that wants a login answers one command only.
        (said,) = await wire.ask((VERSION,))
        if self.place.password and _wants_login(said):
            (answer,) = await wire.ask((_login(self.place),))
            _check(answer, b"STORED")
            (said,) = await wire.ask((VERSION,))
        _check(said, b"VERSION")
        wire.version = said.partition(b" ")[2].decode("utf-8", "replace")
        if _numbers(wire.version) < OLDEST:
            raise TooOld(wire.version)
        (settings,) = await wire.ask((b"stats settings\r\n",))
        if isinstance(settings, dict):
            wire.has_cas = settings.get("cas_enabled") != "no"
        if not self._read_only and wire.has_cas:
            # It deletes what never was there; a server that does not know the flag says so.
            (said,) = await wire.ask((b"md %b E1\r\n" % NO_ITEM,))
            wire.takes_cas = not isinstance(said, ErrorReply)


async def _log_in(reader: Any, writer: Any, place: MemcachedPlace) -> None:
    """Log in on a new connection, if the server wants that; see `_greet`.

    Raises:
        ErrorReply: it takes no such login, or wants one that is not given.
    """
    for command, word in ((VERSION, b"VERSION"), (_login(place), b"STORED")):
        writer.write(command)
        try:
            said = (await reader.readline()).rstrip(b"\r\n")
        except ValueError as error:  # of a stream whose line has no end
            raise NotUnderstood("a line without an end") from error
        if said.startswith(word):
            return
        refusal = ErrorReply(said.decode("utf-8", "replace"))
        if not (place.password and _wants_login(refusal)):
            raise refusal


def _wants_login(said: object) -> bool:
    """Tell whether a server has refused a command for want of a login.

    To any other server a login would be an item to be stored, in plain text.
    """
    return isinstance(said, ErrorReply) and "unauthenticated" in str(said)


def _login(place: MemcachedPlace) -> bytes:
    """Return what logs in. Source: memcached, doc/protocol.txt, 'Authentication'."""
    words = f"{place.user} {place.password}".encode()
    return b"set login 0 0 %d\r\n%b\r\n" % (len(words), words)


def _check(said: object, word: bytes) -> None:
    if isinstance(said, ErrorReply):
        raise said
    if not isinstance(said, bytes) or not said.startswith(word):
        raise NotUnderstood(f"no {word.decode()} in reply")


def _numbers(version: str) -> tuple[int, ...]:
    found = []
    for part in version.split(".")[:2]:
        digits = part if part.isascii() and part.isdigit() else ""
        found.append(int(digits[:6] or 0))
    return tuple(found)
