"""Misses where the database is a server, beside its driver alone."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from database_server import DatabaseServer
from servers import ValkeyServer

from bench import drivers, ours, turns
from bench.contender import Opening
from bench.cores import one_core
from bench.hits import all_of
from bench.report import Cell, Table
from bench.rounds import RATIO_COLUMNS, compared, run
from bench.scale import Scale
from tui.database.registry import store_of

AT_ONCE = 64


def make_users(url: str, rows: int) -> None:
    """Make the demo's table on a server, as `hitmiss seed` does."""
    store_of(url).make_users(url, rows, seed=1, progress=lambda _: None, stopped=lambda: False)


def driver_of(database: DatabaseServer) -> drivers.Driver:
    """Return the driver that hitmiss uses for such a database."""
    return drivers.DRIVERS[database.NAME]


async def remote(cache: ValkeyServer, database: DatabaseServer, scale: Scale) -> list[Table]:
    """Measure lookups of what is not cached: one after the other, and many at once."""
    driver = driver_of(database)
    many = (drivers.select_alone(driver), ours.hitmiss, drivers.pool_and_set(driver))
    rows = await _cold(cache, database, many, scale, scale.cold * 8, AT_ONCE)
    at_once = Table(
        f"Misses on {database.NAME}, {AT_ONCE} callers at once",
        f"Lookups a second, beside those of {driver.name}'s own pool of {drivers.POOL}"
        " connections that only reads, and caches nothing: more is better.",
        ("who", *RATIO_COLUMNS),
        rows,
    )
    return [await _alone(cache, database, scale), at_once]


async def remote_on_one_core(kind: type[DatabaseServer], scale: Scale) -> Table:
    """Measure one after the other with all on one core: none wakes up."""
    with one_core(), ValkeyServer() as cache, kind() as database:
        make_users(database.url, scale.rows)
        table = await _alone(cache, database, scale)
    note = "The same with both servers and this process on one core: none wakes up."
    return Table(f"{table.title}, all on one core", note, table.columns, table.rows)


async def _alone(cache: ValkeyServer, database: DatabaseServer, scale: Scale) -> Table:
    driver = driver_of(database)
    openings = (drivers.select_and_set(driver), ours.hitmiss, drivers.pool_and_set(driver))
    return Table(
        f"A miss on {database.NAME}",
        f"Time, beside that of a `SELECT` of {driver.name} on an open connection and one `SET`,"
        " without asking the cache first. Only hitmiss takes a lease and stores only while it"
        " holds it.",
        ("who", *RATIO_COLUMNS),
        await _cold(cache, database, openings, scale, scale.cold),
    )


async def _cold(
    cache: ValkeyServer,
    database: DatabaseServer,
    openings: Sequence[Opening],
    scale: Scale,
    lookups: int,
    at_once: int = 1,
) -> tuple[tuple[Cell, ...], ...]:
    async with AsyncExitStack() as stack:
        contenders = await all_of(stack, cache, database.url, openings)
        turn = turns.cold(scale.rows, lookups, at_once)
        tries = await run(contenders, turn, scale.rounds, turns.emptied)
    return compared(tries, contenders[0].name, throughput=at_once > 1)
