"""Work that all who want its result wait for together."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class SharedTask(Generic[Result]):
    """A piece of work that runs once at a time, however many want its result meanwhile."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> None:
        """Prepare to do `work`."""
        self._work = work
        self._task: asyncio.Task[Result] | None = None

    async def result(self) -> Result:
        """Give the result of the work under way, which is begun if there is none.

        Who is cancelled here leaves it to the others.

        Raises:
            Exception: what the work raised, for all who wait for it.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
            # With nobody left who waits, nobody else would fetch what it raised.
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._task)

    async def aclose(self) -> None:
        """Cancel the work under way, and wait until it is over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
