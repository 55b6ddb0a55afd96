"""Journeys with faults that are switched on from the screen."""

from pathlib import Path

import pytest
from fakes import Bench
from person import Person, person_at_bench, person_with
from servers import ValkeyServer

from tui.runtime.faults import Fault
from tui.views.screens.confirm import ConfirmScreen
from tui.views.screens.faults import FaultsScreen
from tui.views.screens.lookup import LookupScreen

SWITCHES = [
    "[ ] cache down connections end, new ones are refused",
    "[ ] cache slow +100 ms each answer comes later",
    "[ ] cache refuses writes reads go on; writes are refused",
    "[ ] database slow +300 ms each statement begins later",
    "[ ] database down it cannot be opened or reached",
]


def switches(person: Person) -> list[str]:
    """Give the switches of the dialog, which is in front."""
    assert isinstance(person.app.screen, FaultsScreen)
    rows = person.app.screen.switches
    lines = [rows.render_line(y).text for y in range(rows.row_count)]
    return [" ".join(line.strip("› ").split()) for line in lines]


def banner(person: Person) -> str:
    """Give the line above the status; '' when none is there."""
    found = [line.strip() for line in person.lines if line.strip().startswith("ON PURPOSE")]
    assert len(found) <= 1
    return found[0] if found else ""


async def test_a_cache_that_is_down_until_it_is_not(users_db: Path) -> None:
    """The key f and space: BYPASS under a banner; f and space again: HIT, and no banner."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape", "f")
        assert switches(person) == SWITCHES
        await person.presses(" ")
        assert switches(person)[0].startswith("[x] cache down")
        await person.presses("escape")
        assert banner(person) == "ON PURPOSE: cache down · f leads to its switch"
        await person.waits_for(lambda: "× cache down" in person.lines[0])
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers == ["1 BYPASS", "1 DB"]
        assert "cannot reach the cache" in person.text
        await person.presses("f", " ", "f")
        await person.waits_for(lambda: "● cache" in person.lines[0])
        assert banner(person) == ""
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 HIT"


async def test_of_a_cache_that_is_down_nothing_is_stated(users_db: Path) -> None:
    """Neither that nothing expires, nor that there are no keys: that is not known."""
    async with person_with(db=str(users_db)) as person:
        await person.presses("escape", "f", " ", "escape", "2")
        await person.sees("what is cached is not known")
        assert "nothing expires" not in person.text
        assert "0 keys" not in person.text


async def test_keys_typed_in_a_burst(users_db: Path) -> None:
    """Each key finds the dialog as the one before has left it."""
    async with person_with(db=str(users_db)) as person:
        await person.presses("escape", "f")
        await person.bursts(" ", "j", " ", "+", "+", "j", "j", "-", "G", " ")
        assert [line[:26] for line in switches(person)] == [
            "[x] cache down connections", "[x] cache slow +300 ms eac", SWITCHES[2][:26],
            "[ ] database slow +200 ms ", "[x] database down it canno",
        ]  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (59, 15), (40, 10), (200, 60)])
async def test_the_banner_is_on_every_screen(bench: Bench, size: tuple[int, int]) -> None:
    """Lookup, Cache, Compare, detail, help and form show it, in a terminal of any size."""
    async with person_at_bench(bench, size=size) as person:
        await person.looks_up("1")
        await person.presses("escape", "f", "G", " ", "escape")
        for keys in ((), ("2",), ("3",), ("1", "enter"), ("escape", "?"), ("escape", "u")):
            await person.presses(*keys)
            await person.has_all_answers()
            assert banner(person).startswith("ON PURPOSE: database down"), keys
        await person.presses("escape", "f", "G", " ", "escape")
        assert banner(person) == ""


async def test_the_banner_stands_where_nothing_else_fits(bench: Bench) -> None:
    """A terminal that is too small is told so, and that a fault is on."""
    async with person_at_bench(bench) as person:
        await person.presses("escape", "f", "G", " ", "escape")
        await person.pilot.resize_terminal(30, 6)
        await person.settles()
        assert person.lines[:2] == ["terminal too small", "ON PURPOSE: database down"]


async def test_the_dialog_fits_a_small_terminal(bench: Bench) -> None:
    """At 40x10 all five switches are there, and the keys."""
    async with person_at_bench(bench, size=(40, 10)) as person:
        await person.presses("escape", "f")
        for name in ("cache down", "cache slow", "cache refuses", "database down", "Switch"):
            assert name in person.text


async def test_a_fault_that_is_switched_elsewhere_is_shown(bench: Bench) -> None:
    """Within a second of the clock on the wall the banner tells what else has switched on."""
    async with person_at_bench(bench) as person:
        person.app._session.faults.switch(Fault.DATABASE_SLOW, on=True)
        person.screen._tick()
        await person.settles()
        assert banner(person) == "ON PURPOSE: database slow +300 ms · f leads to its switch"


async def test_a_cache_that_others_use_is_asked_for(
    users_db: Path, server: ValkeyServer
) -> None:
    """Switching a cache fault on asks first; off, or the database's, does not."""
    async with person_with(db=str(users_db), cache=server.url) as person:
        await person.presses("escape", "f", " ")
        assert isinstance(person.app.screen, ConfirmScreen)
        assert "Switch on 'cache down'" in person.text
        await person.presses("n")
        assert switches(person)[0].startswith("[ ]")
        await person.presses(" ", "y")
        assert switches(person)[0].startswith("[x]")
        await person.presses(" ")
        assert switches(person)[0].startswith("[ ]")
        await person.presses("G", " ")
        assert switches(person)[4].startswith("[x]")


async def test_read_only_there_is_no_such_key(bench: Bench) -> None:
    """Neither the key nor the palette nor the help offers faults."""
    async with person_at_bench(bench, read_only=True, size=(200, 60)) as person:
        await person.presses("escape", "f")
        assert isinstance(person.app.screen, LookupScreen)
        assert not any("Faults" in command for command in person.commands)
        assert "Faults" not in person.footer
        await person.presses("?")
        assert "on purpose" not in person.text


@pytest.mark.parametrize("fault", [Fault.CACHE_DOWN, Fault.DATABASE_DOWN])
async def test_it_says_by_itself_that_all_is_well_again(bench: Bench, fault: Fault) -> None:
    """When a fault is switched off, within a second or two, without another look-up."""
    async with person_at_bench(bench) as person:
        faults = person.app._session.faults
        faults.switch(fault, on=True)
        await person.looks_up("1")
        await person.presses("r", "escape", "r")
        await person.has_all_answers()
        assert "down" in person.status
        faults.switch(fault, on=False)
        person.screen._tick()
        await person.waits_for(lambda: "down" not in person.status)
