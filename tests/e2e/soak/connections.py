"""The service under load while connections are killed, and the server paused or restarted."""

import asyncio
import gc
import os
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import redis
from servers import ValkeyServer
from serving import serving

from tui.audit.engine import Audit
from tui.bootstrap import Services
from tui.runtime.errors import HitmissError

KEYS, READERS, WRITERS = 20, 12, 2
TTL_SECONDS, GRACE_SECONDS = 0.5, 0.5
"""Short, so that copies expire and are loaded again all the time."""
READER = "reader"
"""The user of whoever may only read: what else it sends stands in the server's log."""


def run(seconds: float, seed: int) -> list[str]:
    """Load a service for so long; give what should not have been."""
    soak = _Soak(random.Random(seed))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, ValkeyServer() as server:
        path = Path(folder) / "soak.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, version INTEGER)")
            connection.executemany(
                "INSERT INTO users VALUES (?, 0)", [(n,) for n in range(KEYS)]
            )
        asyncio.run(soak.play(server, path, 0.2))  # what is opened once, and kept
        before = _held()
        asyncio.run(soak.play(server, path, seconds))
        gc.collect()
        if (after := _held()) > before:
            soak.findings.append(f"files are left open: {before} before, {after} after")
    print(f"  {', '.join(f'{name} {count:,}' for name, count in soak.counts.most_common())}")
    return soak.findings


def _held() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


class _Soak:
    """Readers, writers and whoever disturbs them, and what they find."""

    def __init__(self, chance: random.Random) -> None:
        """Draw from `chance`."""
        self.findings: list[str] = []
        self.counts: Counter[str] = Counter()
        self._chance = chance
        self._acknowledged = [0] * KEYS
        self._written = [0] * KEYS
        self._end = 0.0

    async def play(self, server: ValkeyServer, path: Path, seconds: float) -> None:
        """Read, write and disturb for so long."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.findings.append(str(context)))
        self._end = loop.time() + seconds
        self._admit(server)
        lifetimes = {"ttl": TTL_SECONDS, "grace": GRACE_SECONDS}
        reader_url = server.tcp_url.replace("redis://", f"redis://{READER}:x@")
        async with (
            serving(server.tcp_url, path, **lifetimes) as services,
            serving(reader_url, path, read_only=True, **lifetimes) as reading,
        ):
            await asyncio.gather(
                *(self._read(services) for _ in range(READERS)),
                *(self._write(services, number) for number in range(WRITERS)),
                self._only_read(reading),
                self._disturb(server),
            )
        self._hear_reader(server)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            self.findings.append(f"tasks are left: {others}")

    async def _until_the_end(self, work: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < self._end:
            await work()
            await asyncio.sleep(self._chance.uniform(0, 0.002))

    async def _read(self, services: Services) -> None:
        async def work() -> None:
            id = self._chance.randrange(KEYS)
            least = self._acknowledged[id]
            outcome = await services.service.look_up(id)
            version = (outcome.record or {}).get("version")
            if isinstance(version, int) and version < least:
                self.findings.append(f"{outcome.label} of {id} gave {version} after {least}")
            self.counts[outcome.label] += 1

        await self._until_the_end(work)

    async def _write(self, services: Services, number: int) -> None:
        async def work() -> None:
            id = self._chance.randrange(number, KEYS, WRITERS)  # nobody else writes it
            self._written[id] += 1
            with suppress(HitmissError):
                await services.service.writer.update(id, {"version": self._written[id]})
                self._acknowledged[id] = self._written[id]
            self.counts["writes"] += 1

        await self._until_the_end(work)

    async def _only_read(self, services: Services) -> None:
        async def work() -> None:
            await services.service.look_up(self._chance.randrange(KEYS))
            walker, template = services.cache.walker, services.service._template
            audit = Audit(walker, services.table, template, services.service._clock)
            with suppress(HitmissError):
                await audit.compare_one(self._chance.randrange(KEYS))
            with suppress(HitmissError):
                async for batch in walker.scan(template):
                    await walker.describe(batch)
            self.counts["walks"] += 1

        await self._until_the_end(work)

    async def _disturb(self, server: ValkeyServer) -> None:
        ways = (self._kill_connections, self._kill_connections, self._pause, self._restart)

        async def work() -> None:
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))
            way = self._chance.choice(ways)
            await way(server)
            self.counts[way.__name__.strip("_").replace("_", " ")] += 1

        await self._until_the_end(work)

    async def _kill_connections(self, server: ValkeyServer) -> None:
        def kill() -> None:
            with server.client() as client:
                client.client_kill_filter(_type="normal", skipme=True)

        await asyncio.to_thread(kill)

    async def _pause(self, server: ValkeyServer) -> None:
        server.pause()
        await asyncio.sleep(self._chance.uniform(0.01, 0.6))
        server.resume()

    async def _restart(self, server: ValkeyServer) -> None:
        await asyncio.to_thread(self._hear_reader, server)
        server.kill()
        await asyncio.sleep(self._chance.uniform(0, 0.2))
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(self._admit, server)

    def _admit(self, server: ValkeyServer) -> None:
        with server.client() as client:
            client.acl_setuser(
                READER, enabled=True, passwords=["+x"], keys=["*"],
                categories=["+@all", "-@write", "-@scripting"],
            )  # fmt: skip

    def _hear_reader(self, server: ValkeyServer) -> None:
        """Find what the one who only reads has sent beside that."""
        with server.client() as client, suppress(redis.RedisError):
            entries: list[dict[Any, Any]] = client.acl_log()
            for entry in entries:
                if entry["username"] == READER and entry["reason"] == "command":
                    self.findings.append(f"it wrote, read-only: {entry['object']}")
            client.acl_log_reset()
