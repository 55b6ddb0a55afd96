"""Hits and misses on Memcached, beside the least that they can cost, and aiomcache."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from memcached_server import MemcachedServer

from bench import memcached_peers, ours, turns
from bench.contender import Contender, MemcachedOpening, MemcachedPlace
from bench.cores import one_core
from bench.report import Cell, Table
from bench.rounds import RATIO_COLUMNS, compared, run
from bench.scale import Scale

COLUMNS = ("who", *RATIO_COLUMNS)


async def hits(server: MemcachedServer, path: Path, scale: Scale) -> list[Table]:
    """Measure lookups of what is cached: one caller, then several at once."""
    tables = []
    openings = (memcached_peers.wire_alone, ours.hitmiss, memcached_peers.client_alone)
    async with AsyncExitStack() as stack:
        contenders = await _all_of(stack, server, path, openings)
        wire, _, client = (contender.name for contender in contenders)
        warm = turns.warmed(scale.hot)
        for at_once in (1, 16, 128):
            turn = turns.all_hits(scale.hot, max(scale.hits, at_once), at_once)
            tries = await run(contenders, turn, scale.rounds, warm)
            title = "A hit on Memcached, one after the other"
            note = "Time, beside that of `mg` on the wire that hitmiss has, and a decode."
            if at_once > 1:
                title = f"Hits on Memcached, {at_once} callers at once"
                note = "Lookups a second, beside those of aiomcache: more is better."
            rows = compared(tries, client if at_once > 1 else wire, throughput=at_once > 1)
            tables.append(Table(title, note, COLUMNS, rows))
    return tables


async def misses(server: MemcachedServer, path: Path, scale: Scale) -> list[Table]:
    """Measure lookups of what is not cached, one after the other: anywhere, and on one core."""
    note = (
        "Time, beside that of the least that a miss can cost: a SELECT that holds up the loop,"
        " and one `ms` on the wire that hitmiss has, without asking the cache first. Only"
        " hitmiss claims the key, and stores only while the claim holds."
    )
    anywhere = Table("A miss on Memcached", note, COLUMNS, await _misses(server, path, scale))
    with one_core(), MemcachedServer() as neighbour:
        rows = await _misses(neighbour, path, scale)
    note = "The same with the server, this process and its threads on one core: none wakes up."
    return [anywhere, Table("A miss on Memcached, all on one core", note, COLUMNS, rows)]


async def _misses(
    server: MemcachedServer, path: Path, scale: Scale
) -> tuple[tuple[Cell, ...], ...]:
    openings = (
        memcached_peers.select_and_ms, ours.hitmiss, memcached_peers.by_hand,
        memcached_peers.by_hand_on_the_wire,
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        contenders = await _all_of(stack, server, path, openings)
        turn = turns.cold(scale.rows, scale.cold)
        tries = await run(contenders, turn, scale.rounds, turns.emptied)
    return compared(tries, contenders[0].name)


async def _all_of(
    stack: AsyncExitStack,
    server: MemcachedServer,
    path: Path,
    openings: Sequence[MemcachedOpening],
) -> list[Contender]:
    place = MemcachedPlace(server, str(path))
    return [await stack.enter_async_context(opening(place)) for opening in openings]
