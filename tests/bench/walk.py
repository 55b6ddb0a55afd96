"""Walks over all that is cached, beside the scripts that somebody would write for that."""

import itertools
import json
import sqlite3
import statistics
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import redis
from mariadb_server import MariadbServer
from postgresql_server import PostgresqlServer
from servers import ValkeyServer

from bench import remote
from bench.footprint import run_alone
from bench.report import Cell, Table
from bench.rounds import spread
from bench.scale import Scale
from bench.walking import spelled
from tui.database.people import COLUMNS
from tui.database.sqlite.seed import make_users
from tui.service.payload import encode

SLOW_MICROSECONDS = 1000
"""What no single command of a walk may take of the server's time."""
LIFE_MILLISECONDS = 36_000_000
MOST_AUDITS = 3
"""Rounds of the audit of a server's database: each takes a quarter of a minute."""
COPIES_PER_TRIP = 5_000
AUDIT = "**`hitmiss audit --drift-only`**"
KEYS_SCRIPT = "SCAN 1000, PTTL and STRLEN in a pipeline"
AUDIT_SCRIPT = "SCAN 1000, MGET, SELECT ... IN, json, compare dicts"
BESIDE = {
    KEYS_SCRIPT: KEYS_SCRIPT,
    "**`hitmiss keys`**": KEYS_SCRIPT,
    "**`hitmiss keys --json`**": KEYS_SCRIPT,
    AUDIT_SCRIPT: AUDIT_SCRIPT,
    "**the audit's reading of the cache**": AUDIT_SCRIPT,
    AUDIT: AUDIT_SCRIPT,
}
"""Who walks, and which script that is compared with."""
TIMES = (
    "Time of a process, from its start to its end, beside that of the script above it in the"
    " same round; what it prints is thrown away."
)
SERVERS_TIMES = (
    " p99 is of the slowest kind of command, as the server has measured it; slow are the"
    " commands of all rounds that took it more than 1 ms. Both count what it has waited for a"
    " core meanwhile."
)
FILE_NOTE = (
    f"{TIMES} The copies are JSON objects of the nine columns of the demo's users, about 220"
    f" bytes each, and all are what their rows are.{SERVERS_TIMES}"
)
SERVER_NOTE = (
    f"{TIMES} The copies are what an application has stored by Python's `json` with"
    " `default=str`: numerics and moments as its driver spells them, which is not how hitmiss"
    f" does. All are what their rows are.{SERVERS_TIMES}"
)
WALKING = str(Path(__file__).with_name("walking.py"))


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
        with _server() as server, closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute("SELECT * FROM users")
            _fill(server, ((row["id"], encode(dict(row))) for row in rows))
            done = _measured(server, _commands(server.url, str(path)), BESIDE, rounds)
            yield _table(f"Walking {size:,} keys", FILE_NOTE, size, done, BESIDE)


def audits(database: PostgresqlServer | MariadbServer, scale: Scale) -> Iterator[Table]:
    """Measure the audit of an application's copies of its rows in a database's server."""
    size, rounds = min(scale.walked.items())
    rounds = min(rounds, MOST_AUDITS)
    url = database.new_database("walked")
    remote.make_users(url, size)
    script = (
        f"SCAN 1000, MGET, `SELECT` of {remote.driver_of(database).name}, json, compare dicts"
    )
    beside = {script: script, AUDIT: script}
    names = ", ".join(COLUMNS)
    in_utc = "SET timezone TO 'UTC'; " if isinstance(database, PostgresqlServer) else ""
    rows = database.run(f"{in_utc}SELECT {names} FROM users", url=url)
    with _server() as server:
        users = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        _fill(server, ((user["id"], json.dumps(spelled(user))) for user in users))
        commands = {
            script: (WALKING, database.SCHEME, server.url, url),
            AUDIT: _hitmiss("audit", "--drift-only", cache=server.url, database=url),
        }
        done = _measured(server, commands, beside, rounds)
    yield _table(
        f"Auditing {size:,} copies of {database.NAME}", SERVER_NOTE, size, done, beside
    )


def _server() -> ValkeyServer:
    return ValkeyServer(
        "--slowlog-log-slower-than", str(SLOW_MICROSECONDS), "--slowlog-max-len", "100000"
    )


def _fill(server: ValkeyServer, copies: Iterable[tuple[int, bytes | str]]) -> None:
    """Store these copies, each under the key of its id."""
    some = iter(copies)
    with server.client() as client:
        while part := list(itertools.islice(some, COPIES_PER_TRIP)):
            pipeline = client.pipeline(transaction=False)
            for id, copy in part:
                pipeline.set(f"hitmiss:user:{id}", copy, px=LIFE_MILLISECONDS)
            pipeline.execute()


def _hitmiss(*words: str, cache: str, database: str) -> tuple[str, ...]:
    return ("-m", "tui", *words, "--cache", cache, "--db", database, "--read-only")


def _commands(cache: str, database: str) -> Mapping[str, tuple[str, ...]]:
    called = (
        (WALKING, "keys", cache, ""),
        _hitmiss("keys", cache=cache, database=database),
        _hitmiss("keys", "--json", cache=cache, database=database),
        (WALKING, "audit", cache, database),
        (WALKING, "read", cache, ""),
        _hitmiss("audit", "--drift-only", cache=cache, database=database),
    )
    return dict(zip(BESIDE, called, strict=True))


def _measured(
    server: ValkeyServer,
    commands: Mapping[str, tuple[str, ...]],
    beside: Mapping[str, str],
    rounds: int,
) -> Mapping[str, _Walks]:
    done = {name: _Walks() for name in beside}
    with server.client() as client:
        for _ in range(rounds):
            for name, command in commands.items():
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


def _table(
    title: str, note: str, size: int, done: Mapping[str, _Walks], beside: Mapping[str, str]
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, mine in done.items():
        pairs = zip(mine.seconds, done[beside[name]].seconds, strict=True)
        low, middle, high = spread([own / theirs for own, theirs in pairs])
        each = f"{statistics.median(mine.seconds) / size * 1e6:.1f} us"
        told = (f"{low:.2f} to {high:.2f}", each, mine.kib // 1024)
        rows.append((name, middle, *told, f"{mine.p99:.0f} us", mine.slow))
    columns = ("what", "ratio", "middle half", "a key", "peak memory, MiB", "p99", "slow")
    return Table(title, note, columns, tuple(rows))
