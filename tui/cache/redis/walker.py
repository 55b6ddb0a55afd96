"""Walking through what a server holds: in small steps, so that nobody else has to wait."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from tui.cache.redis import shapes
from tui.cache.redis.endless import ENDLESS, WalkEnd
from tui.cache.redis.exchange import Command
from tui.cache.redis.hashes import Hash, LongHash, read_hashes
from tui.cache.redis.key_patterns import scan_pattern
from tui.cache.redis.refusals import is_wrong_type
from tui.cache.redis.trips import Node, Trips
from tui.models import KEYS_PER_STEP, KNOWN_ABSENT, Cached, KeyFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CacheNotUnderstood, CacheRefused, CopyTooLarge

TRIP_KEYS = 100
"""How many keys one trip asks about."""
TRIP_BYTES = 1 << 20
"""How many bytes of values one trip may bring, unless a single value is longer."""
HASH_BYTES = TRIP_BYTES // 16
"""What a hash counts for, whose bytes nobody knows before it is asked for them."""
PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.6)
"""The pauses after which a patient walker asks again: a few seconds in all."""
LARGEST_PAGE = 4 * KEYS_PER_STEP
"""Keys: what one step of SCAN gives beyond that is handed on in parts."""


class CacheWalker:
    """Reads keys in numbers, a bounded trip at a time; changes nothing.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong with all of it. What
    goes wrong with one key, which may not be read or gets an odd reply, is said of that key.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        clock: Clock,
        seconds: float,
        *,
        max_value: int,
        scan_count: int = KEYS_PER_STEP,
        pauses: Sequence[float] = (),
    ) -> None:
        """Walk through `client`; a trip may take `seconds`, a SCAN `scan_count` keys.

        No value of more than `max_value` bytes is read. A trip that gets no answer is made
        again after each of the `pauses`, in seconds. The client gives replies as they came.
        """
        self._client = client
        self._clock = clock
        self._seconds = seconds
        self._max_value = max_value
        self._scan_count = scan_count
        self._trips = Trips(client, clock, seconds, pauses)

    def patient(self) -> "CacheWalker":
        """Return a walker of the same cache that waits for some seconds until it answers.

        Each trip is made again by itself, so that a walk goes on where it was.
        """
        return CacheWalker(
            self._client, self._clock, self._seconds, max_value=self._max_value,
            scan_count=self._scan_count, pauses=PATIENCE,
        )  # fmt: skip

    async def count(self) -> int:
        """Return how many keys the server holds, of everybody."""
        nodes = await self._trips.nodes()
        return sum([await self._trips.ask(node, ("DBSIZE",), _key_count) for node in nodes])

    async def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit `template`, batch by batch, as SCAN finds them.

        With `part`, those whose id holds it.

        A key that is there all the time comes at least once, perhaps twice. Batches may be
        empty: each is one step of the walk. What is no UTF-8 cannot be a key of ours.
        """
        pattern = scan_pattern(template, part)
        for node in await self._trips.nodes():
            async for batch in self._scan(node, pattern):
                yield batch

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Return what can be said of those keys without reading their values.

        Keys that have gone meanwhile are left out.
        """
        facts: list[KeyFacts] = []
        for start in range(0, len(keys), TRIP_KEYS):
            batch = keys[start : start + TRIP_KEYS]
            found = await self._trips.about(batch, _ask_about, _describe)
            for key, fact in zip(batch, found, strict=True):
                if isinstance(fact, CacheError):
                    facts.append(KeyFacts(key, None, None, unread=str(fact)))
                elif fact is not None:
                    facts.append(fact)
        return facts

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Return the values under the first of those keys, as many as one trip brings.

        They come in the order of the keys, hashes too; one at least, where there is a key. Of
        what is longer than may be read comes its size.
        """
        keys = keys[:TRIP_KEYS]
        sizes = await self._trips.about(keys, lambda key: [("STRLEN", key)], _size)
        count = weight = 0
        for size in sizes:
            weight += self._weight(size)
            if count and weight > TRIP_BYTES:
                break
            count += 1
        return await self._read(keys[:count], sizes[:count]) if count else []

    async def hash_of(self, key: str) -> dict[str, str] | None:
        """Return the fields of the hash under `key`; None when it is no hash, or a huge one."""
        (found,) = await read_hashes(self._trips, [key], self._max_value)
        if isinstance(found, CacheError):
            raise found
        return None if isinstance(found, LongHash) else found

    def _weight(self, size: int | CacheError | None) -> int:
        if size is None:
            return HASH_BYTES
        return size if isinstance(size, int) and size <= self._max_value else 0

    async def _read(
        self, keys: Sequence[str], sizes: Sequence[int | CacheError | None]
    ) -> list[Cached]:
        """Read values whose sizes were asked for; fewer of them, where one has grown since."""
        known = dict(zip(keys, sizes, strict=True))
        alone = len(keys) == 1

        def ask(key: str) -> list[Command]:
            size = known[key]
            if not isinstance(size, int) or size > self._max_value:
                return [("PTTL", key)]
            # One byte more than there is: if it comes, the value has grown meanwhile.
            return [("PTTL", key), ("GETRANGE", key, 0, self._max_value if alone else size)]

        def understand(key: str, replies: Sequence[Any]) -> _Found:
            left = shapes.milliseconds_left(replies[0])
            if len(replies) == 1 or is_wrong_type(replies[1]):
                return _Found(
                    left, None, is_string=known[key] is not None and len(replies) == 1
                )
            return _Found(left, shapes.text(replies[1], "GETRANGE"))

        found = await self._trips.about(keys, ask, understand)
        others = [
            key
            for key, value in zip(keys, found, strict=True)
            if isinstance(value, _Found) and not value.is_string
        ]
        read = await read_hashes(self._trips, others, self._max_value) if others else []
        hashes = dict(zip(others, read, strict=True))
        copies: list[Cached] = []
        for key, value in zip(keys, found, strict=True):
            size = known[key]
            if isinstance(size, CacheError):
                copies.append(self._unread(size))
                continue
            if isinstance(value, CacheError):
                copies.append(self._unread(value))
                continue
            if value.payload is not None and len(value.payload) > (size or 0) and not alone:
                return copies or await self._read(keys[:1], sizes[:1])
            copies.append(self._copy(value, size, hashes.get(key)))
        return copies

    def _copy(self, found: "_Found", size: int | None, hash: Hash) -> Cached:
        seconds = _seconds(found.left)
        if found.left == shapes.NO_KEY:
            return Cached(None, None)
        if found.is_string:
            payload = found.payload
            if payload is not None and len(payload) <= self._max_value:
                return Cached(payload, seconds)
            return _too_long(size or 0 if payload is None else len(payload), seconds)
        if isinstance(hash, CacheError):
            return self._unread(hash)
        if isinstance(hash, LongHash):
            return _too_long(hash.size, seconds)
        return Cached(None, seconds, wrong_type=hash is None, fields=hash)

    def _unread(self, error: CacheError) -> Cached:
        size = self._max_value + 1 if isinstance(error, CopyTooLarge) else None
        return Cached(None, None, size=size, unread=str(error))

    async def _scan(self, node: Node, pattern: str) -> AsyncIterator[list[str]]:
        cursor = 0
        end = WalkEnd(partial(self._count_of, node))
        while True:
            command = ("SCAN", cursor, "MATCH", pattern, "COUNT", self._scan_count)
            try:
                cursor, batch = await self._trips.ask(node, command, shapes.page)
            except CopyTooLarge as error:  # of keys, and not of what is under one
                raise CacheNotUnderstood(f"{ENDLESS} gives too much in one step") from error
            # A server gives about as many as were asked for, sometimes a few more.
            size = len(batch) if len(batch) <= LARGEST_PAGE else KEYS_PER_STEP
            for start in range(0, max(1, len(batch)), max(1, size)):
                yield [key.decode() for key in batch[start : start + size] if _is_utf8(key)]
            if cursor == 0:
                return
            await end.came_to(cursor, len(batch))

    async def _count_of(self, node: Node) -> int | None:
        """Return how many keys a node holds; None where that may not be asked."""
        try:
            return await self._trips.ask(node, ("DBSIZE",), _key_count)
        except CacheRefused:
            return None


class _Found(Struct, frozen=True):
    """What the replies about one key say."""

    left: int
    """What PTTL gave, in milliseconds."""
    payload: bytes | None
    """The bytes; None where they were not asked for, or are none of a string."""
    is_string: bool = True
    """Whether that is what the key holds."""


def _ask_about(key: str) -> list[Command]:
    return [("PTTL", key), ("STRLEN", key), ("GETRANGE", key, 0, len(KNOWN_ABSENT))]


def _describe(key: str, replies: Sequence[Any]) -> KeyFacts | None:
    pttl, size, beginning = replies
    left = shapes.milliseconds_left(pttl)
    if left == shapes.NO_KEY:
        return None
    if is_wrong_type(size) or is_wrong_type(beginning):
        return KeyFacts(key, _seconds(left), None)
    absent = shapes.text(beginning, "GETRANGE") == KNOWN_ABSENT
    return KeyFacts(key, _seconds(left), shapes.number(size, "STRLEN"), known_absent=absent)


def _key_count(reply: Any) -> int:
    return shapes.number(reply, "DBSIZE")


def _size(key: str, replies: Sequence[Any]) -> int | None:
    """Return the bytes of a string; None where the key holds something else."""
    return None if is_wrong_type(replies[0]) else shapes.number(replies[0], "STRLEN")


def _too_long(size: int, seconds: float | None) -> Cached:
    return Cached(None, seconds, size=size, unread=f"too long to compare: {size:,} bytes")


def _seconds(pttl: int) -> float | None:
    return pttl / 1000 if pttl >= 0 else None


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True
