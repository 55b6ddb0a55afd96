"""One load for many waiters."""

import asyncio
import sys

import pytest
from fakes import Gate, settle

from tui.service.coalescer import Flight, Flights


@pytest.fixture
def flights() -> Flights[str]:
    """Flights that bring a text home."""
    return Flights()


async def test_all_waiters_of_a_flight_get_the_same_result(flights: Flights[str]) -> None:
    """One load answers everybody who joined it."""
    gate = Gate()
    gate.close()
    loads = 0

    async def load(flight: Flight[str]) -> str:
        nonlocal loads
        loads += 1
        await gate.passing()
        return "answer"

    flight = flights.start("key", load)
    assert flights.get("key") is flight
    waiters = [flight.join() for _ in range(100)]
    await settle()
    gate.open()
    assert await asyncio.gather(*waiters) == ["answer"] * 100
    assert loads == 1
    assert flights.get("key") is None
    assert len(flights) == 0


async def test_a_cancelled_waiter_harms_nobody(flights: Flights[str]) -> None:
    """The flight and the other waiters go on when one of them leaves."""
    gate = Gate()
    gate.close()

    async def load(flight: Flight[str]) -> str:
        await gate.passing()
        return "answer"

    flight = flights.start("key", load)
    waiters = [flight.join() for _ in range(5)]
    await settle()
    waiters[2].cancel()
    await settle()
    gate.open()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert isinstance(results.pop(2), asyncio.CancelledError)
    assert results == ["answer"] * 4


async def test_a_flight_that_nobody_waits_for_ends(flights: Flights[str]) -> None:
    """The only waiter may leave; the load still runs to its end."""
    gate, done = Gate(), asyncio.Event()
    gate.close()

    async def load(flight: Flight[str]) -> str:
        await gate.passing()
        done.set()
        return "answer"

    flight = flights.start("key", load)
    waiter = flight.join()
    await settle()
    waiter.cancel()
    await settle()
    gate.open()
    await settle()
    assert done.is_set()
    assert len(flights) == 0


async def test_an_error_reaches_every_waiter(flights: Flights[str]) -> None:
    """What the load raises, every waiter gets; the next one starts a new flight."""

    async def load(flight: Flight[str]) -> str:
        await asyncio.sleep(0)
        raise LookupError("broken")

    flight = flights.start("key", load)
    waiters = [flight.join() for _ in range(3)]
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    assert flights.get("key") is None


async def test_a_flight_closed_to_joiners_still_serves_its_waiters(
    flights: Flights[str],
) -> None:
    """Rule A takes the flight out of the map, not out of the air; a new one may begin."""
    gate = Gate()
    gate.close()

    async def load(flight: Flight[str]) -> str:
        await gate.passing()
        return f"flight {flight.epoch}"

    first = flights.start("key", load)
    waiter = first.join()
    flights.close_to_joiners(first)
    assert flights.get("key") is None
    second = flights.start("key", load)
    flights.close_to_joiners(first)  # the old flight must not take the new one out
    assert flights.get("key") is second
    gate.open()
    assert await waiter == f"flight {first.epoch}"
    assert second.epoch > first.epoch


async def test_forget_drops_whatever_flight_there_is(flights: Flights[str]) -> None:
    """Rule C: a write makes the flight under way one that nobody may join."""
    gate = Gate()
    gate.close()

    async def load(flight: Flight[str]) -> str:
        await gate.passing()
        return "answer"

    flights.start("key", load)
    flights.forget("key")
    flights.forget("never seen")
    assert flights.get("key") is None
    assert len(flights) == 1
    gate.open()
    await settle()
    assert len(flights) == 0


async def test_closing_cancels_what_is_under_way(flights: Flights[str]) -> None:
    """After aclose no task is left, and waiters are told."""
    gate = Gate()
    gate.close()

    async def load(flight: Flight[str]) -> str:
        await gate.passing()
        return "answer"

    waiter = flights.start("key", load).join()
    await settle()
    await flights.aclose()
    assert len(flights) == 0
    with pytest.raises(asyncio.CancelledError):
        await waiter


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks need Python 3.12")
async def test_an_eager_flight_leaves_the_map(flights: Flights[str]) -> None:
    """A load that ends before its task is returned is not left in the map for ever."""
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
    try:

        async def load(flight: Flight[str]) -> str:
            return "at once"

        flight = flights.start("key", load)
        assert await flight.join() == "at once"
        await settle()
        assert flights.get("key") is None
        assert len(flights) == 0
    finally:
        loop.set_task_factory(before)


async def test_a_flight_that_has_landed_cannot_be_joined(flights: Flights[str]) -> None:
    """Even before its done-callbacks have run, a finished load is out of the map."""
    found: list[object] = []

    async def load(flight: Flight[str]) -> str:
        asyncio.get_running_loop().call_soon(lambda: found.append(flights.get("key")))
        return "answer"

    flight = flights.start("key", load)
    assert await flight.join() == "answer"
    assert found == [None]
