"""One process of a campaign: readers and writers on a service and a client of its own."""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from consistency.faults import FaultyCache, NaiveCache
from consistency.history import Drain, Entry, Read, Write, to_line
from tui.cache.redis.opening import open_url
from tui.database.sqlite.change_statements import ChangeStatement
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table import SqliteTable
from tui.database.sqlite.table_opening import open_table
from tui.models import Key, Record, Scalar
from tui.models.keys import KeyTemplate
from tui.runtime.clock import SystemClock
from tui.runtime.errors import DatabaseUnavailable
from tui.service.cache_aside import CacheAside
from tui.service.events import Drained, Event
from tui.service.lifetimes import Lifetimes

TEMPLATE = KeyTemplate("campaign:{id}")
LIFETIMES = Lifetimes(ttl=0.3, grace=0.3, negative_ttl=0.1)
"""Short, so that copies expire and are loaded again all the time."""
CLAIM_SECONDS = 0.2
"""Short, so that claims run out under slow reads, too."""


class VersionedTable(SqliteTable):
    """A table whose updates count a version up, and whose reads are slow now and then."""

    chance = random.Random()

    async def find(self, id: Key) -> Record | None:
        """Read, and hold the record in hand for a while: that is where races happen."""
        record = await super().find(id)
        if self.chance.random() < 0.5:
            await asyncio.sleep(self.chance.uniform(0, 0.02))
        if self.chance.random() < 0.01:
            await asyncio.sleep(CLAIM_SECONDS * 1.5)
        return record

    async def update(
        self,
        id: Key,
        changes: Mapping[str, Scalar],
        *,
        expected: Record | None = None,
    ) -> Record | None:
        """Add 1 to the version, in one statement."""
        sql = "UPDATE users SET version = version + 1 WHERE id = ? RETURNING *"
        rows = await self._change(ChangeStatement(sql, (id,), "UPDATE"))
        return rows[0] if rows else None


class Worker:
    """Readers and writers of one process."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Take the campaign's options."""
        self._options = options
        self._process: int = options.process
        self._chance = random.Random(f"{options.seed}-{options.process}")
        self._log: list[Entry] = []
        self._end = time.monotonic() + options.seconds
        self.faults = 0

    def _heard(self, event: Event) -> None:
        if isinstance(event, Drained):
            keys = tuple(int(key.split(":")[1]) for key in event.value_keys)
            self._log.append(Drain(self._process, keys, time.monotonic()))

    async def run(self) -> None:
        """Read and write until the time is over, then drain and write the log."""
        options, clock = self._options, SystemClock()
        path = Path(options.db)
        schema = read_schema(path, "users")
        kind = NaiveCache if options.naive else FaultyCache
        async with (
            open_table(path, schema, clock, table_type=VersionedTable) as table,
            open_url(options.cache, clock) as redis,
        ):
            redis.claim_seconds = CLAIM_SECONDS
            VersionedTable.chance = self._chance
            cache = kind(redis, self._chance, options.share)
            service = CacheAside(
                cache, table, TEMPLATE, clock, lifetimes=LIFETIMES, listener=self._heard
            )
            async with asyncio.TaskGroup() as group:
                for _ in range(options.readers):
                    group.create_task(self._read(service))
                for _ in range(options.writers):
                    group.create_task(self._write(service))
            print("done", flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            await cache.settle()
            await self._drain(service)
            await service.aclose()
        self.faults = cache.faults

    def write_log(self) -> None:
        """Leave what happened for the verdict."""
        log = Path(self._options.log)
        log.write_text("\n".join(map(to_line, self._log)), encoding="utf-8")

    async def _read(self, service: CacheAside) -> None:
        while time.monotonic() < self._end:
            key = self._key()
            began = time.monotonic()
            outcome = await service.look_up(key)
            version = (outcome.record or {}).get("version")
            self._log.append(
                Read(
                    self._process, key, began, time.monotonic(),
                    version if isinstance(version, int) else None, outcome.label,
                )
            )  # fmt: skip
            if self._chance.random() < 0.02:
                await service.writer.expire(self._key())
            if self._chance.random() < 0.2:
                await asyncio.sleep(self._chance.uniform(0, 0.005))

    async def _write(self, service: CacheAside) -> None:
        while time.monotonic() < self._end:
            key = self._key()
            began = time.monotonic()
            try:
                result = await service.writer.update(key, {})
            except DatabaseUnavailable:
                continue  # never acknowledged
            version = (result.record or {})["version"]
            assert isinstance(version, int)
            self._log.append(
                Write(self._process, key, began, time.monotonic(), version, result.pending)
            )
            await asyncio.sleep(self._chance.expovariate(20))

    async def _drain(self, service: CacheAside) -> None:
        """Look up until nothing is pending: the breaker may still have to close."""
        end = time.monotonic() + 6
        while service.pending_count and time.monotonic() < end:
            await service.look_up(self._key())
            await asyncio.sleep(0.1)

    def _key(self) -> int:
        # A few hot keys, where readers and writers meet.
        return min(self._chance.randrange(self._options.keys) for _ in range(2)) + 1


def main() -> None:
    """Run one worker."""
    parser = argparse.ArgumentParser()
    for name in ("process", "keys", "readers", "writers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("seed", "db", "cache", "log"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--naive", action="store_true")
    worker = Worker(parser.parse_args())
    asyncio.run(worker.run())
    worker.write_log()
    print(worker.faults, flush=True)


if __name__ == "__main__":
    main()
