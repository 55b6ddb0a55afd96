"""The cache screen's controller over hand-written fakes: its walk, and when the next is due."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest
from fakes import SCHEMA, TEMPLATE, Bench, settle

from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.session import Place, Session
from tui.models import KeyFacts
from tui.runtime.errors import CacheUnavailable
from tui.service.lifetimes import Lifetimes


@pytest.fixture
def controller(bench: Bench) -> CachedKeysController:
    """A controller on the bench, in whose cache five copies are."""

    async def open_services() -> Bench:
        return bench

    place = Place("fake", "fake")
    session = Session(open_services, SCHEMA, TEMPLATE, Lifetimes(), place, read_only=False)
    for id in range(1, 6):
        bench.cache.put(f"hitmiss:user:{id}", b'{"id": 1, "name": "x"}', 50.0)
    return CachedKeysController(session, bench.clock)


async def walked(controller: CachedKeysController) -> list[int]:
    """Walk to the end; return what each step gave."""
    return [count async for count in controller.walk()]


def is_due(controller: CachedKeysController) -> bool:
    """Tell whether it is time for another walk."""
    return controller.is_due


def listed(bench: Bench, controller: CachedKeysController) -> int:
    """Return how many copies the list has now."""
    controller.inventory.arrange(bench.clock.now)
    return len(controller.inventory)


async def test_a_walk_lists_all_that_is_cached(
    bench: Bench, controller: CachedKeysController
) -> None:
    """Each step gives how many there are so far; at the end the list is complete."""
    assert is_due(controller)
    assert await walked(controller) == [2, 4, 5]
    assert (listed(bench, controller), controller.complete) == (5, True)
    assert controller.problem is None


@pytest.mark.parametrize(("took", "rests"), [(0.0, 5.0), (1.0, 20.0), (100.0, 60.0)])
async def test_a_walk_is_followed_by_a_rest(
    bench: Bench, controller: CachedKeysController, took: float, rests: float
) -> None:
    """Twenty times as long as it took, of five seconds at least and a minute at most."""
    gate = bench.cache.gate("describe")
    gate.close()
    walk = asyncio.create_task(walked(controller))
    await settle()
    bench.clock.now += took
    gate.open()
    await walk
    bench.clock.now += rests - 0.1
    assert not is_due(controller)
    bench.clock.now += 0.1
    assert is_due(controller)


async def test_a_walk_that_failed_is_made_again_soon(
    bench: Bench, controller: CachedKeysController
) -> None:
    """Its failure is the problem until the next one has an answer; what was found stays."""
    await walked(controller)
    bench.cache.down = "connection refused"
    assert await walked(controller) == []
    assert "connection refused" in (controller.problem or "")
    assert listed(bench, controller) == 5
    assert not is_due(controller)
    bench.clock.now += 5
    assert is_due(controller)
    bench.cache.down = None
    async with aclosing(controller.walk()) as steps:
        await anext(steps)
        assert controller.problem is None


async def test_a_walk_that_was_left_is_as_due_as_before(
    controller: CachedKeysController,
) -> None:
    """Nobody waits for it, and what it has not seen is not known."""
    async with aclosing(controller.walk()) as steps:
        await anext(steps)
    assert is_due(controller)
    assert not controller.complete


async def test_what_cannot_be_looked_at_is_a_problem(
    bench: Bench, controller: CachedKeysController, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said with how many there are, and the first of them with its reason."""

    async def describe(keys: Sequence[str]) -> list[KeyFacts]:
        return [KeyFacts(key, None, None, unread="it is not allowed") for key in keys]

    with monkeypatch.context() as patch:
        patch.setattr(bench.cache.walker, "describe", describe)
        await walked(controller)
    assert controller.problem == (
        "5 keys could not be looked at: hitmiss:user:1: it is not allowed"
    )
    await walked(controller)
    assert controller.problem is None


async def test_after_invalidating_all_a_walk_is_due(
    bench: Bench, controller: CachedKeysController
) -> None:
    """Also where somebody has stopped it; after a failure it rests, or the walk fails too."""
    await walked(controller)
    async with aclosing(controller.invalidate_all()) as steps:
        assert await anext(steps) == 2
    assert is_due(controller)
    bench.cache.refuses["invalidate"] = CacheUnavailable("it did not answer")
    with pytest.raises(CacheUnavailable):
        await bench.clock.play(_all(controller))
    assert not is_due(controller)
    bench.cache.refuses.clear()
    assert await bench.clock.play(_all(controller)) == 3
    assert is_due(controller)


async def _all(controller: CachedKeysController) -> int:
    return max([count async for count in controller.invalidate_all()])
