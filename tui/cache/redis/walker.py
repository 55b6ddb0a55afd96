"""Walking through what a server holds: in small steps, so that nobody else has to wait."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from tui.cache.pace import MOST_KEYS, Pace
from tui.cache.redis import shapes
from tui.cache.redis.hashes import LongHash, read_hashes
from tui.cache.redis.key_commands import KEY, KeyCommands
from tui.cache.redis.key_patterns import scan_pattern
from tui.cache.redis.pages import Pages, key_count
from tui.cache.redis.refusals import is_wrong_type
from tui.cache.redis.trips import Trips, fact_of
from tui.cache.redis.values import NO_EXPIRY, Values, seconds_of
from tui.cache.redis.ways import Way
from tui.models import KEYS_PER_STEP, KNOWN_ABSENT, Cached, KeyFacts
from tui.models.keys import KeyTemplate
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError

PATIENCE = (0.1, 0.2, 0.4, 0.8, 1.6)
"""The pauses after which a patient walker asks again: a few seconds in all."""
BEGINNING = 16
"""How many bytes of a value are looked at where it is only described."""
DESCRIPTION = KeyCommands(("PTTL", KEY), ("STRLEN", KEY), ("GETRANGE", KEY, 0, BEGINNING - 1))


class CacheWalker:
    """Reads keys in numbers, a bounded trip at a time; changes nothing.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong with all of it. What
    goes wrong with one key, which may not be read or gets an odd reply, is said of that key.
    Calls may be under way at the same time.
    """

    def __init__(
        self,
        way: Way,
        clock: Clock,
        seconds: float,
        *,
        max_value: int,
        scan_count: int = KEYS_PER_STEP,
        trip_keys: int = MOST_KEYS,
        pauses: Sequence[float] = (),
    ) -> None:
        """Walk over `way`; a trip may take `seconds`, and ask about `trip_keys`.

        A SCAN looks at `scan_count` keys. No value of more than `max_value` bytes is read. A
        trip that gets no answer is made again after each of the `pauses`, in seconds.
        """
        self._way = way
        self._clock = clock
        self._seconds = seconds
        self._max_value = max_value
        self.illegible = 0
        """How many keys its walks have passed over, since they fit and are no UTF-8."""
        self._scan_count = scan_count
        self._trip_keys = trip_keys
        self._trips = Trips(way, clock, seconds, pauses)
        self._values = Values(self._trips, clock, max_value, Pace(trip_keys))
        self._pace = Pace(trip_keys)

    def patient(self) -> "CacheWalker":
        """Return a walker of the same cache that waits for some seconds until it answers.

        Each trip is made again by itself, so that a walk goes on where it was.
        """
        return CacheWalker(
            self._way, self._clock, self._seconds, max_value=self._max_value,
            scan_count=self._scan_count, trip_keys=self._trip_keys, pauses=PATIENCE,
        )  # fmt: skip

    async def count(self) -> int:
        """Return how many keys the server holds, of everybody."""
        return sum([await key_count(self._trips, node) for node in await self._trips.nodes()])

    async def scan(self, template: KeyTemplate, part: str = "") -> AsyncIterator[list[str]]:
        """Give the keys that fit `template`, batch by batch, as SCAN finds them.

        With `part`, those whose id holds it.

        A key that is there all the time comes at least once, perhaps twice. Batches may be
        empty: each is one step of the walk. The next is under way while one is worked on. What
        is no UTF-8 cannot be a key of ours.
        """
        pattern = scan_pattern(template, part)
        for node in await self._trips.nodes():
            pages = Pages(self._trips, node, pattern, self._scan_count)
            try:
                async with aclosing(pages.run()) as batches:
                    async for batch in batches:
                        yield batch
            finally:
                self.illegible += pages.illegible

    async def describe(self, keys: Sequence[str]) -> list[KeyFacts]:
        """Return what can be said of those keys without reading their values.

        Keys that have gone meanwhile are left out.
        """
        facts: list[KeyFacts] = []
        while keys:
            asked = self._pace.first_of(keys)
            started = self._clock.monotonic()
            replies = await self._trips.replies(asked, DESCRIPTION)
            self._pace.took(self._clock.monotonic() - started, len(asked), len(asked))
            facts += _described(asked, replies)
            keys = keys[len(asked) :]
        return facts

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Return the values under the first of those keys, as many as one trip brings.

        They come in the order of the keys, hashes too; one at least, where there is a key. Of
        what is longer than may be read comes its size.
        """
        return await self._values.read(keys)

    async def hash_of(self, key: str) -> dict[str, str] | None:
        """Return the fields of the hash under `key`; None when it is no hash, or a huge one."""
        (found,) = await read_hashes(self._trips, [key], self._max_value)
        if isinstance(found, CacheError):
            raise found
        return None if isinstance(found, LongHash) else found


def _described(keys: Sequence[str], replies: Sequence[Any]) -> list[KeyFacts]:
    facts: list[KeyFacts] = []
    parts = zip(keys, replies[::3], replies[1::3], replies[2::3], strict=True)
    for key, left, size, beginning in parts:
        if (
            type(left) is int
            and left >= NO_EXPIRY
            and type(size) is int
            and size >= 0
            and type(beginning) is bytes
        ):  # as nearly always
            seconds = left / 1000 if left >= 0 else None
            facts.append(
                KeyFacts(key, seconds, size, beginning == KNOWN_ABSENT, None, beginning)
            )
            continue
        found = fact_of(key, (left, size, beginning), _describe)
        if isinstance(found, CacheError):
            facts.append(KeyFacts(key, None, None, unread=str(found)))
        elif found is not None:
            facts.append(found)
    return facts


def _describe(key: str, replies: Sequence[Any]) -> KeyFacts | None:
    pttl, size, beginning = replies
    left = shapes.milliseconds_left(pttl)
    if left == shapes.NO_KEY:
        return None
    if is_wrong_type(size) or is_wrong_type(beginning):
        return KeyFacts(key, seconds_of(left), None)
    size, beginning = shapes.number(size, "STRLEN"), shapes.text(beginning, "GETRANGE")
    absent = beginning == KNOWN_ABSENT
    return KeyFacts(key, seconds_of(left), size, absent, None, beginning)
