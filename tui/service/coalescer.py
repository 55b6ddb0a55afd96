"""One answer for many look-ups of a key, and which of them it is new enough for.

What is shared of a key goes through these states; each has look-ups that may join it:

    READING     one look-up asks at once, and is in this state until it is answered. Nobody
       │        joins: who comes later needs a later read.
       │ others come
    GATHERING   until the event loop's turn is over, then one of them reads for all of them.
       │        Everybody joins: the read is not sent yet.
       │ nothing fresh is cached
    LOADING     a flight reads the database. Everybody joins; whether the answer is new enough
       │        is decided when it is there.
       │ the fill is sent (rule A), or a write has replaced the record (rule C)
    CLOSED      the flight goes on for those who wait. Nobody joins.

Look-ups and reads of this process are numbered in one order, their epochs. An answer is new
enough for a look-up if its read has the higher epoch: then the read began after the look-up
did, and shows whatever was acknowledged before that.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Shared(Generic[Result]):
    """An answer to come, and everybody who waits for it."""

    __slots__ = ("_waiters", "epoch", "key")

    def __init__(self, key: str, epoch: int) -> None:
        """Begin with nobody who waits."""
        self.key = key
        """What it is the answer for."""
        self.epoch = epoch
        """Of the read that it comes from, once that is sent."""
        self._waiters: list[asyncio.Future[Result]] = []
        """In the order in which they came, and go on."""

    def join(self) -> "asyncio.Future[Result]":
        """Return a future of the answer; cancelling it harms nobody else."""
        waiter: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def settle(self, result: Result) -> None:
        """Give all who wait the answer."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(result)


class Flight(Shared[Result]):
    """A load in a task of its own, which none of those who wait can cancel."""

    __slots__ = ("_task",)

    def __init__(self, key: str, epoch: int) -> None:
        """Prepare the flight of `key`."""
        super().__init__(key, epoch)
        self._task: asyncio.Task[Result] | None = None

    def launch(self, load: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Start the load."""
        self._task = asyncio.create_task(self._fly(load))
        return self._task

    @property
    def landed(self) -> bool:
        """Whether the load has ended."""
        return self._task is not None and self._task.done()

    def join(self) -> "asyncio.Future[Result]":
        """Return a future of the load's result, or of the exception that it ends with."""
        waiter = super().join()
        if self._task is not None and self._task.done():
            self._pass_on(self._task, waiter)
        return waiter

    def land(self, task: "asyncio.Task[Result]") -> None:
        """Tell all who still wait how the load has ended."""
        for waiter in self._waiters:
            self._pass_on(task, waiter)
        if not task.cancelled():
            task.exception()  # with nobody waiting, nobody else would fetch it

    async def _fly(self, load: Coroutine[Any, Any, Result]) -> Result:
        """Give the result to all who wait at once: a turn of the loop before `land` could."""
        result = await load
        self.settle(result)
        return result

    def _pass_on(self, task: "asyncio.Task[Result]", waiter: "asyncio.Future[Result]") -> None:
        if waiter.done():
            return
        if task.cancelled():
            waiter.cancel()
        elif error := task.exception():
            waiter.set_exception(error)
        else:
            waiter.set_result(task.result())


class Flights(Generic[Result]):
    """The flights under way, at most one a key that can be joined."""

    def __init__(self) -> None:
        """Begin with no flight."""
        self._joinable: dict[str, Flight[Result]] = {}
        self._tasks: set[asyncio.Task[Result]] = set()
        self._epochs = itertools.count(1)

    def __len__(self) -> int:
        """Count the loads that still run, joinable or not."""
        return len(self._tasks)

    def next_epoch(self) -> int:
        """Return the next number in the one order of look-ups and reads."""
        return next(self._epochs)

    def get(self, key: str) -> Flight[Result] | None:
        """Return the flight of `key` that may be joined, if there is one.

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
        flight: Flight[Result] = Flight(key, self.next_epoch())
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
        """Take whatever flight `key` has out of the map."""
        self._joinable.pop(key, None)

    async def aclose(self) -> None:
        """Cancel all flights and wait until they are over."""
        await asyncio.sleep(0)  # who has not begun could not clean up
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _land(self, flight: Flight[Result], task: "asyncio.Task[Result]") -> None:
        flight.land(task)
        self._tasks.discard(task)
        self.close_to_joiners(flight)


Answer = TypeVar("Answer")


class Coalescer(Flights[Result], Generic[Result, Answer]):
    """What the look-ups of each key share: flights, and reads of the cache before them."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        super().__init__()
        self._reading: set[str] = set()
        self._gathering: dict[str, Shared[Answer | None]] = {}

    def gathering(self, key: str) -> Shared[Answer | None] | None:
        """Return the read of the cache that a look-up of `key` may still join."""
        return self._gathering.get(key)

    def begin_reading(self, key: str) -> bool:
        """Tell whether nobody reads `key` yet; if so, the caller does until it says so."""
        if key in self._reading:
            return False
        self._reading.add(key)
        return True

    def end_reading(self, key: str) -> None:
        """Note that who began to read has its answer, or has left."""
        self._reading.discard(key)

    def gather(self, key: str) -> Shared[Answer | None]:
        """Begin a read of `key` that others join until it is sent.

        Its answer is None when whoever was to send it has left.
        """
        shared: Shared[Answer | None] = Shared(key, 0)
        self._gathering[key] = shared
        return shared

    def send(self, shared: Shared[Answer | None]) -> int:
        """Let nobody join that read any more; return the epoch that it is sent in."""
        del self._gathering[shared.key]
        shared.epoch = self.next_epoch()
        return shared.epoch
