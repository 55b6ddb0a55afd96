"""Hand-written connections, which answer when they are told to."""

import asyncio
from collections.abc import Callable
from typing import Any

from tui.database.sql.pool import ConnectionLost
from tui.database.sql.query import Query, Row


class FakeChannel:
    """A connection to nowhere; what it does is said by a test."""

    def __init__(self, number: int = 0) -> None:
        """Begin at rest."""
        self.number = number
        self.open = True
        self.at_rest = True
        self.closed = 0
        self.cancelled = 0
        self.ran: list[str] = []
        self.answer: Callable[[Query], Any] = lambda query: (1, [(query.sql,)])
        self.gate: asyncio.Event | None = None
        self.ends_when_cancelled = True

    @property
    def usable(self) -> bool:
        """Whether it is open and at rest."""
        return self.open and self.at_rest

    async def run(self, query: Query) -> tuple[int, list[Row]]:
        """Answer, once the gate is open."""
        if not self.open:
            raise ConnectionLost("it is closed")
        self.ran.append(query.sql)
        self.at_rest = False
        if self.gate is not None:
            await self.gate.wait()
        if not self.open:
            raise ConnectionLost("it was closed")
        self.at_rest = True
        try:
            result: tuple[int, list[Row]] = self.answer(query)
        except ConnectionLost:
            self.open = False
            raise
        return result

    async def stream(self, query: Query, take: Callable[[Row], Any]) -> None:
        """Give the rows of the answer."""
        _, rows = await self.run(query)
        for row in rows:
            take(row)

    async def begin(self) -> None:
        """Begin a transaction."""
        await self.run(Query("BEGIN"))

    async def end(self, *, commit: bool) -> None:
        """End it."""
        await self.run(Query("COMMIT" if commit else "ROLLBACK"))

    async def cancel(self) -> None:
        """End what runs, if it can be ended."""
        self.cancelled += 1
        if self.ends_when_cancelled:
            self.at_rest = True
        else:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        """Close it, and so end what runs."""
        self.closed = 1
        self.open = False
        if self.gate is not None:
            self.gate.set()
