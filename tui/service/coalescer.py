"""One load for many waiters: concurrent callers of a key share a single task."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Flight(Generic[Result]):
    """One load under way, and everybody who waits for it."""

    def __init__(self, key: str, turn: int) -> None:
        """Prepare the flight of `key`."""
        self.key = key
        self.turn = turn
        """When its latest read began, in the one order of lookups and reads."""
        self._task: asyncio.Task[Result] | None = None
        self._waiters: dict[asyncio.Future[Result], None] = {}
        """In the order in which they came, and go on."""

    def launch(self, load: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Start the load as a task of its own, which no waiter can cancel."""
        self._task = asyncio.create_task(self._fly(load))
        return self._task

    @property
    def landed(self) -> bool:
        """Whether the load has ended."""
        return self._task is not None and self._task.done()

    async def wait(self) -> Result:
        """Give the load's result once it is there.

        Each waiter has a future of its own, so that a cancelled one harms nobody else.

        Raises:
            BaseException: what the load itself raised, for every waiter.
        """
        waiter: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if self._task is not None and self._task.done():
            _settle(waiter, self._task)
        else:
            self._waiters[waiter] = None
        try:
            return await waiter
        finally:
            self._waiters.pop(waiter, None)

    async def _fly(self, load: Coroutine[Any, Any, Result]) -> Result:
        """Give the result to all who wait at once: a turn of the loop before `land` could."""
        result = await load
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(result)
        return result

    def land(self, task: asyncio.Task[Result]) -> None:
        """Tell all who still wait how the load has ended."""
        for waiter in self._waiters:
            _settle(waiter, task)
        if not task.cancelled():
            task.exception()  # with no waiter left, nobody else would fetch it


def _settle(waiter: "asyncio.Future[Result]", task: "asyncio.Task[Result]") -> None:
    if waiter.done():
        return
    if task.cancelled():
        waiter.cancel()
    elif error := task.exception():
        waiter.set_exception(error)
    else:
        waiter.set_result(task.result())


class SingleFlight(Generic[Result]):
    """The flights under way, at most one a key that can be joined."""

    def __init__(self) -> None:
        """Begin with no flight."""
        self._joinable: dict[str, Flight[Result]] = {}
        self._tasks: set[asyncio.Task[Result]] = set()
        self._turns = itertools.count(1)

    def __len__(self) -> int:
        """Count the loads that still run, joinable or not."""
        return len(self._tasks)

    def turn(self) -> int:
        """Give the next number in the one order of lookups and reads.

        A read with a higher number than a lookup began after it, so what it finds is at
        least as new as anything that was acknowledged before the lookup began.
        """
        return next(self._turns)

    def get(self, key: str) -> Flight[Result] | None:
        """Give the flight of `key` that a lookup may join, if there is one.

        Between a load's end and its done-callbacks lies a moment in which others run. Who
        joined then and could not use the result would find the same flight again, without
        ever waiting: so a flight that has landed is no longer there to be joined.
        """
        flight = self._joinable.get(key)
        return None if flight is None or flight.landed else flight

    def start(
        self, key: str, load: Callable[[Flight[Result]], Coroutine[Any, Any, Result]]
    ) -> Flight[Result]:
        """Begin a flight for `key` and make it the one that others join.

        The task is held until it ends, and leaves the map in a done-callback: an eager
        task (Python 3.12+) may have finished before `launch` returns, when a `finally`
        in the load would have run too early to remove anything.
        """
        flight: Flight[Result] = Flight(key, self.turn())
        self._joinable[key] = flight
        task = flight.launch(load(flight))
        self._tasks.add(task)
        task.add_done_callback(partial(self._land, flight))
        return flight

    def close_to_joiners(self, flight: Flight[Result]) -> None:
        """Take that flight out of the map; it goes on for those who already wait."""
        if self._joinable.get(flight.key) is flight:
            del self._joinable[flight.key]

    def forget(self, key: str) -> None:
        """Take whatever flight `key` has out of the map (a write makes it out of date)."""
        self._joinable.pop(key, None)

    def _land(self, flight: Flight[Result], task: asyncio.Task[Result]) -> None:
        flight.land(task)
        self._tasks.discard(task)
        self.close_to_joiners(flight)

    async def aclose(self) -> None:
        """Cancel all flights and wait until they are over."""
        await asyncio.sleep(0)  # who has not begun could not clean up
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
