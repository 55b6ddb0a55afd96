"""What stands in the database is text, whatever it looks like."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import Bench
from person import Person, person_at_bench, person_with
from rich.segment import Segment
from rich.style import Style
from textual.events import Paste
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui.models import TableSchema
from tui.runtime.plain_text import SPELLING

NAMES = {
    "[red]alert[/red][/]": "[red]alert[/red][/]",
    "\x1b[2J\x1b[31mhi": r"\x1b[2J\x1b[31mhi",
    "two\nlines": r"two\nlines",
    "\u202egnp.exe": r"\u202egnp.exe",
    "a\x00b": r"a\x00b",
    "[bold": "[bold",
    "\\[b]": "\\[b]",
    "$primary {x} %s": "$primary {x} %s",
}
BY_NAME = TableSchema("users", "name", False, ("id", "name"), ("name",))


def assert_only_text(person: Person) -> None:
    """Fail when a character is on the screen that a terminal would obey."""
    assert all(line.isprintable() for line in person.lines)


@pytest.fixture
def hostile_db(users_db: Path) -> Path:
    """A demo database with a user for each hostile name, from key 9001 on."""
    with closing(sqlite3.connect(users_db)) as connection, connection:
        for id, name in enumerate((*NAMES, "long " * 2000), start=9001):
            connection.execute(
                "INSERT INTO users (id, name, email, city, plan, created_at)"
                " VALUES (?, ?, ?, 'Hostilia', 'free', '')",
                (id, name, f"hostile{id}@example.com"),
            )
    return users_db


async def test_hostile_names_are_text_wherever_they_are_shown(hostile_db: Path) -> None:
    """In the list of matches, the log, the record and the detail, a name is what it is."""
    async with person_with((150, 40), db=str(hostile_db)) as person:
        await person.types("hostile9")
        await person.has_all_answers()
        for shown in NAMES.values():
            assert shown in person.text, "in the list of matches"
        assert_only_text(person)
        for id, shown in enumerate(NAMES.values(), start=9001):
            await person.types(str(id))
            await person.bursts("enter")
            await person.has_all_answers()
            assert shown in person.screen.lookups.render_line(0).text, "in the log"
            assert f" name         {shown}" in person.text, "in the record"
            assert_only_text(person)
        await person.presses("escape", "enter")
        assert " name         $primary {x} %s" in person.text, "in the detail"


async def test_a_name_of_10000_characters_is_cut_and_says_so(hostile_db: Path) -> None:
    """The log has the beginning, the record the length; the detail has all of it."""
    async with person_with((80, 30), db=str(hostile_db)) as person:
        await person.looks_up(str(9001 + len(NAMES)))
        assert "long long l" in person.screen.lookups.render_line(0).text
        await person.presses("escape", "tab", "G")
        await person.sees("(10,000")
        await person.presses("t")
        await person.sees("esc Back")
        assert "(10,000" not in person.text
        await person.presses("G")
        await person.sees("Hostilia")
        assert_only_text(person)


async def test_hostile_keys_are_text_wherever_they_are_shown(bench: Bench) -> None:
    """Where keys are texts they too are text: in the list, the log and the titles."""
    bench.table.rows = {key: {"id": 1, "name": "_"} for key in NAMES}
    bench.table.schema = BY_NAME
    async with person_at_bench(bench, schema=BY_NAME, size=(100, 30)) as person:
        for nth, shown in enumerate(NAMES.values()):
            await person.types("_")
            await person.has_all_answers()
            assert shown in person.text, "in the list of matches"
            assert_only_text(person)
            await person.bursts(*["down"] * nth, "enter")
            await person.has_all_answers()
            assert f"─ record {shown} ─" in person.text
            await person.presses("escape", "enter")
            assert f"─ record {shown} ─" in person.text
            assert_only_text(person)
            await person.presses("escape", "/", "backspace")


async def test_hostile_text_in_the_input_is_text(bench: Bench) -> None:
    """What is pasted into the input is text, without what a terminal would obey."""
    async with person_at_bench(bench) as person:
        await person.types("[red]\x1b[2J")
        await person.presses("enter")
        await person.has_all_answers()
        assert person.typed == "[red][2J"
        assert person.message == "no name holds '[red][2J'; digits look a key up"
        assert_only_text(person)


async def test_a_paste_into_the_palette_is_text(bench: Bench) -> None:
    """As in every other input, nothing that a terminal would obey comes in."""
    async with person_at_bench(bench) as person:
        await person.presses("escape", "ctrl+p")
        person.app.screen.post_message(Paste("a\x1b]52;c;SEkK\x07\x9b2J\u202eb"))
        await person.settles()
        assert person.app.screen.query_one(Input).value == "a]52;c;SEkK2Jb"
        assert_only_text(person)


class Careless(Widget):
    """A widget that shows texts just as they came."""

    DEFAULT_CSS = "Careless { dock: top; width: 40; height: 4; border: round red; }"

    def render_line(self, y: int) -> Strip:
        """Give a line with every control character in it, and what they could command."""
        raw = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
        texts = (f"a{raw}b", "\x1b]52;c;eA==\x07c", "\x9b2Jd", "é佐")
        return Strip([Segment(text, Style(bold=bool(y))) for text in texts])


@pytest.mark.parametrize("no_color", [True, False])
@pytest.mark.parametrize("ascii_alone", [True, False])
async def test_no_control_character_of_any_widget_reaches_the_terminal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, *, no_color: bool, ascii_alone: bool
) -> None:
    """Whatever a widget shows as it came, a cell's text commands nothing."""
    monkeypatch.setattr(SPELLING, "ascii", ascii_alone)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    async with person_at_bench(bench) as person:
        careless = Careless()
        careless.border_title = "t\x1b[2Ju"
        await person.screen.mount(careless)
        await person.presses("escape")
        lines = careless.render_lines(Region(0, 0, 40, 4))
        shown = "ab]52;c;eA==c2Jd"
        assert [shown in line.text for line in lines] == [False, True, True, False]
        assert "t[2Ju" in lines[0].text
        for line in lines:
            assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line.text)
        assert shown in person.text
        assert_only_text(person)
