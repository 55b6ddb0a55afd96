"""Turns in rounds, so that whatever else the machine does meets everybody; and their ratios.

A time by itself says more of the machine and of its other users than of a library. What is
compared are turns of the same round, and what is told is the median of those ratios. Beside it
stands the same for this process' own time on a core, which others that are busy hardly change;
the server's time is not in it.
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

RATIO_COLUMNS = ("ratio", "middle half", "CPU", "typical", "SELECTs", "errors")


@dataclass(slots=True)
class Tries:
    """What one contender did in all its turns."""

    seconds: list[float] = field(default_factory=list)
    """How long a lookup took on average, turn by turn."""
    cpu: list[float] = field(default_factory=list)
    """How much of that this process was on a core."""
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
            selects, mine = contender.counted.selects, tries[contender.name]
            started, busy = time.perf_counter(), time.process_time()
            lookups, errors = await turn(contender)
            mine.cpu.append((time.process_time() - busy) / lookups)
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
    theirs = tries[reference]
    for name, mine in tries.items():
        low, middle, high = spread(_ratios(mine.seconds, theirs.seconds, throughput))
        _, cpu, _ = spread(_ratios(mine.cpu, theirs.cpu, throughput))
        typical = micro(statistics.median(mine.seconds))
        told = (f"{low:.2f} to {high:.2f}", cpu, typical, mine.selects, mine.errors)
        rows.append((name, middle, *told))
    return tuple(rows)


def _ratios(
    mine: Sequence[float], theirs: Sequence[float], upside_down: bool
) -> Sequence[float]:
    pairs = zip(mine, theirs, strict=True)
    return [other / own if upside_down else own / other for own, other in pairs]


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Give the quarter, the half and the three quarters of the values."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high
