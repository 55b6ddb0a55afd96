"""What a contender does in its turn."""

import asyncio
import itertools
import random

from bench.contender import Contender
from bench.rounds import Prepare, Turn


def all_hits(hot: int, lookups: int, at_once: int) -> Turn:
    """Give the turn of so many callers, who look up what is cached one after the other."""
    chance = random.Random(1)

    async def turn(contender: Contender) -> tuple[int, int]:
        async def caller() -> int:
            ids = chance.choices(range(1, hot + 1), k=lookups // at_once)
            return sum([not await found(contender, id) for id in ids])

        if at_once == 1:
            return lookups, await caller()
        return lookups, sum(await asyncio.gather(*(caller() for _ in range(at_once))))

    return turn


def cold(rows: int, lookups: int, at_once: int = 1) -> Turn:
    """Give the turn in which every lookup is a miss, of so many callers."""

    async def turn(contender: Contender) -> tuple[int, int]:
        ids = random.Random(2).sample(range(1, rows + 1), lookups)

        async def caller(number: int) -> int:
            return sum([not await found(contender, id) for id in ids[number::at_once]])

        if at_once == 1:
            return lookups, await caller(0)
        return lookups, sum(await asyncio.gather(*map(caller, range(at_once))))

    return turn


def crowd(size: int, rows: int) -> Turn:
    """Give the turn in which many callers ask at once for one record that is not cached."""
    ids = itertools.count(1)

    async def turn(contender: Contender) -> tuple[int, int]:
        id = next(ids) % rows + 1
        answered = await asyncio.gather(*(found(contender, id) for _ in range(size)))
        return size, answered.count(False)

    return turn


def warmed(hot: int) -> Prepare:
    """Give what stores the hot users once."""
    done: set[int] = set()

    async def prepare(contender: Contender) -> None:
        if id(contender) not in done:
            done.add(id(contender))
            for key in range(1, hot + 1):
                await found(contender, key) or await found(contender, key)

    return prepare


async def emptied(contender: Contender) -> None:
    """Forget what the contender has cached."""
    contender.place.empty()


async def found(contender: Contender, id: int) -> bool:
    """Look a user up; tell whether that was the answer. Whatever it raises is a failure."""
    try:
        user = await contender.get(id)
    except Exception:  # noqa: BLE001  # each library has errors of its own
        return False
    return user is not None and user["id"] == id
