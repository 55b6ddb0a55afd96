"""The next of what comes is under way while the last is worked on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from fakes import Gate, settle

from tui.runtime.ahead import ahead


class Source:
    """Gives numbers, each when its gate is open, and notes what becomes of it."""

    def __init__(self, count: int, fails_at: int | None = None) -> None:
        """Give so many; raise an error in place of one of them."""
        self.gate = Gate()
        self.asked = 0
        self.closed = 0
        self.cancelled = 0
        self.leaving = Gate()
        self._count = count
        self._fails_at = fails_at

    async def numbers(self) -> AsyncGenerator[int, None]:
        """Give them."""
        try:
            for number in range(self._count):
                self.asked += 1
                await self.gate.passing()
                if number == self._fails_at:
                    raise ValueError(f"number {number}")
                yield number
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            await self.leaving.passing()
            self.closed += 1


def others() -> set["asyncio.Task[object]"]:
    """Give the tasks that are not this one."""
    return asyncio.all_tasks() - {asyncio.current_task()}


@pytest.mark.parametrize("count", [0, 1, 2, 50])
async def test_all_come_in_their_order(count: int) -> None:
    """And the source is closed behind the last."""
    source = Source(count)
    assert [number async for number in ahead(source.numbers())] == list(range(count))
    assert source.closed == 1
    assert others() == set()


async def test_one_is_asked_for_ahead_and_no_more() -> None:
    """While the first is worked on the second comes; the third waits for that."""
    source = Source(9)
    async with aclosing(ahead(source.numbers())) as numbers:
        assert source.asked == 0
        assert await anext(numbers) == 0
        await settle()
        assert source.asked == 2
        assert await anext(numbers) == 1
        await settle()
        assert source.asked == 3


@pytest.mark.parametrize("fails_at", [0, 1, 3])
async def test_an_error_comes_in_its_turn(fails_at: int) -> None:
    """All that came before it has been given by then, though it was known earlier."""
    source = Source(5, fails_at)
    numbers = ahead(source.numbers())
    for number in range(fails_at):
        assert await anext(numbers) == number
        await settle()
    with pytest.raises(ValueError, match=f"number {fails_at}"):
        await anext(numbers)
    assert source.closed == 1
    assert others() == set()


async def test_closing_cancels_what_is_under_way_and_closes_the_source() -> None:
    """It is over when closing is."""
    source = Source(9)
    numbers = ahead(source.numbers())
    assert await anext(numbers) == 0
    source.gate.close()
    await settle()
    assert source.gate.waiting == 1
    await numbers.aclose()
    assert (source.cancelled, source.closed, source.gate.waiting) == (1, 1, 0)
    assert others() == set()


async def test_an_error_that_nobody_asked_for_is_let_go() -> None:
    """It came of what was read ahead, and its turn never comes."""
    source = Source(5, fails_at=1)
    numbers = ahead(source.numbers())
    assert await anext(numbers) == 0
    await settle()
    assert source.closed == 1
    await numbers.aclose()
    assert others() == set()


async def test_who_waits_for_the_next_can_be_cancelled() -> None:
    """The source is cancelled with it and closed."""
    source = Source(9)
    source.gate.close()
    waiting = asyncio.ensure_future(anext(numbers := ahead(source.numbers())))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (source.cancelled, source.closed) == (1, 1)
    await numbers.aclose()
    assert others() == set()


async def test_who_is_cancelled_while_closing_is_so_when_the_source_has_ended() -> None:
    """The source takes its time to leave; it is neither left running nor is the wish lost."""
    source = Source(9)
    numbers = ahead(source.numbers())
    assert await anext(numbers) == 0
    source.gate.close()
    source.leaving.close()
    await settle()
    closing = asyncio.ensure_future(numbers.aclose())
    await settle()
    assert source.leaving.waiting == 1
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert source.gate.waiting == source.leaving.waiting == 0
    assert others() == set()


async def test_two_may_be_put_one_behind_the_other() -> None:
    """As the audit does; closing the last closes all."""
    source = Source(9)
    numbers = ahead(ahead(source.numbers()))
    assert [await anext(numbers) for _ in range(3)] == [0, 1, 2]
    await settle()
    assert source.asked == 5
    await numbers.aclose()
    assert source.closed == 1
    assert others() == set()
