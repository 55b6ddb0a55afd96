"""Whole journeys through the explorer: the same screen with few bytes, frame by frame."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import Bench
from files import make_file
from person import Person, person_at_bench, person_with
from terminal.emulator import Emulator
from textual.drivers.headless_driver import HeadlessDriver

from tui.terminal.abilities import abilities_of
from tui.terminal.frames import Frames

SIZE = (120, 40)
STRANGE = """
    INSERT INTO users (id, name, email, plan, created_at) VALUES
      (2001, '漢字 太郎', 'wide@example.com', 'free', ''),
      (2002, 'Zoe' || char(0x301) || ' Mu' || char(0x308) || 'ller', 'm@x.org', 'free', ''),
      (2003, '한국 🙂 ok', 'smile@example.com', 'pro', '');
"""


@pytest.fixture(autouse=True)
def all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 16 million colours, whose names are long."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


class BothTerminals(HeadlessDriver):
    """Shows everything on a terminal that gets Textual's bytes, and on one that gets ours."""

    def __init__(self, app: Any, size: tuple[int, int], term: str) -> None:
        """Begin with two terminals of one size, full of other people's text."""
        super().__init__(app, size=size)
        self._abilities = abilities_of(term)
        self.frames = Frames(*size, self._abilities)
        self.frames.begin()
        self.count = self.stock_count = 0
        """How many bytes each of them got."""
        self.open_terminals(size)

    def open_terminals(self, size: tuple[int, int]) -> None:
        """Go on with terminals of another size."""
        self.frames.resize(*size)
        in_colour = self._abilities.erases_in_colour
        self.stock, self.thin = Emulator(*size), Emulator(*size, in_colour=in_colour)

    @property
    def is_headless(self) -> bool:
        """Let Textual paint."""
        return False

    def write(self, data: str) -> None:
        """Show it on both."""
        self.stock.feed(data)
        self.stock_count += len(data.encode())
        self.frames.feed(data)

    def flush(self) -> None:
        """Bring the thin one up to date, and compare."""
        sent = self.frames.take()
        self.count += len(sent.encode())
        self.thin.feed(sent)
        self.compare()

    def compare(self) -> None:
        """Both terminals show the same, in each cell and with the same cursor."""
        if "#####" in self.stock.text:  # not painted whole yet, after a resize
            return
        for row in sorted(self.thin.dirty | self.stock.dirty):
            assert self.thin.row(row) == self.stock.row(row), row
        self.thin.dirty.clear()
        self.stock.dirty.clear()
        assert self.thin.position == self.stock.position


@asynccontextmanager
async def before_both(person: Person, term: str) -> AsyncIterator[BothTerminals]:
    """Put both terminals before the running explorer."""
    app = person.app
    both = BothTerminals(app, (app.size.width, app.size.height), term)
    app._driver = both
    app.action_redraw()
    await person.settles()
    yield both
    both.compare()
    assert "#####" not in both.stock.text


@pytest.mark.parametrize("term", ["xterm-256color", "screen-256color", "vt100"])
async def test_a_journey_leaves_the_same_screen(users_db: Path, term: str) -> None:
    """Lookups, search in many scripts, palette, help, detail, themes, links: the same cells."""
    db = make_file(users_db, STRANGE)
    async with person_with(SIZE, db=str(db)) as person, before_both(person, term) as both:
        for key in ("1", "2001", "2002", "2003", "999999", "1"):
            await person.looks_up(key)
        for text in ("漢", "zoe", "한국", "nobody at all", ""):
            await person.types(text)
            await person.has_all_answers()
        await person.types("2002")
        for key in ("left", "left", "backspace", "escape", "j", "j", "enter", "escape"):
            await person.presses(key)
        for key in ("f1", "down", "pagedown", "escape", "ctrl+p", "r", "e", "escape"):
            await person.presses(key)
        for theme in ("textual-light", "ansi-dark", "hitmiss"):
            person.app.theme = theme
            await person.settles()
        for size in ((80, 24), (50, 12), (133, 50)):
            both.open_terminals(size)
            await person.pilot.resize_terminal(*size)
            await person.settles()
            await person.presses("ctrl+l", "k", "j")
        assert both.count < both.stock_count / 4


@pytest.fixture
async def painted(bench: Bench) -> AsyncIterator[tuple[Person, BothTerminals]]:
    """A person before the explorer at 120x40, with all of it painted."""
    async with (
        person_at_bench(bench, size=SIZE) as person,
        before_both(person, "xterm-256color") as both,
    ):
        yield person, both


async def test_the_first_screen_takes_few_bytes(painted: tuple[Person, BothTerminals]) -> None:
    """The whole screen comes in less than 6 KB."""
    assert 500 < painted[1].count < 6_000


async def test_a_digit_typed_takes_few_bytes(painted: tuple[Person, BothTerminals]) -> None:
    """A digit in the input is sent in less than 100 bytes, and a frame without news in none."""
    person, both = painted
    for digit in "42":
        before = both.count
        await person.presses(digit)
        assert 0 < both.count - before < 100
    before = both.count
    await person.presses("ctrl+l")
    assert both.count == before


async def test_a_letter_that_changes_all_suggestions_takes_few_bytes(users_db: Path) -> None:
    """Each letter of a search, with the whole list of matches, is sent in at most 2 KB."""
    async with (
        person_with(SIZE, db=str(users_db)) as person,
        before_both(person, "xterm-256color") as both,
    ):
        for letter in "zoe":
            before = both.count
            await person.presses(letter)
            await person.has_all_answers()
            assert len(person.matches) > 1
            assert 0 < both.count - before <= 2_000


async def test_draining_bars_take_few_bytes(bench: Bench) -> None:
    """Twenty bars that drain take at most 400 bytes a second, and full ones none."""
    for id in range(20):
        bench.table.rows[id] = {"id": id, "name": f"user {id}"}
    async with (
        person_at_bench(bench, size=(120, 60)) as person,
        before_both(person, "xterm-256color") as both,
    ):
        for id in range(20):
            await person.looks_up(str(id))
        assert sum("◆ DB" in line and "━" in line for line in person.lines) == 20
        before, seconds = both.count, 25
        for _ in range(seconds):
            bench.clock.now += 1
            person.screen.lookups.tick()
            await person.settles()
        assert 0 < both.count - before <= 400 * seconds
        before = both.count
        person.screen.lookups.tick()
        await person.settles()
        assert both.count == before
