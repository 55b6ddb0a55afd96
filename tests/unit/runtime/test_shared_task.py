"""Work that all who want its result wait for together."""

import asyncio

import pytest
from fakes import Gate, settle

from tui.runtime.shared_task import SharedTask


class Work:
    """Counts how often it was begun, and gives that number when its gate is open."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.gate = Gate()
        self.begun = 0
        self.fails = False

    async def __call__(self) -> int:
        """Do it once."""
        self.begun += 1
        number = self.begun
        await self.gate.passing()
        if self.fails:
            raise ValueError(f"number {number}")
        return number


async def test_all_who_come_meanwhile_share_it() -> None:
    """Who comes when it is over has it done anew."""
    work = Work()
    shared = SharedTask(work)
    assert await asyncio.gather(*(shared.result() for _ in range(3))) == [1, 1, 1]
    assert await shared.result() == 2


async def test_who_is_cancelled_leaves_it_to_the_others() -> None:
    """The first may leave too."""
    work = Work()
    shared = SharedTask(work)
    work.gate.close()
    first, second = (asyncio.create_task(shared.result()) for _ in range(2))
    await settle()
    first.cancel()
    work.gate.open()
    assert await second == 1
    assert first.cancelled()


async def test_what_it_raises_reaches_all() -> None:
    """And is not remembered."""
    work = Work()
    shared = SharedTask(work)
    work.fails = True
    both = await asyncio.gather(shared.result(), shared.result(), return_exceptions=True)
    assert [str(error) for error in both] == ["number 1", "number 1"]
    work.fails = False
    assert await shared.result() == 2


async def test_closing_cancels_it() -> None:
    """Whoever waits is told; with nothing under way there is nothing to do."""
    work = Work()
    shared = SharedTask(work)
    await shared.aclose()
    work.gate.close()
    waiting = asyncio.create_task(shared.result())
    await settle()
    await shared.aclose()
    assert work.gate.waiting == 0
    with pytest.raises(asyncio.CancelledError):
        await waiting
