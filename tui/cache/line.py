"""A line to one server: a wire that all callers share, opened when it is needed, and anew."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from tui.cache.limits import CALL_SECONDS
from tui.cache.wire import Wire
from tui.runtime.shared_task import SharedTask

Commands = TypeVar("Commands")
W = TypeVar("W", bound=Wire)


def system_words(error: OSError) -> str:
    """Return what a system says of an error that has a number: those below 0 are of names."""
    number = error.errno or 0
    return (os.strerror(number) if number > 0 else str(error.strerror)).lower()


class NotConnected(TimeoutError):
    """Nobody took the connection in time, and nobody refused it."""


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Raise NotConnected where connecting takes longer than that."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            raise NotConnected from error
        raise


class WireLine(ABC, Generic[W, Commands]):
    """Commands to one server, over one wire that all callers share."""

    def __init__(self) -> None:
        """Connect when something is asked."""
        self._wire: W | None = None
        self._opening = SharedTask(self._open)
        self._wires: list[W] = []
        self._has_answered = False

    async def ask(self, commands: Commands, again: Commands | None = None) -> list[Any]:
        """Send commands together; give a reply or an error of its own for each, in order.

        When the connection is lost meanwhile, `again` is asked in their place over a new one:
        the same commands, where none are given.

        Raises:
            TimeoutError, OSError: there are no replies.
            Exception: what the wire raises.
        """
        end = asyncio.get_running_loop().time() + CALL_SECONDS
        wire = self._wire
        if wire is not None and wire.usable:
            try:
                return await wire.ask(commands)
            except wire.lost:
                commands = commands if again is None else again
        wire = None
        try:
            async with asyncio.timeout_at(end) as limit:
                replies = None
                while replies is None:
                    wire = await self._connected()
                    try:
                        replies = await wire.ask(commands)
                    except wire.displaced:
                        commands = commands if again is None else again
        except TimeoutError as error:
            if wire is None and limit.expired():
                raise NotConnected from error
            raise
        self._has_answered = True
        return replies

    @property
    def current(self) -> W | None:
        """The wire that is asked now, if there is one."""
        return self._wire

    async def wire(self) -> W:
        """Return a wire that is open, for whoever has to stay on it.

        Raises:
            TimeoutError, OSError: there is none, or not in time.
        """
        if self._wire is not None and self._wire.usable:
            return self._wire
        async with in_time(CALL_SECONDS):
            return await self._connected()

    async def aclose(self) -> None:
        """Close the wire."""
        await self._opening.aclose()
        for wire in self._wires:
            await wire.aclose()

    async def _connected(self) -> W:
        if self._wire is not None and self._wire.usable:
            return self._wire
        return await self._opening.result()

    def _keep(self, wire: W) -> None:
        """Remember a wire, which is to be closed in the end."""
        self._wires = [*(wire for wire in self._wires if not wire.closed), wire]

    @abstractmethod
    async def _open(self) -> W:
        """Connect, and log in; give the wire, which is to be `_wire` from then on."""
