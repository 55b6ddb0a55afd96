"""What the service itself takes of a hit: over a cache in memory that answers at once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from servers import ValkeyServer

from bench import turns
from bench.contender import Contender, Counted, Place, User
from bench.ours import TEMPLATE
from bench.report import Table
from bench.rounds import RATIO_COLUMNS, compared, run
from bench.scale import Scale
from tui.cache.port import Claim
from tui.models import Cached, Record, Step, TableSchema, Target
from tui.models.recorder import note_steps
from tui.runtime.clock import SystemClock
from tui.service.cache_aside import CacheAside
from tui.service.payload import encode

RECORD: Record = {
    "id": 1, "name": "Amara Okafor", "email": "amara.okafor@example.com", "city": "Lagos",
    "country": "Nigeria", "plan": "pro", "credit": 12.5, "created_at": "2024-01-01 00:00:00",
    "last_seen_at": None,
}  # fmt: skip
"""One like those of the demo database."""
SCHEMA = TableSchema("users", "id", True, tuple(RECORD))


class InstantCache:
    """A cache that has every record, and takes no time."""

    ttl_step = 0.001

    def __init__(self) -> None:
        """Hold RECORD under the keys of ids 1 to 1,000."""
        self._held = {
            TEMPLATE.value_key(id): Cached(encode({**RECORD, "id": id}), 60.0)
            for id in range(1, 1001)
        }

    def new_claim(self, key: str) -> Claim:
        """Give a claim that never holds."""
        return Claim(key)

    async def read(self, key: str) -> Cached:
        """Give what is held, with the steps that a server's answer has."""
        note_steps(Step(Target.CACHE, f"GET {key}", 0.0, "196 bytes"))
        note_steps(Step(Target.CACHE, f"PTTL {key}", 0.0, "60000 ms"))
        return self._held[key]

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """Give what is held: there is always something."""
        return await self.read(claim.key), False

    async def get_bytes(self, key: str) -> bytes:
        """Give the bytes that are held."""
        return self._held[key].payload or b""


class NoTable:
    """A table that nobody reads."""

    schema = SCHEMA


@asynccontextmanager
async def _decode_alone(place: Place) -> AsyncIterator[Contender]:
    cache = InstantCache()

    async def get(id: int) -> User | None:
        user: User = json.loads(await cache.get_bytes(f"hitmiss:user:{id}"))
        return user

    yield Contender("the cache in memory, `GET` + decode", place, get, Counted())


@asynccontextmanager
async def _service(place: Place) -> AsyncIterator[Contender]:
    cache = cast("Any", InstantCache())
    service = CacheAside(cache, cast("Any", NoTable()), TEMPLATE, SystemClock())

    async def get(id: int) -> User | None:
        return (await service.look_up(id)).record

    yield Contender("**the service** over it", place, get, Counted())


async def overhead(server: ValkeyServer, path: Path, scale: Scale) -> list[Table]:
    """Measure the service over a cache that takes no time."""
    place = Place(server, 0, str(path))
    async with _decode_alone(place) as decode, _service(place) as service:
        turn = turns.all_hits(1000, scale.hits * 4, 1)
        tries = await run([decode, service], turn, scale.rounds)
    table = Table(
        "The service itself",
        "A hit over a cache in memory that answers at once.",
        ("who", *RATIO_COLUMNS),
        compared(tries, decode.name),
    )
    return [table]
