"""Walking through what a server holds: in small steps, so that nobody else has to wait."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from tui.cache.cancellation import cancellable
from tui.cache.failures import is_wrong_type, within
from tui.clock import Clock
from tui.errors import CacheUnavailable
from tui.models import KEYS_PER_STEP, Cached, KeyFacts

TRIP_KEYS = 100
"""How many keys one trip asks about."""
TRIP_BYTES = 1 << 20
"""How many bytes of values one trip may bring, unless a single value is longer."""
LONGEST_VALUE = 4 << 20
"""A string of more bytes than this is not read: it is no record."""
HASH_BYTES = TRIP_BYTES // 16
"""What a hash counts for, whose bytes nobody knows before it is read."""
MOST_FIELDS = 1000
"""A hash of more fields than this is not read."""
KNOWN_ABSENT = b"null"
GONE = -2
"""What PTTL says of a key that is not there."""
PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.6)
"""The pauses after which a patient walker asks again: a few seconds in all."""

Reply = TypeVar("Reply")


class CacheWalker:
    """Reads keys in numbers, a bounded trip at a time; changes nothing.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        clock: Clock,
        seconds: float,
        *,
        scan_count: int = KEYS_PER_STEP,
        pauses: Sequence[float] = (),
    ) -> None:
        """Walk through `client`; a trip may take `seconds`, a SCAN `scan_count` keys.

        A trip that gets no answer is made again after each of the `pauses`, in seconds.
        """
        self._client = client
        self._clock = clock
        self._seconds = seconds
        self._scan_count = scan_count
        self._pauses = pauses

    def patient(self) -> "CacheWalker":
        """Give a walker of the same cache that waits for some seconds until it answers.

        Each trip is made again by itself, so that a walk goes on where it was.
        """
        return CacheWalker(
            self._client, self._clock, self._seconds,
            scan_count=self._scan_count, pauses=PATIENCE,
        )  # fmt: skip

    async def count(self) -> int:
        """Give how many keys the server holds, of everybody."""
        if isinstance(self._client, RedisCluster):
            every = RedisCluster.PRIMARIES
            counted: Any = await self._bounded(lambda: self._client.dbsize(target_nodes=every))
            # Depending on the nodes, the client gives the sum or each node's number.
            return sum(counted.values()) if isinstance(counted, dict) else int(counted)
        return int(await self._bounded(self._client.dbsize))

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Give the keys that match `pattern`, batch by batch, as SCAN finds them.

        A key that is there all the time comes at least once, perhaps twice. Batches may be
        empty: each is one step of the walk. What is no UTF-8 cannot be a key of ours.
        """
        if isinstance(self._client, RedisCluster):
            await self._bounded(self._client.initialize)
            for node in self._client.get_primaries():
                async for batch in self._scan(pattern, target_nodes=node):
                    yield batch
        else:
            async for batch in self._scan(pattern):
                yield batch

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Give what can be said of those keys without reading their values.

        Keys that have gone meanwhile are left out.
        """
        facts: list[KeyFacts] = []
        for batch in _batches(keys):
            replies = await self._trip(
                command
                for key in batch
                for command in (("PTTL", key), ("STRLEN", key), ("GETRANGE", key, 0, 4))
            )
            each = zip(batch, replies[::3], replies[1::3], replies[2::3], strict=True)
            for key, pttl, size, beginning in each:
                if pttl != GONE:
                    text = isinstance(size, int)
                    facts.append(
                        KeyFacts(
                            key,
                            _seconds(pttl),
                            size if text else None,
                            known_absent=beginning == KNOWN_ABSENT,
                        )
                    )
        return facts

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Give the values under the first of those keys, as many as one trip brings.

        They come in the order of the keys, hashes too; one at least, where there is a key. A
        string that is too long for a record comes as its first LONGEST_VALUE bytes.
        """
        keys = keys[:TRIP_KEYS]
        sizes = await self._trip(("STRLEN", key) for key in keys) if keys else []
        count = weight = 0
        for size in sizes:
            weight += min(size, LONGEST_VALUE) if isinstance(size, int) else HASH_BYTES
            if count and weight > TRIP_BYTES:
                break
            count += 1
        return await self._read(keys[:count]) if count else []

    async def hash_of(self, key: str) -> dict[str, str] | None:
        """Give the fields of the hash under `key`; None when it is no hash, or a huge one."""
        return (await self._hashes([key]))[0]

    async def _read(self, keys: Sequence[str]) -> list[Cached]:
        replies = await self._trip(
            command
            for key in keys
            for command in (("GETRANGE", key, 0, LONGEST_VALUE - 1), ("PTTL", key))
        )
        values, pttls = replies[::2], replies[1::2]
        others = [key for key, value in zip(keys, values, strict=True) if is_wrong_type(value)]
        hashes = dict(zip(others, await self._hashes(others), strict=True)) if others else {}
        return [
            Cached(
                payload=value if isinstance(value, bytes) and pttl != GONE else None,
                seconds_left=_seconds(pttl),
                wrong_type=key in hashes and hashes[key] is None,
                fields=hashes.get(key),
            )
            for key, value, pttl in zip(keys, values, pttls, strict=True)
        ]

    async def _hashes(self, keys: Sequence[str]) -> list[dict[str, str] | None]:
        lengths = await self._trip(("HLEN", key) for key in keys)
        small = [
            key
            for key, length in zip(keys, lengths, strict=True)
            if isinstance(length, int) and 0 < length <= MOST_FIELDS
        ]
        replies = await self._trip(("HGETALL", key) for key in small) if small else []
        found = {
            key: {_text(name): _text(value) for name, value in reply.items()}
            for key, reply in zip(small, replies, strict=True)
            if isinstance(reply, dict)
        }
        return [found.get(key) for key in keys]

    async def _scan(self, pattern: str, **options: Any) -> AsyncIterator[list[str]]:
        cursor = 0
        while True:
            reply: Any = await self._bounded(
                partial(
                    self._client.scan, cursor, match=pattern, count=self._scan_count, **options
                )
            )
            found, batch = reply
            # A cluster's client gives the cursor of each node that was asked.
            cursor = next(iter(found.values())) if isinstance(found, dict) else found
            # A server gives about as many as were asked for, sometimes a few more.
            size = len(batch) if self._scan_count == KEYS_PER_STEP else KEYS_PER_STEP
            for start in range(0, max(1, len(batch)), max(1, size)):
                yield [key.decode() for key in batch[start : start + size] if _is_utf8(key)]
            if cursor == 0:
                return

    async def _trip(self, commands: Iterable[tuple[str | int, ...]]) -> list[Any]:
        """Send commands together; give a reply or an error of its own for each."""
        sent = tuple(commands)

        async def send() -> list[Any]:
            pipe = self._client.pipeline(transaction=False)
            for command in sent:
                pipe.execute_command(*command)
            replies = await pipe.execute(raise_on_error=False)
            for reply in replies:
                if isinstance(reply, Exception) and not is_wrong_type(reply):
                    raise reply
            return list(replies)

        return await self._bounded(send)

    async def _bounded(self, send: Callable[[], Awaitable[Reply]]) -> Reply:
        for pause in self._pauses:
            try:
                return await self._once(send)
            except CacheUnavailable:
                await self._clock.sleep(pause)
        return await self._once(send)

    async def _once(self, send: Callable[[], Awaitable[Reply]]) -> Reply:
        async with within(self._seconds):
            return await cancellable(send())


def _batches(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[i : i + TRIP_KEYS] for i in range(0, len(keys), TRIP_KEYS))


def _seconds(pttl: int) -> float | None:
    return pttl / 1000 if pttl >= 0 else None


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
