"""Journeys with other keys than usual, and all that can be done found by its name."""

from typing import TYPE_CHECKING

from fakes import Bench
from person import Person, person_at, person_at_bench

from tui.controllers.session import Place
from tui.views.keymap import SCREENS, checked, default_bindings
from tui.views.screens.confirm import ConfirmScreen
from tui.views.screens.edit import EditScreen
from tui.views.screens.help import HelpScreen
from tui.views.screens.lookup import LookupScreen
from tui.views.widgets.actions import actions_of, actions_on
from tui.views.widgets.explorer_screen import ExplorerScreen

if TYPE_CHECKING:
    from textual.dom import DOMNode

WAYS = {
    "lookup": ("escape", "1"), "cache": ("escape", "2"), "compare": ("escape", "3"),
    "lab": ("escape", "4"),
    "edit": ("escape", "1", "u"), "detail": ("escape", "1", "t"), "help": ("escape", "1", "?"),
    "confirm": ("escape", "2", "I"), "output": ("escape", "1", "o"),
    "faults": ("escape", "1", "f"),
}  # fmt: skip
"""The keys that lead to each screen."""


async def goes(person: Person, where: str) -> None:
    """Go to a screen, from wherever one is."""
    while not isinstance(person.app.screen, ExplorerScreen):
        await person.presses("escape")
    await person.presses(*WAYS[where])
    await person.has_all_answers()


async def test_every_screen_is_known_with_its_keys(bench: Bench) -> None:
    """What can be remapped is what there is: each screen's widgets with keys, no other."""

    async def open_bench() -> Bench:
        return bench

    async with person_at(open_bench, place=Place("fake", "fake", embedded=True)) as person:
        await person.looks_up("1")
        seen: set[type[DOMNode]] = set()
        ids: set[str] = set()
        for where in WAYS:
            await goes(person, where)
            screen = person.app.screen
            seen.add(type(screen))
            keyed = {type(node) for node in screen.query("*") if list(actions_of(node))}
            assert keyed == set(SCREENS[type(screen)]), where
            ids |= {one.id for node in (person.app, screen) for one in actions_of(node)}
            ids |= {one.id for node in screen.query("*") for one in actions_of(node)}
        assert seen == set(SCREENS)
        assert ids == set(default_bindings())
        modes = {
            screen.NAME.lower() for screen in SCREENS if issubclass(screen, ExplorerScreen)
        }
        assert modes == set(person.app._modes) - {"_default"}


async def test_every_action_is_in_the_palette(bench: Bench) -> None:
    """On each screen: its own, those of its widgets whatever has the focus, the app's."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        for where in ("lookup", "cache", "lab", "compare"):
            await goes(person, where)
            screen = person.app.screen
            shown = (widget for widget in screen.query("*") if widget.display)
            nodes = (person.app, screen, *shown)
            wanted = {one.id for node in nodes for one in actions_of(node)}
            assert {action.id for action in actions_on(screen)} == wanted
            palette = {"app.palette", "screen.palette"}  # which is open already
            assert len(person.commands) == len(wanted - palette) + 1, "and the theme"
        assert {"Audit (a)", "Look up (⏎)", "Cache (2)", "Next match (↓)"} <= person.commands


async def test_the_palette_acts_without_the_focus(bench: Bench) -> None:
    """From the input: moves in the log, goes to other screens, begins the audit there."""
    for id in (2, 3):
        bench.table.rows[id] = {"id": id, "name": f"user {id}"}
    async with person_at_bench(bench) as person:
        for key in ("1", "2", "3"):
            await person.looks_up(key)
        await person.presses("ctrl+p", *"last (end", "down", "enter")
        await person.waits_for(lambda: person.screen.lookups.cursor == 2)
        await person.presses("ctrl+p", *"compare (3)", "down", "enter")
        await person.sees("▐3 Compare▌")
        await person.presses("ctrl+p", *"audit", "enter")
        await person.sees("done in")


async def test_an_action_has_its_new_key_and_not_the_old_one(bench: Bench) -> None:
    """Remapped in a screen, in a list and in the app; footer, help and palette say so."""
    keymap = checked({
        "lookup.invalidate": "I", "list.down": "n,down", "screen.cache": "f6",
        "app.palette": "ctrl+o", "screen.help": "h", "lookup.ask": "s",
        "screen.pause": "P",
    }, "config.toml")  # fmt: skip
    async with person_at_bench(bench, keymap=keymap, size=(120, 60)) as person:
        await person.looks_up("1")
        await person.looks_up("1")
        await person.presses("escape", "i")
        assert bench.cache.holds("hitmiss:user:1") is not None
        assert "I Invalidate" in person.footer
        assert "i Invalidate" not in person.footer
        await person.presses("j")
        assert person.screen.lookups.cursor == 0
        await person.presses("n")
        assert person.screen.lookups.cursor == 1
        await person.presses("I")
        await person.sees("1 invalidated")
        assert {"Invalidate (I)", "Down (n ↓)", "Cache (f6)"} <= person.commands
        await person.presses("P")
        assert "paused: P goes on" in person.message
        await person.presses("P", "?")
        assert not isinstance(person.app.screen, HelpScreen)
        await person.presses("h")
        helped = [" ".join(line.strip("│").split()) for line in person.lines]
        assert "I forget the cached copy" in helped
        assert "n ↓ one row down" in helped
        await person.presses("escape", "s")
        assert person.screen.question.input.has_focus
        await person.presses("s", "n", "h", "escape", "escape")
        assert person.typed == "snh", "in the input they are letters"
        assert person.lines[0].startswith(" hitmiss ▐1 Lookup▌ f6 Cache  3 Compare")
        await person.presses("f6")
        await person.sees("▐f6 Cache▌")


async def test_keys_change_places(bench: Bench) -> None:
    """What was x is i, and the other way round."""
    keymap = checked({"lookup.invalidate": "x", "lookup.expire": "i"}, "config.toml")
    async with person_at_bench(bench, keymap=keymap) as person:
        await person.looks_up("1")
        await person.presses("escape", "i")
        await person.sees("1 expired")
        await person.presses("x")
        await person.sees("1 invalidated")


async def test_the_input_and_dialogs_can_be_remapped(bench: Bench) -> None:
    """Keys of the input, of the form and of a question, also when they come at once."""
    keymap = checked(
        {"input.submit": "ctrl+o", "confirm.yes": "j", "edit.leave": "ctrl+g"}, "config.toml"
    )
    async with person_at_bench(bench, keymap=keymap) as person:
        assert "ctrl" not in person.message
        await person.bursts("1", "ctrl+o", "7", "ctrl+o")
        await person.has_all_answers()
        assert person.answers == ["7 NOT_FOUND", "1 DB"]
        await person.presses("enter")
        assert len(person.answers) == 2
        await person.presses("escape", "j", "u")
        await person.has_all_answers()
        assert isinstance(person.app.screen, EditScreen)
        await person.presses("ctrl+g", "2", "I")
        assert isinstance(person.app.screen, ConfirmScreen)
        assert "j Yes, do it" in person.text
        await person.presses("j")
        await person.sees("2 invalidated")


async def test_read_only_says_why_by_the_new_key(bench: Bench) -> None:
    """The key that an action would have says that nothing may be changed, not the old one."""
    keymap = checked({"lookup.invalidate": "I"}, "config.toml")
    async with person_at_bench(bench, keymap=keymap, read_only=True) as person:
        await person.presses("escape", "i")
        assert "read-only" not in person.message
        await person.presses("I")
        assert "read-only" in person.message


async def test_a_key_of_what_covers_a_screen_comes_before_that_of_another_screen(
    bench: Bench,
) -> None:
    """The key that leaves the help leaves it, although elsewhere it leads to the Cache."""
    keys = {"screen.cache": "q", "screen.quit": "Q"}
    async with person_at_bench(bench, keymap=keys) as person:
        await person.presses("escape", "?")
        assert isinstance(person.app.screen, HelpScreen)
        await person.presses("q")
        await person.waits_for(lambda: "▐1 Lookup▌" in person.lines[0])
        assert isinstance(person.app.screen, LookupScreen)
        await person.presses("q")
        await person.waits_for(lambda: "Cache▌" in person.lines[0])
