"""Random schedules of readers and writers in several processes, with faults; and a verdict.

    make consistency [CAMPAIGN='--seconds 60 --processes 3 --seed N --naive']

Exits with 1 when a read saw less than had been acknowledged before it began, or when cache
and database differ at the end.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from servers import ValkeyServer

from consistency.history import Read, Violation, Write, from_line, violations

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parents[1]
KEYS, READERS, WRITERS = 12, 8, 2
FAULT_SHARE = 0.01


@dataclass
class Verdict:
    """What a campaign found."""

    seed: str
    reads: int = 0
    writes: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)

    def text(self) -> str:
        """Give the verdict in words and numbers."""
        labels = ", ".join(f"{name} {count}" for name, count in self.labels.most_common())
        faults = ", ".join(f"{name} {count}" for name, count in self.faults.most_common())
        lines = [
            f"seed        {self.seed}",
            f"reads       {self.reads:,}  ({labels})",
            f"writes      {self.writes:,}",
            f"faults      {sum(self.faults.values()):,}  ({faults})",
            f"violations  {len(self.violations)}",
            f"cache differs from database at the end: {self.differing or 'nowhere'}",
        ]
        lines += [f"  {violation}" for violation in self.violations[:5]]
        return "\n".join(lines)


def make_database(path: Path) -> None:
    """Make the campaign's table: a key, a version, and something to carry."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, version INTEGER)")
        connection.executemany(
            "INSERT INTO users VALUES (?, 1)", [(n + 1,) for n in range(KEYS)]
        )


def disturb(
    server: ValkeyServer, chance: random.Random, end: float, faults: Counter[str],
    workers: list[subprocess.Popen[str]],
) -> None:  # fmt: skip
    """Pause, kill, restart and flush the server, and pause workers, until `end`."""

    def pause() -> None:
        server.pause()
        time.sleep(chance.uniform(0.05, 0.8))
        server.resume()

    def kill() -> None:
        server.kill()
        time.sleep(chance.uniform(0, 0.3))
        server.start()

    def flush() -> None:
        with server.client() as client:
            client.flushall()

    def stop_worker() -> None:
        worker = chance.choice(workers)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.05, 0.5))
        worker.send_signal(signal.SIGCONT)

    kinds: dict[str, Callable[[], None]] = {
        "server paused": pause,
        "server killed": kill,
        "server flushed": flush,
        "process paused": stop_worker,
    }
    while time.monotonic() < end - 1:
        time.sleep(min(chance.expovariate(0.5), end - time.monotonic()))
        name = chance.choice(list(kinds))
        kinds[name]()
        faults[name] += 1


def run(
    *, seed: str, seconds: float, processes: int, naive: bool, chaos: bool = True
) -> Verdict:
    """Run one campaign; give its verdict."""
    verdict = Verdict(seed)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="campaign-") as name, ValkeyServer() as server:
        folder = Path(name)
        database = folder / "campaign.db"
        make_database(database)
        logs = [folder / f"{number}.log" for number in range(processes)]
        workers = [
            subprocess.Popen(
                [
                    sys.executable, "-m", "consistency.worker",
                    f"--process={number}", f"--keys={KEYS}", f"--readers={READERS}",
                    f"--writers={WRITERS}", f"--seed={seed}", f"--db={database}",
                    f"--cache={server.url}", f"--log={log}", f"--seconds={seconds}",
                    f"--share={FAULT_SHARE}", *(["--naive"] if naive else []),
                ],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                cwd=HERE,
                env={**os.environ, "PYTHONPATH": str(HERE.parent / "support")},
            )
            for number, log in enumerate(logs)
        ]  # fmt: skip
        try:
            if chaos:
                disturb(server, chance, time.monotonic() + seconds, verdict.faults, workers)
            outputs = [_finish(worker) for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        verdict.faults["commands lost or late"] = sum(outputs)
        entries = [
            from_line(line) for log in logs for line in log.read_text().splitlines() if line
        ]
        reads = [entry for entry in entries if isinstance(entry, Read)]
        verdict.reads = len(reads)
        verdict.labels = Counter(read.label for read in reads)
        verdict.writes = sum(isinstance(entry, Write) for entry in entries)
        verdict.violations = violations(entries)
        verdict.differing = differing(server, database)
    return verdict


def _finish(worker: subprocess.Popen[str]) -> int:
    assert worker.stdout is not None
    assert worker.stdin is not None
    if worker.stdout.readline().strip() != "done":
        raise RuntimeError("a worker ended before its time")
    output, _ = worker.communicate("finish\n", timeout=60)
    return int(output)


def differing(server: ValkeyServer, database: Path) -> list[int]:
    """Give the keys whose cached copy is not the database's row."""
    with closing(sqlite3.connect(database)) as connection, server.client() as client:
        wrong = []
        for id, version in connection.execute("SELECT id, version FROM users"):
            payload = client.get(f"campaign:{id}")
            if payload is not None and json.loads(payload)["version"] != version:
                wrong.append(id)
        return wrong


def main() -> int:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument("--naive", action="store_true", help="the usual pattern, to be caught")
    options = parser.parse_args()
    verdict = run(
        seed=options.seed, seconds=options.seconds, processes=options.processes,
        naive=options.naive,
    )  # fmt: skip
    print(verdict.text())
    return 1 if verdict.violations or verdict.differing else 0


if __name__ == "__main__":
    sys.exit(main())
