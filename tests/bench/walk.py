"""Walks over all that is cached, beside the scripts that somebody would write for that."""

import sqlite3
import statistics
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import redis
from servers import ValkeyServer

from bench.footprint import run_alone
from bench.report import Cell, Table
from bench.rounds import spread
from bench.scale import Scale
from tui.database.sqlite.seed import make_users
from tui.service.payload import encode

SLOW_MICROSECONDS = 1000
"""What no single command of a walk may take of the server's time."""
LIFE_MILLISECONDS = 36_000_000
COPIES_PER_TRIP = 5_000
KEYS_SCRIPT = "SCAN 1000, PTTL and STRLEN in a pipeline"
AUDIT_SCRIPT = "SCAN 1000, MGET, SELECT ... IN, json, compare dicts"
BESIDE = {
    KEYS_SCRIPT: KEYS_SCRIPT,
    "**`hitmiss keys`**": KEYS_SCRIPT,
    "**`hitmiss keys --json`**": KEYS_SCRIPT,
    AUDIT_SCRIPT: AUDIT_SCRIPT,
    "**the audit's reading of the cache**": AUDIT_SCRIPT,
    "**`hitmiss audit --drift-only`**": AUDIT_SCRIPT,
}
"""Who walks, and which script that is compared with."""


@dataclass(slots=True)
class _Walks:
    """What the processes of one contender took, in all rounds."""

    seconds: list[float] = field(default_factory=list)
    kib: int = 0
    slow: int = 0
    """How many commands took the server longer than SLOW_MICROSECONDS."""
    p99: float = 0.0
    """Of the slowest kind of command, in microseconds of the server's."""


def walks(folder: Path, scale: Scale) -> Iterator[Table]:
    """Measure walks over small and over many keys; each contender is a process of its own."""
    for size, rounds in scale.walked.items():
        path = folder / f"{size}.db"
        if not path.exists():
            make_users(path, size)
        with _server() as server:
            _fill(server, path)
            yield _table(size, _measured(server, path, rounds))


def _server() -> ValkeyServer:
    return ValkeyServer(
        "--slowlog-log-slower-than", str(SLOW_MICROSECONDS), "--slowlog-max-len", "100000"
    )


def _fill(server: ValkeyServer, path: Path) -> None:
    """Store a copy of each row, as hitmiss stores it."""
    with server.client() as client, closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM users")
        while some := rows.fetchmany(COPIES_PER_TRIP):
            pipeline = client.pipeline(transaction=False)
            for row in some:
                copy = encode(dict(row))
                pipeline.set(f"hitmiss:user:{row['id']}", copy, px=LIFE_MILLISECONDS)
            pipeline.execute()


def _commands(url: str, path: Path) -> Mapping[str, tuple[str, ...]]:
    walking = str(Path(__file__).with_name("walking.py"))
    ours = ("--cache", url, "--db", str(path), "--read-only")
    called = (
        (walking, "keys", url, ""),
        ("-m", "tui", "keys", *ours),
        ("-m", "tui", "keys", "--json", *ours),
        (walking, "audit", url, str(path)),
        (walking, "read", url, ""),
        ("-m", "tui", "audit", "--drift-only", *ours),
    )
    return dict(zip(BESIDE, called, strict=True))


def _measured(server: ValkeyServer, path: Path, rounds: int) -> Mapping[str, _Walks]:
    done = {name: _Walks() for name in BESIDE}
    with server.client() as client:
        for _ in range(rounds):
            for name, command in _commands(server.url, path).items():
                client.slowlog_reset()
                client.config_resetstat()
                seconds, kib = run_alone(*command)
                mine = done[name]
                mine.seconds.append(seconds)
                mine.kib = max(mine.kib, kib)
                mine.slow += client.slowlog_len()
                mine.p99 = max(mine.p99, _slowest(client))
    return done


def _slowest(client: redis.Redis) -> float:
    """Return the 99th percentile of the slowest of the commands that walks send."""
    told = client.info("latencystats")
    names = ("scan", "mget", "pttl", "strlen", "getrange")
    return max(
        float(told.get(f"latency_percentiles_usec_{name}", {}).get("p99", 0)) for name in names
    )


def _table(size: int, done: Mapping[str, _Walks]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, mine in done.items():
        pairs = zip(mine.seconds, done[BESIDE[name]].seconds, strict=True)
        low, middle, high = spread([own / theirs for own, theirs in pairs])
        each = f"{statistics.median(mine.seconds) / size * 1e6:.1f} us"
        told = (f"{low:.2f} to {high:.2f}", each, mine.kib // 1024)
        rows.append((name, middle, *told, f"{mine.p99:.0f} us", mine.slow))
    return Table(
        f"Walking {size:,} keys",
        "Time of a process, from its start to its end, beside that of the script above it in"
        " the same round; what it prints is thrown away. The copies are JSON objects of the"
        " nine columns of the demo's users, about 220 bytes each, and all are what their rows"
        " are. p99 is of the slowest kind of command, as the server has measured it; slow are"
        " the commands of all rounds that took it more than 1 ms. Both count what it has waited"
        " for a core meanwhile.",
        ("what", "ratio", "middle half", "a key", "peak memory, MiB", "p99", "slow"),
        tuple(rows),
    )
