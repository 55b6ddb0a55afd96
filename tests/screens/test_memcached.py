"""Journeys on Memcached, at 80x24: what the other caches show, in whole seconds.

A life of 3 s there lasts for 2 s at least, so a test that waits for its end takes some seconds.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace as replace_script
from pathlib import Path

import pytest
from database_server import had
from files import make_file
from memcached_server import MemcachedServer
from msgspec.structs import replace
from person import HINT, Person, person_with
from serving import let_breaker_try

from tui.audit import engine as audit
from tui.bootstrap import Services, open_services, session_of
from tui.cli.commands.demo import plan_of, uniform_of
from tui.config.settings import resolve
from tui.config.state import KeptState
from tui.demos.explorer import DemoExplorer
from tui.demos.script import find_script
from tui.runtime.clock import SystemClock
from tui.runtime.faults import Faults
from tui.views.screens.cache import CacheScreen
from tui.views.screens.edit import EditScreen

SIZE = (80, 24)
BARS = str.maketrans("", "", "│╭╮╰╯━╸●◆")
SECONDS = 20.0
"""How long may stay away what has to come."""
THEIRS = (b"user:1", b"user:2", b"user:\xc2\x9b31m[red]", b"user:6")
"""The keys of an application."""


async def until(what: Callable[[], bool]) -> None:
    """Wait until it is so: the server's clock cannot be moved."""
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end, "it does not come to that"
        await asyncio.sleep(0.05)


def has(server: MemcachedServer, key: str) -> bool:
    """Tell whether a server holds an item, without making use of it."""
    return server.say(b"me %b\r\n" % key.encode()) != b"EN\r\n"


def keys(server: MemcachedServer) -> list[bytes]:
    """Return the keys of all that a server holds, as it spells them."""
    return sorted(line.split()[0] for line in server.listed())


def put(server: MemcachedServer, key: str, value: bytes, seconds: int = 60) -> None:
    """Store a value as an application does."""
    command = b"set %b 0 %d %d\r\n%b\r\n" % (key.encode(), seconds, len(value), value)
    assert server.say(command) == b"STORED\r\n"


def listed(person: Person) -> list[str]:
    """Return key and state of each row of the Cache screen, without the sign of the state."""
    assert isinstance(person.app.screen, CacheScreen)
    copies = person.app.screen.copies
    lines = (copies.render_line(y).text for y in range(copies.row_count))
    rows = (line.strip("› ").split() for line in lines)
    return [" ".join([key, *words]) for key, _, *words in rows]


def move(path: Path, id: int, city: str) -> None:
    """Change a row behind the cache's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE users SET city = ? WHERE id = ?", (city, id))


async def test_a_copy_is_kept_for_its_ttl(users_db: Path, memcached: MemcachedServer) -> None:
    """1 enter: DB. Enter: HIT. Its ttl passes: DB. So does 'no such record'."""
    options = {"ttl": "3", "grace": "0", "negative-ttl": "3"}
    async with person_with(SIZE, db=str(users_db), cache=memcached.url, **options) as person:
        for key in ("1", "1", "99999", "99999"):
            await person.looks_up(key)
        assert person.answers == ["99999 NEGATIVE", "99999 NOT_FOUND", "1 HIT", "1 DB"]
        assert person.log[2][2].endswith(" s"), "the bar of the copy"
        await until(lambda: not has(memcached, "hitmiss:user:1"))
        await until(lambda: not has(memcached, "hitmiss:user:99999"))
        await person.looks_up("1")
        await person.looks_up("99999")
        assert person.answers[:2] == ["99999 NOT_FOUND", "1 DB"]


async def test_past_its_ttl_a_copy_stands_in_for_the_database(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """Within its grace: STALE, with the reason; and DB when the database is there again."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.looks_up("1")
        await person.presses("escape", "x")
        await person.has_all_answers()
        assert "1 expired" in person.message
        await person.presses("f", "G", " ", "escape", "r")
        await person.has_all_answers()
        assert person.answers == ["1 STALE", "1 DB"]
        await person.presses("f", "G", " ", "escape", "r")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 STALE", "1 DB"]


async def test_the_steps_are_those_of_memcached(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """Read and claimed on one trip, filled with the number of the claim."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.looks_up("1")
        await person.presses("escape", "enter")
        await person.sees("what ran")
        text = " ".join(person.text.split())
        assert "mg hitmiss:user:1 v t c N3 R31 → nothing; W: ours to" in text
        assert re.search(r"ms hitmiss:user:1 196 T\d\d C\d+ → HD: stored", text)


async def test_the_cache_screen_lists_filters_and_changes(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """What is cached, not what is only claimed; expired it is in grace, invalidated gone."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        for key in ("1", "2", "12", "99999"):
            await person.looks_up(key)
        memcached.say(b"mg hitmiss:user:3 N3\r\n")
        put(memcached, "theirs", b"{}")
        await person.presses("escape", "2")
        await person.has_all_answers()
        assert "4 keys · 4 fresh · 1 absent" in person.text
        await person.presses("/", "1", "2", "enter")
        await person.has_all_answers()
        assert [row.split()[:2] for row in listed(person)] == [["12", "fresh"]]
        await person.presses("x")
        await person.has_all_answers()
        assert [row.split()[:3] for row in listed(person)] == [["12", "in", "grace"]]
        await person.presses("i")
        await person.has_all_answers()
        assert [row.split()[:2] for row in listed(person)] == [["12", "invalidated"]]
        assert not has(memcached, "hitmiss:user:12")
        await person.presses("/", "backspace", "backspace", "enter", "I", "y")
        await person.has_all_answers()
        assert not any(has(memcached, f"hitmiss:user:{id}") for id in (1, 2, 99999))
        assert has(memcached, "theirs")


async def test_a_planted_difference_is_found_and_healed(
    users_db: Path, memcached: MemcachedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit names the row that was changed behind the cache's back, and i forgets it."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.05)
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        for key in ("1", "2", "3"):
            await person.looks_up(key)
        move(users_db, 2, "Kyoto")
        await person.presses("escape", "3", "a")
        await person.has_all_answers()
        await person.sees("3 compared · 1 confirmed")
        await person.sees("done in")
        text = " ".join(person.text.split())
        assert "2 ≠ differs confirmed city" in text
        assert "≠ city 東京 Kyoto" in text
        await person.presses("i")
        await person.has_all_answers()
        assert not has(memcached, "hitmiss:user:2")


async def test_an_edit_forgets_the_copy(users_db: Path, memcached: MemcachedServer) -> None:
    """The next look-up is a DB answer with what was written."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        assert isinstance(person.app.screen, EditScreen)
        field = person.app.screen._fields["city"]
        assert field.input is not None
        field.input.value = "Abuja"
        await person.presses("enter")
        await person.has_all_answers()
        assert person.message == f"1: city written, and the cached copy invalidated{HINT}"
        assert not has(memcached, "hitmiss:user:1")
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 DB"]
        assert "Abuja" in person.text


async def test_a_cache_that_is_down_on_purpose(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """It asks first, since others may use it; BYPASS while it is down, and then HIT."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.looks_up("1")
        await person.presses("escape", "f", " ")
        assert f"Switch on 'cache down' for {memcached.url}?" in person.text
        await person.presses("y", "escape", "r")
        await person.has_all_answers()
        assert person.answers[0] == "1 BYPASS"
        assert "cannot reach the cache" in person.text
        await person.presses("f", " ", "escape", "r")
        await person.has_all_answers()
        assert person.answers == ["1 HIT", "1 BYPASS", "1 DB"]


async def test_a_cache_that_refuses_writes_on_purpose(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """Hits go on; what is not cached is a DB answer that says why it was not stored."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.looks_up("1")
        await person.presses("escape", "f", "j", "j", " ", "y", "escape")
        await person.looks_up("1")
        await person.looks_up("7")
        assert person.answers == ["7 DB", "1 HIT", "1 DB"]
        assert person.log[0][2] == "not cached"
        assert "not stored: the cache is out of" in person.text
        assert not has(memcached, "hitmiss:user:7")


async def test_a_server_that_is_killed_and_comes_back(
    users_db: Path, own_memcached: MemcachedServer
) -> None:
    """BYPASS with the reason; started again it is empty: DB, then HIT."""
    async with person_with(db=str(users_db), cache=own_memcached.url) as person:
        await person.looks_up("1")
        await person.looks_up("1")
        own_memcached.kill()
        await person.looks_up("1")
        assert person.answers == ["1 BYPASS", "1 HIT", "1 DB"]
        assert person.log[0][2] == "connection refused"
        own_memcached.start()
        let_breaker_try(await person.app._session.services())  # type: ignore[arg-type]
        await person.looks_up("1")
        await person.looks_up("1")
        assert person.answers[:2] == ["1 HIT", "1 DB"]


async def test_a_server_that_hangs(users_db: Path, own_memcached: MemcachedServer) -> None:
    """Paused it answers nothing: BYPASS says so; it goes on, and so do hits."""
    async with person_with(db=str(users_db), cache=own_memcached.url) as person:
        await person.looks_up("1")
        own_memcached.pause()
        await person.looks_up("1")
        assert person.log[0][:2] == ("1", "BYPASS")
        assert "did not answer within 0.25" in person.text
        own_memcached.resume()
        await person.looks_up("1")
        assert person.answers[0] == "1 HIT"


async def test_a_stampede_in_the_lab(users_db: Path, memcached: MemcachedServer) -> None:
    """One read of the database, from four services too; nothing of it stays."""
    async with person_with(db=str(users_db), cache=memcached.url) as person:
        await person.presses("escape", "4", *"j" * 10, "-", "s", "y")
        await person.has_all_answers()
        rows = [" ".join(line[31:].translate(BARS).split()) for line in person.lines]
        reads = rows[rows.index("database reads") + 1 :]
        assert reads[:4] == [
            "usual pattern 100", "single-flight 1",
            "4 services, no lease 4", "4 services, lease 1",
        ]  # fmt: skip
    assert keys(memcached) == []


async def test_a_demonstration_comes_to_the_same_answers(memcached: MemcachedServer) -> None:
    """That of expiry, played on Memcached, shows what it shows on the embedded cache."""
    script = find_script("expiry")
    brief = {**script.settings, "ttl": 3, "negative-ttl": 3, "database-latency": 0.01}
    script = replace_script(script, settings=brief)
    faults = Faults()
    with plan_of(resolve({}, {}, {}, ""), script) as own:
        plan = replace(own, settings=replace(own.settings, cache=memcached.url))
        async with open_services(plan, faults=faults, uniform=uniform_of(script)) as services:

            async def open_once() -> Services:
                return services

            session = session_of(plan, open_once, KeptState(), faults)
            app = DemoExplorer(session, SystemClock(), script=script, speed=1000.0)
            async with app.run_test(size=SIZE, notifications=True) as pilot:
                await until(lambda: not app.is_playing)
                person = Person(app, pilot)
                await person.settles()
                answers, log = ", ".join(reversed(person.answers)), person.log
                app.exit()
    assert answers == "1 DB, 1 HIT, 1 DB, 99999 NOT_FOUND, 99999 NEGATIVE, 99999 NOT_FOUND", log


async def test_beside_an_application_nothing_is_changed(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """Under its template, read-only: hits and misses, hostile copies as text, no key more."""
    put(memcached, "user:1", b'{"id": 1, "name": "Amara Okafor"}')
    put(memcached, "user:2", b'{"id": 2, "name": "\\u001b[31m[red]Sato\\u202e"}', 0)
    put(memcached, "user:\x9b31m[red]", b"\x1b]0;title\x07")
    put(memcached, "user:6", b"\x1b[2J" * 20_000)
    before = {key: memcached.say(b"gets %b\r\n" % key, b"END\r\n") for key in THEIRS}
    options: dict[str, str | bool] = {"key": "user:{id}", "read-only": True}
    async with person_with(SIZE, db=str(users_db), cache=memcached.url, **options) as person:
        for key in ("1", "2", "3", "6"):
            await person.looks_up(key)
        assert person.answers == ["6 DB", "3 DB", "2 HIT", "1 HIT"]
        assert "read-only" in person.status
        await person.presses("escape", "2")
        await person.has_all_answers()
        assert "3 keys" in person.text
        assert "80.1 kB" in person.text
        await person.presses("3", "a")
        await person.has_all_answers()
        await person.sees("3 compared")
        await person.sees("done in")
        assert person.text.replace("\n", "").isprintable()
    assert len(keys(memcached)) == len(THEIRS)
    after = {key: memcached.say(b"gets %b\r\n" % key, b"END\r\n") for key in THEIRS}
    assert after == before


async def test_in_the_place_of_an_application_nothing_is_stored(
    users_db: Path, memcached: MemcachedServer
) -> None:
    """Not with --writable either; the record says why."""
    options: dict[str, str | bool] = {"key": "user:{id}", "read-only": False}
    async with person_with(SIZE, db=str(users_db), cache=memcached.url, **options) as person:
        await person.looks_up("3")
        assert person.answers == ["3 DB"]
        assert "not stored: on Memcached a claim" in person.text
    assert keys(memcached) == []


async def test_keys_that_memcached_has_not(tmp_path: Path, memcached: MemcachedServer) -> None:
    """A space or more than 250 bytes: BYPASS says so, and the record is read all the same."""
    path = make_file(
        tmp_path / "texts.db",
        "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT);"
        f"INSERT INTO users VALUES ('a b', 'Ada'), ('{'x' * 250}', 'Bo'), ('é', 'Cy');",
    )
    async with person_with((140, 40), db=str(path), cache=memcached.url) as person:
        for key, why in (("a b", "with spaces"), ("x" * 250, "more than 250 bytes")):
            await person.looks_up(key)
            assert person.log[0][1] == "BYPASS"
            assert why in " ".join(person.text.split())
        await person.looks_up("é")
        await person.looks_up("é")
        assert person.answers[:2] == ["é HIT", "é DB"]


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (("-o", "no_lru_crawler"), "its LRU crawler is switched off"),
        (("-X",), "it was started with -X"),
    ],
)
async def test_a_server_whose_keys_cannot_be_listed(
    option: tuple[str, ...], why: str, users_db: Path
) -> None:
    """Look-ups are hits as ever; the Cache screen and the audit say why they have nothing."""
    with had(MemcachedServer(*option)) as server:
        async with person_with(db=str(users_db), cache=server.url, size=(120, 40)) as person:
            await person.looks_up("1")
            await person.looks_up("1")
            assert person.answers == ["1 HIT", "1 DB"]
            for tab in (("2",), ("3", "a")):
                await person.presses("escape", *tab)
                await person.has_all_answers()
                assert f"the server lets nobody list its keys: {why}" in person.text


async def test_a_server_without_numbers_is_not_filled(users_db: Path) -> None:
    """Started with -C it cannot keep a claim: each look-up is a DB answer with the reason."""
    with had(MemcachedServer("-C")) as server:
        async with person_with(db=str(users_db), cache=server.url) as person:
            await person.looks_up("1")
            await person.looks_up("1")
            assert person.answers == ["1 DB", "1 DB"]
            assert "(it was started with -C)" in " ".join(person.text.split())
        assert keys(server) == []
