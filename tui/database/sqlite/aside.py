"""Work on a file that may hang: in a thread that nobody has to wait for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from tui.runtime.errors import DatabaseUnavailable

FILE_SECONDS = 5.0
"""What it may take to look at a file and its schema: locks are waited for, disks are slow."""

Result = TypeVar("Result")


def aside(work: Callable[[], Result]) -> "Future[Result]":
    """Begin `work` in a thread of its own, which holds up neither loop nor end.

    A pool's thread would be waited for when the process ends.
    """
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()
    threading.Thread(target=_run, args=(work, future), daemon=True).start()
    return future


def in_time(work: Callable[[], Result]) -> Result:
    """Return what `work` returns, if that takes no longer than FILE_SECONDS.

    Raises:
        DatabaseUnavailable: it does; it goes on in its thread.
        Exception: what `work` raised.
    """
    try:
        return aside(work).result(FILE_SECONDS)
    except TimeoutError:
        raise DatabaseUnavailable(_silent()) from None


async def answered(work: Callable[[], Result]) -> Result:
    """Return what `work` returns, as in_time does, while the event loop goes on.

    Raises:
        DatabaseUnavailable: it takes longer than FILE_SECONDS; it goes on in its thread.
        Exception: what `work` raised.
    """
    try:
        async with asyncio.timeout(FILE_SECONDS):
            return await asyncio.wrap_future(aside(work))
    except TimeoutError:
        raise DatabaseUnavailable(_silent()) from None


def _silent() -> str:
    return (
        f"the database did not answer within {FILE_SECONDS:g} s; is its disk there, or does a"
        " view take so long?"
    )


def _run(work: Callable[[], Result], future: "Future[Result]") -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whoever waits for the future is told
        future.set_exception(error)
    else:
        future.set_result(result)
