"""Journeys on the Lab screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fakes import SCHEMA, TEMPLATE, Bench
from laboratory import SAMPLE, FakeLaboratory
from person import Person, person_at, person_with
from servers import ValkeyServer

from tui.controllers.session import Place
from tui.lab.samples import Counts
from tui.lab.scenario import Side
from tui.runtime.faults import Fault
from tui.views.screens.lab import LabScreen


@asynccontextmanager
async def at_lab(
    laboratory: FakeLaboratory,
    *,
    embedded: bool = True,
    read_only: bool = False,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Person]:
    """Go to the Lab screen of an explorer on fakes."""
    bench = Bench()

    async def open_bench() -> Bench:
        return bench

    place = Place("shop.db", "redis://cache:6379", embedded=embedded)
    async with person_at(
        open_bench, schema=SCHEMA, template=TEMPLATE, read_only=read_only, place=place,
        clock=bench.clock, size=size, laboratory=laboratory,
    ) as person:  # fmt: skip
        await person.presses("escape", "4")
        yield person


@pytest.fixture
def laboratory() -> FakeLaboratory:
    """A laboratory in the test's hands."""
    return FakeLaboratory()


def row(person: Person, name: str) -> str:
    """Give what the list has beside a name."""
    screen = person.app.screen
    assert isinstance(screen, LabScreen)
    return next(row.value for row in screen._rows() if row.name == name)


def seen(person: Person) -> str:
    """Give what stands beside the list, as one line."""
    return " ".join(" ".join(line[31:] for line in person.lines[2:-2]).split())


async def test_the_lab_says_what_it_is(laboratory: FakeLaboratory) -> None:
    """Its keys, its prefix, and that latency is added; nothing runs by itself."""
    async with at_lab(laboratory) as person:
        assert "[4 Lab]" in person.lines[0]
        text = seen(person)
        assert "space runs a load" in text
        assert "hitmiss:lab:" in text
        assert "the Lab adds 20 ms to the database" in text
        assert laboratory.started == []


async def test_without_added_latency_it_says_that_a_file_is_faster(
    laboratory: FakeLaboratory,
) -> None:
    """The last of the steps down is the database as it is."""
    async with at_lab(laboratory) as person:
        await person.presses(*"j" * 10, *"-" * 9)
        assert row(person, "db latency") == "as it is"
        assert "A database on this machine answers about as fast as a cache" in seen(person)


async def test_a_load_shows_its_numbers_and_ends_with_the_total(
    laboratory: FakeLaboratory,
) -> None:
    """Space runs it, each second is a column, and space stops it."""
    async with at_lab(laboratory) as person:
        await person.presses("space")
        assert laboratory.started[0]["load"]["rate"] == 500.0
        assert row(person, "load") == "starting"
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("running 1 s")
        lines = [" ".join(line[31:].split()) for line in person.lines]
        for said in ("hit ratio 90%", "lookups/s 500", "db reads/s 40", "hit p50 0.50 ms",
                     "p95 1.00 ms", "p99 2.00 ms", "db p50 21.0 ms"):  # fmt: skip
            assert any(line.startswith(said) for line in lines), said
        assert any("10 answers shared" in line for line in lines)
        await person.presses("space")
        await person.sees("in all: 1,234 lookups")
        assert row(person, "load") == "stopped"
        assert (laboratory.stopped, laboratory.ended) == (1, 1)


async def test_controls_take_effect_while_it_runs(laboratory: FakeLaboratory) -> None:
    """Each key is told to the load at once; the arrows are the same keys."""
    async with at_lab(laboratory) as person:
        await person.presses("space", "j", "+", "right", "j", "-", "j", "left")
        told = [message["controls"] for message in laboratory.told]
        assert [each["readers"] for each in told] == [50, 100, 100, 100]
        assert [each["keys"] for each in told] == [500, 500, 100, 100]
        assert told[-1]["popularity"] == {"kind": "zipf", "exponent": 0.8}
        assert row(person, "readers") == "100"
        await person.presses(*"+" * 20)
        assert row(person, "popularity") == "hot 99%"


async def test_a_load_has_the_faults_that_are_on(laboratory: FakeLaboratory) -> None:
    """From its beginning, and when they are switched while it runs."""
    async with at_lab(laboratory) as person:
        faults = person.app._session.faults
        faults.switch(Fault.CACHE_SLOW, on=True)
        await person.presses("space")
        assert laboratory.started[0]["faults"] == ["cache-slow=100ms"]
        faults.switch(Fault.DATABASE_DOWN, on=True)
        assert isinstance(person.app.screen, LabScreen)
        person.app.screen.tick()
        person.app.screen.tick()
        assert laboratory.told == [{"faults": ["cache-slow=100ms", "database-down"]}]


async def test_its_actions_are_in_the_palette(laboratory: FakeLaboratory) -> None:
    """By their names and keys."""
    async with at_lab(laboratory) as person:
        wanted = {"Load (space)", "Stampede (s)", "More (+ →)", "Less (- ←)", "Stop (esc)"}
        assert wanted <= person.commands


async def test_outdated_answers_and_errors_are_shown(laboratory: FakeLaboratory) -> None:
    """Writes bring their curves, and the reason of a failure its line."""
    counts = Counts(lookups=10, writes=5, outdated=3, errors=2)
    sample = replace(SAMPLE, counts=counts, reason="cache down", behind=0.2)
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(sample=sample.to_json())
        await person.sees("cache down")
        lines = [" ".join(line[31:].split()) for line in person.lines]
        for said in ("writes/s 5", "outdated 3", "errors 2"):
            assert any(line.startswith(said) for line in lines), said
        laboratory.tells(sample=replace(sample, behind=3.0).to_json())
        await person.sees("3.0 s behind")
        laboratory.tells(problem="too many keys", end=SAMPLE.to_json())
        await person.sees("too many keys")


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
        await person.sees("database reads")
        line = next(line for line in person.lines if "database reads" in line)
        assert line.split()[-2:] == ["1,000", "1"]
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
        lines = [line[:31].split() for line in person.lines]
        assert ["›Stampede", "playing"] in lines
        assert ["load", "stopped"] in lines


async def test_what_can_be_set_is_there_whole(laboratory: FakeLaboratory) -> None:
    """Also the longest; and where nothing can be set, no key is named for it."""
    async with at_lab(laboratory) as person:
        await person.presses("G", "k", "k", "k", "+", "+")
        assert "10,000 callers" in person.text
        assert person.lines[1].split("enter")[1].strip() == "plays it, + and - set how many"
        await person.presses("G")
        assert person.lines[1].strip() == "enter plays it"


async def test_the_total_is_told_whole(laboratory: FakeLaboratory) -> None:
    """It goes on in the next line where one is too short, and so do reasons."""
    counts = Counts(lookups=14_817, database_reads=528, shared=10, writes=105, outdated=64)
    reason = "the cache is left alone for 1.6 s more: cannot reach it: connection refused"
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(sample=replace(SAMPLE, reason=reason).to_json())
        await person.waits_for(lambda: reason in seen(person))
        laboratory.tells(end=replace(SAMPLE, counts=counts).to_json())
        await person.waits_for(lambda: "105 writes, 64 outdated" in seen(person))
        assert "the Lab adds 20 ms to the database" in seen(person)


async def test_one_thing_at_a_time(laboratory: FakeLaboratory) -> None:
    """While a scenario plays no load begins; esc stops it."""
    async with at_lab(laboratory) as person:
        await person.presses("s", "space")
        assert len(laboratory.started) == 1
        await person.sees("one thing at a time: esc stops it")
        await person.presses("escape")
        await person.has_all_answers()
        assert laboratory.ended == 1
        await person.presses("space")
        assert len(laboratory.started) == 2


async def test_what_was_seen_stays_while_one_looks_around(laboratory: FakeLaboratory) -> None:
    """The load's curves and each scenario's sides come back with the cursor."""
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("hit ratio")
        await person.presses("G")
        assert "hit ratio" not in person.text
        assert "A reader reads the row" in person.text
        await person.presses("1", "escape", "4", "g")
        await person.sees("hit ratio")
        assert laboratory.ended == 0


async def test_on_a_cache_of_others_it_asks_first(laboratory: FakeLaboratory) -> None:
    """No begins nothing; a yes counts for the rest of the session."""
    async with at_lab(laboratory, embedded=False) as person:
        await person.presses("space")
        assert "This puts load on redis://cache:6379 and shop.db" in " ".join(
            person.text.split()
        )
        await person.presses("n")
        assert laboratory.started == []
        await person.presses("space", "y")
        assert len(laboratory.started) == 1
        await person.presses("escape")
        await person.has_all_answers()
        await person.presses("s")
        assert len(laboratory.started) == 2


async def test_read_only_there_is_no_lab(laboratory: FakeLaboratory) -> None:
    """The screen says why, and its keys are gone."""
    async with at_lab(laboratory, read_only=True) as person:
        await person.presses("space", "s", "enter", "+")
        assert laboratory.started == []
        text = " ".join(person.text.split())
        assert "there is no Lab in read-only" in text
        assert "--writable" in text
        assert "Stampede" not in person.footer


async def test_a_process_that_fails_is_told(laboratory: FakeLaboratory) -> None:
    """What it says is text, and the Lab can be used again."""
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(failed="cannot reach [the] cache\x1b")
        await person.sees("cannot reach [the] cache\\x1b")
        assert row(person, "load") == "stopped"


async def test_paused_nothing_moves(laboratory: FakeLaboratory) -> None:
    """What came meanwhile is shown when it goes on."""
    async with at_lab(laboratory) as person:
        await person.presses("space", "p")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.settles()
        assert "hit ratio" not in person.text
        await person.presses("p")
        await person.sees("hit ratio")


async def test_leaving_the_explorer_ends_the_load(laboratory: FakeLaboratory) -> None:
    """Also while it runs."""
    async with at_lab(laboratory) as person:
        await person.presses("space")
        assert laboratory.ended == 0
    assert laboratory.ended == 1


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (44, 12), (200, 60)])
async def test_it_fits(size: tuple[int, int], laboratory: FakeLaboratory) -> None:
    """At every size the list and the first numbers are there, and nothing runs over."""
    async with at_lab(laboratory, size=size) as person:
        await person.presses("space")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("hit ratio")
        assert "90%" in person.text
        assert "readers" in person.text
        assert all(len(line) <= size[0] for line in person.lines)


@pytest.mark.parametrize("url", ["embedded", "valkey"])
async def test_a_real_stampede_from_the_screen(
    url: str, users_db: Path, server: ValkeyServer
) -> None:
    """In its process, on the real cache and the real database; no key stays."""
    cache = server.url if url == "valkey" else url
    async with person_with(cache=cache, db=str(users_db)) as person:
        await person.presses("escape", "4", *"j" * 11, "-", "s")
        if url == "valkey":
            await person.presses("y")
        await person.has_all_answers()
        after = "100 callers: 100 database reads by the usual pattern, 1 with single-flight"
        assert after in seen(person)
    with server.client() as client:
        assert client.keys() == []
