"""Writes, and the deletes that the cache has not taken yet."""

import asyncio

import pytest
from fakes import TEMPLATE, Bench, settle

from tui.models import Label, Outcome
from tui.runtime.errors import (
    CacheRefused,
    CacheUnavailable,
    ChangeIgnored,
    ChangeRefused,
    DatabaseUnavailable,
)
from tui.service.breaker import OPEN_SECONDS
from tui.service.events import (
    BreakerChanged,
    Drained,
    Event,
    FillEnded,
    Invalidated,
    Loaded,
    LookedUp,
    Written,
)
from tui.service.guarded_cache import MOST_PENDING, MOST_PER_DRAIN
from tui.service.lifetimes import Lifetimes

KEY = "hitmiss:user:1"
BERTA = {"id": 1, "name": "Berta"}


def results(outcome: Outcome) -> str:
    """Give what came back from every step."""
    return "; ".join(step.result for step in outcome.steps)


async def test_an_update_writes_and_forgets_the_copy(bench: Bench) -> None:
    """After an update the next lookup is a DB answer with the new record."""
    await bench.service.look_up(1)
    result = await bench.service.writer.update(1, {"name": "Berta"})
    assert (result.found, result.record, result.pending) == (True, BERTA, False)
    assert [step.command.split()[0] for step in result.steps] == ["UPDATE", "invalidate"]
    assert bench.cache.commands[-1] == f"invalidate {KEY}"
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.DB, BERTA)


async def test_an_insert_clears_what_was_known_to_be_absent(bench: Bench) -> None:
    """A record that is added is found at once, although it was cached as absent."""
    assert (await bench.service.look_up(7)).label is Label.NOT_FOUND
    assert (await bench.service.look_up(7)).label is Label.NEGATIVE
    result = await bench.service.writer.insert({"id": 7, "name": "Chidi"})
    assert (result.id, result.record) == (7, {"id": 7, "name": "Chidi"})
    assert (await bench.service.look_up(7)).label is Label.DB


async def test_a_deleted_record_is_not_found(bench: Bench) -> None:
    """Deleting takes the copy with it."""
    await bench.service.look_up(1)
    assert (await bench.service.writer.delete(1)).found
    assert (await bench.service.look_up(1)).label is Label.NOT_FOUND
    assert not (await bench.service.writer.delete(1)).found


async def test_updating_what_is_not_there_changes_nothing(bench: Bench) -> None:
    """The result says that there was no such record."""
    result = await bench.service.writer.update(7, {"name": "Nobody"})
    assert (result.found, result.record) == (False, None)
    assert 7 not in bench.table.rows


async def test_a_refused_change_leaves_the_copy(bench: Bench) -> None:
    """A constraint that fails is the caller's to hear; nothing was written."""
    await bench.service.look_up(1)
    with pytest.raises(ChangeRefused, match="UNIQUE"):
        await bench.service.writer.insert({"id": 1, "name": "Another"})
    assert (await bench.service.look_up(1)).label is Label.HIT


async def test_a_database_that_fails_may_have_written_all_the_same(bench: Bench) -> None:
    """When nobody knows whether the row changed, its copy is forgotten."""
    await bench.service.look_up(1)
    bench.table.fails = "no answer"
    with pytest.raises(DatabaseUnavailable, match="no answer"):
        await bench.service.writer.update(1, {"name": "Berta"})
    assert bench.cache.holds(KEY) is None


async def test_the_copy_goes_since_a_trigger_may_have_changed_the_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trigger that marks a record as deleted, and ignores the delete, leaves no old copy."""

    async def ignored(*_: object, **__: object) -> None:
        raise ChangeIgnored("the database ignored it")

    monkeypatch.setattr(bench.table, "update", ignored)
    monkeypatch.setattr(bench.table, "delete", ignored)
    for change in (
        bench.service.writer.update(1, {"name": "x"}),
        bench.service.writer.delete(1),
    ):
        await bench.service.look_up(1)
        assert bench.cache.holds(KEY) is not None
        with pytest.raises(ChangeIgnored):
            await change
        assert bench.cache.holds(KEY) is None


async def test_read_only_changes_nothing() -> None:
    """Neither rows nor copies, whatever is asked."""
    bench = Bench(read_only=True)
    for change in (
        bench.service.writer.update(1, {"name": "Berta"}),
        bench.service.writer.insert({"id": 7, "name": "x"}),
        bench.service.writer.delete(1),
    ):
        with pytest.raises(ChangeRefused, match="--writable"):
            await change
    for copy in (bench.service.writer.invalidate(1), bench.service.writer.expire(1)):
        assert "--writable" in ((await copy).reason or "")
    assert bench.cache.commands == []
    assert bench.service.pending_count == 0


@pytest.mark.parametrize(
    "error", [CacheUnavailable("refused"), CacheRefused("read-only replica")]
)
async def test_a_write_succeeds_when_the_cache_does_not_take_the_delete(
    bench: Bench, error: Exception
) -> None:
    """The row is written; the key is pending, is read past the cache, and not filled."""
    await bench.service.look_up(1)
    bench.cache.refuses["invalidate"] = error
    result = await bench.service.writer.update(1, {"name": "Berta"})
    assert (result.found, result.pending, result.reason) == (True, True, str(error))
    outcome = await bench.service.look_up(1)
    assert (outcome.label, outcome.record) == (Label.BYPASS, BERTA)
    assert outcome.flags.pending
    assert outcome.flags.filled is None
    assert bench.cache.holds(KEY) == b'{"id":1,"name":"Amara"}'  # stale, and nobody reads it


async def test_pending_deletes_are_drained_before_anything_is_read(bench: Bench) -> None:
    """Once the cache takes deletes again, the next lookup of any key sends them first."""
    for id in (1, 2):
        bench.table.rows[id] = {"id": id, "name": "Amara"}
        await bench.service.look_up(id)
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.writer.update(1, {"name": "Berta"})
    bench.cache.refuses.clear()
    bench.cache.commands.clear()
    outcome = await bench.service.look_up(2)
    assert outcome.label is Label.HIT
    assert bench.cache.commands[:2] == [f"invalidate {KEY}", "read hitmiss:user:2"]
    assert "drained 1 pending delete" in results(outcome)
    assert bench.service.pending_count == 0
    assert (await bench.service.look_up(1)).record == BERTA


async def test_a_key_written_during_the_drain_stays_pending(bench: Bench) -> None:
    """A drain takes off the list only what it has sent."""
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.writer.update(1, {"name": "Berta"})
    drain = bench.cache.gate("invalidate")
    drain.close()
    reader = asyncio.create_task(bench.service.look_up(1))
    await settle()
    bench.cache.gates.clear()  # the next one passes, and is refused
    await bench.service.writer.update(1, {"name": "Chidi"})
    bench.cache.refuses.clear()
    drain.open()
    outcome = await reader
    assert outcome.flags.pending
    assert bench.service.pending_count == 1


async def test_many_lookups_share_one_drain(bench: Bench) -> None:
    """The pending deletes are sent once, however many lookups wait for it."""
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.writer.update(1, {"name": "Berta"})
    bench.cache.refuses.clear()
    bench.cache.commands.clear()
    bench.cache.gate("invalidate").close()
    lookups = [asyncio.create_task(bench.service.look_up(1)) for _ in range(50)]
    await settle(50)
    bench.cache.gate("invalidate").open()
    outcomes = await asyncio.gather(*lookups)
    assert bench.cache.commands.count(f"invalidate {KEY}") == 1
    assert all(outcome.record == BERTA for outcome in outcomes)


async def test_the_breaker_opens_and_spares_the_cache(bench: Bench) -> None:
    """After three failures lookups no longer ask, say so, and ask again two seconds later."""
    bench.cache.down = "refused"
    for _ in range(3):
        await bench.service.look_up(1)
    asked = len(bench.cache.commands)
    outcome = await bench.service.look_up(1)
    assert outcome.label is Label.BYPASS
    assert outcome.reason == "the cache is left alone for 2.0 s more: refused"
    assert len(bench.cache.commands) == asked
    bench.cache.down = None
    bench.clock.now += OPEN_SECONDS
    assert (await bench.service.look_up(1)).label is Label.DB
    assert (await bench.service.look_up(1)).label is Label.HIT


async def test_the_probe_of_an_open_breaker_is_the_drain(bench: Bench) -> None:
    """A write during an outage is pending without a wait; the way back begins with its DEL."""
    await bench.service.look_up(1)
    bench.cache.down = "refused"
    for _ in range(3):
        await bench.service.look_up(1)
    bench.cache.commands.clear()
    result = await bench.service.writer.update(1, {"name": "Berta"})
    assert result.pending
    assert bench.cache.commands == []
    bench.clock.now += OPEN_SECONDS
    bench.cache.down = None
    outcome = await bench.service.look_up(1)
    assert bench.cache.commands[:2] == [f"invalidate {KEY}", f"read {KEY}"]
    assert outcome.record == BERTA


async def test_a_refusal_is_no_outage(bench: Bench) -> None:
    """A full cache answers: the breaker stays closed and hits go on."""
    await bench.service.look_up(1)
    bench.cache.refuses["claim"] = CacheRefused("out of memory")
    bench.table.rows[2] = {"id": 2, "name": "Berta"}
    for _ in range(5):
        await bench.service.look_up(2)
    assert (await bench.service.look_up(1)).label is Label.HIT


async def test_more_pending_deletes_than_are_remembered_block_all_reads() -> None:
    """Beyond the bound no copy is trusted until every one of them has expired by itself."""
    bench = Bench(lifetimes=Lifetimes(ttl=10, grace=5))
    await bench.service.look_up(1)
    guard = bench.service._cache
    for number in range(MOST_PENDING + 1):
        guard.remember_delete(TEMPLATE.value_key(number + 100), 16.0)
    assert bench.service.pending_count == MOST_PENDING
    assert (await bench.service.look_up(1)).label is Label.BYPASS
    bench.clock.now += 16.1
    assert (await bench.service.look_up(1)).label is Label.DB


async def test_a_cancelled_writer_leaves_nothing_half_done(bench: Bench) -> None:
    """After the commit the copy is forgotten, though nobody waits for it any more."""
    await bench.service.look_up(1)
    delete = bench.cache.gate("invalidate")
    delete.close()
    writer = asyncio.create_task(bench.service.writer.update(1, {"name": "Berta"}))
    await settle()
    assert bench.table.rows[1] == BERTA
    writer.cancel()
    await settle()
    assert writer.cancelled()
    delete.open()
    await settle()
    assert bench.cache.holds(KEY) is None


async def test_closing_waits_for_writes_and_sends_what_is_pending(bench: Bench) -> None:
    """Aclose ends what was begun."""
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.look_up(1)
    await bench.service.writer.update(1, {"name": "Berta"})
    bench.cache.refuses.clear()
    await bench.service.aclose()
    assert bench.cache.holds(KEY) is None


async def test_a_listener_hears_every_decision(bench: Bench) -> None:
    """Loads, fills, lookups, writes, invalidations, drains and the breaker are events."""
    heard: list[Event] = []
    bench.service.listeners.add(heard.append)
    await bench.service.look_up(1)
    assert [type(event) for event in heard] == [Loaded, FillEnded, LookedUp]
    heard.clear()
    bench.cache.refuses["invalidate"] = CacheRefused("full")
    await bench.service.writer.update(1, {"name": "Berta"})
    assert heard == [Invalidated(1, pending=True), Written(1)]
    heard.clear()
    bench.cache.refuses.clear()
    await bench.service.look_up(1)
    assert heard[0] == Drained((KEY,))
    bench.cache.down = "refused"
    for _ in range(3):
        await bench.service.look_up(1)
    bench.cache.down = None
    bench.clock.now += OPEN_SECONDS
    await bench.service.look_up(1)
    changes = [event for event in heard if isinstance(event, BreakerChanged)]
    assert changes == [
        BreakerChanged(open=True, reason="refused"),
        BreakerChanged(open=False, reason=""),
    ]


async def test_several_listen_each_once(bench: Bench) -> None:
    """Whoever is added twice hears once; who leaves while it listens takes nobody along."""
    one: list[Event] = []
    other: list[Event] = []

    def leave(event: Event) -> None:
        bench.service.listeners.discard(leave)
        other.append(event)

    for listener in (one.append, one.append, leave):
        bench.service.listeners.add(listener)
    await bench.service.look_up(1)
    assert [type(event) for event in one] == [Loaded, FillEnded, LookedUp]
    assert [type(event) for event in other] == [Loaded]


async def test_expire_never_prolongs_a_copy(bench: Bench) -> None:
    """A copy that is past its ttl already keeps the end that it has."""
    await bench.service.look_up(1)
    bench.clock.now += 50
    change = await bench.service.writer.expire(1)
    assert not change.found
    assert bench.cache.seconds_left(KEY) == pytest.approx(10)


async def test_expire_ends_a_copy_without_expiry(bench: Bench) -> None:
    """It was kept for ever; now only its grace is left."""
    bench.cache.put(KEY, b'{"id": 1, "name": "Amara"}', None)
    assert (await bench.service.writer.expire(1)).found
    assert bench.cache.seconds_left(KEY) == 30


async def test_expire_forgets_what_cannot_be_read_and_says_so(bench: Bench) -> None:
    """A copy that no lookup would use stands in for nothing, but it was there."""
    bench.cache.put(KEY, b"not JSON", 500)
    assert (await bench.service.writer.expire(1)).found
    assert bench.cache.holds(KEY) is None


async def test_what_cannot_be_read_is_not_extended_for_a_reason(bench: Bench) -> None:
    """Nobody is told that a copy is gone which was left as it is."""
    bench.cache.put(KEY, b"not JSON", 500)
    change = await bench.service.writer.extend(1, 60)
    assert not change.found
    assert str(change.reason).startswith("left as it is: it is not JSON")
    assert bench.cache.seconds_left(KEY) == 500


async def test_one_lookup_waits_for_one_trip_of_deletes(bench: Bench) -> None:
    """Many pending deletes are sent in portions; what is not pending is read meanwhile."""
    await bench.service.look_up(1)
    for number in range(MOST_PER_DRAIN + 50):
        bench.service._cache.remember_delete(TEMPLATE.value_key(number + 100), 60.0)
    assert (await bench.service.look_up(1)).label is Label.HIT
    assert bench.service.pending_count == 50
    assert (await bench.service.look_up(1)).label is Label.HIT
    assert bench.service.pending_count == 0


async def test_a_refused_delete_keeps_no_other_key_from_being_read(bench: Bench) -> None:
    """On a read-only replica hits go on, but for the key whose delete is pending."""
    bench.table.rows[2] = {"id": 2, "name": "Chidi"}
    await bench.service.look_up(1)
    await bench.service.look_up(2)
    refusal = CacheRefused("read-only replica")
    bench.cache.refuses = {"invalidate": refusal}
    await bench.service.writer.update(1, {"name": "Berta"})
    assert (await bench.service.look_up(2)).label is Label.HIT
    assert (await bench.service.look_up(1)).flags.pending
