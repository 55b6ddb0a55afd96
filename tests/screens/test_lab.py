"""Journeys on the Lab screen."""

from dataclasses import replace

import pytest
from lab_screens import at_lab, frames, load_state, row, seen
from laboratory import SAMPLE, FakeLaboratory

from tui.lab.samples import Counts
from tui.runtime.faults import Fault
from tui.views.screens.lab import LabScreen
from tui.views.widgets.lab_list import LabList


@pytest.fixture
def laboratory() -> FakeLaboratory:
    """A laboratory in the test's hands."""
    return FakeLaboratory()


async def test_the_lab_says_what_it_is(laboratory: FakeLaboratory) -> None:
    """Its keys, its prefix, and that latency is added; nothing runs by itself."""
    async with at_lab(laboratory) as person:
        assert "▐4 Lab▌" in person.lines[0]
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
        await person.presses(*"j" * 9, *"-" * 9)
        assert row(person, "db latency") == "as it is"
        assert "A database on this machine answers about as fast as a cache" in seen(person)


async def test_a_load_shows_its_numbers_and_ends_with_the_total(
    laboratory: FakeLaboratory,
) -> None:
    """Space runs it, each second is a column, and space stops it; a total is called so."""
    async with at_lab(laboratory) as person:
        await person.presses("space")
        assert laboratory.started[0]["load"]["rate"] == 500.0
        assert load_state(person) == "starting"
        laboratory.tells(sample=SAMPLE.to_json())
        await person.sees("● 1 s")
        lines = frames(person)
        for said in ("hit ratio 90%", "lookups 500 ▇ 500", "◆ db reads 40 ▇ 40",
                     "ms p50 p95 p99 worst", "● hit 0.50 1.00 2.00 4.00",
                     "◆ db 21.0 25.0 30.0 40.0", "each second highest",
                     "10 shared · 0 refreshed early · 0 outdated"):  # fmt: skip
            assert said in lines, said
        assert "total" not in person.text
        await person.presses("space")
        await person.sees("total · each second")
        lines = frames(person)
        assert "hit ratio total 0%" in lines
        assert "lookups 1,234 ▇ 500" in lines
        assert any(line.startswith("total latency") for line in lines)
        assert load_state(person) == "stopped"
        assert (laboratory.stopped, laboratory.ended) == (1, 1)


async def test_controls_take_effect_while_it_runs(laboratory: FakeLaboratory) -> None:
    """Each key is told to the load at once; the arrows are the same keys."""
    async with at_lab(laboratory) as person:
        await person.presses("space", "+", "right", "j", "-", "j", "left")
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
    """In the edge of the times, marked; and the reason of a failure has its line."""
    counts = Counts(lookups=10, writes=5, outdated=3, errors=2)
    sample = replace(SAMPLE, counts=counts, reason="cache down", behind=0.2)
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(sample=sample.to_json())
        await person.sees("cache down")
        lines = frames(person)
        assert "writes 5 ▇ 5" in lines
        assert "× 2 errors" in lines
        assert "0 shared · 0 refreshed · ▲ 3 outdated" in lines
        laboratory.tells(sample=replace(sample, behind=3.0).to_json())
        await person.sees("3.0 s behind")
        laboratory.tells(problem="too many keys", end=SAMPLE.to_json())
        await person.sees("too many keys")


async def test_the_total_is_told_whole(laboratory: FakeLaboratory) -> None:
    """With all that became of lookups; reasons go on in the next line where one is short."""
    counts = Counts(lookups=14_817, database_reads=528, shared=10, writes=105, outdated=64)
    reason = "the cache is left alone for 1.6 s more: cannot reach it: connection refused"
    async with at_lab(laboratory) as person:
        await person.presses("space")
        laboratory.tells(sample=replace(SAMPLE, reason=reason).to_json())
        await person.waits_for(lambda: reason in " ".join(person.text.split()))
        laboratory.tells(end=replace(SAMPLE, counts=counts).to_json())
        await person.sees("10 shared · 0 refreshed · ▲ 64 outdated")
        for said in ("lookups 14,817", "◆ db reads 528", "writes 105"):
            assert any(line.startswith(said) for line in frames(person)), said
        assert reason not in " ".join(person.text.split())


async def test_one_thing_at_a_time(laboratory: FakeLaboratory) -> None:
    """While a scenario plays no load begins; esc stops it."""
    async with at_lab(laboratory) as person:
        await person.presses("s", "space")
        assert len(laboratory.started) == 1
        await person.sees("one thing at a time: esc stops what is under way")
        await person.presses("escape")
        await person.has_all_answers()
        assert laboratory.ended == 1
        await person.presses("space")
        assert len(laboratory.started) == 2


async def test_that_it_is_busy_is_said_no_longer_than_that(laboratory: FakeLaboratory) -> None:
    """A load names the key that stops it; once it has stopped, nothing is said any more."""
    async with at_lab(laboratory) as person:
        await person.presses("space", "s")
        await person.sees("one thing at a time: space stops what is under way")
        laboratory.tells(sample=SAMPLE.to_json())
        await person.presses("space")
        laboratory.tells(end=SAMPLE.to_json())
        await person.waits_for(lambda: load_state(person) == "stopped")
        assert "one thing at a time" not in person.text


async def test_enter_plays_from_the_results_too(laboratory: FakeLaboratory) -> None:
    """The results say that enter plays it; so it does, whichever part has the keys."""
    async with at_lab(laboratory) as person:
        await person.presses("s", "escape")
        await person.has_all_answers()
        await person.presses("tab")
        assert not isinstance(person.app.focused, LabList)
        await person.presses("enter")
        await person.waits_for(lambda: len(laboratory.started) == 2)


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
        assert load_state(person) == "stopped"


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


async def test_the_cursor_goes_from_one_list_to_the_other(laboratory: FakeLaboratory) -> None:
    """As if they were one; only one shows it, and the panel below says what it is on."""
    async with at_lab(laboratory) as person:
        for keys, name in (("jjjjjjjjj", "db latency"), ("j", "Stampede"), ("G", "Stale write"),
                           ("j", "Stale write"), ("kkkk", "db latency"), ("G", "Stale write"),
                           ("g", "readers"), ("k", "readers")):  # fmt: skip
            await person.presses(*keys)
            marked = [line for line in person.lines if line.startswith("│›")]
            assert len(marked) == 1
            assert marked[0].startswith(f"│›{name}")
            assert f"╭─ {name} ─" in person.lines[19]


async def test_the_footer_names_what_keys_would_do_now(laboratory: FakeLaboratory) -> None:
    """What runs can be stopped, and what was played can be played again."""
    async with at_lab(laboratory) as person:
        assert person.footer.startswith("space Load  + More  - Less  s Stampede")
        await person.presses("space")
        assert person.footer.startswith("space Stop  + More  - Less  s Stampede")
        await person.presses("space")
        await person.has_all_answers()
        await person.presses("G", "k", "k", "k")
        assert person.footer.split("  ")[0].endswith("Play")
        assert "+ More callers  - Fewer  space Load" in person.footer
        await person.presses("enter")
        assert person.footer.startswith("esc Stop")
        laboratory.tells(end="over")
        await person.has_all_answers()
        assert person.footer.split("  ")[0].endswith("Again")


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


async def test_the_sheet_of_the_help_keeps_keys_and_names_apart(
    laboratory: FakeLaboratory,
) -> None:
    """Also a key that is as long as space."""
    async with at_lab(laboratory, size=(100, 30)) as person:
        await person.presses("?")
        await person.sees("space Load")
