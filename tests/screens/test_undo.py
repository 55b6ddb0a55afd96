"""What was written through the form is taken back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes import Bench
from person import HINT, Person, person_at_bench, person_with

from tui.views.screens.edit import EditScreen
from tui.views.widgets.tick_box import TickBox

FORGOTTEN = "and the cached copy invalidated"


def city(path: Path) -> object:
    """Give what the file has for record 1."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT city FROM users WHERE id = 1").fetchone()[0]


async def writes(person: Person, column: str, text: str, *, forget: bool = False) -> None:
    """Open the form with the record that is shown, and write a column of it."""
    await person.presses("u")
    await person.has_all_answers()
    form = person.app.screen
    assert isinstance(form, EditScreen)
    field = form._fields[column]
    assert field.input is not None
    field.input.value = text
    if forget:
        form.query_one(TickBox).focus()
        await person.presses(" ")
    await person.presses("enter")
    await person.has_all_answers()


async def takes_back(person: Person) -> None:
    """Press the key for it, and wait for what is said."""
    await person.presses("U")
    await person.has_all_answers()


async def test_a_change_is_taken_back_once(users_db: Path) -> None:
    """The row is as it was, the copy forgotten; a second time there is nothing to take back."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape")
        await writes(person, "city", "Abuja")
        assert person.message == f"1: city written, {FORGOTTEN}{HINT}"
        await person.presses("r")
        await person.has_all_answers()
        await takes_back(person)
        assert person.message == f"1: city put back, {FORGOTTEN}"
        assert "Undo" not in person.footer
        assert city(users_db) == "Lagos"
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 DB"
        await takes_back(person)
        assert "nothing to take back" in person.message


async def test_what_somebody_else_wrote_since_stays(users_db: Path) -> None:
    """It is named, and nothing is written; other columns of the record do not matter."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape")
        with closing(sqlite3.connect(users_db, isolation_level=None)) as connection:
            await writes(person, "city", "Abuja")
            connection.execute("UPDATE users SET city = 'Kano' WHERE id = 1")
            await takes_back(person)
            assert person.message == "1: not taken back: somebody else changed city meanwhile"
            assert city(users_db) == "Kano"
            await writes(person, "city", "Abuja")
            connection.execute("UPDATE users SET plan = 'team' WHERE id = 1")
            await takes_back(person)
        assert city(users_db) == "Kano"
        assert person.message == f"1: city put back, {FORGOTTEN}"


async def test_drift_that_was_made_on_purpose_is_taken_back_too(users_db: Path) -> None:
    """On the Compare screen: the copy is forgotten, though the change had left it alone."""
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape", "d")
        await person.has_all_answers()
        await writes(person, "city", "Abuja", forget=True)
        await person.sees("≠ city")
        await takes_back(person)
        assert city(users_db) == "Lagos"
        assert person.message == f"1: city put back, {FORGOTTEN}"
        await person.sees("not cached")


async def test_it_is_in_help_and_palette_unless_read_only(bench: Bench) -> None:
    """Read-only, the key says why it does nothing."""
    async with person_at_bench(bench) as person:
        await person.presses("escape", "?")
        await person.presses("/", *"take back")
        await person.sees("take back the latest change of a record, once")
        await person.presses("escape", "escape")
        assert "Undo (U)" in person.commands
    async with person_at_bench(bench, read_only=True) as person:
        await person.presses("escape", "U")
        assert person.message.startswith("read-only")
        assert "Undo (U)" not in person.commands


@pytest.mark.parametrize("width", [80, 60])
async def test_the_hint_stands_where_there_is_room(bench: Bench, width: int) -> None:
    """A message is never cut off for it."""
    async with person_at_bench(bench, size=(width, 24)) as person:
        await person.looks_up("1")
        await person.presses("escape")
        await writes(person, "name", "Ada")
        assert person.message.endswith(HINT if width == 80 else FORGOTTEN)
