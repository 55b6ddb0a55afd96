"""Signals, while the event loop has more to do than it can."""

import asyncio
import os
import signal
import sys

import pytest

from tui.runtime import signals

MANY = 10_000
"""More than what fits into the socket by which others wake a loop."""


def test_one_is_heard_while_the_loop_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once, and nobody complains that the loop could not be woken once more."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    heard: list[int] = []

    async def main() -> None:
        signals.end_by(heard.append, (signal.SIGUSR1,))
        for _ in range(MANY):
            asyncio.get_running_loop().call_soon_threadsafe(int)
        os.kill(os.getpid(), signal.SIGUSR1)
        while not heard:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(main(), 30))
    assert heard == [signal.SIGUSR1]
    assert complaints == []


def test_one_wakes_a_loop_that_waits() -> None:
    """It need not wait until something else happens."""

    async def main() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        signals.end_by(told.set_result, (signal.SIGUSR1,))
        os.kill(os.getpid(), signal.SIGUSR1)
        return await told

    assert asyncio.run(asyncio.wait_for(main(), 30)) == signal.SIGUSR1


def test_one_that_was_ignored_stays_so() -> None:
    """As `nohup` wants it."""
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:

        async def main() -> None:
            signals.end_by(print, (signal.SIGUSR1,))

        asyncio.run(main())
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)
