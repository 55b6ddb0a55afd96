"""Turns in rounds, so that whatever else the machine does meets everybody; and their ratios.

A time by itself says more of the machine and of its other users than of a library. What is
compared are turns of the same round, and what is told is the median of those ratios.
"""

import gc
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bench.contender import Contender
from bench.report import Cell, micro

RATIO_COLUMNS = ("ratio", "middle half", "typical", "SELECTs", "errors")


@dataclass(slots=True)
class Tries:
    """What one contender did in all its turns."""

    seconds: list[float] = field(default_factory=list)
    """How long a lookup took on average, turn by turn."""
    selects: int = 0
    errors: int = 0


Turn: TypeAlias = Callable[[Contender], Awaitable[tuple[int, int]]]
"""Looks users up; gives how many lookups it made, and how many of them failed."""
Prepare: TypeAlias = Callable[[Contender], Awaitable[None]]


async def _nothing(_: Contender) -> None:
    """Prepare nothing."""


async def run(
    contenders: Sequence[Contender], turn: Turn, rounds: int, prepare: Prepare = _nothing
) -> dict[str, Tries]:
    """Let each contender have its turn in each round, in an order of chance."""
    tries = {contender.name: Tries() for contender in contenders}
    chance = random.Random(7)
    for _ in range(rounds):
        for contender in chance.sample(contenders, len(contenders)):
            await prepare(contender)
            gc.collect()
            selects, started = contender.counted.selects, time.perf_counter()
            lookups, errors = await turn(contender)
            mine = tries[contender.name]
            mine.seconds.append((time.perf_counter() - started) / lookups)
            mine.selects += contender.counted.selects - selects
            mine.errors += errors
    return tries


def compared(
    tries: Mapping[str, Tries], reference: str, *, throughput: bool = False
) -> tuple[tuple[Cell, ...], ...]:
    """Give a row for each: the times beside those of `reference` in the same rounds.

    With `throughput` the ratios are upside down: how many times as many lookups a second.
    """
    rows: list[tuple[Cell, ...]] = []
    for name, mine in tries.items():
        pairs = zip(mine.seconds, tries[reference].seconds, strict=True)
        low, middle, high = spread(
            [theirs / own if throughput else own / theirs for own, theirs in pairs]
        )
        typical = micro(statistics.median(mine.seconds))
        rows.append(
            (name, middle, f"{low:.2f} to {high:.2f}", typical, mine.selects, mine.errors)
        )
    return tuple(rows)


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Give the quarter, the half and the three quarters of the values."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high
