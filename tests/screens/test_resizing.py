"""Every screen in every size, and from one size to another while things happen."""

import re

import pytest
from fakes import Bench
from person import Person, person_at_bench
from rich.cells import cell_len

SIZES = [(80, 24), (60, 16), (40, 12), (300, 100), (39, 9), (5, 40), (1, 1), (120, 40)]
WHERE = {
    "lookup": ("1", "enter", "escape"),
    "matches": ("a", "m", "a"),
    "detail": ("1", "enter", "escape", "enter"),
    "form": ("1", "enter", "escape", "u"),
    "cache": ("1", "enter", "escape", "2"),
    "question": ("1", "enter", "escape", "2", "I"),
    "compare": ("1", "enter", "escape", "d"),
    "audit": ("1", "enter", "escape", "3", "a"),
    "lab": ("escape", "4"),
    "help": ("escape", "?"),
    "themes": ("1", "enter", "escape", ":", "theme", "enter"),
    "palette": ("1", "enter", "escape", ":", "in"),
}
"""The keys that lead to each screen."""
MOST_BLANKS = 100
"""How far values of one row may be apart, however wide the terminal is."""


async def goes(person: Person, keys: tuple[str, ...]) -> None:
    """Press keys, each when all answers to the one before are there."""
    for key in keys:
        await person.presses(*(key if key in {"in", "theme"} else (key,)))
        await person.has_all_answers()


async def still(person: Person) -> list[str]:
    """Give the screen once two looks at it show the same."""
    before: list[str] = []
    while person.lines != before:
        before = person.lines
        await person.pilot.pause()
        await person.settles()
    return before


@pytest.mark.parametrize("where", WHERE)
async def test_a_screen_can_be_resized_to_any_size_and_back(bench: Bench, where: str) -> None:
    """Whatever is open: through all sizes, with keys pressed in each, it looks as before."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        await goes(person, WHERE[where])
        before = await still(person)
        for size in (*SIZES, (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.settles()
            assert all(cell_len(line) <= size[0] for line in person.lines)
            assert len(person.lines) == size[1]
        await person.waits_for(lambda: person.lines == before)


async def test_rows_come_and_go_while_the_terminal_changes(bench: Bench) -> None:
    """Lookups, bars that end and a pause go on through every size; nothing gets lost."""
    for id in range(2, 13):
        bench.table.rows[id] = {"id": id, "name": f"user {id}"}
    async with person_at_bench(bench) as person:
        for id, size in enumerate([*SIZES, (80, 24)], start=1):
            await person.asks(str(id))
            await person.pilot.resize_terminal(*size)
            bench.clock.now += 7
            person.screen.lookups.tick()
            await person.presses("escape", "j", "G", "pagedown", "g")
        await person.has_all_answers()
        assert person.answers == [f"{id} DB" for id in range(len(SIZES) + 1, 0, -1)]


@pytest.mark.parametrize("where", ["lookup", "form", "cache", "compare"])
async def test_in_a_huge_terminal_values_stay_together(bench: Bench, where: str) -> None:
    """At 300 columns what belongs together is not torn apart by half a screen of blanks."""
    async with person_at_bench(bench, size=(300, 100)) as person:
        await goes(person, WHERE[where])
        row = next(line for line in person.lines if "Amara" in line or " fresh " in line)
        values = row.rstrip(" │")  # the frame is as wide as the terminal
        assert max(map(len, re.findall(" +", values))) < MOST_BLANKS


@pytest.mark.parametrize(
    ("keys", "wide", "narrow", "then"),
    [
        (("1", "enter", "escape", "tab"), (80, 24), (58, 15), "lookup_log"),
        (("1", "enter", "escape", "2", "tab"), (120, 40), (80, 24), "cached_list"),
    ],
)  # fmt: skip
async def test_keys_go_somewhere_when_what_had_them_is_hidden(
    bench: Bench,
    keys: tuple[str, ...],
    wide: tuple[int, int],
    narrow: tuple[int, int],
    then: str,
) -> None:
    """A part without room loses the focus; the screen's list has it then, and keeps it."""
    async with person_at_bench(bench, size=wide) as person:
        await goes(person, keys)
        for size in (narrow, wide):
            await person.pilot.resize_terminal(*size)
            await person.settles()
            await person.waits_for(lambda: person.app.focused is not None)
            focused = person.app.focused
            assert type(focused).__module__.endswith(then), focused


async def test_the_chosen_match_stays_in_view_in_a_low_terminal(bench: Bench) -> None:
    """However far down the list it is."""
    for id in range(2, 14):
        bench.table.rows[id] = {"id": id, "name": f"Ann {id}"}
    async with person_at_bench(bench, size=(60, 12)) as person:
        await person.types("ann")
        await person.has_all_answers()
        await person.presses(*["down"] * 9)
        chosen = person.chosen
        assert chosen is not None
        assert any(chosen in line for line in person.lines[:-1]), person.text
