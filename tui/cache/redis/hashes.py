"""Hashes that other programs keep records in, read only as far as they have a record's size."""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from tui.cache.redis import shapes
from tui.cache.redis.exchange import Command
from tui.cache.redis.refusals import is_wrong_type
from tui.cache.redis.trips import Trips
from tui.models import MOST_FIELDS
from tui.runtime.errors import CacheError, CacheRefused

FIELDS_PER_TRIP = 2000
"""Of how many fields one trip asks the length."""


class LongHash(Struct, frozen=True):
    """A hash whose fields are longer together than may be read."""

    size: int
    """Their bytes."""


Hash: TypeAlias = "dict[str, str] | LongHash | CacheError | None"
"""The fields; None where there is no hash, or a huge one; or why it was not read."""


async def read_hashes(trips: Trips, keys: Sequence[str], max_value: int) -> list[Hash]:
    """Return the hashes under these keys, of at most `max_value` bytes each.

    How long the fields are is asked first, where the user may ask that.
    """
    lengths = dict(
        zip(keys, await trips.about(keys, lambda key: [("HLEN", key)], _length), strict=True)
    )
    found: dict[str, Hash] = {
        key: length if isinstance(length, CacheError) else None
        for key, length in lengths.items()
    }
    small = [
        key
        for key, length in lengths.items()
        if isinstance(length, int) and 0 < length <= MOST_FIELDS
    ]
    sizes = await _sizes(trips, small)
    wanted = []
    for key, size in zip(small, sizes, strict=True):
        if isinstance(size, CacheError):
            found[key] = size
        elif size > max_value:
            found[key] = LongHash(size)
        else:
            wanted.append(key)
    read = await trips.about(wanted, lambda key: [("HGETALL", key)], _fields)
    found |= zip(wanted, (_bounded(hash, max_value) for hash in read), strict=True)
    return [found[key] for key in keys]


async def _sizes(trips: Trips, keys: Sequence[str]) -> list[int | CacheError]:
    """Return the bytes of each hash; 0 where nobody may ask for them."""
    sizes: list[int | CacheError] = []
    try:
        names = await trips.about(keys, lambda key: [("HKEYS", key)], _names)
        fields = dict(zip(keys, names, strict=True))

        def ask(key: str) -> list[Command]:
            own = fields[key]
            names = [] if isinstance(own, CacheError) else own
            return [("HSTRLEN", key, name) for name in names]

        for part in _parts(keys, fields):
            counted = await trips.about(part, ask, _sum)
            for key, count in zip(part, counted, strict=True):
                own = fields[key]
                if isinstance(own, CacheError) or isinstance(count, CacheError):
                    sizes.append(own if isinstance(own, CacheError) else count)
                else:
                    sizes.append(count + sum(map(len, own)))
    except CacheRefused:
        return [0] * len(keys)  # then the connection alone bounds what comes
    return sizes


def _parts(
    keys: Sequence[str], fields: "dict[str, list[bytes] | CacheError]"
) -> list[list[str]]:
    """Return the keys in parts of at most FIELDS_PER_TRIP fields, or one key."""
    parts: list[list[str]] = []
    count = 0
    for key in keys:
        own = fields[key]
        more = 0 if isinstance(own, CacheError) else len(own)
        if not parts or count + more > FIELDS_PER_TRIP:
            parts.append([])
            count = 0
        parts[-1].append(key)
        count += more
    return parts


def _bounded(hash: "dict[str, str] | CacheError | None", max_value: int) -> Hash:
    if not isinstance(hash, dict):
        return hash
    size = sum(len(name) + len(value) for name, value in hash.items())
    return hash if size <= max_value else LongHash(size)


def _length(key: str, replies: Sequence[object]) -> int:
    return 0 if is_wrong_type(replies[0]) else shapes.number(replies[0], "HLEN")


def _names(key: str, replies: Sequence[object]) -> list[bytes]:
    return [] if is_wrong_type(replies[0]) else shapes.names(replies[0], "HKEYS")


def _sum(key: str, replies: Sequence[object]) -> int:
    return sum(shapes.number(reply, "HSTRLEN") for reply in replies if not is_wrong_type(reply))


def _fields(key: str, replies: Sequence[object]) -> dict[str, str] | None:
    if is_wrong_type(replies[0]):
        return None
    fields = shapes.fields(replies[0])
    return {_text(name): _text(value) for name, value in fields.items()} or None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
