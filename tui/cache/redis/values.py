"""Reading copies in numbers: short ones in one trip, long ones and hashes in further ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from tui.cache.pace import Cut, Pace
from tui.cache.redis import shapes
from tui.cache.redis.exchange import Command
from tui.cache.redis.hashes import Hash, LongHash, read_hashes
from tui.cache.redis.key_commands import KEY, KeyCommands
from tui.cache.redis.refusals import is_wrong_type
from tui.cache.redis.trips import Trips, fact_of
from tui.models import Cached
from tui.runtime.clock import Clock
from tui.runtime.errors import CacheError, CopyTooLarge

FIRST_BYTES = 1 << 18
"""How many bytes a trip may bring that asks for the beginnings of values."""
TRIP_BYTES = 1 << 20
"""How many bytes of values one trip may bring, unless a single value is longer."""
HASH_BYTES = TRIP_BYTES // 16
"""What a hash counts for, whose bytes nobody knows before it is asked for them."""
NO_EXPIRY = -1
"""What PTTL says of a key that has none."""
NOTHING = Cached(None, None)


class Values:
    """Reads what is stored under many keys, a bounded trip at a time.

    The first trip asks for as many bytes of each value as values have had so far, and one more:
    where that one comes, the value is longer, and is asked for by its size.
    """

    def __init__(self, trips: Trips, clock: Clock, max_value: int, pace: Pace) -> None:
        """Read over `trips`, and no value of more than `max_value` bytes."""
        self._trips = trips
        self._clock = clock
        self._max_value = max_value
        self._pace = pace
        self._cut = Cut(max_value)
        self._commands: dict[int, KeyCommands] = {}

    async def read(self, keys: Sequence[str]) -> list[Cached]:
        """Return the values under the first of those keys; see Walker."""
        cut = self._cut.bytes
        keys = self._pace.first_of(keys, FIRST_BYTES // (cut + 1))
        started = self._clock.monotonic()
        replies = await self._trips.replies(keys, self._beginnings(cut))
        seconds = self._clock.monotonic() - started
        copies, others = self._whole_ones(keys, replies, cut)
        if others:
            copies = await self._completed(keys, copies, others)
        self._pace.took(seconds, len(keys), len(copies))
        return copies

    def _beginnings(self, cut: int) -> KeyCommands:
        """Return what asks for the life of each value and its first `cut` bytes, and one."""
        if cut not in self._commands:
            self._commands[cut] = KeyCommands(("PTTL", KEY), ("GETRANGE", KEY, 0, cut))
        return self._commands[cut]

    def _whole_ones(
        self, keys: Sequence[str], replies: Sequence[Any], cut: int
    ) -> tuple[list[Cached], dict[int, bool]]:
        """Return what has come whole, and where something else stands that is to be asked for.

        With each such place, whether there is a string, of which more than `cut` bytes came.
        """
        copies: list[Cached] = []
        others: dict[int, bool] = {}
        longest = 0
        for key, left, payload in zip(keys, replies[::2], replies[1::2], strict=True):
            if type(payload) is bytes and type(left) is int and left >= NO_EXPIRY:
                size = len(payload)
                if size <= cut:
                    longest = max(longest, size)
                    copies.append(Cached(payload, left / 1000 if left >= 0 else None))
                    continue
            found = fact_of(key, (left, payload), _of_another_kind)
            if found is None:
                others[len(copies)] = type(payload) is bytes
                found = NOTHING
            copies.append(self._unread(found) if isinstance(found, CacheError) else found)
        longer = sum(others.values())
        self._cut.saw(len(copies) - len(others), longer, longest)
        return copies, others

    async def _completed(
        self, keys: Sequence[str], copies: list[Cached], others: Mapping[int, bool]
    ) -> list[Cached]:
        """Return the first of the copies, with what stands at these places read in full.

        As many as may come together; `others` says where strings are.
        """
        strings = [keys[place] for place, is_string in others.items() if is_string]
        measured = await self._trips.about(strings, lambda key: [("STRLEN", key)], _size)
        sizes = dict(zip(strings, measured, strict=True))
        weight = count = 0
        for place, copy in enumerate(copies):
            if place in others:
                weight += self._weight(sizes.get(keys[place]))
            elif copy.payload is not None:
                weight += len(copy.payload)
            if count and weight > TRIP_BYTES:
                break
            count += 1
        places = [place for place in others if place < count]
        wanted = [keys[place] for place in places]
        read = await self._read(wanted, [sizes.get(key) for key in wanted]) if wanted else []
        for place, copy in zip(places, read, strict=False):
            copies[place] = copy
        return copies[: places[len(read)] if len(read) < len(places) else count]

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
        seconds = seconds_of(found.left)
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


class _Found(Struct, frozen=True):
    """What the replies about one key say."""

    left: int
    """What PTTL gave, in milliseconds."""
    payload: bytes | None
    """The bytes; None where they were not asked for, or are none of a string."""
    is_string: bool = True
    """Whether that is what the key holds."""


def _of_another_kind(key: str, replies: Sequence[Any]) -> Cached | None:
    """Return the copy where there is none; None where it has to be asked for otherwise."""
    left, payload = replies
    if shapes.milliseconds_left(left) == shapes.NO_KEY:
        return NOTHING
    if not is_wrong_type(payload):
        shapes.text(payload, "GETRANGE")
    return None


def _size(key: str, replies: Sequence[Any]) -> int | None:
    """Return the bytes of a string; None where the key holds something else."""
    return None if is_wrong_type(replies[0]) else shapes.number(replies[0], "STRLEN")


def _too_long(size: int, seconds: float | None) -> Cached:
    return Cached(None, seconds, size=size, unread=f"too long to compare: {size:,} bytes")


def seconds_of(pttl: int) -> float | None:
    """Return the seconds of life that PTTL means; None for no end."""
    return pttl / 1000 if pttl >= 0 else None
