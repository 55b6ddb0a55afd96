"""One process of a campaign: readers and writers on a service and a client of its own."""

import argparse
import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from consistency.faults import FaultyCache, NaiveCache
from consistency.history import Drain, Entry, Read, Unknown, Write, to_line
from consistency.versioned import VersionedRecords
from tui.cache.port import CacheOptions
from tui.cache.registry import store_of as cache_store_of
from tui.database.port import TableOptions
from tui.database.registry import store_of
from tui.models import Label
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
PERHAPS = "perhaps written"
"""What is said of a write whose outcome nobody knows."""


class Worker:
    """Readers and writers of one process."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Take the campaign's options."""
        self._options = options
        self._process: int = options.process
        self._chance = random.Random(f"{options.seed}-{options.process}")
        self._log: list[Entry] = []
        self._end = 0.0
        self._tells = True
        """Whether the database's errors say of a write that it was perhaps made."""
        self.faults = 0
        self.retries = 0

    def _heard(self, event: Event) -> None:
        if isinstance(event, Drained):
            keys = tuple(int(key.split(":")[1]) for key in event.value_keys)
            self._log.append(Drain(self._process, keys, time.monotonic()))

    async def run(self) -> None:
        """Read and write until the time is over, then drain and write the log."""
        options, clock = self._options, SystemClock()
        store = store_of(options.db)
        url = store.check(options.db)
        self._tells = store.shared(url)
        schema = store.read_schema(url, "users", None, read_only=False)
        kind = NaiveCache if options.naive else FaultyCache
        async with (
            store.open(url, schema, clock, TableOptions()) as table,
            cache_store_of(options.cache).open(options.cache, clock, CacheOptions()) as opened,
        ):
            shorten: Any = opened
            shorten.claim_seconds = CLAIM_SECONDS
            records = VersionedRecords(table, self._chance, CLAIM_SECONDS * 1.5)
            cache = kind(opened, self._chance, options.share)
            service = CacheAside(
                cache,
                records,
                TEMPLATE,
                clock,
                lifetimes=replace(LIFETIMES, ttl=options.ttl),
                listener=self._heard,
            )
            await _said("ready")
            self._end = time.monotonic() + options.seconds
            async with asyncio.TaskGroup() as group:
                for _ in range(options.readers):
                    group.create_task(self._read(service))
                for _ in range(options.writers):
                    group.create_task(self._write(service))
            await _said("done")
            await cache.settle()
            await self._drain(service)
            await service.aclose()
        self.faults = cache.faults
        self.retries = records.retries

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
            if outcome.label is Label.ERROR:
                await asyncio.sleep(0.005)  # or what is gone is asked all the time
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
            except DatabaseUnavailable as error:
                perhaps = PERHAPS in str(error) or not self._tells
                self._log.append(Unknown(self._process, key, began, time.monotonic(), perhaps))
                await asyncio.sleep(0.01)
                continue
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


async def _said(word: str) -> None:
    """Tell the campaign how far this process is, and wait for its answer."""
    print(word, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def main() -> None:
    """Run one worker."""
    parser = argparse.ArgumentParser()
    for name in ("process", "keys", "readers", "writers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("seed", "db", "cache", "log"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--ttl", type=float, required=True)
    parser.add_argument("--naive", action="store_true")
    worker = Worker(parser.parse_args())
    asyncio.run(worker.run())
    worker.write_log()
    print(worker.faults, worker.retries, flush=True)


if __name__ == "__main__":
    main()
