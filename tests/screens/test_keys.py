"""Journeys along the keys: what each of them does, how it is found out, and how to leave."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import Bench
from person import Person, person_at_bench, person_with
from textual.binding import Binding
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.widgets import Input

from tui.views.app import Explorer
from tui.views.screens.detail import DetailScreen
from tui.views.screens.help import HelpScreen
from tui.views.screens.lookup import LookupScreen
from tui.views.screens.palette import ActionPalette
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.lookup_log import LookupLog
from tui.views.widgets.panels import Panel
from tui.views.widgets.question import QuestionInput
from tui.views.widgets.row_list import RowList

AMARA_KEY = "hitmiss:user:1"


@pytest.fixture
def crowd(bench: Bench) -> Bench:
    """A bench with records for the keys 1 to 12."""
    for id in range(2, 13):
        bench.table.rows[id] = {"id": id, "name": f"user {id}"}
    return bench


async def look_up_all(person: Person, keys: range) -> None:
    """Look keys up, one after the other, and go to the log."""
    for id in keys:
        await person.asks(str(id))
    await person.has_all_answers()
    await person.presses("escape")


def selected(person: Person) -> str | None:
    """Give the key of the row under the cursor."""
    row = person.screen.lookups.selected
    return None if row is None else row.key


async def test_r_looks_the_selected_record_up_again(crowd: Bench) -> None:
    """The key r goes through the cache, R past it; both put a row on top, and select it."""
    async with person_at_bench(crowd) as person:
        await look_up_all(person, range(1, 4))
        await person.presses("j", "j", "r")
        await person.has_all_answers()
        assert person.answers == ["1 HIT", "3 DB", "2 DB", "1 DB"]
        assert selected(person) == "1"
        await person.presses("R")
        await person.has_all_answers()
        assert person.log[0][:2] == ("1", "BYPASS")
        assert person.log[0][2].startswith("asked to bypass")
        assert person.log[1][2].endswith("30 s"), "the copy is still there, and its bar"


async def test_i_forgets_and_x_expires_the_selected_copy(bench: Bench) -> None:
    """Deleted with i or expired with x: the row says so, and the next lookup is DB."""
    async with person_at_bench(bench) as person:
        await look_up_all(person, range(1, 2))
        await person.presses("i")
        await person.sees("1 invalidated")
        assert person.log[0][2] == "invalidated"
        assert bench.cache.holds(AMARA_KEY) is None
        await person.presses("i")
        await person.sees("1 was not cached")
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 DB"
        await person.presses("x")
        await person.sees("1 expired")
        assert person.log[0][2] == "expired"
        assert bench.cache.seconds_left(AMARA_KEY) == 30.0, "its grace is left"
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 DB"


async def test_keys_for_a_record_need_a_record(bench: Bench) -> None:
    """With nothing looked up yet, the keys say what is missing instead of doing something."""
    async with person_at_bench(bench) as person:
        await person.presses("escape")
        for key in ("r", "R", "i", "x"):
            await person.presses(key)
            assert person.message == "nothing is selected yet: look a record up first"
        await person.presses("y")
        assert person.message == "there is no record to copy"
        await person.presses("enter", "t", "j", "k", "g", "G", "ctrl+d", "ctrl+u")
        assert isinstance(person.app.screen, LookupScreen), "there is no detail to show"
        assert bench.cache.commands == ["ping "]


async def test_plus_and_minus_choose_the_ttl_of_the_next_fills(crowd: Bench) -> None:
    """The status line and the message tell the new ttl; the next fill has it."""
    async with person_at_bench(crowd) as person:
        await person.presses("escape", "+")
        assert person.message == "the next fills stay fresh for 1:00"
        assert "ttl 1:00" in person.text
        await look_up_all(person, range(1, 2))
        assert person.log[0][2].endswith(" 1:00")
        await person.presses("-", "-", "-")
        assert "ttl 5 s" in person.text
        await look_up_all(person, range(2, 3))
        assert person.log[0][2].endswith(" 5 s")
        assert person.log[1][2].endswith(" 1:00"), "what is cached keeps its time"


async def test_the_cursor_moves_by_rows_pages_and_to_the_ends(crowd: Bench) -> None:
    """With j k g G, ctrl+d ctrl+u, arrows and page keys; record and steps follow."""
    async with person_at_bench(crowd) as person:
        await look_up_all(person, range(1, 13))
        journey = [
            ("j", "11"), ("down", "10"), ("k", "11"), ("up", "12"), ("up", "12"),
            ("G", "1"), ("down", "1"), ("g", "12"), ("end", "1"), ("home", "12"),
        ]  # fmt: skip
        for key, row in journey:
            await person.presses(key)
            assert selected(person) == row, f"after {key}"
            assert f"─ record {row} ─" in person.text
            assert f"›{row} " in person.text, "the row is in view"
        page = person.screen.lookups.scrollable_content_region.height - 1
        for down, up in (("ctrl+d", "ctrl+u"), ("pagedown", "pageup")):
            await person.presses(down)
            assert selected(person) == str(12 - page)
            await person.presses(up)
            assert selected(person) == "12"


async def test_tab_goes_round_and_panels_scroll(users_db: Path) -> None:
    """From the input to the log, the record, what ran, and back; there j k g G scroll."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        stations = []
        for _ in range(4):
            focused = person.app.focused
            assert focused is not None
            stations.append(focused.id or type(focused).__name__)
            await person.presses("tab")
        assert stations == ["QuestionInput", "LookupLog", "record", "steps"]
        assert isinstance(person.app.focused, QuestionInput)
        await person.presses("tab", "tab")
        panel = person.screen.answers.record
        await person.presses("j")
        await person.waits_for(lambda: panel.scroll_y == 1)
        await person.presses("G")
        await person.sees("last_seen_at")
        await person.presses("k", "g")
        await person.waits_for(lambda: panel.scroll_y == 0)
        await person.waits_for(lambda: "$here" in repr(panel._drawn[0]))
        await person.presses("tab")
        await person.waits_for(lambda: "$here" not in repr(panel._drawn[0]))


async def test_y_copies_the_record_as_json(users_db: Path) -> None:
    """The whole record goes to the clipboard, as JSON that reads back; a message says so."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("2")
        await person.presses("escape", "y")
        assert json.loads(person.app.clipboard)["name"] == "佐藤 千尋"
        assert "copied as JSON, by OSC 52" in person.message


async def test_a_copied_record_can_be_pasted_anywhere(users_db: Path) -> None:
    """What nobody can see in it, or a terminal would obey, is an escape of the same JSON."""
    name = "Zoë \x1b]52;c;eA==\x07\x9b31m\u202e\u200b"
    with closing(sqlite3.connect(users_db)) as connection, connection:
        connection.execute("UPDATE users SET name = ? WHERE id = 2", (name,))
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("2")
        await person.presses("escape", "y")
        assert person.app.clipboard.isprintable()
        assert '"Zoë \\u001b]52;' in person.app.clipboard
        assert json.loads(person.app.clipboard)["name"] == name


async def test_p_holds_the_display_and_loses_nothing(crowd: Bench) -> None:
    """Paused: no row, no answer, no totals, no draining. Then all of it, as it is by now."""
    async with person_at_bench(crowd, size=(100, 24)) as person:
        await look_up_all(person, range(1, 2))
        await person.presses("p")
        assert "PAUSED" in person.status
        assert "paused: p goes on" in person.message
        held = person.lines[4:-2]
        await person.presses("r")
        await look_up_all(person, range(2, 3))
        crowd.clock.now += 12
        person.screen.lookups.tick()
        assert person.lines[4:-2] == held
        await person.presses("p")
        await person.has_all_answers()
        assert person.answers == ["2 DB", "1 HIT", "1 DB"]
        assert [rest[-4:] for _, _, rest in person.log] == ["18 s", "18 s", ""], "time went on"
        assert "1 hit · 2 db reads" in person.totals
        assert "PAUSED" not in person.status


async def test_a_pause_before_the_first_answer_ends_too(crowd: Bench) -> None:
    """The log that comes later drains like any other."""
    async with person_at_bench(crowd, size=(100, 24)) as person:
        await person.presses("escape", "p", "p", "/")
        await look_up_all(person, range(1, 2))
        crowd.clock.now += 12
        person.screen.lookups.tick()
        assert [rest[-4:] for _, _, rest in person.log] == ["18 s"]


async def test_enter_and_t_show_the_whole_of_a_lookup(users_db: Path) -> None:
    """Over the whole screen: the record, and each command as it can be typed."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape")
        for key in ("enter", "t"):
            await person.presses(key)
            assert isinstance(person.app.screen, DetailScreen)
            for what in (
                "created_at   2019-01-14T08:42:17Z",
                "GET hitmiss:user:1  → nil",
                "SELECT * FROM users WHERE id = 1  → 1 row",
                "EVALSHA fill hitmiss:user:1",
                "{hitmiss:user:1}:hitmiss-lease (",
            ):
                assert what in person.text
            await person.presses("tab")
            assert person.app.focused is person.app.screen.query_one("#steps", Panel)
            await person.presses("escape")
            assert isinstance(person.app.screen, LookupScreen)
            assert person.screen.lookups.has_focus


ON_LOOKUP = (
    Explorer, ExplorerScreen, LookupScreen, RowList, LookupLog, Panel, QuestionInput,
)  # fmt: skip


def bindings_with_ids(*widgets: type[DOMNode]) -> list[Binding]:
    """Give every binding of ours on these."""
    return [
        binding
        for widget in widgets
        for binding in widget.BINDINGS
        if isinstance(binding, Binding)
    ]


async def test_help_names_every_key(bench: Bench) -> None:
    """? explains each binding that the screen has, each answer's word, and the bar."""
    async with person_at_bench(bench, size=(100, 130)) as person:
        await person.presses("escape", "?")
        assert isinstance(person.app.screen, HelpScreen)
        for binding in bindings_with_ids(*ON_LOOKUP):
            lines = [
                line
                for line in person.lines
                if line.rstrip(" │").endswith(f" {binding.tooltip}")
            ]
            assert lines, f"{binding.id} is not explained"
            for key in binding.key.split(","):
                alone = replace(binding, key=key)
                shown = binding.key_display or person.app.get_key_display(alone)
                assert any(shown in line.split() for line in lines), binding.id
        for word in ("HIT", "NEGATIVE", "STALE", "DB", "NOT_FOUND", "BYPASS", "ERROR"):
            assert any(word in line.split()[:4] for line in person.lines)
        assert "The bar is the time" in person.text
        await person.presses("escape")
        assert isinstance(person.app.screen, LookupScreen)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2", ("fresh", "absent", "in grace", "no expiry", "expired")),
        ("3", ("same", "differs", "orphan", "wrongly-absent", "unreadable", "no-expiry",
               "suspect", "confirmed", "resolved", "unsettled", "≠", "+", "-", "?")),
    ],
)  # fmt: skip
async def test_help_has_the_words_of_its_screen(
    bench: Bench, key: str, words: tuple[str, ...]
) -> None:
    """? on the Cache and the Compare screen explains what stands there."""
    async with person_at_bench(bench, size=(100, 70)) as person:
        await person.presses("escape", key)
        await person.presses("?")
        meanings = person.text
        for word in words:
            assert f" {word} " in meanings


async def test_the_palette_has_every_action_by_name(bench: Bench) -> None:
    """: opens the palette, whose commands do what the keys do."""
    async with person_at_bench(bench) as person:
        await look_up_all(person, range(1, 2))
        assert {"Again (r)", "Past cache (R)", "Invalidate (i)", "Pause (p)"} <= person.commands
        await person.presses(":")
        await person.sees("Search for commands")
        await person.presses(*"past cache")
        await person.sees("Past cache (R)")
        await person.presses("down", "enter")
        await person.waits_for(lambda: person.answers[:1] == ["1 BYPASS"])


async def test_read_only_takes_away_what_would_change_something(bench: Bench) -> None:
    """Read-only: i x + - do nothing, are not shown, nor explained, nor in the palette."""
    async with person_at_bench(bench, read_only=True, size=(120, 50)) as person:
        await look_up_all(person, range(1, 2))
        commands = list(bench.cache.commands)
        assert "read-only" in person.status
        words = ("Invalidate", "Expire", "Ttl +", "Ttl -")
        assert not any(word in person.footer for word in words)
        await person.presses("i", "x", "+", "-")
        await person.has_all_answers()
        assert bench.cache.commands == commands
        assert "ttl 30 s" in person.text
        assert not any(name.startswith(words) for name in person.commands)
        await person.presses("?")
        assert "forget the cached copy" not in person.text
        assert "look the selected record up again" in person.text


@pytest.mark.parametrize("keys", [("escape", "q"), ("ctrl+q",), ("escape", "ctrl+q")])
async def test_q_and_ctrl_q_leave_at_once(bench: Bench, keys: tuple[str, ...]) -> None:
    """Outside the input q leaves, and ctrl+q anywhere, whether the database answers or not."""
    bench.table.gate.close()
    async with person_at_bench(bench) as person:
        await person.asks("1")
        await person.presses(*keys[:-1])
        await person.bursts(keys[-1])
        await person.waits_for(lambda: not person.app.is_running)
        assert person.app.return_code == 0


async def test_ctrl_c_leaves_when_it_is_pressed_twice(bench: Bench) -> None:
    """Once is a hint, in the input as well; twice leaves."""
    async with person_at_bench(bench) as person:
        await person.presses("1", "ctrl+c")
        await person.sees("press ctrl+c again to quit")
        assert person.app.is_running
        assert "◆ db" in person.status
        assert "F1 Help" in person.footer
        assert "nothing asked yet" in person.text
        await person.bursts("ctrl+c")
        await person.waits_for(lambda: not person.app.is_running)


async def test_letters_in_the_input_are_letters(bench: Bench) -> None:
    """In the input no letter is a key: q, r, ? and : are typed, and the footer offers none."""
    async with person_at_bench(bench, size=(200, 24)) as person:
        for word in ("q Quit", "Again", "? Help", "Input", "ttl"):
            assert word not in person.footer.replace("^q Quit", "")
        await person.presses(*"qr?:p+-/")
        assert person.typed == "qr?:p+-/"
        assert person.app.is_running
        with pytest.raises(NoMatches):
            person.app.screen.query_one("CommandInput", Input)


@pytest.mark.parametrize("key", ["pageup", "pagedown", "home", "end", "up", "down"])
async def test_the_palette_takes_keys_before_it_is_laid_out(bench: Bench, key: str) -> None:
    """A key right behind the one that opens it, or in a terminal with no room for the list."""
    async with person_at_bench(bench) as person:
        await person.pilot.resize_terminal(10, 1)
        await person.presses("escape", "ctrl+p", "r", "down")
        await person.bursts(key, key)
        await person.pilot.resize_terminal(80, 24)
        await person.presses(key, "escape")
        await person.sees("look up")


async def test_the_palette_takes_two_enters_at_once(bench: Bench) -> None:
    """Of two enters in one packet the second closes nothing that is below the palette."""
    async with person_at_bench(bench) as person:
        await person.presses("ctrl+p")
        await person.sees("Search for commands")
        palette = person.app.screen
        assert isinstance(palette, ActionPalette)
        palette.dismiss()
        palette.dismiss()
        await person.sees("look up")
        assert person.app.is_running
        await person.looks_up("1")
        assert person.answers == ["1 DB"]


@pytest.mark.parametrize(
    ("words", "found", "screen"),
    [
        ("audit", "Audit (a) on Compare", "Compare"),
        ("run the load", "Load (space) on Lab", "Lab"),
        ("export", "Output (o)", ""),
        ("forget every copy", "Invalidate all (I) on Cache", ""),
    ],
)
async def test_the_palette_finds_what_actions_do_on_any_screen(
    bench: Bench, words: str, found: str, screen: str
) -> None:
    """By the words that explain them; chosen, it goes to that screen and does it."""
    async with person_at_bench(bench, size=(120, 30)) as person:
        await person.presses("escape", ":")
        await person.sees("Search for commands")
        await person.presses(*words)
        await person.sees(found)
        if screen:
            await person.presses("enter")
            await person.sees(f"{screen}▌")
        if screen == "Compare":
            await person.sees("done in")


async def test_read_only_the_palette_has_nothing_that_writes_elsewhere(bench: Bench) -> None:
    """Nor the help: what cannot be done is not offered."""
    async with person_at_bench(bench, read_only=True, size=(120, 90)) as person:
        await person.presses("escape", "?")
        assert "compare every cached copy with the database" in person.text
        assert "forget every copy" not in person.text
        assert "run the load" not in person.text


async def test_help_begins_with_the_screen_and_can_be_searched(bench: Bench) -> None:
    """Groups: this screen, words, every screen, the others; esc ends the search first."""
    async with person_at_bench(bench, size=(100, 95)) as person:
        await person.presses("escape", "2", "?")
        titles = ("On this screen: Cache", "Copies", "On every screen", "On the Compare screen")
        places = [person.text.index(title) for title in titles]
        assert places == sorted(places)
        await person.presses("/", *"audit q?")
        assert "nothing here holds 'audit q?'" in person.text
        await person.presses("backspace", "backspace", "backspace", "enter")
        shown = [line.strip() for line in person.lines if "audit" in line.casefold()]
        assert len(shown) >= 2
        assert "On this screen" not in person.text
        await person.presses("escape")
        assert "On this screen: Cache" in person.text
        await person.presses("escape")
        assert not isinstance(person.app.screen, HelpScreen)


@pytest.mark.parametrize("key", ["?", "enter"])
async def test_the_keys_of_the_screens_lead_out_of_what_covers_one(
    bench: Bench, key: str
) -> None:
    """The strip over help and detail names them."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        await person.looks_up("1")
        await person.presses("escape", key)
        await person.settles()
        assert "2 Cache" in person.lines[0]
        await person.presses("2")
        await person.waits_for(lambda: "▐2 Cache▌" in person.lines[0])
        await person.presses("1")
        await person.waits_for(lambda: "▐1 Lookup▌" in person.lines[0])


@pytest.mark.parametrize(("key", "leaves"), [("?", True), ("enter", True), ("u", False)])
async def test_a_tab_over_a_dialog_leads_to_its_screen(
    bench: Bench, key: str, leaves: bool
) -> None:
    """From help and detail; from the form it loses nothing that was typed, and says the key."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        await person.looks_up("1")
        await person.presses("escape", key)
        await person.settles()
        at = person.lines[0].index("2 Cache")
        await person.pilot.click(offset=(at, 0))
        if leaves:
            await person.waits_for(lambda: "▐2 Cache▌" in person.lines[0])
        else:
            await person.sees("esc leaves the form first")


@pytest.mark.parametrize(("last", "kept"), [("escape", False), ("enter", True)])
async def test_a_theme_is_shown_while_it_is_chosen(bench: Bench, last: str, kept: bool) -> None:
    """The list shows each under its cursor; esc takes it back, enter keeps it."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        before = person.app.theme
        await person.presses("escape", ":", *"theme", "enter")
        await person.sees("Search for themes")
        await person.presses("down", "down", "down")
        await person.waits_for(lambda: person.app.theme != before)
        wanted = person.app.theme if kept else before
        await person.presses(last)
        await person.waits_for(lambda: person.app.theme == wanted)
        await person.settles()
        assert person.app.theme == wanted


async def test_a_key_without_room_for_its_name_is_named_above(crowd: Bench) -> None:
    """In 80 columns the footer names some keys; where messages stand there are the others."""
    async with person_at_bench(crowd) as person:
        await look_up_all(person, range(1, 2))
        for screen, bare in (("1", "⏎ x R f / :"), ("2", "s d f :")):
            await person.presses(screen)
            await person.settles()
            assert f"  {bare}  " in person.footer
            named = [text.split(" ")[0] for text in person.message.split("  ")]
            assert named[: bare.count(" ") + 2] == [*bare.split(" "), "q"]


async def test_what_is_said_comes_before_the_names_of_keys(crowd: Bench) -> None:
    """They make room for it, and come back when it is over."""
    async with person_at_bench(crowd) as person:
        await look_up_all(person, range(1, 3))
        named = person.message
        assert "x Expire" in named
        await person.presses("x")
        await person.sees("2 expired")
        await person.presses("/", "escape")
        await person.settles()
        assert person.message == named


async def test_a_wide_terminal_names_all_keys_below(crowd: Bench) -> None:
    """Then the line of messages says what can be typed."""
    async with person_at_bench(crowd, size=(160, 40)) as person:
        await look_up_all(person, range(1, 2))
        assert "f Faults" in person.footer
        assert person.message.startswith("type a key")


async def test_the_first_screen_tells_what_each_key_comes_to(bench: Bench) -> None:
    """Which answers there are, also under faults; and where the demonstrations are."""
    async with person_at_bench(bench) as person:
        lines = {line.strip("│ ").replace("  ", " ") for line in person.lines}
        for answer, what in (
            ("● HIT", "again: the cache does"), ("▲ BYPASS", "cache down, on purpose"),
            ("▲ STALE", "database down: a copy past its ttl"), ("", "in the shell:"),
        ):  # fmt: skip
            (line,) = (line for line in lines if what in line)
            assert line.endswith(answer)
