"""Scenarios on the Lab screen."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from fakes import Bench
from lab_screens import at_lab, frames, load_state, row, seen
from laboratory import SAMPLE, FakeLaboratory
from person import person_with
from servers import ValkeyServer

from tui.lab.cliff import Cliff
from tui.lab.scenario import Side
from tui.views.screens.lab import LabScreen


@pytest.fixture
def laboratory() -> FakeLaboratory:
    """A laboratory in the test's hands."""
    return FakeLaboratory()


async def test_a_scenario_says_before_and_after_what_is_seen(
    laboratory: FakeLaboratory,
) -> None:
    """Played by `s`: the sentence, each side as it comes, the line."""
    async with at_lab(laboratory) as person:
        await person.presses("s")
        assert laboratory.started == [{"scenario": "stampede", "parameters": {}, "faults": []}]
        await person.waits_for(lambda: "1,000 callers ask for one record" in seen(person))
        for name, reads in (("usual pattern", 1000), ("single-flight", 1)):
            side = Side(name, {"database_reads": reads, "took_ms": 12.3})
            laboratory.tells(side=asdict(side))
        await person.sees("◆ database reads")
        bars = [line.split() for line in frames(person)]
        assert ["usual", "pattern", "━" * 16, "1,000"] in bars
        assert ["single-flight", "╸", "1"] in bars
        laboratory.tells(end="1,000 callers: [1] database read")
        await person.waits_for(lambda: "1,000 callers: [1] database read" in seen(person))
        assert not person.app.screen.query_one("Curves").display


async def test_a_scenario_is_chosen_and_set_in_the_list(laboratory: FakeLaboratory) -> None:
    """Up to 10,000 callers; enter plays what is under the cursor."""
    async with at_lab(laboratory) as person:
        await person.presses("G", "k", "k", "k", "+", "+", "+")
        assert row(person, "Stampede") == "10,000 callers"
        await person.waits_for(lambda: "10,000 callers ask" in seen(person))
        await person.presses("enter")
        assert laboratory.started[0]["parameters"] == {"callers": 10_000}


async def test_a_scenario_is_seen_to_play_from_the_beginning(
    laboratory: FakeLaboratory,
) -> None:
    """Before its first side is over, which may take long; the load is still stopped."""
    async with at_lab(laboratory) as person:
        await person.presses("s")
        await person.waits_for(lambda: "playing ..." in seen(person))
        assert row(person, "Stampede") == "● playing"
        assert load_state(person) == "stopped"


async def test_what_can_be_set_is_there_whole(laboratory: FakeLaboratory) -> None:
    """Also the longest; and where nothing can be set, no key is named for it."""
    async with at_lab(laboratory) as person:
        await person.presses("G", "k", "k", "k", "+", "+")
        assert "10,000 callers" in person.text
        assert "s plays it · + - callers" in frames(person)
        assert "+ More callers  - Fewer" in person.footer
        await person.presses("G")
        assert "enter plays it" in frames(person)
        assert "More" not in person.footer


CLIFF = (
    Side("without jitter",
         {"copies": 500, "busiest_tenth_expiries": 500, "most_waiting_at_once": 100,
          "longest_ms": 1082.0, "database_reads": 500}, {"reads": [480, 0, 20]}),
    Side("10% jitter",
         {"copies": 500, "busiest_tenth_expiries": 12, "most_waiting_at_once": 2,
          "longest_ms": 31.4, "database_reads": 500}, {"reads": [9] * 60}),
)  # fmt: skip


async def test_a_cliff_has_a_chart_a_side(laboratory: FakeLaboratory) -> None:
    """One above the other on one scale, then both in numbers; how far it is meanwhile."""
    async with at_lab(laboratory) as person:
        await person.presses("G", "k", "k", "enter")
        assert laboratory.started[0]["scenario"] == "cliff"
        assert "──────────── 1 of 2" in person.text
        laboratory.tells(side=asdict(CLIFF[0]))
        await person.sees("▲ 500 end at once")
        assert "━━━━━━────── 2 of 2" in person.text
        assert "with jitter not there yet" in frames(person)
        assert not person.app.screen.query_one("#scenario").display
        laboratory.tells(side=asdict(CLIFF[1]))
        await person.sees("● 12 end at once")
        laboratory.tells(end="500 copies")
        await person.sees("enter again · + - keys")
        lines = frames(person)
        assert [line for line in lines if line.startswith("500┤")] == ["500┤▇", "500┤"]
        assert "in the busiest 0.1 s 480 9" in lines
        assert "slowest answer, ms 1,082 31.4" in lines


async def test_a_scenario_goes_on_while_time_passes(
    bench: Bench, laboratory: FakeLaboratory
) -> None:
    """Half of the time that a side takes is a quarter of the whole, of two sides."""
    async with at_lab(laboratory, bench=bench) as person:
        screen = person.app.screen
        assert isinstance(screen, LabScreen)
        await person.presses("G", "k", "k", "enter")
        bench.clock.now += Cliff().seconds / 2
        screen.tick()
        await person.settles()
        assert "━━━───────── 1 of 2" in person.text
        bench.clock.now += 1000
        screen.tick()
        await person.settles()
        assert "━━━━━╸────── 1 of 2" in person.text, "it is never said to be over before it is"


async def test_esc_leads_from_the_results_back_to_the_list(laboratory: FakeLaboratory) -> None:
    """And only there it stops what is under way."""
    async with at_lab(laboratory) as person:
        await person.presses("s", "tab")
        assert person.app.focused is person.app.screen.query_one("#scenario")
        await person.presses("escape")
        assert person.app.focused is person.app.screen.query_one("#plays")
        assert laboratory.stopped == 0
        await person.presses("escape")
        assert laboratory.stopped == 1


async def test_a_large_terminal_tells_more(laboratory: FakeLaboratory) -> None:
    """Lines in place of columns, where answers came from, and this session's verdicts."""
    async with at_lab(laboratory, size=(120, 40)) as person:
        await person.presses("G", "k", "k", "enter")
        for side in CLIFF:
            laboratory.tells(side=asdict(side))
        laboratory.tells(end="500 copies")
        await person.has_all_answers()
        assert "500 → 12" in person.text
        assert "copies that end at once" in person.text
        await person.presses("g", "space")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("500 in 1 s")
        for said in ("lookups     500┤", "now    highest", "p99 each second", "from the cache",
                     "lowest 90%", "Stale write           not played"):  # fmt: skip
            assert said in person.text, said


async def test_in_a_small_terminal_numbers_stand_below_the_list(
    laboratory: FakeLaboratory,
) -> None:
    """Without frames: the ratio, counts and times; of a scenario its verdict."""
    async with at_lab(laboratory, size=(44, 12)) as person:
        await person.presses("space")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("hit ratio 90%")
        assert "500 lookups · 40 db reads" in person.text
        assert "● 0.50, p99 2.00 ms  ◆ 21.0, p99 30.0 ms" in person.text
        assert not set("╭╮╰╯") & set(person.text)
        await person.presses("space")
        await person.has_all_answers()
        await person.presses("G", "k", "k", "enter")
        for side in CLIFF:
            laboratory.tells(side=asdict(side))
        await person.sees("● 12 end at once instead of 500")


@pytest.mark.parametrize("url", ["embedded", "valkey"])
async def test_a_real_stampede_from_the_screen(
    url: str, users_db: Path, server: ValkeyServer
) -> None:
    """In its process, on the real cache and the real database; no key stays."""
    cache = server.url if url == "valkey" else url
    async with person_with(cache=cache, db=str(users_db)) as person:
        await person.presses("escape", "4", *"j" * 10, "-", "s")
        if url == "valkey":
            await person.presses("y")
        await person.has_all_answers()
        text = seen(person)
        assert "Stampede ● 1 read instead of 100" in text
        reads = text.partition("◆ database reads ")[2].partition(" last answer")[0]
        assert re.sub(" [━╸]+", "", reads) == (
            "usual pattern 100 single-flight 1 4 services, no lease 4 4 services, lease 1"
        )
        await person.pilot.resize_terminal(120, 40)
        await person.settles()
        await person.sees("100 callers: 100 database reads by the usual pattern, 1 with")
    with server.client() as client:
        assert client.keys() == []
