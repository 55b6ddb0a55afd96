"""What a session works with: opened when it is first asked for, and by whoever asks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class OpenedOnce(Generic[T]):
    """Something that all who ask for it wait for together, and have from then on."""

    def __init__(self, open_now: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Open by `open_now`, when somebody asks."""
        self._open_now = open_now
        self._opening: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Return it; nobody who leaves meanwhile may half-open it.

        Raises:
            Exception: what opening it raised, for all who ask.
        """
        if self._opening is None:
            self._opening = asyncio.create_task(self._open_now())
        return await asyncio.shield(self._opening)

    async def settle(self) -> None:
        """Return when nothing is being opened, however that ended."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
