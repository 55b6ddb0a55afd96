"""What each scenario claims to show, by counts."""

from pathlib import Path

import pytest
from lab_environments import FakeEnvironment, real_environment
from servers import ValkeyServer

from tui.lab.catalogue import SCENARIOS
from tui.lab.cliff import Cliff
from tui.lab.early_refresh import EarlyRefresh
from tui.lab.scenario import Scenario, Side
from tui.lab.stale_write import StaleWrite
from tui.lab.stampede import Stampede


async def played(scenario: Scenario) -> tuple[list[Side], str]:
    """Run it on fakes; give its sides and the line after."""
    fake, sides = FakeEnvironment(), list[Side]()
    async with fake.opened() as lab:
        after = await fake.clock.play(scenario.run(lab, sides.append))
    assert fake.cache.entries == {}
    return sides, after


def numbers(sides: list[Side], name: str) -> list[int | float]:
    """Give that number of each side."""
    return [side.numbers[name] for side in sides]


async def test_a_stampede_reads_once_with_single_flight_and_lease() -> None:
    """By the usual pattern each caller reads; without the lease each service."""
    sides, after = await played(Stampede(callers=300, services=4))
    assert numbers(sides, "database_reads") == [300, 1, 4, 1]
    assert numbers(sides, "answers_shared") == [0, 299, 296, 299]
    assert numbers(sides, "errors") == [0, 0, 0, 0]
    assert "300 database reads by the usual pattern, 1 with" in after


async def test_without_jitter_all_copies_end_together() -> None:
    """In one tenth of a second, and all wait at once; with jitter they are spread."""
    sides, _ = await played(Cliff(keys=600, ttl=4.0, readers=50))
    even, uneven = (side.numbers for side in sides)
    assert (even["busiest_tenth_expiries"], even["most_waiting_at_once"]) == (600, 600)
    # Over 0.8 s that is 75 in each tenth; the database takes 20 ms each, for 50 at a time.
    assert 60 <= uneven["busiest_tenth_expiries"] <= 110
    assert uneven["most_waiting_at_once"] < 100
    assert numbers(sides, "database_reads") == [600, 600]
    assert [sum(side.series["expiries"]) for side in sides] == [600, 600]
    assert [sum(side.series["reads"]) for side in sides] == [600, 600]


async def test_early_refresh_spares_the_readers_of_a_hot_key_the_wait() -> None:
    """Without it readers wait in each life of the copy; with it none does."""
    sides, _ = await played(EarlyRefresh(lives=4))
    late, early = (side.numbers for side in sides)
    assert late["waited"] >= 3 * 10
    assert (late["refreshes"], early["waited"]) == (0, 0)
    assert early["refreshes"] == early["database_reads"] >= 3
    assert late["lookups"] == pytest.approx(early["lookups"], abs=5)


async def test_a_write_leaves_no_old_copy_behind() -> None:
    """By the usual pattern every later lookup is outdated; with the lease none."""
    sides, after = await played(StaleWrite())
    assert numbers(sides, "outdated_answers") == [10, 0]
    assert numbers(sides, "fills_refused") == [0, 1]
    usual, ours = ([m.split(" →")[0] for m in side.moments] for side in sides)
    assert [moment.split(" ")[0] for moment in usual[-2:]] == ["reader:", "next"]
    assert usual[-1] == "next lookup: HIT, version 0"
    assert ours[-1] == "next lookup: DB, version 2"
    assert after.startswith("After the write 10 of 10 lookups got the old record")


async def test_a_reader_that_fails_holds_nothing_up() -> None:
    """When the database is down the race cannot happen, and the scenario ends."""
    fake, sides = FakeEnvironment(), list[Side]()
    async with fake.opened() as lab:
        await lab.keys(1)
        fake.table.fails = "locked"
        with pytest.raises(Exception, match="locked"):
            await fake.clock.play(StaleWrite().run(lab, sides.append))


@pytest.mark.parametrize("url", ["embedded", "valkey"])
@pytest.mark.slow
async def test_a_real_stampede(url: str, users_db: Path, server: ValkeyServer) -> None:
    """The counts are those on fakes, and no key is left."""
    sides: list[Side] = []
    async with real_environment(server.url if url == "valkey" else url, users_db) as lab:
        scenario = Stampede(callers=200, services=3, delay=0.2)
        await scenario.run(lab, sides.append)
    assert numbers(sides, "database_reads") == [200, 1, 3, 1]
    with server.client() as client:
        assert client.keys() == []


@pytest.mark.parametrize("url", ["embedded", "valkey"])
async def test_a_real_stale_write(url: str, users_db: Path, server: ValkeyServer) -> None:
    """The race is the same on a real cache and a real database."""
    sides: list[Side] = []
    async with real_environment(server.url if url == "valkey" else url, users_db) as lab:
        await StaleWrite().run(lab, sides.append)
    assert numbers(sides, "outdated_answers") == [10, 0]
    assert any("refused" in moment for moment in sides[1].moments)


@pytest.mark.slow
async def test_a_real_cliff(users_db: Path, server: ValkeyServer) -> None:
    """More keys than the table has rows; each is read once after its end."""
    sides: list[Side] = []
    async with real_environment(server.url, users_db) as lab:
        await Cliff(keys=800, ttl=0.5).run(lab, sides.append)
    assert numbers(sides, "copies") == [800, 800]
    assert numbers(sides, "busiest_tenth_expiries")[0] == 800
    assert numbers(sides, "database_reads") == [800, 800]


def test_each_scenario_says_beforehand_what_will_be_seen() -> None:
    """One sentence, with the numbers that were chosen."""
    for scenario in SCENARIOS.values():
        before = scenario().before
        assert before.endswith(".")
        assert 80 < len(before) < 320
    assert "12 callers" in Stampede(callers=12).before
