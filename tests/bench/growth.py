"""What a hundred times as many rows and keys cost."""

import asyncio
import random
import statistics
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from servers import ValkeyServer

from bench.contender import TTL
from bench.cores import one_core
from bench.ours import TEMPLATE
from bench.report import Cell, Table, micro
from bench.rounds import spread
from bench.scale import Scale
from tui.audit.engine import Audit
from tui.bootstrap import Services, open_services, prepare
from tui.config.settings import resolve
from tui.database.sqlite.seed import make_users
from tui.runtime.clock import SystemClock
from tui.runtime.errors import CacheError, CacheUnavailable

STORE = """\
for id = ARGV[1], ARGV[2] do
  local copy = '{"id":' .. string.format('%d', id) .. ARGV[3]
  redis.call('SET', KEYS[1] .. string.format('%d', id), copy, 'PX', ARGV[4])
end
"""
"""Store copies of one user under many keys: they are of the usual size."""
KEYS_PER_SCRIPT = 10_000
LOOKUPS = 200
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class World:
    """A database, and a server that has a copy of each of its rows."""

    size: int
    server: ValkeyServer
    services: Services

    @property
    def ids(self) -> list[int]:
        """Some of its users, by chance."""
        return random.Random(3).sample(range(1, self.size + 1), min(LOOKUPS, self.size // 2))


Work: TypeAlias = Callable[[World], Awaitable[None]]


async def growth(folder: Path, scale: Scale) -> list[Table]:
    """Measure the same work in a small and in a grown world, in turns."""
    async with AsyncExitStack() as stack:
        stack.enter_context(one_core())
        small, grown = [await _world(stack, folder, size) for size in (scale.rows, scale.grown)]
        rows: list[tuple[Cell, ...]] = []
        for name, work in WORKS.items():
            ratios, cpu, times = [], [], []
            for _ in range(scale.rounds):
                before, after = await _timed(work, small), await _timed(work, grown)
                ratios.append(after[0] / before[0])
                cpu.append(after[1] / before[1])
                times.append(after[0])
            low, middle, high = spread(ratios)
            typical = micro(statistics.median(times))
            told = (f"{low:.2f} to {high:.2f}", statistics.median(cpu), typical)
            rows.append((name, middle, *told))
        few, many = await _memory(grown, scale.hot // 10), await _memory(grown, scale.hot * 10)
    rows.append(
        (f"memory held after {scale.hot * 10:,} lookups", many / few, "", "", f"{many} KiB")
    )
    table = Table(
        f"Growth, from {scale.rows:,} to {scale.grown:,} rows and keys",
        f"Time of the same work on the larger, beside that on the smaller, with the servers and"
        f" this process on one core; CPU is what both took of it. Memory beside that after"
        f" {scale.hot // 10:,} lookups.",
        ("what", "ratio", "middle half", "CPU", "typical"),
        tuple(rows),
    )
    return [table]


async def _world(stack: AsyncExitStack, folder: Path, size: int) -> World:
    path = folder / f"{size}.db"
    if not path.exists():
        make_users(path, size)
    server = stack.enter_context(ValkeyServer())
    settings = resolve(
        {"cache": server.url, "db": str(path), "ttl": str(TTL)}, {}, {}, "no file"
    )
    services = await stack.enter_async_context(open_services(prepare(settings)))
    await services.service.look_up(1)
    with server.client() as client:
        copy = client.get(TEMPLATE.value_key(1))
        rest = bytes(copy)[len(b'{"id":1') :]
        for start in range(1, size + 1, KEYS_PER_SCRIPT):
            end = min(size, start + KEYS_PER_SCRIPT - 1)
            client.eval(STORE, 1, TEMPLATE.value_key(0)[:-1], start, end, rest, TTL * 1000)
    return World(size, server, services)


async def _timed(work: Work, world: World) -> tuple[float, float]:
    """Give the seconds that it took, and the seconds on a core, here and in the server."""
    for _ in range(ATTEMPTS):
        started, busy = time.perf_counter(), _cpu_seconds(world)
        try:
            await work(world)
        except CacheError:  # a machine that is busy with other things
            continue
        return time.perf_counter() - started, _cpu_seconds(world) - busy
    raise CacheUnavailable("the cache never answered in time")


def _cpu_seconds(world: World) -> float:
    return time.process_time() + world.server.cpu_seconds()


async def _hits(world: World) -> None:
    for id in world.ids:
        await world.services.service.look_up(id)


async def _misses(world: World) -> None:
    ids = world.ids
    with world.server.client() as client:
        client.delete(*map(TEMPLATE.value_key, ids))
    for id in ids:
        await world.services.service.look_up(id)


async def _search(world: World) -> None:
    for prefix in ("am", "jo", "mar", "lin"):
        await world.services.table.search(prefix, 8)


async def _page(world: World) -> None:
    walker = world.services.cache.walker
    async for keys in walker.scan(TEMPLATE):
        await walker.describe(keys)
        return


async def _audit(world: World) -> None:
    services = world.services
    audit = Audit(services.cache.walker, services.table, TEMPLATE, SystemClock())
    run = audit.run()
    await anext(run)
    await run.aclose()


WORKS: dict[str, Work] = {
    f"{LOOKUPS} hits": _hits,
    f"{LOOKUPS} misses": _misses,
    "search by the beginning of a name, 4 of them": _search,
    "a page of the Cache screen": _page,
    "a batch of the audit": _audit,
}


async def _memory(world: World, lookups: int) -> int:
    """Give the KiB that are held after so many lookups of different records, at least 1."""
    chance = random.Random(4)
    tracemalloc.start()
    for _ in range(lookups):
        await world.services.service.look_up(chance.randint(1, world.size))
    await asyncio.sleep(0)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return max(1, held // 1024)
