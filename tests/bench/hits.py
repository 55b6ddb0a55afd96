"""Hits, misses and crowds, beside the others."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from servers import ValkeyServer

from bench import ours, peers, turns
from bench.contender import Contender, Opening, Place
from bench.cores import one_core
from bench.report import Cell, Table
from bench.rounds import RATIO_COLUMNS, Tries, compared, run
from bench.scale import Scale

PEERS: tuple[Opening, ...] = (
    peers.by_hand, peers.cashews_get_or_set, peers.cashews_decorator, peers.aiocache,
    peers.dogpile,
)  # fmt: skip


async def all_of(
    stack: AsyncExitStack,
    server: ValkeyServer,
    database: Path | str,
    openings: Sequence[Opening],
) -> list[Contender]:
    """Open these contenders, each with a database of its own in the server."""
    places = (Place(server, number, str(database)) for number in range(len(openings)))
    return [
        await stack.enter_async_context(opening(place))
        for opening, place in zip(openings, places, strict=True)
    ]


async def hits(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure lookups of what is cached: one caller, then several at once."""
    tables = []
    async with AsyncExitStack() as stack:
        contenders = await all_of(
            stack, server, path, (peers.client_alone, ours.hitmiss, *PEERS)
        )
        warm, reference = turns.warmed(scale.hot), contenders[0].name
        for at_once in (1, 16, 128):
            turn = turns.all_hits(scale.hot, max(scale.hits, at_once), at_once)
            tries = await run(contenders, turn, scale.rounds, warm)
            rows = compared(tries, reference, throughput=at_once > 1)
            tables.append(_hits_table(at_once, rows))
        turn = turns.all_hits(scale.hot, scale.crowd, scale.crowd)
        tries = await run(contenders, turn, max(1, scale.rounds // 3), warm)
        tables.append(_hits_table(scale.crowd, compared(tries, reference, throughput=True)))
    return tables


def _hits_table(at_once: int, rows: tuple[tuple[object, ...], ...]) -> Table:
    if at_once == 1:
        title, note = "A hit, one after the other", "Time, beside that of the client alone."
    else:
        title = f"Hits, {at_once:,} callers at once"
        note = "Lookups a second, beside those of the client alone: more is better."
    return Table(title, note, ("who", *RATIO_COLUMNS), rows)  # type: ignore[arg-type]


async def misses(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure lookups of what is not cached, one after the other: anywhere, and on one core."""
    note = (
        "Time, beside that of the least that a miss can cost: a SELECT that holds up the loop,"
        " and one SET, without asking the cache first. Only hitmiss takes a lease and stores"
        " only while it holds it."
    )
    anywhere = Table("A miss", note, *await _misses(server, path, scale))
    with one_core(), ValkeyServer() as neighbour:
        rows = await _misses(neighbour, path, scale)
    note = "The same with the server, this process and its threads on one core: none wakes up."
    return [anywhere, Table("A miss, all on one core", note, *rows)]


async def _misses(
    server: ValkeyServer, path: Path, scale: Scale
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    async with AsyncExitStack() as stack:
        contenders = await all_of(
            stack,
            server,
            path,
            (peers.select_and_set, ours.hitmiss, *PEERS, peers.cashews_lock),
        )
        turn = turns.cold(scale.rows, scale.cold)
        tries = await run(contenders, turn, scale.rounds, turns.emptied)
    return ("who", *RATIO_COLUMNS), compared(tries, contenders[0].name)


async def crowds(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure many lookups at once of one record that is not cached."""
    async with AsyncExitStack() as stack:
        openings = (ours.hitmiss, *PEERS, peers.cashews_lock)
        contenders = await all_of(stack, server, path, openings)
        reference = next(c.name for c in contenders if c.name == "cashews, decorator")
        turn = turns.crowd(scale.crowd, scale.rows)
        rounds = max(1, scale.rounds // 2)
        tries: dict[str, Tries] = await run(contenders, turn, rounds, turns.emptied)
    table = Table(
        f"{scale.crowd:,} at once for one cold record",
        f"Time, beside that of the decorator of cashews; {rounds} turns each, so"
        f" {rounds} SELECTs are the fewest.",
        ("who", *RATIO_COLUMNS),
        compared(tries, reference),
    )
    return [table]


async def embedded(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure hits of the cache inside this process."""
    async with AsyncExitStack() as stack:
        contenders = await all_of(stack, server, path, (peers.fakeredis_alone, ours.embedded))
        turn = turns.all_hits(scale.hot, max(1, scale.hits // 4), 1)
        tries = await run(contenders, turn, scale.rounds, turns.warmed(scale.hot))
    table = Table(
        "A hit of the embedded cache",
        "Time, beside that of a bare fakeredis.",
        ("who", *RATIO_COLUMNS),
        compared(tries, contenders[0].name),
    )
    return [table]


async def without_cache(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure what the database by itself takes, a file on the same machine."""
    openings = (peers.client_alone, peers.select_on_the_loop, peers.select_in_a_thread)
    async with AsyncExitStack() as stack:
        contenders = await all_of(stack, server, path, openings)
        turn = turns.all_hits(scale.hot, scale.hits, 1)
        tries = await run(contenders, turn, scale.rounds, turns.warmed(scale.hot))
    table = Table(
        "Without a cache",
        "Time, beside that of the client alone. A row of a local SQLite file comes sooner than"
        " any answer of a server: Redis never makes such a file faster. The pattern pays where"
        " the database is remote or busy.",
        ("who", *RATIO_COLUMNS),
        compared(tries, contenders[0].name),
    )
    return [table]
