"""How long hits take while they come at a steady pace, whether or not the last are done."""

import asyncio
import itertools
import statistics
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from servers import ValkeyServer

from bench import ours, peers, turns
from bench.contender import Contender
from bench.hits import PEERS, all_of
from bench.report import Table, micro
from bench.scale import Scale

RATE = 1_000
"""Lookups a second."""
SLICES = 8
"""In how many turns each has its time."""


async def paced(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure hits at RATE, each from the moment at which it should have begun."""
    waits: dict[str, list[float]] = {}
    errors: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        contenders = await all_of(
            stack, server, path, (peers.client_alone, ours.hitmiss, *PEERS)
        )
        warm = turns.warmed(scale.hot)
        for _ in range(SLICES):
            for contender in contenders:
                await warm(contender)
                lookups = max(1, round(scale.paced_seconds / SLICES * RATE))
                mine = waits.setdefault(contender.name, [])
                mine += await _slice(contender, lookups, scale.hot, errors)
    table = Table(
        f"A hit at {RATE:,} lookups a second",
        "From the moment at which the lookup should have begun: who is late counts as slow.",
        ("who", "p50", "p99", "p99.9", "lookups", "errors"),
        tuple((*_row(name, mine), errors[name]) for name, mine in waits.items()),
    )
    return [table]


async def _slice(
    contender: Contender, lookups: int, hot: int, errors: Counter[str]
) -> list[float]:
    loop, waits, ids = asyncio.get_running_loop(), [], itertools.cycle(range(1, hot + 1))
    start = loop.time()

    async def look_up(due: float) -> None:
        if not await turns.found(contender, next(ids)):
            errors[contender.name] += 1
        waits.append(loop.time() - due)

    async with asyncio.TaskGroup() as group:
        for number in range(lookups):
            due = start + number / RATE
            await asyncio.sleep(max(0.0, due - loop.time()))
            group.create_task(look_up(due))
    return waits


def _row(name: str, waits: list[float]) -> tuple[str | int, ...]:
    if len(waits) < 2:
        return (name, *[micro(waits[0])] * 3, len(waits))
    cuts = statistics.quantiles(waits, n=1000, method="inclusive")
    return (name, *(micro(cuts[n - 1]) for n in (500, 990, 999)), len(waits))
