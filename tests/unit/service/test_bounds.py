"""Nothing grows with the number of keys ever looked up, and every await can be cancelled."""

import asyncio
import gc
import sys

import pytest
from fakes import TEMPLATE, Bench, FakeCache, ManualClock, settle

from tui.cache.port import Claim
from tui.models import Cached, Label
from tui.service.cache_aside import CacheAside

LOOKUPS = 100_000


class ForgetfulCache(FakeCache):
    """A cache that evicts everything at once, and keeps no list of its commands."""

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Take it, and drop it."""
        self.entries.clear()
        self.commands.clear()
        return True


@pytest.mark.slow
async def test_memory_is_bounded_over_many_keys() -> None:
    """After 100,000 lookups of as many keys the service holds what it held after 10,000."""
    bench = Bench()
    bench.cache = ForgetfulCache(bench.clock)
    service = CacheAside(bench.cache, bench.table, TEMPLATE, bench.clock)

    async def look_up_all(first: int, last: int) -> int:
        for id in range(first, last):
            assert (await service.look_up(id)).label is Label.NOT_FOUND
            bench.table.reads.clear()
        await settle()
        gc.collect()
        return sys.getallocatedblocks()

    early = await look_up_all(10, 10_000)
    late = await look_up_all(10_000, LOOKUPS)
    assert late - early < 1000, "blocks of memory, for 90,000 further keys"
    assert len(service._loader.flights) == 0


async def test_no_flight_is_left_behind_that_did_not_fill(bench: Bench) -> None:
    """Whether the database failed, or the cache was passed by."""
    bench.table.fails = "locked"
    for id in range(20):
        await bench.service.look_up(id)
        await bench.service.look_up(id, bypass=True)
    await settle()
    flights = bench.service._loader.flights
    assert (len(flights), flights._joinable) == (0, {})


@pytest.mark.parametrize("gate", ["read", "claim", "find", "fill"])
@pytest.mark.parametrize("waiters", [1, 5])
async def test_a_waiter_cancelled_at_any_await_harms_nobody(
    bench: Bench, gate: str, waiters: int
) -> None:
    """Wherever the lookup stands, the others get their answer, and the next one works."""
    held = bench.table.gate if gate == "find" else bench.cache.gate(gate)
    held.close()
    if gate == "claim":
        bench.cache.one_trip = False
    lookups = [asyncio.create_task(bench.service.look_up(1)) for _ in range(waiters)]
    await settle()
    lookups[0].cancel()
    await settle()
    assert lookups[0].cancelled()
    held.open()
    await settle()
    await bench.clock.advance(1)
    for lookup in lookups[1:]:
        assert (await lookup).record == {"id": 1, "name": "Amara"}
    assert (await bench.service.look_up(1)).record == {"id": 1, "name": "Amara"}
    await settle()
    assert len(bench.service._loader.flights) == 0


@pytest.mark.parametrize("gate", ["write", "invalidate"])
async def test_a_writer_cancelled_at_any_await_writes_to_the_end(
    bench: Bench, gate: str
) -> None:
    """Before the commit or after it: the row is written and the copy is gone."""
    await bench.service.look_up(1)
    held = bench.table.write_gate if gate == "write" else bench.cache.gate("invalidate")
    held.close()
    write = asyncio.create_task(bench.service.writer.update(1, {"name": "Berta"}))
    await settle()
    write.cancel()
    await settle()
    assert write.cancelled()
    held.open()
    await settle()
    assert bench.table.rows[1]["name"] == "Berta"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.DB, {"id": 1, "name": "Berta"})


async def test_a_cancelled_probe_gives_its_place_back() -> None:
    """When the lookup that tries a cache after an outage is cancelled, the next one tries."""
    bench = Bench()
    bench.cache.down = "refused"
    for _ in range(3):
        await bench.service.look_up(1)
    bench.cache.down = None
    bench.clock.now += 2
    bench.cache.gate("read").close()
    probe = asyncio.create_task(bench.service.look_up(1))
    await settle()
    probe.cancel()
    await settle()
    bench.cache.gate("read").open()
    assert (await bench.service.look_up(1)).label is Label.DB


async def test_a_lookup_cancelled_while_it_polls_leaves_the_flight(bench: Bench) -> None:
    """Waiting for another process is the flight's business, not the caller's."""
    assert isinstance(bench.clock, ManualClock)
    bench.cache.put("{hitmiss:user:1}:hitmiss-lease", b"another", 3)
    lookup = asyncio.create_task(bench.service.look_up(1))
    await bench.clock.advance(0.05)
    lookup.cancel()
    await settle()
    assert len(bench.service._loader.flights) == 1
    await bench.clock.advance(1)
    assert len(bench.service._loader.flights) == 0
