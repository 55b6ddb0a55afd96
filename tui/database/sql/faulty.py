"""Faults of a database, switched on: below what runs statements, so that all of it is real."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tui.database.sql.pool import ConnectionLost, ServerChannel
from tui.database.sql.query import Query, Row
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.faults import Faults


class FaultyChannel:
    """A connection that ends when the fault 'database down' is switched on."""

    def __init__(self, channel: ServerChannel, faults: Faults, place: str) -> None:
        """Stand before `channel`, to the server at `place`."""
        self._channel = channel
        self._faults = faults
        self._place = place

    @property
    def usable(self) -> bool:
        """Whether it is open and at rest."""
        return self._channel.usable and not self._faults.database_down

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Run a statement, unless the server is down."""
        self._check_up()
        return await self._channel.run(query)

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Run a query, unless the server is down."""
        self._check_up()
        await self._channel.stream(query, take)

    async def begin(self) -> None:
        """Begin a transaction."""
        self._check_up()
        await self._channel.begin()

    async def end(self, *, commit: bool) -> None:
        """End the transaction."""
        await self._channel.end(commit=commit)

    async def cancel(self) -> None:
        """Let the server end what runs."""
        await self._channel.cancel()

    async def aclose(self) -> None:
        """End the connection."""
        await self._channel.aclose()

    def _check_up(self) -> None:
        if self._faults.database_down:
            raise ConnectionLost(f"the connection to {self._place} ended (a fault is on)")


def check_up(faults: Faults | None, place: str) -> None:
    """Pass unless the database is to be down, so that nobody listens.

    Raises:
        DatabaseUnavailable: it is.
    """
    if faults is not None and faults.database_down:
        raise DatabaseUnavailable(
            f"{place} cannot be reached: connection refused (a fault is on)"
        )


def be_late_of(faults: Faults | None) -> Callable[[], Awaitable[None]] | None:
    """Return what each statement waits for: as long as the fault 'database slow' says."""
    if faults is None:
        return None

    async def be_late() -> None:
        seconds = faults.database_latency
        if seconds:
            await asyncio.sleep(seconds)

    return be_late
