"""Claims: won by one, void after a change, and never held beyond what makes them safe."""

import asyncio
import re

import pytest
from memcached_server import MemcachedServer
from unit.cache.memcached.places import Scripted, opened, scripted

from tui.cache.memcached import claims as module
from tui.cache.memcached.adapter import MemcachedCache
from tui.cache.memcached.claims import MemcachedClaim
from tui.models import Cached
from tui.runtime.errors import CacheError, CacheRefused, CacheUnavailable

KEY = "hitmiss:user:1"
OLD, NEW = b'{"id":1,"name":"old"}', b'{"id":1,"name":"new"}'
NOTHING = Cached(None, None)


async def stored(cache: MemcachedCache) -> bytes | None:
    """Return what is stored."""
    return (await cache.read(KEY)).payload


def number(claim: MemcachedClaim) -> int:
    """Return the number of the item that a claim holds."""
    assert claim.holder.hold is not None
    return claim.holder.hold.cas


async def test_a_claim_from_before_a_restart_fills_nothing(
    own_memcached: MemcachedServer,
) -> None:
    """CAS numbers begin again with the server, so that the old one fits another's item."""
    async with opened(own_memcached.url) as cache, opened(own_memcached.url) as other:
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        own_memcached.kill()
        own_memcached.start()
        theirs = other.new_claim(KEY)
        for _ in range(20):  # until the number is the same
            assert await other.claim(theirs)
            if number(theirs) >= number(claim):
                break
            await other.invalidate([KEY])
        assert number(theirs) == number(claim)
        assert not await cache.fill(claim, OLD, 60)
        assert await stored(cache) is None
        assert await other.fill(theirs, NEW, 60)
        assert await stored(cache) == NEW


async def test_a_claim_ends_with_its_connection(own_memcached: MemcachedServer) -> None:
    """Also where the server has gone on all the time."""
    async with opened(own_memcached.url) as cache:
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        assert claim.holder.hold is not None
        await claim.holder.hold.wire.aclose()
        await cache.ping()  # on another one
        assert not await cache.fill(claim, OLD, 60)


async def test_a_claim_ends_with_its_time(memcached: MemcachedServer) -> None:
    """Even where the item would still take it."""
    async with opened(memcached.url) as cache:
        await cache.store([(KEY, OLD, 60)])
        cache.claim_seconds = 0.01
        claim = cache.new_claim(KEY)
        assert await cache.claim(claim)
        await asyncio.sleep(0.02)
        assert not await cache.fill(claim, NEW, 60)
        assert await stored(cache) == OLD


async def test_one_of_many_wins_a_copy_that_is_nearly_over(memcached: MemcachedServer) -> None:
    """On the trip that reads it; the others get the copy, and no claim."""
    async with opened(memcached.url) as cache, opened(memcached.url) as other:
        await cache.store([(KEY, OLD, 20)])
        mine, theirs = cache.new_claim(KEY), other.new_claim(KEY)
        found = await cache.read_or_claim(mine, 30)
        assert (found[0].payload, found[1]) == (OLD, True)
        found = await other.read_or_claim(theirs, 30)
        assert (found[0].payload, found[1]) == (OLD, False)
        assert await cache.fill(mine, NEW, 60)


async def test_a_winner_who_dies_is_replaced(
    memcached: MemcachedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server says for all the item's life that somebody has won it."""
    monkeypatch.setattr(module, "CLAIM_SECONDS", 0.1)
    async with opened(memcached.url) as other:
        async with opened(memcached.url) as cache:
            await cache.store([(KEY, OLD, 20)])
            assert (await cache.read_or_claim(cache.new_claim(KEY), 30))[1]
        claim = other.new_claim(KEY)
        assert not (await other.read_or_claim(claim, 30))[1]
        await asyncio.sleep(0.15)
        assert (await other.read_or_claim(claim, 30))[1]
        assert not (await other.read_or_claim(other.new_claim(KEY), 30))[1], "one at a time"
        assert await other.fill(claim, NEW, 60)
        assert await stored(other) == NEW


async def test_of_two_who_replace_a_dead_winner_one_fills(
    memcached: MemcachedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number decides: the second fill finds another item."""
    monkeypatch.setattr(module, "CLAIM_SECONDS", 0.05)
    async with opened(memcached.url) as one, opened(memcached.url) as two:
        await one.store([(KEY, OLD, 20)])
        assert (await one.read_or_claim(one.new_claim(KEY), 30))[1]
        claims = [(cache, cache.new_claim(KEY)) for cache in (one, two)]
        for cache, claim in claims:
            await cache.read_or_claim(claim, 30)
        await asyncio.sleep(0.1)
        for cache, claim in claims:
            assert (await cache.read_or_claim(claim, 30))[1]
        assert [await cache.fill(claim, NEW, 60) for cache, claim in claims] == [True, False]


async def test_a_win_that_is_given_back_is_won_by_the_next(memcached: MemcachedServer) -> None:
    """In whatever process; the copy stays where it is until then."""
    async with opened(memcached.url) as cache, opened(memcached.url) as other:
        await cache.store([(KEY, OLD, 20)])
        claim = cache.new_claim(KEY)
        assert (await cache.read_or_claim(claim, 30))[1]
        assert await cache.abandon(claim)
        assert await stored(other) == OLD  # which takes the win, and keeps it for later
        theirs = other.new_claim(KEY)
        assert (await other.read_or_claim(theirs, 30)) == (await other.read(KEY), True)
        assert not await cache.fill(claim, NEW, 60)
        assert await other.fill(theirs, NEW, 60)


async def test_a_fresh_negative_that_was_won_is_claimed_later(
    memcached: MemcachedServer,
) -> None:
    """`R` lets a reader win 'known to be absent', too, which has no grace."""
    async with opened(memcached.url) as cache:
        await cache.store([(KEY, b"null", 5)])
        claim = cache.new_claim(KEY)
        found = await cache.read_or_claim(claim, 30)
        assert (found[0].payload, found[1]) == (b"null", False)
        assert not await cache.fill(claim, NEW, 60), "no claim was given"
        assert await cache.claim(claim)
        assert await cache.fill(claim, NEW, 60)


async def test_who_leaves_before_the_answer_gives_back_what_was_won(
    own_memcached: MemcachedServer,
) -> None:
    """Else everybody would wait for somebody who has gone."""
    async with opened(own_memcached.url) as cache, opened(own_memcached.url) as other:
        await cache.ping()
        await other.ping()
        for seconds in (None, 20):
            if seconds is not None:
                await cache.store([(KEY, OLD, seconds)])
            own_memcached.pause()
            task = asyncio.create_task(cache.read_or_claim(cache.new_claim(KEY), 30))
            await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            own_memcached.resume()
            await cache.ping()
            await cache.ping()
            claim = other.new_claim(KEY)
            assert (await other.read_or_claim(claim, 30))[1]
            await other.invalidate([KEY])


async def test_what_an_application_marked_as_stale_is_left_to_it(
    memcached: MemcachedServer,
) -> None:
    """Reading takes no win away, whether or not hitmiss may write there."""
    for read_only in (True, False):
        memcached.say(b"ms app:1 3 T60\r\nabc\r\n")
        memcached.say(b"md app:1 I\r\n")
        async with opened(memcached.url, read_only=read_only, others=True) as cache:
            assert (await cache.read("app:1")).payload == b"abc"
            found = await cache.read_or_claim(cache.new_claim("app:1"), 30)
            assert (found[0].payload, found[1]) == (b"abc", False)
            (copy,) = await cache.walker.read(["app:1"])
            assert copy.payload == b"abc"
            assert await cache.walker.describe(["app:1"])
        assert b" W" in memcached.say(b"mg app:1 c\r\n")


async def test_nothing_is_made_under_an_applications_key(memcached: MemcachedServer) -> None:
    """Its `get` would see an empty value, and its `add` would fail."""
    async with opened(memcached.url, others=True) as cache:
        claim = cache.new_claim("app:1")
        assert await cache.read_or_claim(claim, 30) == (NOTHING, False)
        with pytest.raises(CacheRefused, match="empty value"):
            await cache.claim(claim)
        assert not await cache.fill(claim, NEW, 60)
        assert memcached.say(b"get app:1\r\n") == b"END\r\n"
        await cache.store([("app:1", OLD, 60)])
        assert await cache.invalidate(["app:1"]) == 1, "what writes a row deletes the copy"


async def test_a_claim_reads_as_nothing_without_its_flags(memcached: MemcachedServer) -> None:
    """Who reads by `get` sees an empty value for a moment; it is no copy."""
    async with opened(memcached.url) as cache, opened(memcached.url, read_only=True) as reader:
        assert await cache.claim(cache.new_claim(KEY))
        assert memcached.say(b"get %b\r\n" % KEY.encode()).startswith(b"VALUE")
        assert await reader.read(KEY) == NOTHING
        assert await reader.walker.read([KEY]) == [NOTHING]


async def test_without_numbers_nothing_is_stored_and_it_is_said() -> None:
    """A server with -C gives 0 for each: a fill could overwrite anything."""
    with MemcachedServer("-C") as server:
        async with opened(server.url) as cache:
            claim = cache.new_claim(KEY)
            assert await cache.read_or_claim(claim, 30) == (NOTHING, False)
            with pytest.raises(CacheRefused, match="-C"):
                await cache.claim(claim)
            await cache.store([(KEY, OLD, 60)])
            assert await stored(cache) == OLD
            assert await cache.invalidate([KEY]) == 1


async def test_numbers_are_chosen_where_the_server_lets_us() -> None:
    """Then no number of before a restart can come again, also behind a proxy."""

    def reply(command: bytes) -> bytes:
        if command.startswith(b"md hitmiss:no-such-item"):
            return b"NF\r\n"
        if command.startswith(b"mg"):
            number = re.search(rb" E(\d+)", command)
            assert number is not None
            return b"VA 0 t3 c%b W\r\n\r\n" % number[1]
        return b"HD\r\n"

    server = Scripted(reply)
    async with scripted(server) as url, opened(url) as cache:
        for _ in range(2):
            claim = cache.new_claim(KEY)
            assert await cache.read_or_claim(claim, 30) == (NOTHING, True)
            assert await cache.fill(claim, NEW, 60)
    asked = [command for command in server.heard if command[:3] in (b"mg ", b"ms ")]
    numbers = [int(re.findall(rb" E(\d+)", command)[0]) for command in asked]
    assert len(set(numbers)) == len(numbers) == 4
    assert all(number.bit_length() == 63 for number in numbers)
    assert f" C{numbers[0]} ".encode() in asked[1], "filled under the number of the claim"


async def test_a_lost_answer_claims_nothing(own_memcached: MemcachedServer) -> None:
    """What may claim is not sent twice: reading goes on, claiming fails."""
    async with opened(own_memcached.url) as cache:
        await cache.ping()
        own_memcached.kill()
        with pytest.raises(CacheUnavailable):
            await cache.claim(cache.new_claim(KEY))
        own_memcached.start()
        assert await cache.read_or_claim(cache.new_claim(KEY), 30) == (NOTHING, True)
        own_memcached.pause()
        for call in (
            lambda: cache.claim(cache.new_claim(KEY)),
            lambda: cache.read_or_claim(cache.new_claim(KEY), 30),
        ):
            with pytest.raises(CacheError, match="did not answer"):
                await call()
        own_memcached.resume()
