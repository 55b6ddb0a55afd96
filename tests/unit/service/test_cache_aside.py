"""The service over hand-written fakes: what each answer is called, and what it left behind."""

import asyncio
import json

import pytest
from fakes import Bench, FakeClaim, Gate, settle

from tui.cache.port import CLAIM_SECONDS
from tui.models import NO_FLAGS, Cached, Filled, Label, Outcome, Target
from tui.runtime.errors import CacheRefused, CacheUnavailable
from tui.service.lifetimes import Lifetimes

KEY = "hitmiss:user:1"
AMARA = {"id": 1, "name": "Amara"}
PAYLOAD = b'{"id":1,"name":"Amara"}'


def commands(outcome: Outcome) -> list[str]:
    """Give the first words of what ran."""
    return [step.command.split()[0] for step in outcome.steps]


async def crowd(bench: Bench, count: int) -> list[Outcome]:
    """Look 1 up so often at once; cache and database take longer than a turn of the loop."""
    gates = [bench.cache.gate("read"), bench.table.gate]
    for gate in gates:
        gate.close()
    lookups = [asyncio.create_task(bench.service.look_up(1)) for _ in range(count)]
    for gate in gates:
        await settle()
        gate.open()
    return await asyncio.gather(*lookups)


async def test_first_the_database_then_the_cache(bench: Bench) -> None:
    """A cold key is a DB answer that fills the cache; the next lookup is a HIT."""
    first = await bench.service.look_up(1)
    assert (first.label, first.record, first.ttl_left) == (Label.DB, AMARA, 30.0)
    assert first.flags.filled is Filled.YES
    assert commands(first) == ["read", "claim", "SELECT", "fill"]
    bench.clock.now += 12
    second = await bench.service.look_up(1)
    assert (second.label, second.record, second.ttl_left) == (Label.HIT, AMARA, 18.0)
    assert second.flags.filled is None
    assert commands(second) == ["read"]
    assert bench.table.reads == [1]


async def test_the_stored_value_is_plain_json(bench: Bench) -> None:
    """Any other program that reads the key finds the record as one JSON object."""
    await bench.service.look_up(1)
    stored = bench.cache.holds(KEY)
    assert stored is not None
    assert json.loads(stored) == AMARA


async def test_when_the_ttl_is_over_the_database_is_asked_again(bench: Bench) -> None:
    """Past its ttl a copy is a miss, although the cache still holds it for its grace."""
    await bench.service.look_up(1)
    bench.clock.now += 30.0
    assert bench.cache.holds(KEY) is not None
    outcome = await bench.service.look_up(1)
    assert outcome.label is Label.DB
    assert bench.table.reads == [1, 1]


async def test_an_absent_record_is_remembered_for_its_own_time(bench: Bench) -> None:
    """NOT_FOUND is cached as null for 10 s, without grace, and answers as NEGATIVE."""
    first = await bench.service.look_up(7)
    assert (first.label, first.record, first.ttl_left) == (Label.NOT_FOUND, None, 10.0)
    assert bench.cache.holds("hitmiss:user:7") == b"null"
    bench.clock.now += 9.5
    second = await bench.service.look_up(7)
    assert (second.label, second.ttl_left) == (Label.NEGATIVE, 0.5)
    bench.clock.now += 0.5
    assert (await bench.service.look_up(7)).label is Label.NOT_FOUND


@pytest.mark.parametrize("draw", [0.9, 1.0, 1.1])
async def test_fills_are_spread_by_the_jitter(draw: float) -> None:
    """The physical life of a fill is ttl * uniform(0.9, 1.1) + grace."""
    bench = Bench(lifetimes=Lifetimes(ttl=20, grace=5))
    asked: list[tuple[float, float]] = []
    bench.service._loader._uniform = lambda low, high: asked.append((low, high)) or draw  # type: ignore[func-returns-value]
    outcome = await bench.service.look_up(1)
    assert asked == [(0.9, 1.1)]
    assert outcome.ttl_left == pytest.approx(20 * draw)
    assert bench.cache.seconds_left(KEY) == pytest.approx(20 * draw + 5)


async def test_a_new_ttl_counts_for_the_next_fill(bench: Bench) -> None:
    """Lifetimes can be replaced while the service runs."""
    bench.service.lifetimes = Lifetimes(ttl=5, grace=1, negative_ttl=2)
    await bench.service.look_up(1)
    assert bench.cache.seconds_left(KEY) == pytest.approx(6)


async def test_a_cache_that_is_down_is_bypassed_with_its_reason(bench: Bench) -> None:
    """The database answers, nothing is filled, and the outcome says why."""
    bench.cache.down = "connection refused"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.BYPASS, AMARA)
    assert outcome.reason == "connection refused"
    assert outcome.flags.filled is None
    assert outcome.ttl_left is None
    assert commands(outcome) == ["read", "SELECT"]


async def test_an_absent_record_past_the_cache_is_still_a_bypass(bench: Bench) -> None:
    """BYPASS says where the answer came from, even when it is 'no such record'."""
    bench.cache.down = "connection refused"
    outcome = await bench.service.look_up(7)
    assert (outcome.label, outcome.record) == (Label.BYPASS, None)


async def test_a_lookup_can_be_told_to_bypass(bench: Bench) -> None:
    """With bypass the cache is neither asked nor filled."""
    await bench.service.look_up(1)
    before = list(bench.cache.commands)
    outcome = await bench.service.look_up(1, bypass=True)
    assert outcome.label is Label.BYPASS
    assert bench.cache.commands == before


async def test_an_outage_is_no_herd() -> None:
    """Lookups of one key that find the cache down share one read of the database."""
    bench = Bench()
    bench.cache.down = "connection refused"
    outcomes = await crowd(bench, 50)
    assert {outcome.label for outcome in outcomes} == {Label.BYPASS}
    assert sum(outcome.flags.coalesced for outcome in outcomes) == 49
    assert bench.table.reads == [1]


async def test_a_thousand_lookups_of_a_cold_key_read_once(bench: Bench) -> None:
    """One SELECT, 999 coalesced, and everybody has the record."""
    outcomes = await crowd(bench, 1000)
    assert bench.table.reads == [1]
    assert sum(outcome.flags.coalesced for outcome in outcomes) == 999
    assert all(outcome.record == AMARA for outcome in outcomes)
    assert {outcome.label for outcome in outcomes} == {Label.DB}


async def test_a_copy_stored_while_a_crowds_reply_came_is_found(bench: Bench) -> None:
    """What was missing when it was read may be there by the time that this is known.

    The first lookup is answered before the others hear that they have missed: they ask the
    cache once more, and not the database.
    """
    replying, get = Gate(), bench.cache.read

    async def slow_to_reply(key: str) -> Cached:
        found = await get(key)
        await replying.passing()
        return found

    bench.table.gate.close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.cache.read = slow_to_reply  # type: ignore[method-assign]
    replying.close()
    others = [asyncio.create_task(bench.service.look_up(1)) for _ in range(3)]
    await settle()
    bench.table.gate.open()
    assert (await first).label is Label.DB
    replying.open()
    outcomes = await asyncio.gather(*others)
    assert {(outcome.label, outcome.flags.coalesced) for outcome in outcomes} == {
        (Label.HIT, True)
    }
    assert bench.table.reads == [1]


async def test_a_crowd_that_looks_again_shares_one_flight(bench: Bench) -> None:
    """Who joined a load that was not stored reads once more, and then joins the next one."""
    bench.table.gate.close()
    lookups = [asyncio.create_task(bench.service.look_up(1))]
    for _ in range(20):
        await settle()  # each in a turn of its own, so that none shares another's read
        lookups.append(asyncio.create_task(bench.service.look_up(1)))
    await settle()
    await bench.another_service().writer.invalidate(1)
    bench.cache.commands.clear()
    bench.table.gate.open()
    outcomes = await asyncio.gather(*lookups)
    assert {outcome.label for outcome in outcomes} == {Label.DB}
    assert bench.table.reads == [1, 1]
    words = [command.split()[0] for command in bench.cache.commands]
    assert words.count("read") == 20 + 1, "one for each who joined, one for the flight"
    assert words.count("claim") == 1


async def test_the_next_of_a_crowd_repairs_what_is_broken(bench: Bench) -> None:
    """It says so too, though its flight looks once more and finds nothing any more."""
    bench.cache.wrong_type.add(KEY)
    get = bench.cache.gate("read")
    get.close()
    first, second = (asyncio.create_task(bench.service.look_up(1)) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    get.open()
    outcome = await second
    assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
    assert outcome.reason == "the cached copy was not used: it is no string"


async def test_a_fill_that_fails_does_not_fail_the_lookup(bench: Bench) -> None:
    """A full cache keeps serving; the answer is DB, marked as not stored."""
    bench.cache.refuses["fill"] = CacheRefused("out of memory")
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)
    assert outcome.ttl_left is None


async def test_a_lease_that_fails_costs_only_the_fill(bench: Bench) -> None:
    """When the cache stops answering in the middle, the database still does."""
    bench.cache.refuses["claim"] = CacheUnavailable("timed out")
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.FAILED)
    assert commands(outcome) == ["read", "claim", "SELECT"]


async def test_a_write_between_read_and_fill_refuses_the_fill(bench: Bench) -> None:
    """A record that was read before an invalidation is never stored after it."""
    bench.table.gate.close()
    reader = asyncio.create_task(bench.service.look_up(1))
    await settle()
    writer = bench.another_service()
    bench.table.rows[1] = {"id": 1, "name": "Berta"}
    await writer.writer.invalidate(1)
    bench.table.gate.open()
    outcome = await reader
    assert outcome.flags.filled is Filled.REFUSED
    assert bench.cache.holds(KEY) is None
    assert (await bench.service.look_up(1)).record == {"id": 1, "name": "Berta"}


async def test_rule_a_nobody_joins_a_flight_that_fills(bench: Bench) -> None:
    """While a fill is on its way, a new lookup starts a flight of its own."""
    fill = bench.cache.gate("fill")
    fill.close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert fill.waiting == 1
    second = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert len(bench.service._loader.flights) == 2
    fill.open()
    await settle()
    await bench.clock.advance(1)
    assert not (await first).flags.coalesced
    assert (await second).label is Label.HIT  # it polled, and found what the first stored


async def test_rule_b_a_joiner_does_not_take_what_was_not_stored(bench: Bench) -> None:
    """A joiner of a flight whose fill was refused looks up once more, and sees the write."""
    bench.table.gate.close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    other = bench.another_service()
    bench.table.rows[1] = {"id": 1, "name": "Berta"}
    await other.writer.invalidate(1)  # another process wrote; our flight is still in the map
    joiner = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.table.gate.open()
    assert (await first).record == AMARA  # it was asked before the write was acknowledged
    outcome = await joiner
    assert outcome.record == {"id": 1, "name": "Berta"}
    assert not outcome.flags.coalesced
    assert bench.table.reads == [1, 1]


async def test_rule_b_costs_one_more_read_however_many_joined(bench: Bench) -> None:
    """Joiners that have to look again share the second flight: it began after they did."""
    bench.table.gate.close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    await bench.another_service().writer.invalidate(1)
    joiners = [asyncio.create_task(bench.service.look_up(1)) for _ in range(100)]
    await settle(50)
    bench.table.gate.open()
    await asyncio.gather(first, *joiners)
    assert bench.table.reads == [1, 1]


async def test_rule_c_an_invalidation_drops_the_flight(bench: Bench) -> None:
    """After an invalidation by this service a lookup does not join an older flight."""
    bench.table.gate.close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.table.rows[1] = {"id": 1, "name": "Berta"}
    await bench.service.writer.invalidate(1)
    second = asyncio.create_task(bench.service.look_up(1))
    await settle()
    assert bench.table.reads == [1, 1]
    bench.table.gate.open()
    assert (await first).flags.filled is Filled.REFUSED
    assert (await second).record == {"id": 1, "name": "Berta"}
    assert bench.cache.holds(KEY) == b'{"id":1,"name":"Berta"}'


async def test_another_process_that_loads_is_waited_for(bench: Bench) -> None:
    """Who loses the lease polls the cache and answers with what the other one stored."""
    bench.table.gate.close()
    other = asyncio.create_task(bench.another_service().look_up(1))
    await settle()
    mine = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.table.gate.open()
    await settle()
    await bench.clock.advance(0.02)
    outcome = await mine
    assert (outcome.label, outcome.record) == (Label.HIT, AMARA)
    assert outcome.flags.coalesced
    assert (await other).label is Label.DB
    assert bench.table.reads == [1]


async def test_another_process_that_takes_too_long_is_not_waited_for(bench: Bench) -> None:
    """After half a second of polling at 20, 40, 80... ms the database is asked, unfilled."""
    bench.cache.put(FakeClaim(KEY).place, b"somebody", CLAIM_SECONDS)
    task = asyncio.create_task(bench.service.look_up(1))
    await bench.clock.advance(0.29)
    assert not task.done()
    assert bench.cache.commands.count(f"read {KEY}") == 4  # at 0, 20, 60 and 140 ms
    await bench.clock.advance(0.21)
    outcome = await task
    assert (outcome.label, outcome.flags.filled) == (Label.DB, Filled.LOST)
    assert bench.cache.holds(KEY) is None


async def test_a_database_that_fails_is_an_error_with_the_reason(bench: Bench) -> None:
    """No answer is ERROR, never a negative; nothing is cached, and the lease is given back."""
    bench.table.fails = "locked"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record, outcome.reason) == (Label.ERROR, None, "locked")
    assert bench.cache.entries == {}
    bench.table.fails = None
    assert (await bench.service.look_up(1)).label is Label.DB


async def test_a_load_that_fails_reaches_every_waiter(bench: Bench) -> None:
    """All who share a failing load get its reason from one read, and the next tries again."""
    bench.table.fails = "locked"
    outcomes = await crowd(bench, 20)
    assert {outcome.label for outcome in outcomes} == {Label.ERROR}
    assert bench.table.reads == [1]
    await bench.service.look_up(1)
    assert bench.table.reads == [1, 1]


async def test_both_failing_gives_both_reasons(bench: Bench) -> None:
    """With cache and database down the outcome names both."""
    bench.table.fails, bench.cache.down = "locked", "refused"
    outcome = await bench.service.look_up(1)
    assert outcome.reason == "locked; refused"


async def test_within_its_grace_a_copy_stands_in_for_the_database(bench: Bench) -> None:
    """Past the ttl, when the database fails, the old copy is served as STALE."""
    await bench.service.look_up(1)
    bench.clock.now += 45
    bench.table.fails = "locked"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.STALE, AMARA)
    assert outcome.reason == "locked"
    bench.clock.now += 15
    assert (await bench.service.look_up(1)).label is Label.ERROR


async def test_fresh_hits_go_on_when_the_database_fails(bench: Bench) -> None:
    """A database that is down is not noticed while the copy is fresh."""
    await bench.service.look_up(1)
    bench.table.fails = "gone"
    assert (await bench.service.look_up(1)).label is Label.HIT


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"nonsense", b'{"id":2,"name":"Amara"}', b'{"id":1}', b"\xff\xfe"],
)
async def test_an_unusable_copy_is_overwritten(bench: Bench, payload: bytes) -> None:
    """What cannot be this record counts as a miss and is repaired by the guarded fill."""
    bench.cache.put(KEY, payload, 60)
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.DB, AMARA)
    assert outcome.flags.repaired
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_a_key_of_the_wrong_type_is_deleted_once(bench: Bench) -> None:
    """A list where a record should be is deleted, and then it is a miss like any other."""
    bench.cache.wrong_type.add(KEY)
    outcome = await bench.service.look_up(1)
    assert commands(outcome) == ["read", "drop", "claim", "SELECT", "fill"]
    assert outcome.flags.repaired
    assert (await bench.service.look_up(1)).label is Label.HIT


async def test_a_copy_without_expiry_is_overwritten(bench: Bench) -> None:
    """Nothing is cached for ever: a copy without an expiry is repaired."""
    bench.cache.put(KEY, PAYLOAD, None)
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.flags.repaired) == (Label.DB, True)
    assert bench.cache.seconds_left(KEY) == pytest.approx(60)


async def test_expire_makes_the_next_lookup_a_database_answer(bench: Bench) -> None:
    """An expired copy is no longer fresh, but still there to stand in for the database."""
    await bench.service.look_up(1)
    change = await bench.service.writer.expire(1)
    assert change.found
    assert bench.cache.seconds_left(KEY) == 30
    assert (await bench.service.look_up(1)).label is Label.DB


async def test_expire_removes_what_is_known_to_be_absent(bench: Bench) -> None:
    """'No such record' has no grace: expiring it deletes it, and never prolongs it."""
    await bench.service.look_up(7)
    assert (await bench.service.writer.expire(7)).found
    assert bench.cache.holds("hitmiss:user:7") is None


async def test_expire_without_grace_deletes() -> None:
    """With a grace of 0 there is nothing to keep the copy for."""
    bench = Bench(lifetimes=Lifetimes(grace=0))
    await bench.service.look_up(1)
    await bench.service.writer.expire(1)
    assert bench.cache.holds(KEY) is None


async def test_what_is_not_cached_cannot_be_expired_or_invalidated(bench: Bench) -> None:
    """The change says that there was nothing to find."""
    assert not (await bench.service.writer.expire(1)).found
    assert not (await bench.service.writer.invalidate(1)).found


async def test_a_change_that_the_cache_refuses_says_why(bench: Bench) -> None:
    """A cache that is down is a reason in the change, not an exception."""
    bench.cache.down = "refused"
    assert (await bench.service.writer.invalidate(1)).reason == "refused"
    assert (await bench.service.writer.expire(1)).reason == "refused"


async def test_read_only_writes_nothing() -> None:
    """A read-only service reads cache and database and sends no other command."""
    bench = Bench(read_only=True, lifetimes=Lifetimes(grace=0))
    first = await bench.service.look_up(1)
    assert (first.label, first.flags.filled) == (Label.DB, None)
    bench.cache.put(KEY, PAYLOAD, None)
    assert (await bench.service.look_up(1)).label is Label.HIT
    bench.cache.put(KEY, b"nonsense", 5)
    assert (await bench.service.look_up(1)).label is Label.DB
    bench.cache.wrong_type.add(KEY)
    assert (await bench.service.look_up(1)).label is Label.DB
    assert {command.split()[0] for command in bench.cache.commands} == {"read"}
    assert bench.cache.holds(KEY) == b"nonsense"


async def test_a_cancelled_lookup_leaves_the_load_to_the_others(bench: Bench) -> None:
    """One of five waiters is cancelled; the others get the record, and it is cached."""
    bench.table.gate.close()
    tasks = [asyncio.create_task(bench.service.look_up(1)) for _ in range(5)]
    await settle()
    tasks[0].cancel()
    await settle()
    bench.table.gate.open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(r, Outcome) and r.record == AMARA for r in results[1:])
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_a_flight_that_everybody_left_still_fills(bench: Bench) -> None:
    """The only waiter is cancelled; the load was paid for, so it is kept."""
    bench.table.gate.close()
    task = asyncio.create_task(bench.service.look_up(1))
    await settle()
    task.cancel()
    await settle()
    bench.table.gate.open()
    await settle()
    assert bench.cache.holds(KEY) == PAYLOAD


async def test_the_steps_name_their_target_and_the_wait(bench: Bench) -> None:
    """A coalesced lookup shows what it ran itself, and that it waited for another's load."""
    bench.table.gate.close()
    first_task = asyncio.create_task(bench.service.look_up(1))
    await settle()
    second_task = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.table.gate.open()
    first, second = await asyncio.gather(first_task, second_task)
    assert [step.target for step in first.steps].count(Target.DATABASE) == 1
    assert [(step.target, step.command) for step in second.steps] == [
        (Target.CACHE, f"read {KEY}"),
        (Target.SERVICE, f"join the load of {KEY}"),
    ]


async def test_closing_ends_the_flights(bench: Bench) -> None:
    """After aclose nothing runs on, and whoever waited is told."""
    bench.table.gate.close()
    task = asyncio.create_task(bench.service.look_up(1))
    await settle()
    await bench.service.aclose()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_those_who_ask_in_one_turn_are_one_lookup(bench: Bench) -> None:
    """The first asks at once, one more for all others, who say that they shared its lookup."""
    bench.cache.put(KEY, PAYLOAD, 60)
    first, second, *others = await crowd(bench, 6)
    assert bench.cache.commands == [f"read {KEY}"] * 2
    assert first.flags == second.flags == NO_FLAGS
    for other in others:
        assert (other.label, other.record) == (Label.HIT, AMARA)
        assert other.flags == NO_FLAGS, "no load was shared"
        assert [step.command for step in other.steps] == [f"join the lookup of {KEY}"]


async def test_one_who_asks_a_turn_later_asks_for_itself(bench: Bench) -> None:
    """What was sent before a lookup began may be older than it, and is not shared."""
    bench.cache.put(KEY, PAYLOAD, 60)
    bench.cache.gate("read").close()
    first = asyncio.create_task(bench.service.look_up(1))
    await settle()
    second = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.cache.gate("read").open()
    await asyncio.gather(first, second)
    assert bench.cache.commands == [f"read {KEY}"] * 2


@pytest.mark.parametrize("turns", [1, 2, 5])
async def test_the_one_who_asked_for_all_may_leave(bench: Bench, turns: int) -> None:
    """Those who shared the lookup get their answer all the same."""
    bench.cache.put(KEY, PAYLOAD, 60)
    bench.cache.gate("read").close()
    tasks = [asyncio.create_task(bench.service.look_up(1)) for _ in range(5)]
    await settle(turns)
    tasks[1].cancel()
    tasks[3].cancel()
    await settle()
    bench.cache.gate("read").open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for cancelled in (results[1], results[3]):
        assert isinstance(cancelled, asyncio.CancelledError)
    for outcome in (results[0], results[2], results[4]):
        assert isinstance(outcome, Outcome)
        assert (outcome.label, outcome.record) == (Label.HIT, AMARA)
