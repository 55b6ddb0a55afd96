"""Journeys on databases of real servers: the screens are those that SQLite has."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from person import HINT, Person, person_with
from servers import ValkeyServer

from tui.audit import engine as audit
from tui.bootstrap import known, open_services, prepare
from tui.config.settings import resolve
from tui.database.registry import store_of
from tui.models import Label, Outcome
from tui.service.cache_aside import CacheAside
from tui.views.screens.edit import EditScreen

SERVERS = ["postgresql", "mariadb", "mongodb"]
NUMBERS = itertools.count()
USERS = 40
SECONDS = 20.0
"""How long an answer may stay away that has to come."""


def made(server: "object", count: int = USERS) -> str:
    """Make a database with the demo's first users; return its URL."""
    url: str = server.new_database(f"screens_{next(NUMBERS)}")  # type: ignore[attr-defined]
    assert store_of(url).make_users(
        url, count, seed=1, progress=lambda _: None, stopped=lambda: False
    )
    return url


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind with users in it."""
    return made(request.getfixturevalue(request.param))


def form(person: Person) -> EditScreen:
    """Return the form, which is in front."""
    assert isinstance(person.app.screen, EditScreen)
    return person.app.screen


async def types_into(person: Person, column: str, text: str) -> None:
    """Go to a column and type a text in the place of what is there."""
    field = form(person)._fields[column]
    assert field.input is not None, f"{column} cannot be edited"
    field.input.focus()
    field.input.value = text
    await person.settles()


async def test_a_record_comes_from_the_database_then_from_the_cache(url: str) -> None:
    """1 enter: DB. Enter: HIT. A key that nobody has: NOT_FOUND."""
    async with person_with(db=url, size=(120, 40)) as person:
        await person.looks_up("1")
        assert "Amara Okafor" in person.text
        await person.looks_up("1")
        await person.looks_up("99999")
        assert person.answers == ["99999 NOT_FOUND", "1 HIT", "1 DB"]


async def test_a_name_finds_the_record_while_it_is_typed(url: str) -> None:
    """In any case and without its accents; enter looks it up."""
    async with person_with(db=url) as person:
        await person.types("siobhan")
        await person.waits_for(lambda: person.matches == ["Siobhán O'Brien"])
        await person.presses("down", "enter")
        await person.has_all_answers()
        assert person.answers == ["3 DB"]


async def test_a_change_is_written_and_taken_back(url: str) -> None:
    """Only what was changed; the copy is forgotten, so the next look-up has it from there."""
    async with person_with(db=url) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        await types_into(person, "city", "Abuja")
        await types_into(person, "credit", "7.25")
        await person.presses("enter")
        await person.has_all_answers()
        assert (
            person.message == f"1: city, credit written, and the cached copy invalidated{HINT}"
        )
        await person.presses("r")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 DB"]
        await person.sees("Abuja")
        assert "7.25" in person.text
        await person.presses("U")
        await person.has_all_answers()
        assert person.message == "1: city, credit put back, and the cached copy invalidated"
        await person.presses("r")
        await person.has_all_answers()
        await person.sees("Lagos")
        assert "42.5" in person.text


async def test_nobody_elses_change_is_lost(url: str) -> None:
    """What somebody has written meanwhile is shown, and not written over."""
    async with person_with(db=url) as person:
        await person.looks_up("2")
        await person.presses("escape", "u")
        await person.has_all_answers()
        await changed_behind(url, 2)
        await types_into(person, "name", "Chihiro")
        await person.presses("enter")
        await person.has_all_answers()
        await person.sees("somebody else changed city meanwhile")
        assert "now Nowhere" in person.text


async def test_what_the_table_refuses_is_said_at_its_column(url: str) -> None:
    """A plan that there is not; what was typed stays."""
    async with person_with(db=url) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        await person.has_all_answers()
        await types_into(person, "plan", "gold")
        await person.presses("enter")
        await person.has_all_answers()
        assert form(person)._fields["plan"].typed == "gold"
        await person.sees("plan")
        assert "written" not in person.message


async def test_a_drift_is_found(
    url: str, server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is changed behind the cache's back is a finding of the audit."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.05)
    async with person_with(db=url, cache=server.url, size=(120, 40)) as person:
        for key in ("1", "2", "3"):
            await person.looks_up(key)
        await changed_behind(url, 2)
        await person.presses("escape", "3", "a")
        await person.has_all_answers()
        assert "3 compared" in person.text
        assert "2 ≠ differs" in " ".join(person.text.split())


async def changed_behind(url: str, id: int) -> None:
    """Change a row as another program does, which tells no cache."""
    settings = known(resolve({"db": url, "read-only": False}, {}, {}, "no file"))
    async with open_services(prepare(settings)) as services:
        assert await services.table.update(id, {"city": "Nowhere"}) is not None


async def test_a_database_that_is_down_on_purpose(url: str) -> None:
    """Fresh copies are hits; what is not cached is an ERROR; off again: DB."""
    async with person_with(db=url) as person:
        await person.looks_up("1")
        await person.presses("escape", "f", "G", " ", "escape")
        await person.looks_up("1")
        await person.looks_up("2")
        assert person.answers == ["2 ERROR", "1 HIT", "1 DB"]
        assert "cannot be reached" in person.text
        await person.presses("escape", "f", "G", " ", "escape")
        await person.looks_up("2")
        assert person.answers[0] == "2 DB"


@asynccontextmanager
async def service_on(url: str) -> AsyncIterator[CacheAside]:
    """Open a service on the embedded cache, whose copies are fresh for an instant."""
    options = {"db": url, "read-only": False, "ttl": "0.2", "grace": "3"}
    settings = known(resolve(options, {}, {}, "no file"))
    async with open_services(prepare(settings)) as services:
        yield services.service


async def until(service: CacheAside, key: int, label: Label) -> Outcome:
    """Look up until that is the answer."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        outcome = await service.look_up(key)
        if outcome.label is label:
            return outcome
        await asyncio.sleep(0.02)
    raise AssertionError(f"it never was {label}: {outcome}")


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("kind", [f"own_{server}" for server in SERVERS])
@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_server_that_is_gone_and_comes_back(
    kind: str, end: str, request: pytest.FixtureRequest
) -> None:
    """STALE within grace, then ERROR, both with the reason; and DB when it is there again."""
    server = request.getfixturevalue(kind)
    url = made(server, 3)
    async with service_on(url) as service:
        assert (await service.look_up(1)).label is Label.DB
        stop: Callable[[], None] = getattr(server, end)
        stop()
        stale = await until(service, 1, Label.STALE)
        assert (stale.record or {})["name"] == "Amara Okafor"
        assert stale.reason
        gone = await until(service, 1, Label.ERROR)
        assert gone.reason
        assert server.password not in f"{stale.reason}{gone.reason}"
        server.start()
        assert ((await until(service, 1, Label.DB)).record or {})["name"] == "Amara Okafor"
