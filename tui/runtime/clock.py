"""Time as the service sees it, so that tests can hold it still."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """A clock that only goes forward, and the waiting that goes with it."""

    def monotonic(self) -> float:
        """Give the time since some fixed moment, in seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        ...


class SystemClock:
    """The machine's own monotonic clock."""

    monotonic = staticmethod(time.monotonic)  # as it is: a lookup asks for the time often
    """Give the time since some fixed moment, in seconds."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds on the event loop."""
        await asyncio.sleep(seconds)
