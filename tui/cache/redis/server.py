"""A server of the Redis protocol, and the line to it."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from redis import exceptions

from tui.cache.limits import COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.line import WireLine, in_time
from tui.cache.redis import shapes
from tui.cache.redis.exchange import Command, Prepared
from tui.cache.redis.failures import NoTls, of_login
from tui.cache.redis.tls import connected, raise_if_tls, tls_context
from tui.cache.redis.wire import RedisWire
from tui.models import MAX_VALUE


class Guide(Protocol):
    """Knows where a server is, and whether what answers there is the one that is meant."""

    async def place(self) -> tuple[str, int]:
        """Return host and port to connect to now; raise what the driver would."""
        ...

    async def admit(self, wire: RedisWire, place: tuple[str, int]) -> None:
        """Return if a new wire may be used; raise what the driver would if not."""
        ...


class Server(WireLine[RedisWire, Sequence[Command] | Prepared]):
    """Commands to one server of the Redis protocol, over one wire that all callers share."""

    def __init__(
        self,
        options: Mapping[str, Any],
        largest: int = MAX_VALUE,
        seconds: float = COMMAND_SECONDS,
        guide: Guide | None = None,
    ) -> None:
        """Prepare for the server that `options` name, as the driver reads them from a URL.

        Replies of up to about `largest` bytes are taken, within `seconds`. Where there is a
        `guide`, it says where the server is, each time when a wire is opened.
        """
        super().__init__()
        self._seconds = seconds
        self._guide = guide
        self._options = dict(options)
        self._largest = largest

    @property
    def place(self) -> tuple[str, int]:
        """Host and port that the wire leads to, or led to last."""
        return self._options.get("host", "localhost"), self._options.get("port", 6379)

    @property
    def _is_plain(self) -> bool:
        """Whether that is a port, without TLS."""
        return "path" not in self._options and "connection_class" not in self._options

    async def ask(
        self,
        commands: Sequence[Command] | Prepared,
        again: Sequence[Command] | Prepared | None = None,
    ) -> list[Any]:
        """Send commands together; see WireLine.

        Raises:
            RedisError, TimeoutError, OSError: there are no replies.
        """
        try:
            return await super().ask(commands, again)
        except exceptions.ConnectionError as error:
            if not self._has_answered and self._is_plain:
                await raise_if_tls(*self.place, error)
            raise

    async def connect(self) -> None:
        """Return when there is a wire that can be used; raise as `ask` does."""
        await self._connected()

    def give_up_wire(self) -> None:
        """Use the wire no longer; who waits on it is told that it was lost."""
        if self._wire is not None:
            self._wire.give_up("another server has taken its place")

    async def _open(self) -> RedisWire:
        await self._find()
        try:
            async with in_time(CONNECT_SECONDS):
                _, wire = await self._dial()
                self._keep(wire)
                greeting = self._greeting()
                replies = await wire.ask(greeting) if greeting else []
        except NoTls as error:
            raise exceptions.ConnectionError("no TLS") from error
        except UnicodeError as error:  # which is no OSError, though the name was not found
            raise exceptions.ConnectionError("no such host") from error
        for (name, *_), reply in zip(greeting, replies, strict=True):
            try:
                shapes.okay(reply, str(name))
            except exceptions.RedisError as error:
                await wire.aclose()
                if name == "AUTH":
                    raise of_login(error) from None
                raise
        await self._admit(wire)
        self._wire = wire
        return wire

    async def _admit(self, wire: RedisWire) -> None:
        if self._guide is None:
            return
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._guide.admit(wire, self.place)
        except BaseException:
            await wire.aclose()
            raise

    async def _find(self) -> None:
        if self._guide is not None:
            self._options["host"], self._options["port"] = await self._guide.place()

    def _dial(self) -> Coroutine[Any, Any, tuple[Any, RedisWire]]:
        loop, options = asyncio.get_running_loop(), self._options
        if "path" in options:
            return loop.create_unix_connection(self._make_wire, options["path"])
        host, port = self.place
        if self._is_plain:
            return loop.create_connection(self._make_wire, host, port)
        dialling = loop.create_connection(self._make_wire, host, port, ssl=tls_context(options))
        return connected(dialling, host, port)

    def _make_wire(self) -> RedisWire:
        return RedisWire(self._seconds, self._largest)

    def _greeting(self) -> list[Command]:
        options = self._options
        commands: list[Command] = []
        credentials = [options.get(name) for name in ("username", "password")]
        if any(credentials):
            commands.append(("AUTH", *filter(None, credentials)))
        if options.get("client_name"):
            commands.append(("CLIENT", "SETNAME", options["client_name"]))
        if options.get("db"):
            commands.append(("SELECT", options["db"]))
        return commands
