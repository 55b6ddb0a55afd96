"""Journeys through the form."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from fakes import Bench
from files import make_file
from person import HINT, Person, person_at_bench, person_with
from textual.events import Paste

from tui.terminal.keyboard import CutPaste
from tui.views.app import Explorer
from tui.views.screens.edit import EditScreen
from tui.views.screens.lookup import LookupScreen
from tui.views.widgets.tick_box import TickBox


@asynccontextmanager
async def editing(path: Path) -> AsyncIterator[Person]:
    """Look a record of a real file up, and open the form with it."""
    async with person_with(db=str(path)) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        yield person


def form(person: Person) -> EditScreen:
    """Give the form, which is in front."""
    assert isinstance(person.app.screen, EditScreen)
    return person.app.screen


async def fills_in(person: Person, column: str, text: str) -> None:
    """Go to a column and type a text in the place of what is there."""
    field = form(person)._fields[column]
    assert field.input is not None, f"{column} cannot be edited"
    field.input.focus()
    field.input.value = text
    await person.settles()


def stored(path: Path, column: str, table: str = "users", id: int = 1) -> object:
    """Give what the file has."""
    with closing(sqlite3.connect(path)) as connection:
        (value,) = connection.execute(
            f'SELECT "{column}" FROM "{table}" WHERE id = ?', (id,)
        ).fetchone()
        return value


def execute(path: Path, sql: str) -> None:
    """Change the file from outside."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(sql)


async def test_a_change_is_written_and_the_copy_forgotten(users_db: Path) -> None:
    """Only what was changed is written, typed; the next lookup is a DB answer with it."""
    async with editing(users_db) as person:
        assert "Amara Okafor" in person.text
        await fills_in(person, "city", "Abuja")
        await fills_in(person, "credit", "7.25")
        await person.presses("enter")
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
        assert (
            person.message == f"1: city, credit written, and the cached copy invalidated{HINT}"
        )
        assert (stored(users_db, "city"), stored(users_db, "credit")) == ("Abuja", 7.25)
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 DB"]
        assert "Abuja" in person.text


async def test_what_cannot_be_seen_is_not_written(users_db: Path) -> None:
    """In a terminal that is too small enter does nothing; larger again, all is still there."""
    async with editing(users_db) as person:
        await fills_in(person, "city", "Abuja")
        await person.pilot.resize_terminal(39, 9)
        await person.sees("terminal too small")
        await person.presses("enter")
        await person.has_all_answers()
        assert stored(users_db, "city") == "Lagos"
        await person.pilot.resize_terminal(40, 12)
        await person.presses("enter")
        await person.has_all_answers()
        assert stored(users_db, "city") == "Abuja"


async def test_esc_leaves_everything_as_it_was(users_db: Path) -> None:
    """Nothing is written, and the copy stays."""
    async with editing(users_db) as person:
        await fills_in(person, "city", "Abuja")
        await person.presses("escape")
        assert stored(users_db, "city") == "Lagos"
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 HIT"


async def test_null_and_its_text_can_both_be_typed(users_db: Path) -> None:
    """NULL is no value; in quotes it is that text, and the form shows it so."""
    async with editing(users_db) as person:
        await fills_in(person, "city", "NULL")
        await fills_in(person, "country", "'NULL'")
        await person.presses("enter")
        await person.has_all_answers()
        assert (stored(users_db, "city"), stored(users_db, "country")) == (None, "NULL")
        await person.presses("u")
        await person.has_all_answers()
        values = {name: f.input.value for name, f in form(person)._fields.items() if f.input}
        assert (values["city"], values["country"]) == ("NULL", "'NULL'")
        await person.presses("enter")
        await person.has_all_answers()
        assert "nothing was changed" in person.text


async def test_what_somebody_else_wrote_meanwhile_is_shown_and_kept(users_db: Path) -> None:
    """Not overwritten: their column is marked, mine stays typed, and enter decides."""
    async with editing(users_db) as person:
        execute(users_db, "UPDATE users SET city = 'Kano', plan = 'team' WHERE id = 1")
        await fills_in(person, "city", "Abuja")
        await person.presses("enter")
        await person.has_all_answers()
        assert "not written: somebody else changed city, plan meanwhile" in person.text
        assert "now Kano" in person.text
        assert stored(users_db, "city") == "Kano"
        await person.presses("enter")
        await person.has_all_answers()
        assert (stored(users_db, "city"), stored(users_db, "plan")) == ("Abuja", "team")


async def test_a_record_that_is_deleted_meanwhile_is_not_written(users_db: Path) -> None:
    """The form says so, and stays open with what was typed."""
    async with editing(users_db) as person:
        execute(users_db, "DELETE FROM users WHERE id = 1")
        await fills_in(person, "city", "Abuja")
        await person.presses("enter")
        await person.has_all_answers()
        assert "deleted meanwhile" in person.text
        assert isinstance(person.app.screen, EditScreen)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("plan", "gold", "CHECK constraint failed"),
        ("name", "NULL", "NOT NULL constraint failed: users.name"),
        ("email", "chihiro.sato@example.org", "UNIQUE constraint failed: users.email"),
        ("credit", "much", "'credit' takes a number"),
    ],
)
async def test_a_refusal_is_shown_at_its_column(
    users_db: Path, column: str, text: str, said: str
) -> None:
    """The column is marked and has the cursor; what was typed stays; nothing is written."""
    before = stored(users_db, column)
    async with editing(users_db) as person:
        await fills_in(person, column, text)
        await person.presses("enter")
        await person.has_all_answers()
        field = form(person)._fields[column]
        assert said in person.text
        assert field.has_class("-wrong")
        assert person.app.focused is field.input
        assert field.input is not None
        assert field.input.value == text
    assert stored(users_db, column) == before


async def test_forgetting_the_invalidation_makes_drift_that_is_found(users_db: Path) -> None:
    """With the box ticked the cache keeps the old record; d and the audit show it."""
    async with editing(users_db) as person:
        await fills_in(person, "city", "Abuja")
        form(person).query_one(TickBox).focus()
        await person.presses(" ")
        await person.sees("[x] forget")
        await person.presses("enter")
        await person.has_all_answers()
        assert "nobody told the cache" in person.message
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers[0] == "1 HIT"
        await person.presses("d")
        await person.has_all_answers()
        await person.sees("≠ city")
        assert "Lagos" in person.text
        assert "Abuja" in person.text


async def test_only_an_embedded_cache_can_be_left_in_the_dark(bench: Bench) -> None:
    """Where others read the cache too, the box is not there."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        assert not form(person).query(TickBox)


async def test_what_cannot_be_typed_cannot_be_edited(tmp_path: Path) -> None:
    """Key, bytes, line ends and escapes are shown, as text, and stay as they are."""
    path = make_file(
        tmp_path / "odd.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB, note TEXT,"
        " secret TEXT, least REAL, twice INT AS (id * 2), loose);"
        "INSERT INTO users (id, name, photo, note, secret, least, loose) VALUES (1, 'A',"
        " x'00ff', 'two' || char(10) || 'lines' || char(27), x'01', -9e999, 7);",
    )
    async with editing(path) as person:
        fields = form(person)._fields
        assert [name for name, field in fields.items() if field.input] == ["name", "loose"]
        assert "two\\nlines\\x1b" in person.text
        await fills_in(person, "name", "B")
        await fills_in(person, "loose", "8.5")
        await person.presses("enter")
        await person.has_all_answers()
        assert (stored(path, "name"), stored(path, "loose")) == ("B", 8.5)
        assert (stored(path, "secret"), stored(path, "photo")) == (b"\x01", b"\x00\xff")


async def test_each_column_takes_what_it_is_declared_to_hold(tmp_path: Path) -> None:
    """It says what that is, and keeps it as its other values are kept."""
    path = make_file(
        tmp_path / "kinds.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, at DATETIME, open BOOLEAN,"
        " seen TIMESTAMP, code CHAR(32), done BOOL);"
        "INSERT INTO users VALUES (1, 'A', '2026-06-29 10:00:00', 0, 1700000000,"
        " '00000000000000000000000000000000', NULL), (2, 'B', NULL, 1, NULL, NULL, 'Y');",
    )
    code = "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"
    async with editing(path) as person:
        assert "moment: 2026-06-30 12:30:00" in person.text
        assert "boolean: true or false" in person.text
        assert "moment, as a number" in person.text
        await fills_in(person, "at", "1700000000")
        await person.presses("enter")
        await person.has_all_answers()
        assert "'at' takes a moment, not '1700000000'" in person.text
        assert form(person)._fields["at"].has_class("-wrong")
        typed = {"at": "2026-06-30 12:30", "open": "true", "seen": "1700000001", "code": code}
        for column, text in {**typed, "done": "false"}.items():
            await fills_in(person, column, text)
        await person.presses("enter")
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
    assert [stored(path, column) for column in (*typed, "done")] == [
        "2026-06-30 12:30", 1, 1700000001, code.replace("-", ""), "N",
    ]  # fmt: skip


async def test_what_somebody_else_wrote_is_never_written_back_changed(users_db: Path) -> None:
    """Their text with a line end cannot be typed here: it stays theirs, byte for byte."""
    async with editing(users_db) as person:
        execute(users_db, "UPDATE users SET city = 'two' || char(10) || 'lines' WHERE id = 1")
        await fills_in(person, "plan", "team")
        await person.presses("enter")
        await person.has_all_answers()
        assert "somebody else changed city" in person.text
        await person.presses("enter")
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
        assert (stored(users_db, "city"), stored(users_db, "plan")) == ("two\nlines", "team")


async def test_a_save_under_way_is_neither_repeated_nor_left(bench: Bench) -> None:
    """Enter does nothing more and esc says why; in the end it is written once."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        await fills_in(person, "name", "Amara B")
        bench.table.write_gate.close()
        await person.presses("enter")
        await person.sees("writing…")
        await person.presses("enter", "escape")
        await person.sees("wait for the answer")
        assert bench.table.write_gate.waiting == 1
        bench.table.write_gate.open()
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
        assert person.message == f"1: name written, and the cached copy invalidated{HINT}"


async def test_keys_move_between_the_columns(users_db: Path) -> None:
    """Down, up and tab go from column to column; letters are typed."""
    async with editing(users_db) as person:
        fields = form(person)._fields
        assert person.app.focused is fields["name"].input
        await person.presses("down")
        assert person.app.focused is fields["email"].input
        await person.presses("up", "end", "!")
        assert fields["name"].input is not None
        assert fields["name"].input.value == "Amara Okafor!"


async def test_keys_that_arrive_all_at_once_are_taken_one_by_one(users_db: Path) -> None:
    """Over a slow link they come in one packet: down, backspaces, a text, down, a text."""
    async with editing(users_db) as person:
        await person.bursts(
            "down", "down", *["backspace"] * 5, *"Accra", "down", "backspace", "H"
        )
        fields = form(person)._fields
        values = {name: field.input.value for name, field in fields.items() if field.input}
        assert (values["city"], values["country"]) == ("Accra", "NH")
        assert (values["name"], values["email"]) == ("Amara Okafor", "amara.okafor@example.com")


async def test_keys_wait_until_the_form_is_there(bench: Bench) -> None:
    """What is typed right behind u goes into the column that it is for, however slow it is."""
    bench.table.rows[1] = {"id": 1, "name": "Amara", "city": "Lagos"}
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape")
        bench.table.gate.close()
        await person.bursts("u", "down", "ctrl+u", *"Abuja")
        bench.table.gate.open()
        await person.has_all_answers()
        fields = form(person)._fields
        values = {name: field.input.value for name, field in fields.items() if field.input}
        assert values == {"name": "Amara", "city": "Abuja"}


async def test_a_record_that_is_not_there_has_no_form(bench: Bench) -> None:
    """It says that there is none, and esc leaves."""
    async with person_at_bench(bench) as person:
        await person.looks_up("7")
        await person.presses("escape", "u")
        await person.has_all_answers()
        assert "no such record" in person.text
        await person.presses("enter", "escape")
        assert isinstance(person.app.screen, LookupScreen)


async def test_a_database_that_is_down_loses_nothing_that_was_typed(bench: Bench) -> None:
    """The reason is shown, the form stays, and enter tries again."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        await fills_in(person, "name", "Amara B")
        bench.table.fails = "the database is locked"
        await person.presses("enter")
        await person.has_all_answers()
        assert "the database is locked" in person.text
        bench.table.fails = None
        await person.presses("enter")
        await person.has_all_answers()
        assert bench.table.rows[1]["name"] == "Amara B"
        assert json.loads(bench.cache.holds("hitmiss:user:1") or b"0") == 0


async def test_nothing_drifts_where_nothing_is_cached(users_db: Path) -> None:
    """Forgetting to invalidate a record without a copy is no drift, and is not called so."""
    async with editing(users_db) as person:
        await person.presses("escape", "i")
        await person.has_all_answers()
        await person.presses("u")
        await person.has_all_answers()
        await fills_in(person, "city", "Abuja")
        form(person).query_one(TickBox).focus()
        await person.presses(" ", "enter")
        await person.has_all_answers()
        assert person.message.endswith("nobody told the cache, which has no copy of it")


async def test_a_copy_that_was_not_forgotten_stays_in_the_log(users_db: Path) -> None:
    """Its bar goes on; after a write that invalidates, on whatever screen, it ends."""
    async with editing(users_db) as person:
        await fills_in(person, "city", "Abuja")
        form(person).query_one(TickBox).focus()
        await person.presses(" ", "enter")
        await person.has_all_answers()
        assert "invalidated" not in person.log[0][2]
        await person.presses("d")
        await person.has_all_answers()
        await person.presses("i")
        await person.has_all_answers()
        await person.presses("1")
        await person.settles()
        assert "invalidated" in person.log[0][2]


async def test_the_form_lets_the_keys_of_the_terminal_through(
    users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ctrl+l and ctrl+z do in a dialog what they do elsewhere."""
    done: list[str] = []
    for action in ("redraw", "suspend_process"):
        monkeypatch.setattr(
            Explorer, f"action_{action}", lambda _, name=action: done.append(name)
        )
    async with editing(users_db) as person:
        await person.presses("ctrl+l", "ctrl+z")
        assert done == ["redraw", "suspend_process"]


async def test_a_paste_is_taken_whole_or_not_at_all(users_db: Path) -> None:
    """A part of it would be written as if it were all; a line's own end is no part of it."""
    async with editing(users_db) as person:
        field = form(person)._fields["city"]
        assert field.input is not None
        field.input.focus()
        await person.settles()
        for paste in (Paste("a\nb"), Paste("Q\x07R"), Paste("a\tb"), CutPaste("ab")):
            person.app.post_message(paste)
            await person.settles()
            assert field.input.value == "Lagos"
            assert "not pasted: no lines" in person.text
        person.app.post_message(Paste(" Island\n"))
        await person.settles()
        assert field.input.value == "Lagos Island"
