"""A hot record is refreshed behind a hit, before everybody would have to wait for it."""

import asyncio
import math

from fakes import Bench, settle

from tui.models import Label
from tui.service.lifetimes import Lifetimes
from tui.service.loader import AVERAGE_WEIGHT

KEY = "hitmiss:user:1"


async def slow_load(bench: Bench, seconds: float) -> None:
    """Load record 1 by a read of the database that takes so long."""
    bench.table.gate.close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.clock.now += seconds
    bench.table.gate.open()
    await lookup


def draw(bench: Bench, value: float) -> None:
    """Let the next draws between 0 and 1 give `value`; jitter stays in the middle."""
    bench.service._loader._uniform = lambda low, high: (
        value if (low, high) == (0.0, 1.0) else (low + high) / 2
    )


async def test_close_to_its_end_a_hit_starts_a_refresh(bench: Bench) -> None:
    """The answer is a HIT at once; the copy is new behind it."""
    await slow_load(bench, 1.0)
    bench.clock.now += 29.0  # 1 s of freshness is left
    draw(bench, 1 - math.exp(-1.5))  # -ln(rand()) is 1.5: 1.0 s * 1.5 is more than that
    bench.table.rows[1] = {"id": 1, "name": "Berta"}
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.HIT, {"id": 1, "name": "Amara"})
    assert outcome.flags.refreshing
    await settle()
    draw(bench, 0.0)
    outcome = await bench.service.look_up(1)
    assert (outcome.record, outcome.ttl_left) == ({"id": 1, "name": "Berta"}, 30.0)
    assert bench.table.reads == [1, 1]


async def test_far_from_its_end_a_hit_is_just_a_hit(bench: Bench) -> None:
    """The same draw means nothing while more time is left than a load takes."""
    await slow_load(bench, 1.0)
    bench.clock.now += 28.0
    draw(bench, 1 - math.exp(-1.5))
    assert not (await bench.service.look_up(1)).flags.refreshing
    assert bench.table.reads == [1]


async def test_with_a_beta_of_0_nothing_is_refreshed_early(bench: Bench) -> None:
    """Not even by the draw that is the likeliest to refresh, at the last moment."""
    bench.service.lifetimes = Lifetimes(beta=0)
    await slow_load(bench, 1.0)
    bench.clock.now += 29.999
    draw(bench, 1 - 1e-9)
    assert not (await bench.service.look_up(1)).flags.refreshing
    assert bench.table.reads == [1]


async def test_a_refresh_under_way_is_not_started_twice(bench: Bench) -> None:
    """All hits of a hot key near its end share one refresh."""
    await slow_load(bench, 1.0)
    bench.clock.now += 29.5
    draw(bench, 0.9)
    bench.table.gate.close()
    for _ in range(20):
        assert (await bench.service.look_up(1)).label is Label.HIT
    await settle()
    assert bench.table.reads == [1, 1]
    bench.table.gate.open()
    await settle()


async def test_a_refresh_that_fails_is_nobodys_error(bench: Bench) -> None:
    """The copy stays; hits go on."""
    await slow_load(bench, 1.0)
    bench.clock.now += 29.5
    draw(bench, 0.9)
    bench.table.fails = "locked"
    assert (await bench.service.look_up(1)).flags.refreshing
    await settle()
    assert (await bench.service.look_up(1)).label is Label.HIT


async def test_the_load_time_is_a_moving_average(bench: Bench) -> None:
    """Each read moves the average by a fifth of the difference."""
    await slow_load(bench, 1.0)
    await bench.service.writer.invalidate(1)
    await slow_load(bench, 2.0)
    assert bench.service._loader._average == 1.0 + AVERAGE_WEIGHT


def test_without_jitter_all_fills_live_equally_long() -> None:
    """Jitter is a share of the ttl, up and down; the longest life counts it."""
    shortest, longest = (lambda low, high: low), (lambda low, high: high)
    even, uneven = Lifetimes(ttl=10, grace=5, jitter=0), Lifetimes(ttl=10, grace=5, jitter=0.2)
    assert (even.draw(shortest), even.draw(longest), even.longest) == (10, 10, 15)
    assert (uneven.draw(shortest), uneven.draw(longest), uneven.longest) == (8, 12, 17)
