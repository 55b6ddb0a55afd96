"""A load: what it asks, what it counts, and that slow answers hide nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import settle
from lab_environments import FakeEnvironment, real_environment
from servers import ValkeyServer

from tui.lab.environment import LabEnvironment
from tui.lab.load import Load
from tui.lab.popularity import Hot, Uniform, Zipf
from tui.lab.samples import Controls, Counts, Meter, Sample
from tui.models import Flags, Label, Outcome

PACED = Controls(readers=4, keys=10, popularity=Uniform(), rate=100.0, ttl=30.0)


@pytest.fixture
def fake() -> FakeEnvironment:
    """An environment on fakes."""
    return FakeEnvironment()


@pytest.fixture
async def lab(fake: FakeEnvironment) -> AsyncIterator[LabEnvironment]:
    """The same, opened."""
    async with fake.opened() as lab:
        yield lab


async def loaded(
    fake: FakeEnvironment, lab: LabEnvironment, controls: Controls, seconds: float
) -> tuple[Sample, list[Sample]]:
    """Run a load for that time; give its total and its samples."""
    samples: list[Sample] = []
    total = await fake.clock.play(Load(lab, controls, samples.append).run(seconds))
    return total, samples


async def test_at_a_rate_it_asks_as_often_as_it_was_told(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """A hundred a second for three seconds: each second's sample has its hundred."""
    total, samples = await loaded(fake, lab, PACED, 3.0)
    assert [sample.counts.lookups for sample in samples] == pytest.approx([100] * 3, abs=1)
    assert total.counts.lookups == pytest.approx(300, abs=1)
    assert total.counts.database_reads == len(fake.table.reads) == 10
    assert total.counts.hits == total.counts.lookups - 10
    assert [sample.seconds for sample in samples] == pytest.approx([1.0] * 3, abs=0.02)
    assert samples[-1].behind == pytest.approx(0, abs=0.02)


async def test_what_waits_behind_a_slow_answer_is_not_left_out(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """Held up for a second, one reader at ten a second finds ten lookups late, 1.0 to 0.1 s."""
    controls = replace(PACED, readers=1, keys=1, rate=10.0)
    load = Load(lab, controls, lambda _: None)
    (id,) = await lab.keys(1)
    await load.service.look_up(id)
    gate = fake.cache.gate("read")
    run = asyncio.create_task(load.run(3.0))
    await fake.clock.advance(0.95)
    gate.close()
    await fake.clock.advance(1.0)
    gate.open()
    while not run.done():
        await fake.clock.advance(0.01)
    total = run.result()
    assert total.counts.lookups == 30
    assert total.hit is not None
    # 19 were answered at once; the ten wanted while it was held up waited 1.0, 0.9, ... 0.1 s.
    assert total.hit.p50 <= 0.01
    assert total.hit.p95 == pytest.approx(0.85, abs=0.06)
    assert total.hit.p99 == pytest.approx(0.95, abs=0.06)


async def test_a_load_that_cannot_keep_up_says_how_late_it_is(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """One reader at half a second a read and a rate of ten falls behind by 0.8 s a second."""
    controls = replace(PACED, readers=1, keys=20, rate=10.0, delay=0.5, ttl=0.001, jitter=0)
    _, samples = await loaded(fake, lab, controls, 4.0)
    assert [sample.behind for sample in samples] == pytest.approx([0.8, 1.6, 2.4, 3.2], abs=0.3)


async def test_writes_are_a_share_of_all_and_change_nothing(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """At a half, about half are writes; the rows stay, and no answer is outdated."""
    before = dict(fake.table.rows)
    total, _ = await loaded(fake, lab, replace(PACED, writes=0.5), 4.0)
    assert total.counts.writes == len(fake.table.touched) == pytest.approx(200, abs=40)
    assert total.counts.lookups + total.counts.writes == pytest.approx(400, abs=1)
    assert fake.table.rows == before
    assert total.counts.outdated == 0


async def test_the_usual_pattern_gives_outdated_answers_and_ours_does_not(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """Reads that are slower than writes store what has been replaced: then it is counted."""
    controls = replace(PACED, readers=20, keys=2, writes=0.3, rate=200.0, delay=0.05)
    usual, _ = await loaded(fake, lab, replace(controls, usual=True), 5.0)
    ours, _ = await loaded(fake, lab, controls, 5.0)
    assert usual.counts.outdated > 10
    assert ours.counts.outdated == 0
    assert (usual.counts.shared, ours.counts.shared > 0) == (0, True)


async def test_controls_take_effect_while_it_runs(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """More readers, another rate, other keys: the next second is another."""
    samples: list[Sample] = []
    load = Load(lab, replace(PACED, rate=10.0, keys=1), samples.append)
    run = asyncio.create_task(load.run())
    await fake.clock.advance(2.0)
    await load.change(replace(PACED, rate=200.0, keys=20, popularity=Hot(0.5), delay=0.01))
    await fake.clock.advance(2.0)
    load.stop()
    await fake.clock.advance(0.5)
    assert run.done()
    assert [s.counts.lookups for s in samples[:2]] == pytest.approx([10, 10], abs=1)
    assert [s.counts.lookups for s in samples[2:4]] == pytest.approx([200, 200], abs=25)
    assert len(set(fake.table.reads)) == 20
    assert samples[2].db is not None
    assert samples[2].db.p50 >= 0.01


async def test_readers_come_and_go(fake: FakeEnvironment, lab: LabEnvironment) -> None:
    """As many are waiting for the database at once as there are readers by then."""
    controls = replace(PACED, readers=3, keys=20, rate=None, delay=0.2, ttl=0.001)
    load = Load(lab, controls, lambda _: None)
    run = asyncio.create_task(load.run())
    for readers in (3, 12, 5):
        await load.change(replace(controls, readers=readers)) if readers != 3 else None
        await fake.clock.advance(1.0)
        fake.table.gate.close()
        await fake.clock.advance(1.0)
        assert load._hired == readers
        fake.table.gate.open()
        await fake.clock.advance(0.1)
    load.stop()
    await fake.clock.play(_ended(run))


async def test_a_cache_that_is_down_is_in_the_sample(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """The database answers all, and the reason is told."""
    fake.cache.down = "refused"
    total, samples = await loaded(fake, lab, PACED, 1.0)
    assert (total.counts.hits, total.counts.errors) == (0, 0)
    assert "refused" in (samples[0].reason or "")


async def test_a_database_that_is_down_counts_as_errors(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """Reads and writes alike."""
    load = Load(lab, replace(PACED, writes=0.5), lambda _: None)
    await lab.keys(10)
    fake.table.fails = "locked"
    total = await fake.clock.play(load.run(1.0))
    assert total.counts.errors == pytest.approx(100, abs=1)
    assert total.counts.writes == 0


async def test_early_refresh_can_be_turned_off(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """With it hits have copies refreshed, without it none."""
    controls = replace(PACED, keys=1, ttl=1.0, jitter=0, delay=0.1)
    late, _ = await loaded(fake, lab, replace(controls, early_refresh=False), 5.0)
    early, _ = await loaded(fake, lab, controls, 5.0)
    assert (late.counts.refreshed, early.counts.refreshed > 0) == (0, True)


async def test_a_cancelled_load_ends_at_once(
    fake: FakeEnvironment, lab: LabEnvironment
) -> None:
    """No reader is left."""
    load = Load(lab, PACED, lambda _: None)
    run = asyncio.create_task(load.run())
    await fake.clock.advance(0.5)
    run.cancel()
    await settle()
    assert run.cancelled()
    asked = len(fake.cache.commands)
    await fake.clock.advance(1.0)
    assert len(fake.cache.commands) == asked


def test_what_another_lookup_loaded_and_stored_is_counted_once() -> None:
    """Found in the cache by then it is a hit, and else a shared answer; never both."""
    meter = Meter(0.0)
    for label in (Label.HIT, Label.DB):
        outcome = Outcome(1, label, {"id": 1}, 30.0, 0.001, Flags(coalesced=True))
        meter.answered(outcome, 0.001, outdated=False)
    assert (meter.counts.lookups, meter.counts.hits, meter.counts.shared) == (2, 1, 1)


@pytest.mark.parametrize("url", ["embedded", "valkey"])
async def test_on_a_real_cache_it_counts_what_happens(
    url: str, users_db: Path, server: ValkeyServer
) -> None:
    """Answers are hits or loads, each key is read once, and the keys are gone at the end."""
    async with real_environment(server.url if url == "valkey" else url, users_db) as lab:
        controls = Controls(readers=5, keys=20, popularity=Zipf(), rate=100.0, writes=0.0)
        total = await Load(lab, controls, lambda _: None).run(0.5)
        counts = total.counts
        assert counts.lookups == pytest.approx(50, abs=2)
        assert counts.errors == counts.outdated == 0
        assert 1 <= counts.database_reads <= 20
        assert counts.hits + counts.database_reads + counts.shared == counts.lookups
    with server.client() as client:
        assert client.keys() == []


def test_controls_and_samples_survive_json() -> None:
    """What was told can be read back."""
    for popularity in (Uniform(), Zipf(1.2), Hot(0.3)):
        controls = Controls(popularity=popularity, rate=5.0, usual=True)
        assert Controls.from_json(controls.to_json()) == controls
    sample = Sample(2.0, 1.0, Counts(lookups=3, hits=2), None, None, 0.5, "why")
    assert Sample.from_json(sample.to_json()) == sample


async def _ended(run: "asyncio.Task[Sample]") -> Sample:
    return await run
