"""What the screens look like, kept as pictures; look at a change before you accept it.

`.venv/bin/python -m pytest tests/screens/test_snapshots.py --snapshot-update` accepts all.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from fakes import TEMPLATE, Bench, ManualClock
from person import Person
from textual.pilot import Pilot

from tui.controllers.session import OpenServices, Place, Session
from tui.models import Filled, Flags, Key, Label, Outcome, Record, Step, TableSchema, Target
from tui.models.columns import Column, Kind
from tui.service.cache_aside import CacheAside
from tui.service.events import Loaded, LookedUp
from tui.service.lifetimes import Lifetimes
from tui.views.app import Explorer

COLUMNS = ("id", "name", "email", "city", "country", "plan", "credit", "last_seen_at")
SCHEMA = TableSchema(
    "users", "id", True, COLUMNS, ("name", "email"),
    described={name: Column(name, Kind.TEXT) for name in COLUMNS},
)  # fmt: skip
ROWS: dict[Key, Record] = {
    row[0]: dict(zip(COLUMNS, row, strict=True))
    for row in (
        (1, "Amara Okafor", "amara@example.com", "Lagos", "NG", "pro", 42.5, "2026-06-29"),
        (2, "佐藤 千尋", "chihiro@example.org", "東京", "JP", "team", 10.69, None),
        (3, "Siobhán O'Brien", "siobhan@example.com", None, "IE", "free", 0.0, "2019-05-15"),
    )
}

SnapCompare = Callable[..., bool]
Journey = Callable[[Person], Awaitable[None]]


def get(id: Key, milliseconds: float, result: str, pttl: str) -> tuple[Step, ...]:
    """Give the steps of a read of the cache."""
    return (
        Step(Target.CACHE, f"GET hitmiss:user:{id}", milliseconds / 1000, result),
        Step(Target.CACHE, f"PTTL hitmiss:user:{id}", 0.0, pttl),
    )


def select(id: Key, milliseconds: float, result: str) -> Step:
    """Give the step of a read of the database."""
    command = f"SELECT * FROM users WHERE id = {id}"
    return Step(Target.DATABASE, command, milliseconds / 1000, result)


def loaded(id: Key, milliseconds: float, ttl_left: float) -> Outcome:
    """Give an answer of the database that was stored."""
    record = ROWS.get(id)
    lease = f"{{hitmiss:user:{id}}}:hitmiss-lease"
    steps = (
        *get(id, 0.21, "nil", "no such key"),
        Step(Target.CACHE, f"SET {lease} 5eed-{id} NX PX 3000", 0.000_19, "OK"),
        select(id, 0.34, "1 row" if record else "no row"),
        Step(Target.CACHE, f"EVALSHA fill hitmiss:user:{id} {lease}", 0.000_25, "1: stored"),
    )
    label = Label.DB if record else Label.NOT_FOUND
    flags = Flags(filled=Filled.YES)
    return Outcome(id, label, record, ttl_left, milliseconds / 1000, flags, None, steps)


def hit(id: Key, milliseconds: float, ttl_left: float) -> Outcome:
    """Give an answer of the cache."""
    label = Label.HIT if id in ROWS else Label.NEGATIVE
    steps = get(id, milliseconds * 0.9, "152 bytes", f"{ttl_left * 1000 + 30_000:.0f} ms")
    return Outcome(id, label, ROWS.get(id), ttl_left, milliseconds / 1000, steps=steps)


STORY = (
    loaded(1, 1.24, 30.0),
    loaded(2, 1.1, 28.0),
    loaded(99999, 0.93, 10.0),
    hit(99999, 0.27, 8.0),
    Outcome(
        2, Label.BYPASS, ROWS[2], None, 0.000_48,
        reason="cannot reach the cache: connection refused",
        steps=(select(2, 0.31, "1 row"),),
    ),
    Outcome(4, Label.ERROR, None, None, 2.0, reason="the database did not answer within 2 s"),
    loaded(3, 12.3, 33.0),
    hit(1, 0.41, 12.4),
)  # fmt: skip
"""The answers of the lookups, in order."""


CACHED: dict[int, tuple[object, float | None]] = {
    **{id: ({"id": id}, 150.0 + id / 10) for id in range(100, 130)},
    1: (ROWS[1], 42.4),
    2: ({**ROWS[2], "name": "Chihiro"}, 55.0),
    3: ({"id": 3, "tags": "a"}, 12.0),
    7: ({"id": 7}, None),
    99999: (None, 9.5),
}
"""What is cached beside the story, and for how many seconds."""


class CannedService(CacheAside):
    """A service whose answers are written down."""

    def __init__(self, bench: Bench, outcomes: Iterable[Outcome]) -> None:
        """Give these outcomes, one after the other."""
        super().__init__(bench.cache, bench.table, TEMPLATE, bench.clock)
        self._outcomes = iter(outcomes)

    async def look_up(self, id: Key, *, bypass: bool = False) -> Outcome:
        """Give the next one, and tell what the real service would."""
        outcome = next(self._outcomes)
        if any(step.target is Target.DATABASE for step in outcome.steps):
            self._emit(Loaded(id, 0.001, found=outcome.record is not None))
        self._emit(LookedUp(outcome))
        return outcome


def explorer() -> Explorer:
    """Give an explorer whose lookups are the story's."""
    bench = Bench()
    bench.table.rows = ROWS
    bench.service = CannedService(bench, STORY)
    for key, (value, seconds) in CACHED.items():
        bench.cache.put(f"hitmiss:user:{key}", json.dumps(value).encode(), seconds)

    async def open_services() -> OpenServices:
        return bench

    place = Place("demo", "embedded", embedded=True)
    session = Session(open_services, SCHEMA, TEMPLATE, Lifetimes(), place, read_only=False)
    return Explorer(session, ManualClock())


async def look_all_up(person: Person) -> None:
    """Live through the story, and go to the log."""
    for outcome in STORY:
        await person.asks(str(outcome.id))
    await person.has_all_answers()
    await person.presses("escape")


async def open_detail(person: Person) -> None:
    """Look at the whole of the answer before the last."""
    await look_all_up(person)
    await person.presses("j", "enter")


async def open_help(person: Person) -> None:
    """Ask for the keys."""
    await person.presses("escape", "?")


async def search(person: Person) -> None:
    """Type the beginning of a name over a log that has something in it."""
    await look_all_up(person)
    await person.presses("/")
    await person.types("o")
    await person.has_all_answers()
    await person.presses("down")


async def see_all(person: Person) -> None:
    """Go to the Cache screen, and to the second row."""
    await person.presses("escape", "2")
    await person.has_all_answers()
    await person.presses("j")


async def compare(person: Person) -> None:
    """Compare a record that differs."""
    await person.presses("escape", "3", "/", "2", "enter")
    await person.sees("≠ name")


async def edit(person: Person) -> None:
    """Open the form of a record, and go to its name."""
    await look_all_up(person)
    await person.presses("u")
    await person.has_all_answers()


@pytest.mark.parametrize(
    ("journey", "size"),
    [
        pytest.param(see_all, (80, 24), id="cache"),
        pytest.param(compare, (80, 24), id="compare"),
        pytest.param(edit, (80, 24), id="edit"),
        pytest.param(look_all_up, (80, 24), id="lookup-80x24"),
        pytest.param(look_all_up, (120, 40), id="lookup-120x40"),
        pytest.param(look_all_up, (59, 15), id="lookup-59x15"),
        pytest.param(open_detail, (80, 24), id="detail"),
        pytest.param(open_help, (80, 24), id="help"),
        pytest.param(search, (80, 24), id="search"),
    ],
)
def test_it_looks_as_it_did(
    snap_compare: SnapCompare, journey: Journey, size: tuple[int, int]
) -> None:
    """The screen at the end of a journey is the one that somebody looked at and accepted."""

    async def run_before(pilot: Pilot[Any]) -> None:
        assert isinstance(pilot.app, Explorer)
        person = Person(pilot.app, pilot)
        await person.has_all_answers()
        await journey(person)

    assert snap_compare(explorer(), terminal_size=size, run_before=run_before)
