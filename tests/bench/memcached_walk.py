"""Walks over all that a Memcached holds, beside the scripts that somebody would write."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from memcached_server import MemcachedServer

from bench.footprint import run_alone
from bench.report import Cell, Table
from bench.rounds import spread
from bench.scale import Scale
from bench.walk import WALKING
from bench.walking import metadump
from tui.cache.memcached.store import STORE
from tui.cache.port import CacheOptions
from tui.database.sqlite.seed import make_users
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.service.payload import encode

MEMORY = ("-m", "1024")
LIFE_SECONDS = 36_000
COPIES_PER_TRIP = 5_000
SOCKET = "a socket that reads `metadump`"
WALK = "**the walk over the keys**"
SCRIPT = "`metadump`, `get_many` of pymemcache, SELECT ... IN, json, compare dicts"
AUDIT = "**`hitmiss audit --drift-only`**"


def walks(folder: Path, scale: Scale) -> Iterator[Table]:
    """Measure an audit, each contender a process of its own, and the list of twice the keys."""
    size, rounds = min(scale.walked.items())
    with MemcachedServer(*MEMORY) as server:
        _fill(server, ((id, b"{}") for id in range(1, 2 * size + 1)))
        yield _listing(server, 2 * size, rounds)
    path = folder / f"{size}.db"
    if not path.exists():
        make_users(path, size)
    with MemcachedServer(*MEMORY) as server, closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM users")
        _fill(server, ((row["id"], encode(dict(row))) for row in rows))
        yield _audit(server, str(path), size, rounds)


def _listing(server: MemcachedServer, size: int, rounds: int) -> Table:
    """Measure the walk over keys, in this process."""

    async def walked() -> int:
        async with STORE.open(server.url, SystemClock(), CacheOptions(read_only=True)) as cache:
            scan = cache.walker.scan(KeyTemplate("hitmiss:user:{id}"))
            return sum([len(keys) async for keys in scan])

    seconds: dict[str, list[float]] = {SOCKET: [], WALK: []}
    for _ in range(rounds):
        for name, times in seconds.items():
            started = time.perf_counter()
            if name == WALK:
                found = asyncio.run(walked())
            else:
                found = sum(data.count(b"\n") for data in metadump(server.url)) - 1
            times.append(time.perf_counter() - started)
            if found != size:
                raise RuntimeError(f"{name} found {found:,} keys")
    return Table(
        f"Listing {size:,} keys of Memcached",
        "Time, beside that of a blocking socket from which the list is read, and its lines are"
        " counted; in one process.",
        ("what", "ratio", "middle half", "a key"),
        tuple(_beside_the_first(seconds, size)),
    )


def _audit(server: MemcachedServer, database: str, size: int, rounds: int) -> Table:
    """Measure the audit of copies that are all what their rows are."""
    commands = {
        SCRIPT: (WALKING, "memcached", server.url, database),
        AUDIT: (
            "-m", "tui", "audit", "--drift-only", "--cache", server.url, "--db", database,
            "--read-only",
        ),
    }  # fmt: skip
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0)
    for _ in range(rounds):
        for name, command in commands.items():
            taken, kib = run_alone(*command)
            seconds[name].append(taken)
            memory[name] = max(memory[name], kib)
    rows = _beside_the_first(seconds, size)
    return Table(
        f"Auditing {size:,} copies on Memcached",
        "Time of a process, from its start to its end, beside that of the script; what it"
        " prints is thrown away. The script looks at no life of a copy, and takes a write under"
        " way for drift.",
        ("what", "ratio", "middle half", "a key", "peak memory, MiB"),
        tuple((*row, memory[str(row[0])] // 1024) for row in rows),
    )


def _fill(server: MemcachedServer, copies: Iterable[tuple[int, bytes]]) -> None:
    """Store these copies, each under the key of its id; `q` leaves what is stored unsaid."""
    some = iter(copies)
    with server.connection() as connection:
        while part := list(islice(some, COPIES_PER_TRIP)):
            commands = [
                b"ms hitmiss:user:%d %d T%d q\r\n%b\r\n" % (id, len(copy), LIFE_SECONDS, copy)
                for id, copy in part
            ]
            connection.sendall(b"".join(commands) + b"mn\r\n")
            if (said := connection.recv(1 << 16)) != b"MN\r\n":
                raise RuntimeError(f"the server has not stored all: {said!r:.80}")


def _beside_the_first(
    seconds: Mapping[str, Sequence[float]], size: int
) -> Iterator[tuple[Cell, ...]]:
    theirs = next(iter(seconds.values()))
    for name, mine in seconds.items():
        low, middle, high = spread(
            [own / other for own, other in zip(mine, theirs, strict=True)]
        )
        each = f"{statistics.median(mine) / size * 1e6:.1f} us"
        yield name, middle, f"{low:.2f} to {high:.2f}", each
