"""A lease that is taken on the trip that finds nothing: whose it is, and who gives it back."""

import asyncio

import pytest
from fakes import Bench, FakeCache, FakeClaim, Gate, ManualClock, own, settle

from tui.cache.port import CLAIM_SECONDS, Claim
from tui.models import Cached, Filled, Label, Outcome
from tui.runtime.errors import CacheUnavailable
from tui.service.breaker import BreakerState

KEY = "hitmiss:user:1"
LEASE = FakeClaim(KEY).place
ALONG = f"claim along {KEY}"
AMARA = {"id": 1, "name": "Amara"}
PAYLOAD = b'{"id":1,"name":"Amara"}'


class SlowReplies(FakeCache):
    """A cache that has done what it was asked for before its reply comes."""

    def __init__(self, clock: ManualClock) -> None:
        """Begin with replies that come at once."""
        super().__init__(clock)
        self.replying = Gate()

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """See FakeCache."""
        found = await super().read_or_claim(claim, grace)
        await self.replying.passing()
        return found


class Strict(FakeCache):
    """A cache to which no copy is fresh, when it is strict."""

    strict = True

    async def read_or_claim(self, claim: Claim, grace: float) -> tuple[Cached, bool]:
        """Give what is stored, and take the lease whatever it is."""
        if not self.strict:
            return await super().read_or_claim(claim, grace)
        return await self.read(claim.key), self._take(own(claim))


def strict_bench() -> tuple[Bench, Strict]:
    """Give a service on a cache that is strict."""
    bench = Bench()
    bench.cache = cache = Strict(bench.clock)
    bench.service = bench.another_service()
    return bench, cache


def slow_bench() -> Bench:
    """Give a service on a cache whose replies can be held up."""
    bench = Bench()
    bench.cache = SlowReplies(bench.clock)
    bench.service = bench.another_service()
    return bench


def replying(bench: Bench) -> Gate:
    """Give what holds the replies up."""
    assert isinstance(bench.cache, SlowReplies)
    return bench.cache.replying


async def waiting_for_its_reply() -> tuple[Bench, asyncio.Task[Outcome]]:
    """Give a service and a lookup of 1 that waits for the reply to what it has asked."""
    bench = slow_bench()
    replying(bench).close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    return bench, lookup


async def test_after_a_miss_a_lease_is_asked_for_along_with_the_read() -> None:
    """A lookup expects what the one before has met, whatever its key; the first, a miss."""
    bench = Bench()
    for id in (2, 1, 1):
        await bench.service.look_up(id)
    assert [command.split()[0] for command in bench.cache.commands] == [
        "read", "claim", "fill", "read", "claim", "fill", "read",
    ]  # fmt: skip
    assert bench.cache.commands.count(ALONG) == 1
    bench.cache.commands.clear()
    await bench.service.look_up(3)  # after a hit
    assert bench.cache.commands == [
        "read hitmiss:user:3", "claim hitmiss:user:3", "fill hitmiss:user:3"
    ]  # fmt: skip


async def test_the_flight_fills_under_that_lease() -> None:
    """It takes no other, and the lease is over when the copy is stored."""
    bench = Bench()
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert [command for command in bench.cache.commands if "claim" in command] == [ALONG]
    assert bench.cache.holds(LEASE) is None
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_read_only_takes_none() -> None:
    """Whoever may not write asks with plain commands."""
    bench = Bench(read_only=True)
    for _ in range(2):
        assert (await bench.service.look_up(1)).label is Label.DB
    assert bench.cache.commands == [f"read {KEY}"] * 2


async def test_a_write_between_lease_and_read_keeps_the_copy_out(bench: Bench) -> None:
    """The write ends the lease, so what was read is not stored; and it was read after it."""
    bench.table.gate.close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    await bench.another_service().writer.update(1, {"name": "Berta"})
    bench.table.gate.open()
    outcome = await lookup
    assert outcome.flags.filled is Filled.REFUSED
    assert bench.cache.holds(KEY) is None
    again = await bench.service.look_up(1)
    assert again.record == {"id": 1, "name": "Berta"}


async def test_who_leaves_before_the_reply_leaves_no_lease() -> None:
    """A lease taken for a lookup that is gone is given back: nobody waits for a fill."""
    bench, lookup = await waiting_for_its_reply()
    assert bench.cache.holds(LEASE) is not None
    lookup.cancel()
    await settle()
    assert lookup.cancelled()
    assert bench.cache.holds(LEASE) is None
    replying(bench).open()
    outcome = await bench.another_service().look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)


async def test_who_asks_again_after_leaving_waits_for_nobody() -> None:
    """The lease of the lookup that left is on its way back, and is no other's."""
    bench, lookup = await waiting_for_its_reply()
    replying(bench).open()
    lookup.cancel()
    again = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert again.done(), "no time has passed"
    outcome = again.result()
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)


async def test_who_leaves_ends_nobody_elses_lease() -> None:
    """Only a lease of one's own is given back."""
    bench = slow_bench()
    bench.cache.put(LEASE, b"theirs", 3)
    replying(bench).close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    lookup.cancel()
    await settle()
    assert bench.cache.holds(LEASE) == b"theirs"


async def test_closing_waits_until_the_lease_is_given_back() -> None:
    """The cache is closed after the service, and must not be missed by what it still does."""
    bench, lookup = await waiting_for_its_reply()
    release = bench.cache.gate("abandon")
    release.close()
    lookup.cancel()
    await settle()
    closing = asyncio.create_task(bench.service.aclose())
    await settle()
    assert not closing.done()
    release.open()
    await closing
    assert bench.cache.holds(LEASE) is None


async def test_closing_gives_the_lease_of_a_flight_back_that_has_just_been_started() -> None:
    """It has not run yet, and is to give back what it was handed all the same."""
    bench = Bench()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await asyncio.sleep(0)
    assert bench.cache.holds(LEASE) is not None
    assert bench.table.reads == []
    await bench.service.aclose()
    assert bench.cache.holds(LEASE) is None
    await asyncio.gather(lookup, return_exceptions=True)


async def test_after_closing_nothing_is_given_back() -> None:
    """The cache is closed by then: it would be opened anew, and by nobody closed."""
    bench, lookup = await waiting_for_its_reply()
    await bench.service.aclose()
    lookup.cancel()
    await settle()
    assert lookup.cancelled()
    assert not any(command.startswith("abandon") for command in bench.cache.commands)


async def test_a_reply_that_never_comes_leaves_no_lease() -> None:
    """The command may be late, and take the lease when nobody waits any more."""
    bench = Bench()

    bench.cache.refuses["read"] = CacheUnavailable("timed out")
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.reason) == (Label.BYPASS, "timed out")
    token = b"token-0"
    bench.cache.put(LEASE, token, CLAIM_SECONDS)
    await bench.clock.advance(0.3)
    assert bench.cache.holds(LEASE) is None
    asked = len(bench.cache.commands)
    await bench.clock.advance(5)
    assert len(bench.cache.commands) == asked, "it is over"


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [pytest.param(0.1, 0, id="between two tries"), pytest.param(0.3, 1, id="in one of them")],
)
async def test_closing_does_not_wait_for_what_may_be_late(seconds: float, asked: int) -> None:
    """What is tried again by and by ends when the service does."""
    bench = Bench()
    bench.cache.refuses["read"] = CacheUnavailable("timed out")
    bench.cache.gate("abandon").close()
    await bench.service.look_up(1)
    await bench.clock.advance(seconds)
    await asyncio.wait_for(bench.service.aclose(), 1)
    await bench.clock.advance(5)
    assert sum(command.startswith("abandon") for command in bench.cache.commands) == asked


async def test_what_is_released_late_tells_the_breaker_nothing() -> None:
    """One lookup without an answer is one, and takes no other lookup's turn to try."""
    bench = Bench()
    bench.cache.down = "timed out"
    await bench.service.look_up(1)
    await bench.clock.advance(5)
    assert sum(command.startswith("abandon") for command in bench.cache.commands) == 3
    bench.cache.down = None
    assert (await bench.service.look_up(1)).label is Label.DB
    bench.cache.down = "timed out"
    for _ in range(2):
        await bench.service.look_up(1)
    assert bench.service._cache._breaker.state is BreakerState.CLOSED


async def test_after_an_outage_the_leases_are_released_all_the_same() -> None:
    """Though the breaker leaves the cache alone for longer than that takes."""
    bench = Bench()
    bench.cache.refuses["read"] = CacheUnavailable("timed out")
    for _ in range(3):
        await bench.service.look_up(1)
    token = b"token-2"
    bench.cache.put(LEASE, token, CLAIM_SECONDS)
    assert "left alone" in ((await bench.service.look_up(1)).reason or "")
    await bench.clock.advance(1)
    assert bench.cache.holds(LEASE) is None


async def test_a_lease_asked_for_alone_is_released_late_too(bench: Bench) -> None:
    """Nobody knows whether it was taken."""
    bench.cache.one_trip = False
    bench.cache.refuses["claim"] = CacheUnavailable("timed out")
    outcome = await bench.service.look_up(1)
    assert outcome.flags.filled is Filled.FAILED
    asked = next(c for c in bench.cache.commands if c.startswith("claim"))
    assert asked == f"claim {KEY}"
    bench.cache.put(LEASE, b"token-1", 3)
    await bench.clock.advance(0.3)
    assert bench.cache.holds(LEASE) is None


async def test_closing_in_the_midst_of_asking_for_a_lease_leaves_none() -> None:
    """It may be taken, though its flight is cancelled."""
    bench = Bench()
    bench.cache.one_trip = False
    bench.cache.gate("claim").close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    await bench.service.aclose()
    await asyncio.gather(lookup, return_exceptions=True)
    assert bench.cache.commands[-1] == f"abandon {KEY}"


async def test_a_drain_that_fails_asked_for_no_lease() -> None:
    """The read behind it was not sent: there is nothing to be released."""
    bench = Bench()
    bench.cache.refuses["invalidate"] = CacheUnavailable("timed out")
    await bench.service.writer.update(1, {"name": "Berta"})
    assert (await bench.service.look_up(2)).reason == "timed out"
    await bench.clock.advance(5)
    assert not any(command.startswith("abandon") for command in bench.cache.commands)


async def test_a_cache_that_is_left_alone_is_asked_for_no_release() -> None:
    """Nothing was sent, so nothing was taken."""
    bench = Bench()
    bench.cache.down = "refused"
    for _ in range(4):
        await bench.service.look_up(1)
    await settle()
    asked = list(bench.cache.commands)
    for _ in range(10):
        assert "left alone" in ((await bench.service.look_up(1)).reason or "")
    await bench.clock.advance(0.2)
    assert bench.cache.commands == asked


async def test_closing_gives_the_leases_of_flights_back(bench: Bench) -> None:
    """Whoever starts next finds none that nobody will fill under."""
    bench.table.gate.close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert bench.cache.holds(LEASE) is not None
    await bench.service.aclose()
    assert bench.cache.holds(LEASE) is None
    await asyncio.gather(lookup, return_exceptions=True)


async def test_a_lease_that_is_given_back_is_taken_by_who_waits() -> None:
    """Another process gave up: its waiter loads and fills, soon and not without a lease."""
    bench = Bench()
    bench.cache.put(LEASE, b"theirs", 3)
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    del bench.cache.entries[LEASE]
    await bench.clock.advance(0.03)
    outcome = await lookup
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert any("it gave up" in step.result for step in outcome.steps)
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_a_lease_that_comes_with_the_copy_waited_for_is_given_back() -> None:
    """Where cache and service disagree on what is fresh, in a poll as in a lookup."""
    bench, cache = strict_bench()
    cache.strict = False
    bench.cache.put(LEASE, b"theirs", 3)
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    cache.strict = True
    bench.cache.put(KEY, PAYLOAD, 60)
    del bench.cache.entries[LEASE]
    await bench.clock.advance(0.03)
    assert (await lookup).label is Label.HIT
    assert bench.cache.holds(LEASE) is None


async def test_a_cache_that_fails_meanwhile_is_no_trouble_for_who_leaves() -> None:
    """The lease that cannot be given back ends by itself."""
    bench, lookup = await waiting_for_its_reply()
    bench.cache.down = "refused"
    lookup.cancel()
    await settle()
    assert lookup.cancelled()
    await bench.service.aclose()


async def test_a_lease_that_another_process_holds_is_waited_for(bench: Bench) -> None:
    """Who finds it held waits for what its holder stores."""
    bench.cache.put(LEASE, b"theirs", 3)
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.cache.put(KEY, PAYLOAD, 60)
    await bench.clock.advance(0.1)
    outcome = await lookup
    assert (outcome.label, outcome.record) == (Label.HIT, AMARA)
    assert bench.table.reads == []


async def test_a_crowd_takes_one_lease(bench: Bench) -> None:
    """Whoever comes while the first is under way joins it, and asks for no lease."""
    bench.cache.gate("read").close()
    bench.table.gate.close()
    lookups = [asyncio.create_task(bench.service.look_up(1)) for _ in range(50)]
    await settle()
    bench.cache.gate("read").open()
    await settle()
    bench.table.gate.open()
    outcomes = await asyncio.gather(*lookups)
    assert {outcome.label for outcome in outcomes} == {Label.DB}
    assert sum("claim" in command for command in bench.cache.commands) == 1
    assert bench.table.reads == [1]


async def test_who_comes_back_with_a_lease_joins_no_flight_that_does_not_fill() -> None:
    """A lookup past the cache began meanwhile: the lease is used all the same."""
    bench, lookup = await waiting_for_its_reply()
    bench.table.gate.close()
    past = asyncio.create_task(bench.service.look_up(1, bypass=True))
    await settle()
    replying(bench).open()
    await settle()
    bench.table.gate.open()
    outcome, bypassed = await asyncio.gather(lookup, past)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert not outcome.flags.coalesced
    assert (bypassed.label, bypassed.flags.filled) == (Label.BYPASS, None)
    assert bench.cache.holds(LEASE) is None


async def test_who_overtakes_the_holder_waits_for_its_copy() -> None:
    """A later read that is answered sooner finds the lease held, and polls: one SELECT."""
    bench, first = await waiting_for_its_reply()
    second = asyncio.create_task(bench.service.look_up(1))
    await settle()
    replying(bench).open()
    assert (await first).flags.filled is Filled.YES
    await bench.clock.advance(0.1)
    assert (await second).label is Label.HIT
    assert bench.table.reads == [1]


async def test_a_copy_that_is_fresh_after_all_needs_no_lease() -> None:
    """Where cache and service disagree on what is fresh, the lease is given back."""
    bench, _ = strict_bench()
    bench.cache.put(KEY, PAYLOAD, 60)
    assert (await bench.service.look_up(1)).label is Label.HIT
    await settle()
    assert bench.cache.holds(LEASE) is None


@pytest.mark.parametrize("payload", [b"[1]", PAYLOAD.replace(b"1", b"2")])
async def test_what_cannot_be_used_is_overwritten(bench: Bench, payload: bytes) -> None:
    """A broken copy looks fresh to the cache: the flight takes the lease itself."""
    bench.cache.put(KEY, payload, 60)
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_a_lease_lives_as_long_as_a_load_may_take() -> None:
    """One that nobody ends is over by itself soon after the database's time."""
    bench = Bench()
    bench.table.gate.close()
    lookup = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert bench.cache.seconds_left(LEASE) == CLAIM_SECONDS
    bench.table.gate.open()
    await lookup


async def test_a_copy_in_grace_brings_the_lease_along() -> None:
    """It is no longer fresh, by the grace of the service."""
    bench = Bench()
    bench.cache.put(KEY, PAYLOAD, 20)  # of 30 s of grace
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.YES)
    assert ALONG in bench.cache.commands


async def test_a_copy_in_grace_stands_in_though_the_lease_is_taken(bench: Bench) -> None:
    """When the database fails the answer is STALE, and the lease is given back."""
    bench.cache.put(KEY, PAYLOAD, 20)  # of 30 s of grace
    bench.table.fails = "locked"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.STALE, AMARA)
    assert bench.cache.holds(LEASE) is None


async def test_a_read_that_fails_is_a_bypass(bench: Bench) -> None:
    """Whether or not a lease was asked for: past the cache, with the reason, nothing filled."""
    bench.cache.refuses["read"] = CacheUnavailable("timed out")
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.reason) == (Label.BYPASS, "timed out")
    assert outcome.flags.filled is None
