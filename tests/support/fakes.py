"""Hand-written stand-ins: a clock that is moved by hand, a cache and a table in a dict."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from tui.audit.reading import CopyReader
from tui.cache.port import CLAIM_SECONDS, Claim
from tui.database.port import KEYSTROKE_SECONDS
from tui.models import (
    Cached,
    Caveat,
    Key,
    KeyFacts,
    Match,
    Record,
    Scalar,
    SearchResult,
    Step,
    TableSchema,
    Target,
)
from tui.models.columns import Column, Kind
from tui.models.keys import RESERVED_END, KeyTemplate
from tui.models.recorder import STEPS, note_steps
from tui.runtime.errors import (
    CacheUnavailable,
    ChangedMeanwhile,
    ChangeRefused,
    DatabaseUnavailable,
)
from tui.service.cache_aside import CacheAside
from tui.service.lifetimes import Lifetimes

TEMPLATE = KeyTemplate("hitmiss:user:{id}")
Result = TypeVar("Result")
SCHEMA = TableSchema(
    "users", "id", True, ("id", "name"), search_columns=("name",),
    described={"id": Column("id", Kind.INTEGER), "name": Column("name", Kind.TEXT)},
)  # fmt: skip


class ManualClock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        """Begin at 1000 seconds."""
        self.now = 1000.0
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """Give the time, in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until a test has moved time that far."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move time on, and let everybody run who wakes up on the way."""
        end = self.now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, when)
            if not future.done():
                future.set_result(None)
            await settle()
        self.now = end
        await settle()

    async def play(self, work: Coroutine[Any, Any, Result], step: float = 0.01) -> Result:
        """Let time pass in steps until `work` is done; give what it gives."""
        task = asyncio.create_task(work)
        await settle()
        while not task.done():
            await self.advance(step)
        return task.result()


async def settle(turns: int = 20) -> None:
    """Let every task run until it waits for something that only a test can give."""
    for _ in range(turns):
        await asyncio.sleep(0)


class Gate:
    """A place in a fake where calls wait until the test opens it."""

    def __init__(self) -> None:
        """Begin open."""
        self._open = asyncio.Event()
        self._open.set()
        self.waiting = 0

    def close(self) -> None:
        """Make calls wait from now on."""
        self._open.clear()

    def open(self) -> None:
        """Let all of them through."""
        self._open.set()

    async def passing(self) -> None:
        """Wait here while the gate is closed."""
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1


class FakeClaim(Claim, frozen=True, gc=False):
    """A claim on a key of the fake cache."""

    token: bytes = b""

    @property
    def place(self) -> str:
        """Where the cache remembers who holds it."""
        return f"{{{self.key}}}{RESERVED_END}"


def is_fresh(cached: Cached, grace: float) -> bool:
    """Tell whether what is stored keeps a key from being claimed along with a read."""
    left = cached.seconds_left
    return cached.payload is not None and (
        left is None or left > grace or cached.payload == b"null"
    )


def own(claim: Claim) -> FakeClaim:
    """Give a claim as what it is."""
    assert isinstance(claim, FakeClaim)
    return claim


def recorded() -> list[Step]:
    """Record from here on, to the end of the test."""
    steps: list[Step] = []
    STEPS.set(steps)
    return steps


class FakeCache:
    """A cache in a dict, which can be down, full, or held up at any of its commands."""

    ttl_step = 0.001

    def __init__(self, clock: ManualClock) -> None:
        """Begin empty; entries live by `clock`."""
        self.clock = clock
        self.entries: dict[str, tuple[bytes, float | None]] = {}
        self.wrong_type: set[str] = set()
        self.one_trip = True
        """Whether a lease can be taken along with a read, as with a server."""
        self.down: str | None = None
        self.refuses: dict[str, Exception] = {}
        self.commands: list[str] = []
        self.gates: dict[str, Gate] = {}
        self.walker = FakeWalker(self)
        self._numbers = itertools.count()

    def _stored(self, key: str) -> Cached:
        if key in self.wrong_type:
            return Cached(None, None, wrong_type=True)
        payload = self.holds(key)
        return Cached(payload, None if payload is None else self.seconds_left(key))

    def gate(self, command: str) -> Gate:
        """Give the gate before a command: `read`, `claim`, `fill`, `invalidate`, `expire`..."""
        return self.gates.setdefault(command, Gate())

    def put(self, key: str, payload: bytes, seconds: float | None) -> None:
        """Store `payload` for that time; None is for ever."""
        self.entries[key] = (payload, None if seconds is None else self.clock.now + seconds)

    def seconds_left(self, key: str) -> float | None:
        """Give the time that the entry still lives; None without an expiry."""
        expires = self.entries[key][1]
        return None if expires is None else expires - self.clock.now

    def holds(self, key: str) -> bytes | None:
        """Give the live payload of a key."""
        payload, expires = self.entries.get(key, (None, None))
        if expires is not None and expires <= self.clock.now:
            del self.entries[key]
            return None
        return payload

    def _take(self, claim: FakeClaim) -> bool:
        if self.holds(claim.place) is not None:
            return False
        self.put(claim.place, claim.token, CLAIM_SECONDS)
        return True

    async def _begin(self, name: str, key: str) -> None:
        self.commands.append(f"{name} {key}")
        if name in self.gates:
            await self.gates[name].passing()
        if self.down is not None:
            failure: Exception = CacheUnavailable(self.down)
        elif name in self.refuses:
            failure = self.refuses[name]
        else:
            note_steps(Step(Target.CACHE, f"{name} {key}", 0.001, "done"))
            return
        note_steps(Step(Target.CACHE, f"{name} {key}", 0.001, str(failure), failed=True))
        raise failure

    async def ping(self) -> None:
        """Answer, unless it is down."""
        await self._begin("ping", "")

    async def read(self, key: str) -> Cached:
        """Give what is stored."""
        await self._begin("read", key)
        return self._stored(key)

    def lasting(self, seconds: float) -> float:
        """Give the time itself."""
        return seconds

    def new_claim(self, key: str) -> FakeClaim:
        """Give a claim that does not hold yet."""
        return FakeClaim(key, f"token-{next(self._numbers)}".encode())

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """Give what is stored; where that is nothing fresh, claim the key at once."""
        claim = own(claim)
        await self._begin("read", claim.key)
        cached = self._stored(claim.key)
        if (
            is_fresh(cached, grace)
            or cached.wrong_type
            or not self.one_trip
            or "claim" in self.refuses
        ):
            return cached, False
        self.commands.append(f"claim along {claim.key}")
        note_steps(Step(Target.CACHE, f"claim {claim.key}", 0.0, "done"))
        return cached, self._take(claim)

    async def claim(self, claim: Claim) -> bool:
        """Claim the key unless it is claimed."""
        claim = own(claim)
        await self._begin("claim", claim.key)
        return self._take(claim)

    async def abandon(self, claim: Claim) -> bool:
        """End the claim if it holds."""
        claim = own(claim)
        await self._begin("abandon", claim.key)
        if self.holds(claim.place) != claim.token:
            return False
        del self.entries[claim.place]
        return True

    async def fill(
        self, claim: Claim, payload: bytes, seconds: float, *, expected: Cached | None = None
    ) -> bool:
        """Store if the claim holds, and what is expected is there."""
        claim, key = own(claim), claim.key
        await self._begin("fill", key)
        if self.holds(claim.place) != claim.token:
            return False
        del self.entries[claim.place]
        changed = key in self.wrong_type or (expected and self.holds(key) != expected.payload)
        if expected is not None and changed:
            return False
        self.put(key, payload, seconds)
        return True

    async def store(self, entries: Sequence[tuple[str, bytes, float]]) -> None:
        """Store them, whatever happened meanwhile."""
        await self._begin("store", " ".join(key for key, _, _ in entries))
        for entry in entries:
            self.put(*entry)

    async def invalidate(self, keys: Sequence[str]) -> int:
        """Delete values and claims."""
        await self._begin("invalidate", " ".join(keys))
        self.wrong_type -= set(keys)
        places = [place for key in keys for place in (key, FakeClaim(key).place)]
        return sum(self.entries.pop(place, None) is not None for place in places)

    async def drop(self, key: str) -> bool:
        """Delete the value."""
        await self._begin("drop", key)
        self.wrong_type.discard(key)
        return self.entries.pop(key, None) is not None

    async def expire_after(self, key: str, seconds: float) -> bool:
        """Set the time to live."""
        await self._begin("expire", key)
        payload = self.holds(key)
        if payload is None:
            return False
        self.put(key, payload, seconds)
        return True


class FakeWalker:
    """Walks through a fake cache, a few keys a step."""

    def __init__(self, cache: FakeCache) -> None:
        """Walk through `cache`."""
        self._cache = cache
        self.step = 2
        """How many keys one step gives."""
        self.trip = 100
        """How many values one trip brings."""
        self.illegible = 0
        self.reads = 0
        """How many trips for values it has made."""

    def patient(self) -> "FakeWalker":
        """Give itself: no time passes here while nobody answers."""
        return self

    async def count(self) -> int:
        """Give how many keys there are."""
        self._answer()
        return len(self._keys("*"))

    async def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit."""
        keys = self._keys(template.shown(part))
        for start in range(0, max(1, len(keys)), self.step):
            await self._cache.gate("scan").passing()
            self._answer()
            yield keys[start : start + self.step]

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Give what can be said of those that are there."""
        self._answer()
        facts = []
        for key in keys:
            payload = self._cache.holds(key)
            if payload is not None:
                left = self._cache.seconds_left(key)
                known_absent = payload == b"null"
                facts.append(
                    KeyFacts(key, left, len(payload), known_absent, None, payload[:16])
                )
        await self._cache.gate("describe").passing()
        return facts

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Give what is stored."""
        self.reads += 1
        await self._cache.gate("read").passing()
        self._answer()
        return [
            Cached(payload, None if payload is None else self._cache.seconds_left(key))
            for key, payload in ((key, self._cache.holds(key)) for key in keys[: self.trip])
        ]

    def _keys(self, pattern: str) -> list[str]:
        return sorted(
            key
            for key in list(self._cache.entries)
            if self._cache.holds(key) is not None and fnmatchcase(key, pattern)
        )

    def _answer(self) -> None:
        if self._cache.down is not None:
            raise CacheUnavailable(self._cache.down)


class FakeTable:
    """A table in a dict, which counts its reads and can fail or be held up."""

    def __init__(self, rows: dict[Key, Record] | None = None) -> None:
        """Begin with these rows, by key."""
        self.rows: dict[Key, Record] = dict(rows or {})
        self.schema = SCHEMA
        self.caveats: tuple[Caveat, ...] = ()
        self.copies = 1
        """How many rows have each key."""
        self.reads: list[Key] = []
        self.touched: list[Key] = []
        self.fails: str | None = None
        self.gate = Gate()
        self.write_gate = Gate()
        self.searches: list[str] = []
        self.search_gate = Gate()

    async def search(
        self, text: str, limit: int, *, seconds: float = KEYSTROKE_SECONDS
    ) -> SearchResult:
        """Give the rows whose name holds the text, in the order of their keys."""
        self.searches.append(text)
        await self.search_gate.passing()
        if self.fails is not None:
            raise DatabaseUnavailable(self.fails)
        found = [
            Match(id, (str(row["name"]),))
            for id, row in self.rows.items()
            if text.lower() in str(row["name"]).lower()
        ]
        return SearchResult(text, tuple(found[:limit]), len(found) > limit)

    async def find(self, id: Key) -> Record | None:
        """Give the row as it is when the read begins."""
        self.reads.append(id)
        record = self.rows.get(id)
        await self.gate.passing()
        if self.fails is not None:
            note_steps(Step(Target.DATABASE, "SELECT", 0.001, self.fails, failed=True))
            raise DatabaseUnavailable(self.fails)
        note_steps(Step(Target.DATABASE, "SELECT", 0.001, "1 row" if record else "no row"))
        return record

    async def find_many(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Give of the rows the key and these columns, as they are when the read begins."""
        wanted = None if columns is None else {*columns, "id"}
        found = {
            id: [self._part(self.rows[id], wanted)] * self.copies
            for id in ids
            if id in self.rows
        }
        await self.gate.passing()
        if self.fails is not None:
            raise DatabaseUnavailable(self.fails)
        return found

    def _part(self, row: Record, wanted: set[str] | None) -> Record:
        return row if wanted is None else {name: row[name] for name in row if name in wanted}

    async def find_part(
        self, ids: Sequence[Key], columns: Collection[str] | None = None
    ) -> dict[Key, list[Record]]:
        """Give all of those keys, with their rows."""
        found = await self.find_many(ids, columns)
        return {id: found.get(id, []) for id in ids}

    async def first_keys(self, limit: int) -> list[Key]:
        """Give the first keys."""
        return list(self.rows)[:limit]

    async def touch(self, id: Key) -> bool:
        """Write a row as it is."""
        await self._write("UPDATE")
        self.touched.append(id)
        return id in self.rows

    async def update(
        self,
        id: Key,
        changes: Mapping[str, Scalar],
        *,
        expected: Record | None = None,
    ) -> Record | None:
        """Change a row."""
        self._check(changes)
        if "id" in changes:
            raise ChangeRefused("'id' is the key, which stays as it is")
        await self._write("UPDATE")
        if id not in self.rows:
            return None
        if expected is not None and self.rows[id] != {**self.rows[id], **expected}:
            raise ChangedMeanwhile("the record was changed by somebody else")
        self.rows[id] = {**self.rows[id], **changes}
        return self.rows[id]

    async def insert(self, record: Mapping[str, Scalar]) -> tuple[Key, Record]:
        """Add a row."""
        self._check(record)
        await self._write("INSERT")
        id = record["id"]
        if not isinstance(id, int) or id in self.rows:
            raise ChangeRefused("UNIQUE constraint failed: users.id")
        self.rows[id] = dict(record)
        return id, self.rows[id]

    async def delete(self, id: Key) -> bool:
        """Remove a row."""
        await self._write("DELETE")
        return self.rows.pop(id, None) is not None

    def _check(self, named: Mapping[str, Scalar]) -> None:
        known = {column for row in self.rows.values() for column in row}
        known.update(self.schema.columns)
        if unknown := [column for column in named if column not in known]:
            raise ChangeRefused(f"there is no column {unknown[0]!r}")

    async def _write(self, command: str) -> None:
        await self.write_gate.passing()
        if self.fails is not None:
            note_steps(Step(Target.DATABASE, command, 0.001, self.fails, failed=True))
            raise DatabaseUnavailable(self.fails)
        note_steps(Step(Target.DATABASE, command, 0.001, "1 row"))


class Bench:
    """A service over fakes, with everything a test wants to get at."""

    def __init__(
        self,
        *,
        lifetimes: Lifetimes | None = None,
        read_only: bool = False,
        template: KeyTemplate = TEMPLATE,
    ) -> None:
        """Put one user, Amara with key 1, into the table."""
        self.template = template
        self.clock = ManualClock()
        self.cache = FakeCache(self.clock)
        self.table = FakeTable({1: {"id": 1, "name": "Amara"}})
        self.reader = CopyReader()
        self.service = self.another_service(lifetimes=lifetimes, read_only=read_only)

    def another_service(
        self, *, lifetimes: Lifetimes | None = None, read_only: bool = False
    ) -> CacheAside:
        """Give a service on the same cache and table, as another process would have it."""
        return CacheAside(
            self.cache,
            self.table,
            self.template,
            self.clock,
            lifetimes=lifetimes,
            read_only=read_only,
            uniform=lambda low, high: (low + high) / 2,
        )
