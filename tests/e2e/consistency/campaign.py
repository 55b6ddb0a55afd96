"""Random schedules of readers and writers in several processes, with faults; and a verdict.

    make consistency [CAMPAIGN='--database mariadb --seconds 60 --processes 3 --seed N --naive']

Exits with 1 when a read saw less than had been acknowledged before it began, when a write was
overwritten or lost, or when cache and database differ at the end.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from servers import ValkeyServer

from consistency.databases import NAMES, Database, Fault, opened
from consistency.process import WorkerProcess
from consistency.verdict import Verdict
from consistency.watched import WatchedCache, of_failovers
from consistency.worker import LIFETIMES, TEMPLATE

KEYS, READERS, WRITERS = 12, 8, 2
FAULT_SHARE = 0.01
WATCHED_KEYS, WATCHED_TTL = 120, 20.0
"""Where sentinels watch the cache: copies outlive a failover, and of most no delete is pending
when it is over, so that what it has lost would be seen."""
CALM_SECONDS = 2.0
"""How long it takes on average until the next thing goes wrong."""


def disturb(
    kinds: Mapping[str, Fault], chance: random.Random, end: float, calm: float,
    faults: Counter[str],
) -> None:  # fmt: skip
    """Let one thing after the other go wrong until `end`, with `calm` seconds between them.

    Each kind comes once before any comes again.
    """
    left: list[str] = []
    while time.monotonic() < end - 1:
        time.sleep(min(chance.expovariate(1 / calm), max(0.0, end - time.monotonic())))
        left = left or chance.sample(list(kinds), len(kinds))
        name = left.pop()
        kinds[name](chance)
        faults[name] += 1


def other_faults(
    server: ValkeyServer | WatchedCache, workers: list[WorkerProcess]
) -> Mapping[str, Fault]:
    """Return what can go wrong beside the database: with the cache, and with processes."""

    def pause(chance: random.Random) -> None:
        server.pause()
        time.sleep(chance.uniform(0.05, server.longest_pause))
        server.resume()

    def kill(chance: random.Random) -> None:
        server.kill()
        time.sleep(chance.uniform(0, 0.3))
        server.start()

    def flush(_: random.Random) -> None:
        with server.client() as client:
            client.flushall()

    def stop_worker(chance: random.Random) -> None:
        worker = chance.choice(workers)
        worker.pause()
        time.sleep(chance.uniform(0.05, 0.5))
        worker.resume()

    return {
        "server paused": pause,
        "server killed": kill,
        "server flushed": flush,
        "process paused": stop_worker,
    }


def run(
    database: Database, *, seed: str, seconds: float, processes: int, naive: bool = False,
    calm: float | None = CALM_SECONDS, watched: bool = False,
) -> Verdict:  # fmt: skip
    """Run one campaign on an empty database; give its verdict. Without `calm` no faults.

    The cache is one server, or with `watched` two of which sentinels make the primary.
    """
    verdict = Verdict(seed)
    chance = random.Random(seed)
    keys = WATCHED_KEYS if watched else KEYS
    database.make(keys)
    cache = WatchedCache() if watched else ValkeyServer()
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder, cache as server:
        options = [
            f"--keys={keys}", f"--readers={READERS}", f"--writers={WRITERS}", f"--seed={seed}",
            f"--db={database.url}", f"--cache={server.url}", f"--seconds={seconds}",
            f"--share={FAULT_SHARE}", *(["--naive"] if naive else []),
            f"--ttl={WATCHED_TTL if watched else LIFETIMES.ttl}",
        ]  # fmt: skip
        workers = [WorkerProcess(Path(folder), number, options) for number in range(processes)]
        try:
            for worker in workers:
                worker.wait_for("ready")
            for worker in workers:
                worker.go_on()
            if calm is not None:
                kinds = {**other_faults(server, workers), **database.faults}
                end = time.monotonic() + seconds
                disturb(kinds, chance, end, calm, verdict.faults)
            for worker in workers:
                worker.wait_for("done")
            done = [worker.finish() for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
        verdict.faults["commands lost or late"] = sum(lost for lost, _ in done)
        verdict.retries = sum(retries for _, retries in done)
        verdict.complaints = [said for worker in workers if (said := worker.complaints)]
        entries = [entry for worker in workers for entry in worker.entries()]
        verdict.judge(entries, database.versions(), cached(server, keys))
        if isinstance(server, WatchedCache):
            server.settle()
            verdict.faults["failovers"] = len(server.failovers)
            verdict.explained = of_failovers(verdict.violations, entries, server.failovers)
    return verdict


def cached(server: ValkeyServer | WatchedCache, keys: int) -> dict[int, int]:
    """Return the version of each record as the cache has it."""
    found: dict[int, int] = {}
    with server.client() as client:
        for id in range(1, keys + 1):
            payload = client.get(TEMPLATE.value_key(id))
            if payload is not None:
                found[id] = json.loads(bytes(payload))["version"]
    return found


def main() -> int:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=NAMES, default="sqlite")
    parser.add_argument("--cache", choices=("valkey", "sentinel"), default="valkey")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument("--naive", action="store_true", help="the usual pattern, to be caught")
    options = parser.parse_args()
    with opened(options.database) as database:
        verdict = run(
            database, seed=options.seed, seconds=options.seconds,
            processes=options.processes, naive=options.naive,
            watched=options.cache == "sentinel",
        )  # fmt: skip
    print(verdict.text())
    return 1 if verdict.found else 0


if __name__ == "__main__":
    sys.exit(main())
