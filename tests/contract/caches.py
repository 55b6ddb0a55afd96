"""What every cache promises, each promise as a check that runs on any adapter.

A new adapter has passed when all of them do: `tests/contract/test_caches.py` names it.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import pytest
from contract.promises import Promises

from tui.cache.port import Cache
from tui.models import Cached, Key
from tui.models.keys import KeyTemplate
from tui.models.recorder import Recorder
from tui.runtime.errors import CacheError

Promise: TypeAlias = Callable[[Cache], Awaitable[None]]
PROMISES: Final[Promises[Cache]] = Promises()
"""Those of every cache; each begins with an empty cache."""
APART: Final[Promises[Cache]] = Promises()
"""Those of caches that keep claims apart from copies (`Capabilities.claims_apart`)."""
TOGETHER: Final[Promises[Cache]] = Promises()
"""Those of the others: whoever changes the copy makes the claim void."""

TEMPLATE: Final = KeyTemplate("contract:{id}")
KEY, OTHER = TEMPLATE.value_key(1), TEMPLATE.value_key(2)
OLD, NEW = b'{"id":1,"name":"old"}', b'{"id":1,"name":"new"}'
ABSENT: Final = b"null"
NOTHING: Final = Cached(None, None)


async def payload(cache: Cache, key: str = KEY) -> bytes | None:
    """Return what is stored."""
    return (await cache.read(key)).payload


async def put(cache: Cache, stored: bytes, seconds: float = 60, key: str = KEY) -> None:
    """Store something past all claims."""
    await cache.store([(key, stored, seconds)])


@PROMISES
async def it_answers(cache: Cache) -> None:
    """A cache that is there answers a ping."""
    await cache.ping()


@PROMISES
async def nothing_is_stored_at_first(cache: Cache) -> None:
    """A key that was never stored holds nothing, and no time."""
    assert await cache.read(KEY) == NOTHING


@PROMISES
async def what_is_stored_is_read_with_its_time(cache: Cache) -> None:
    """The bytes are the same, and so is their life but for the time that has passed."""
    for stored in (OLD, b"", b"\x00\xff", b"x" * 900_000):
        await put(cache, stored, 60)
        cached = await cache.read(KEY)
        assert cached.payload == stored
        assert cached.seconds_left is not None
        assert 55 < cached.seconds_left <= 60


@PROMISES
async def a_key_is_claimed_by_one_at_a_time(cache: Cache) -> None:
    """While a claim holds nobody else gets one on that key; on another key somebody does."""
    first, second = cache.new_claim(KEY), cache.new_claim(KEY)
    assert (first.key, second.key) == (KEY, KEY)
    assert await cache.claim(first)
    assert not await cache.claim(second)
    assert await cache.claim(cache.new_claim(OTHER))


@PROMISES
async def a_claim_is_no_copy(cache: Cache) -> None:
    """Nobody reads anything under a key that is claimed."""
    assert await cache.claim(cache.new_claim(KEY))
    assert await cache.read(KEY) == NOTHING


@PROMISES
async def a_claim_fills_once(cache: Cache) -> None:
    """The fill is stored for its time and ends the claim: with that nothing more is filled."""
    claim = cache.new_claim(KEY)
    assert await cache.claim(claim)
    assert await cache.fill(claim, OLD, 60)
    cached = await cache.read(KEY)
    assert cached.payload == OLD
    assert 55 < (cached.seconds_left or 0) <= 60
    assert not await cache.fill(claim, NEW, 60)
    assert await payload(cache) == OLD
    assert await cache.claim(cache.new_claim(KEY)), "the key is free again"


@PROMISES
async def without_a_claim_nothing_is_filled(cache: Cache) -> None:
    """A claim that was never made, or that somebody else has, changes nothing."""
    mine, theirs = cache.new_claim(KEY), cache.new_claim(KEY)
    assert not await cache.fill(mine, OLD, 60)
    assert await cache.claim(theirs)
    assert not await cache.fill(mine, OLD, 60)
    assert await payload(cache) is None
    assert await cache.fill(theirs, NEW, 60), "and theirs still holds"


@PROMISES
async def an_invalidation_makes_claims_void(cache: Cache) -> None:
    """What was read before a write is not filled after it."""
    claim = cache.new_claim(KEY)
    assert await cache.claim(claim)
    await cache.invalidate([KEY])
    assert not await cache.fill(claim, OLD, 60)
    assert await payload(cache) is None


@PROMISES
async def a_void_claim_stays_void(cache: Cache) -> None:
    """Whoever claims the key after the invalidation does not bring the older claim back."""
    old, new = cache.new_claim(KEY), cache.new_claim(KEY)
    assert await cache.claim(old)
    await cache.invalidate([KEY])
    assert await cache.claim(new)
    assert not await cache.fill(old, OLD, 60)
    assert await cache.fill(new, NEW, 60)
    assert await payload(cache) == NEW


@PROMISES
async def an_invalidation_deletes_the_copies(cache: Cache) -> None:
    """All that were named, and no other; it tells whether there was anything."""
    third = TEMPLATE.value_key(3)
    for key in (KEY, OTHER, third):
        await put(cache, OLD, key=key)
    assert await cache.invalidate([KEY, OTHER]) == 2
    assert [await payload(cache, key) for key in (KEY, OTHER, third)] == [None, None, OLD]
    assert await cache.invalidate([KEY, OTHER]) == 0


@PROMISES
async def a_claim_can_be_abandoned(cache: Cache) -> None:
    """Then it fills nothing, and the key is free; abandoning twice does no harm."""
    claim = cache.new_claim(KEY)
    assert not await cache.abandon(claim), "it was never made"
    assert await cache.claim(claim)
    assert await cache.abandon(claim)
    assert not await cache.abandon(claim)
    assert not await cache.fill(claim, OLD, 60)
    assert await cache.claim(cache.new_claim(KEY))


@PROMISES
async def nobody_abandons_anothers_claim(cache: Cache) -> None:
    """Only who holds it ends it."""
    mine, theirs = cache.new_claim(KEY), cache.new_claim(KEY)
    assert await cache.claim(theirs)
    assert not await cache.abandon(mine)
    assert await cache.fill(theirs, OLD, 60)


@PROMISES
async def a_fresh_copy_is_read_and_not_claimed(cache: Cache) -> None:
    """Fresh is what lives for longer than the grace, and 'known to be absent'."""
    for stored, seconds in ((OLD, 60), (ABSENT, 5)):
        await put(cache, stored, seconds)
        cached, claimed = await cache.read_or_claim(cache.new_claim(KEY), 30)
        assert (cached.payload, claimed) == (stored, False)
        assert await cache.claim(other := cache.new_claim(KEY)), "the key is free"
        assert await cache.abandon(other)


@PROMISES
async def where_nothing_is_fresh_the_claim_is_told(cache: Cache) -> None:
    """What is stored is given all the same; a claim that is said to hold does, and fills."""
    for seconds in (None, 20):
        if seconds is not None:
            await put(cache, OLD, seconds)
        claim = cache.new_claim(KEY)
        cached, claimed = await cache.read_or_claim(claim, 30)
        assert cached.payload == (None if seconds is None else OLD)
        assert await cache.claim(other := cache.new_claim(KEY)) is not claimed
        assert await cache.fill(claim if claimed else other, NEW, 60)
        assert await payload(cache) == NEW
        await cache.invalidate([KEY])


@PROMISES
async def a_key_that_is_claimed_is_read_all_the_same(cache: Cache) -> None:
    """Reading with a claim gives what is there, and takes nobody's claim away."""
    theirs = cache.new_claim(KEY)
    assert await cache.claim(theirs)
    assert await cache.read_or_claim(cache.new_claim(KEY), 30) == (NOTHING, False)
    assert await cache.fill(theirs, OLD, 60)


@APART
async def a_fill_as_expected_overwrites_nothing_else(cache: Cache) -> None:
    """It is stored over what was read, or over nothing; refused, it leaves the key free."""
    for before, expected, stored in (
        (None, NOTHING, True), (OLD, Cached(OLD, 60.0), True), (OLD, NOTHING, False),
        (None, Cached(OLD, 60.0), False), (OLD, Cached(b"other", 60.0), False),
    ):  # fmt: skip
        await cache.invalidate([KEY])
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        if before is not None:
            await put(cache, before)
        assert await cache.fill(claim, NEW, 60, expected=expected) is stored
        assert await payload(cache) == (NEW if stored else before)
        assert await cache.claim(cache.new_claim(KEY))


@APART
async def a_copy_is_dropped_alone(cache: Cache) -> None:
    """A claim on the key still holds; and it tells whether there was a copy."""
    claim = cache.new_claim(KEY)
    assert await cache.claim(claim)
    assert not await cache.drop(KEY)
    await put(cache, OLD)
    assert await cache.drop(KEY)
    assert await payload(cache) is None
    assert await cache.fill(claim, NEW, 60)


@TOGETHER
async def a_fill_as_expected_overwrites_nothing(cache: Cache) -> None:
    """What is stored after the claim stays; else it is filled over what was expected."""
    for before, expected, stored in (
        (None, NOTHING, True), (None, Cached(OLD, 60.0), False),
        (OLD, Cached(OLD, 60.0), True), (OLD, NOTHING, False),
        (OLD, Cached(b"other", 60.0), False),
    ):  # fmt: skip
        await cache.invalidate([KEY])
        if before is not None:
            await put(cache, before)
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        assert await cache.fill(claim, NEW, 60, expected=expected) is stored
        assert await payload(cache) == (NEW if stored else before)
        await cache.invalidate([KEY])
        assert await cache.claim(claim := cache.new_claim(KEY))
        await put(cache, OLD)
        assert not await cache.fill(claim, NEW, 60, expected=expected)
        assert await payload(cache) == OLD


@TOGETHER
async def a_copy_is_dropped_with_its_claim(cache: Cache) -> None:
    """It tells whether there was a copy; where there is none, a claim on the key holds."""
    claim = cache.new_claim(KEY)
    assert await cache.claim(claim)
    assert not await cache.drop(KEY)
    assert await cache.fill(claim, OLD, 60)
    claim = cache.new_claim(KEY)
    assert await cache.claim(claim)
    assert await cache.drop(KEY)
    assert await payload(cache) is None
    assert not await cache.drop(KEY)
    assert not await cache.fill(claim, NEW, 60)


@PROMISES
async def what_is_kept_is_told(cache: Cache) -> None:
    """How long something is kept is known before: no copy is said to live longer."""
    for seconds in (2.4, 20.7, 60.0):
        kept = cache.lasting(seconds)
        assert abs(kept - seconds) <= 1
        await put(cache, OLD, seconds)
        left = (await cache.read(KEY)).seconds_left
        assert left is not None
        assert kept - 1.5 < left <= kept + 0.001


@PROMISES
async def a_life_is_changed(cache: Cache) -> None:
    """Longer or shorter, but for what is not there."""
    assert not await cache.expire_after(KEY, 60)
    assert await cache.read(KEY) == NOTHING
    await put(cache, OLD, 60)
    for seconds in (20, 300):
        assert await cache.expire_after(KEY, seconds)
        cached = await cache.read(KEY)
        assert cached.payload == OLD
        assert seconds - 5 < (cached.seconds_left or 0) <= seconds


@PROMISES
async def steps_are_noted(cache: Cache) -> None:
    """Whoever records sees what ran, and whoever does not keeps no list."""
    claim = cache.new_claim(KEY)
    for call in (
        lambda: cache.read(KEY), lambda: cache.claim(claim), lambda: cache.fill(claim, OLD, 60),
        lambda: cache.expire_after(KEY, 60), lambda: cache.invalidate([KEY]),
        lambda: cache.drop(KEY), lambda: cache.read_or_claim(claim, 30),
        lambda: cache.abandon(claim),
    ):  # fmt: skip
        with Recorder() as steps:
            await call()
        assert steps
        assert all(step.command and step.result and step.seconds >= 0 for step in steps)


@PROMISES
async def a_walk_finds_the_copies(cache: Cache) -> None:
    """Those of the template, or whose id holds a part; no claim is taken for one of them."""
    ids = [1, 2, 20, 301]
    for id in ids:
        await put(cache, OLD, key=TEMPLATE.value_key(id))
    await put(cache, OLD, key="another:1")
    assert await cache.claim(cache.new_claim(TEMPLATE.value_key(999)))

    async def found(part: str = "") -> set[Key | None]:
        keys = [key async for batch in cache.walker.scan(TEMPLATE, part) for key in batch]
        return {TEMPLATE.id_of(key, integer=True) for key in keys} - {None}

    assert await found() == set(ids)
    assert await found("0") == {20, 301}
    assert await cache.walker.count() >= len(ids) + 1


@PROMISES
async def many_copies_are_described_and_read(cache: Cache) -> None:
    """In the order of the keys; what is gone is left out, or is nothing."""
    await put(cache, OLD, 60)
    await put(cache, ABSENT, 20, key=OTHER)
    gone = TEMPLATE.value_key(3)
    first, second = await cache.walker.describe([KEY, gone, OTHER])
    assert (first.key, first.size, first.known_absent) == (KEY, len(OLD), False)
    assert first.beginning == OLD[:16]
    assert (second.key, second.known_absent) == (OTHER, True)
    assert 15 < (second.seconds_left or 0) <= 20
    copies: list[Cached] = []
    keys = [OTHER, gone, KEY]
    while len(copies) < len(keys):
        copies += await cache.walker.read(keys[len(copies) :])
    assert [copy.payload for copy in copies] == [ABSENT, None, OLD]


READ_ONLY: Final[Promises[Cache]] = Promises()
"""The promises of a cache that was opened read-only."""


@READ_ONLY
async def nothing_that_writes_is_sent(cache: Cache) -> None:
    """Each call that would change something is refused, and reading goes on."""
    claim = cache.new_claim(KEY)
    for call in (
        lambda: cache.claim(claim), lambda: cache.fill(claim, OLD, 60),
        lambda: cache.abandon(claim), lambda: cache.invalidate([KEY]),
        lambda: cache.invalidate([KEY, OTHER]), lambda: cache.drop(KEY),
        lambda: cache.expire_after(KEY, 60), lambda: cache.store([(KEY, OLD, 60)]),
    ):  # fmt: skip
        with pytest.raises(CacheError, match="read-only"):
            await call()
    assert await cache.read(KEY) == NOTHING
    assert await cache.read_or_claim(claim, 30) == (NOTHING, False)
