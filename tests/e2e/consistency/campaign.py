"""Random schedules of readers and writers in several processes, with faults; and a verdict.

    make consistency [CAMPAIGN='--database mariadb --cache memcached --seconds 60
                                --processes 3 --seed N --naive']

Exits with 1 when a read saw less than had been acknowledged before it began, when a write was
overwritten or lost, or when cache and database differ at the end.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from consistency.caches import CACHES, CampaignCache
from consistency.databases import NAMES, Database, Fault, opened
from consistency.process import WorkerProcess
from consistency.verdict import Verdict

READERS, WRITERS = 8, 2
FAULT_SHARE = 0.01
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


def of_processes(workers: list[WorkerProcess]) -> Mapping[str, Fault]:
    """Return what can go wrong with the processes that read and write."""

    def stop_worker(chance: random.Random) -> None:
        worker = chance.choice(workers)
        worker.pause()
        time.sleep(chance.uniform(0.05, 0.5))
        worker.resume()

    return {"process paused": stop_worker}


def run(
    database: Database, cache: CampaignCache, *, seed: str, seconds: float, processes: int,
    naive: bool = False, calm: float | None = CALM_SECONDS,
) -> Verdict:  # fmt: skip
    """Run one campaign on an empty database and cache. Without `calm` there are no faults."""
    verdict = Verdict(seed)
    chance = random.Random(seed)
    database.make(cache.keys)
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        options = [
            f"--keys={cache.keys}", f"--readers={READERS}", f"--writers={WRITERS}",
            f"--db={database.url}", f"--cache={cache.url}", f"--seconds={seconds}",
            f"--seed={seed}",
            f"--share={FAULT_SHARE}", *(["--naive"] if naive else []),
            f"--ttl={cache.ttl}",
        ]  # fmt: skip
        workers = [WorkerProcess(Path(folder), number, options) for number in range(processes)]
        try:
            for worker in workers:
                worker.wait_for("ready")
            for worker in workers:
                worker.go_on()
            if calm is not None:
                kinds = {**of_processes(workers), **cache.faults, **database.faults}
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
        verdict.judge(entries, database.versions(), cache.versions(range(1, cache.keys + 1)))
        cache.explain(verdict, entries)
    return verdict


def main() -> int:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=NAMES, default="sqlite")
    parser.add_argument("--cache", choices=list(CACHES), default="valkey")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument("--naive", action="store_true", help="the usual pattern, to be caught")
    options = parser.parse_args()
    with opened(options.database) as database, CACHES[options.cache]() as cache:
        verdict = run(
            database, cache, seed=options.seed, seconds=options.seconds,
            processes=options.processes, naive=options.naive,
        )  # fmt: skip
    print(verdict.text())
    return 1 if verdict.found else 0


if __name__ == "__main__":
    sys.exit(main())
