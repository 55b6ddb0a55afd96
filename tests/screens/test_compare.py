"""Journeys on the Compare screen."""

import asyncio
import csv
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import Bench
from files import make_file
from person import HINT, Person, person_at_bench, person_with
from servers import ValkeyServer

from tui.audit import engine as audit
from tui.audit.comparison import Comparison, Finding
from tui.audit.engine import SETTLE_SECONDS
from tui.audit.results import Certainty, Judgement
from tui.models import Cached
from tui.views.screens.cache import CacheScreen
from tui.views.screens.compare import CompareScreen
from tui.views.screens.lookup import LookupScreen

if TYPE_CHECKING:
    from tui.models import Record


@asynccontextmanager
async def on_compare(
    bench: Bench, *, read_only: bool = False, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Person]:
    """Go to the Compare screen."""
    async with person_at_bench(bench, read_only=read_only, size=size) as person:
        await person.presses("escape", "3")
        yield person


def screen_of(person: Person) -> CompareScreen:
    """Give the Compare screen, which is in front."""
    assert isinstance(person.app.screen, CompareScreen)
    return person.app.screen


def findings(person: Person) -> list[str]:
    """Give key, finding and certainty of each row, without the sign of the finding."""
    rows = screen_of(person).findings
    lines = [rows.render_line(y).text for y in range(rows.row_count)]
    words = [line.strip("› ").split() for line in lines]
    return [" ".join([key, *rest[1:3]]) for key, *rest in words]


def signs(person: Person) -> list[str]:
    """Give the sign of the finding of each row."""
    rows = screen_of(person).findings
    lines = [rows.render_line(y).text for y in range(rows.row_count)]
    return [line.strip("› ").split()[1] for line in lines]


def audit_line(person: Person) -> str:
    """Give what stands in the lower edge of the audit's frame: how far it is, and remarks."""
    return person.lines[screen_of(person).query_one("#audit").region.bottom - 1]


def put(bench: Bench, id: int, value: object, seconds: float = 500.0) -> None:
    """Cache a value."""
    bench.cache.put(f"hitmiss:user:{id}", json.dumps(value).encode(), seconds)


async def settles(person: Person, bench: Bench) -> None:
    """Let the two seconds pass, and the audit come to its end."""
    await person.waits_for(lambda: bool(bench.clock._sleepers))
    await bench.clock.advance(SETTLE_SECONDS)
    await person.has_all_answers()


async def test_both_sides_of_a_record_with_what_differs_marked(bench: Bench) -> None:
    """A sign stands at each column that differs, is only cached, or is only stored."""
    bench.table.rows[1] = {"id": 1, "name": "Amara", "city": "Lagos", "plan": "pro"}
    put(bench, 1, {"id": 1, "name": "Amara", "city": "Abuja", "tags": 3}, 45.0)
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        await person.sees("≠ city")
        lines = [" ".join(line.split()) for line in person.lines]
        assert "record 1 · json" in person.text
        assert "≠ 1 of 5 columns differs" in person.text
        marked = ["│ ≠ city Abuja Lagos │", "│ - plan – pro │", "│ + tags 3 – │"]
        start = lines.index(marked[0])
        assert lines[start : start + 5] == [*marked, "│ = id 1 1 │", "│ = name Amara Amara │"]
        assert any("fresh for 15 s, grace 30 s · read just now" in line for line in lines)
        assert any("about 15 s old" in line for line in lines)
        assert "1–5 of 5" in person.text


async def test_a_record_on_one_side_only(bench: Bench) -> None:
    """Not cached, an orphan, wrongly absent, and on neither side: each in words."""
    put(bench, 2, {"id": 2, "name": "Ghost"})
    put(bench, 3, None)
    bench.table.rows[3] = {"id": 3, "name": "Cem"}
    said = {
        "1": "not cached",
        "2": "cached, but the database has no such record",
        "3": "cached as 'no such record', but the database has it",
        "4": "not cached, and not in the database",
    }
    async with on_compare(bench) as person:
        for key, words in said.items():
            await person.presses("escape", "/", key, "enter")
            await person.has_all_answers()
            assert words in person.text


async def test_d_compares_from_the_other_screens(bench: Bench) -> None:
    """Pressed on a lookup and on a cached copy goes to the Compare screen with that record."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "d")
        await person.has_all_answers()
        screen_of(person)
        assert "= cache and database hold the same" in person.text
        await person.presses("2")
        await person.has_all_answers()
        assert isinstance(person.app.screen, CacheScreen)
        bench.table.rows[1] = {"id": 1, "name": "Amara Okafor"}
        await person.presses("d")
        await person.has_all_answers()
        assert "≠ name" in person.text


async def test_what_cannot_be_compared_is_marked_as_that(tmp_path: Path) -> None:
    """Bytes are neither the same as a text in a copy nor different from it."""
    path = make_file(
        tmp_path / "odd.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);"
        "INSERT INTO users VALUES (1, 'A', x'00ff');",
    )
    async with person_with(db=str(path)) as person:
        await person.looks_up("1")
        await person.presses("escape", "d")
        await person.has_all_answers()
        await person.sees("? cannot be compared")
        lines = [" ".join(line.split()) for line in person.lines]
        assert "= what can be compared is the same" in person.text
        assert "│ ? photo <BLOB, 2 bytes> <BLOB, 2 bytes> │" in lines
        assert "│ ? cannot be compared │" in lines


async def test_healing_forgets_the_copy(bench: Bench) -> None:
    """What is shown is invalidated with i; then it is not cached, and the next lookup is DB."""
    put(bench, 1, {"id": 1, "name": "old"})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "i")
        await person.has_all_answers()
        assert "not cached" in person.text
        assert bench.cache.holds("hitmiss:user:1") is None
        await person.presses("enter")
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
        assert person.answers == ["1 DB"]


async def test_the_audit_shows_suspects_and_then_what_is_sure(bench: Bench) -> None:
    """First suspect; two seconds later confirmed or resolved, with counts and progress."""
    put(bench, 1, {"id": 1, "name": "old"})
    put(bench, 2, {"id": 2, "name": "Ghost"})
    put(bench, 3, {"id": 3, "name": "written just now"})
    bench.table.rows[3] = {"id": 3, "name": "new"}
    async with on_compare(bench) as person:
        await person.presses("a")
        await person.waits_for(lambda: len(findings(person)) == 3)
        found = ["1 differs suspect", "2 orphan suspect", "3 differs suspect"]
        assert findings(person) == found
        assert signs(person) == ["?", "?", "?"]
        assert "3 compared · 0 confirmed · 3 suspect" in person.text
        assert "━━━━ 100% · looks at suspects again" in person.text
        del bench.cache.entries["hitmiss:user:3"]
        await settles(person, bench)
        assert findings(person) == [
            "1 differs confirmed", "2 orphan confirmed", "3 gone resolved",
        ]  # fmt: skip
        assert signs(person) == ["≠", "×", "○"]
        assert "3 compared · 2 confirmed" in person.text
        assert "━━━━ done in 2.0 s" in person.text
        assert "1 resolved" in person.text
        await person.presses("j")
        await person.settles()
        assert "record 2" in person.text
        await person.sees("Ghost")
        assert "audited just now" in person.text


async def test_keys_in_one_packet_reach_the_screen_that_the_first_opens(bench: Bench) -> None:
    """On a screen that was never open, a behind 3 begins the audit and is no text."""
    put(bench, 1, {"id": 1, "name": "Old"})
    async with person_at_bench(bench) as person:
        await person.bursts("escape", "3", "a")
        await settles(person, bench)
        assert findings(person) == ["1 differs confirmed"]
        assert screen_of(person).question.text == ""


async def test_an_audit_can_be_stopped(bench: Bench) -> None:
    """Either esc or a stops it; what was found stays, and another one can begin."""
    for id in range(10, 30):
        put(bench, id, {"id": id, "name": "Ghost"})
    async with on_compare(bench) as person:
        await person.presses("a")
        await person.waits_for(lambda: len(findings(person)) == 20)
        await person.presses("escape")
        await person.has_all_answers()
        assert "20 compared" in person.text
        assert "stopped" in audit_line(person)
        assert len(findings(person)) == 20
        await person.presses("a")
        await person.waits_for(lambda: len(findings(person)) == 20)
        await settles(person, bench)
        assert "20 compared · 20 confirmed" in person.text
        assert "done" in audit_line(person)


async def test_an_audit_without_an_answer_says_why(bench: Bench) -> None:
    """The cache goes away: the reason stands in the message and in the status."""
    async with on_compare(bench) as person:
        bench.cache.down = "cannot reach the cache: connection refused"
        await person.presses("a")
        await person.has_all_answers()
        assert "stopped: cannot reach the cache" in audit_line(person)
        assert "down: cannot reach the cache" in person.status
        bench.cache.down = None
        await person.presses("a")
        await person.has_all_answers()
        assert "done" in audit_line(person)
        assert "there was no copy to compare" in person.text
        assert "cannot reach" not in person.message


async def test_a_name_is_searched_for_here_too(bench: Bench) -> None:
    """Text in the input opens the matches; enter compares the best one."""
    async with on_compare(bench) as person:
        await person.presses("/", *"ama")
        await person.has_all_answers()
        assert screen_of(person).question.suggestions.display
        await person.presses("enter")
        await person.has_all_answers()
        assert "record 1" in person.text


async def test_what_is_copied_can_be_pasted_anywhere(bench: Bench) -> None:
    """Letters are letters, and what cannot be seen is an escape of the same JSON."""
    name = "Zoë \x9b31m\u202e\u200b\x7f"
    put(bench, 1, {"id": 1, "name": name})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "y")
        await person.has_all_answers()
        assert person.app.clipboard.isprintable()
        assert r'"Zoë \u009b31m\u202e\u200b\u007f"' in person.app.clipboard
        assert json.loads(person.app.clipboard)["cached"]["name"] == name


async def test_the_comparison_can_be_copied(bench: Bench) -> None:
    """It is copied by y, with the fields of hitmiss audit --json."""
    put(bench, 1, {"id": 1, "name": "old"})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "y")
        await person.has_all_answers()
        assert json.loads(person.app.clipboard) == {
            "id": 1, "key": "hitmiss:user:1", "finding": "differs",
            "cached": {"id": 1, "name": "old"}, "database": {"id": 1, "name": "Amara"},
            "differs": ["name"], "not_compared": [], "reason": None,
            "format": "json",
        }  # fmt: skip


async def test_read_only_cannot_heal(bench: Bench) -> None:
    """Neither i nor u is there, the audit is."""
    put(bench, 1, {"id": 1, "name": "old"})
    async with on_compare(bench, read_only=True, size=(160, 24)) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        await person.presses("escape", "i", "u")
        assert "a Audit" in person.footer
        await person.has_all_answers()
        assert not {c for c in person.commands if c.startswith(("Heal", "Update"))}
        assert bench.cache.holds("hitmiss:user:1") is not None


async def test_drift_on_a_real_server_is_found(
    server: ValkeyServer, users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row changed behind the cache's back is found, and nothing else."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.05)
    async with person_with(db=str(users_db), cache=server.url) as person:
        for id in range(1, 6):
            await person.looks_up(str(id))
        with closing(sqlite3.connect(users_db, isolation_level=None)) as connection:
            connection.execute("UPDATE users SET city = 'Abuja' WHERE id = 3")
        await person.presses("escape", "3", "a")
        await person.has_all_answers()
        assert findings(person) == ["3 differs confirmed"]
        assert "5 compared · 1 confirmed" in person.text


async def test_what_was_done_is_said_after_the_record_was_read_anew(bench: Bench) -> None:
    """The comparison that follows i and u does not wipe their message."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    put(bench, 1, {"id": 1, "name": "Old"})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter", "escape", "i")
        await person.has_all_answers()
        assert person.message == "record 1 healed: the copy is invalidated"
        assert "not cached" in person.text
        await person.presses("u")
        await person.has_all_answers()
        await person.presses("end", "!", "enter")
        await person.has_all_answers()
        assert person.message == f"1: name written, and the cached copy invalidated{HINT}"
        assert "Amara!" in person.text


async def test_a_record_that_is_not_there_is_not_edited(bench: Bench) -> None:
    """The key u says so in place of an empty form."""
    put(bench, 9, {"id": 9, "name": "Ghost"})
    async with on_compare(bench) as person:
        await person.presses("/", "9", "enter", "escape", "u")
        await person.has_all_answers()
        assert "no such record to update" in person.message


async def test_what_was_done_is_not_repeated_later(bench: Bench) -> None:
    """Somebody who comes back to the screen may have looked the record up meanwhile."""
    put(bench, 1, {"id": 1, "name": "Old"})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter", "escape", "i")
        await person.has_all_answers()
        assert person.message == "record 1 healed: the copy is invalidated"
        await person.presses("2", "3")
        await person.has_all_answers()
        assert "invalidated" not in person.message


async def test_a_finding_that_was_healed_is_resolved(bench: Bench) -> None:
    """The list says so at once, and not only the next audit."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    put(bench, 1, {"id": 1, "name": "Old"})
    async with on_compare(bench) as person:
        await person.presses("a")
        await settles(person, bench)
        assert findings(person) == ["1 differs confirmed"]
        await person.presses("i")
        await person.has_all_answers()
        assert findings(person) == ["1 gone resolved"]
        assert "1 confirmed · 1 healed since" in person.text
        assert any("resolved" in line and "name" in line for line in person.lines)


async def test_whoever_comes_back_sees_how_it_is_now(bench: Bench) -> None:
    """A copy that was stored meanwhile is compared, and not said to be missing."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.sees("not cached")
        await person.presses("escape", "1", "escape")
        put(bench, 1, {"id": 1, "name": "Old"})
        await person.presses("3")
        await person.sees("≠ name")
        assert "not cached" not in person.text


async def test_a_record_that_drifts_again_is_suspect(bench: Bench) -> None:
    """What was healed is no longer resolved once its copy is found wrong anew."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    put(bench, 1, {"id": 1, "name": "Old"})
    async with on_compare(bench) as person:
        await person.presses("a")
        await settles(person, bench)
        await person.presses("i")
        await person.has_all_answers()
        put(bench, 1, {"id": 1, "name": "Older"})
        await person.presses("r")
        await person.has_all_answers()
        assert findings(person) == ["1 differs suspect"]


async def test_the_audit_waits_while_the_display_is_held(bench: Bench) -> None:
    """So nothing is found that the screen does not show; p goes on."""
    for id in range(1, 6):
        put(bench, id, {"id": id, "name": "Ghost"})
    async with on_compare(bench) as person:
        bench.cache.gate("scan").close()
        await person.presses("a")
        await person.presses("p")
        bench.cache.gate("scan").open()
        await person.settles()
        assert findings(person) == []
        await person.presses("p")
        await settles(person, bench)
        assert len(findings(person)) == 5


async def test_keys_that_are_no_records_are_counted(bench: Bench) -> None:
    """What fits the template without being a key of the table is not passed over in silence."""
    bench.cache.put("hitmiss:user:abc", b"{}", 100)
    async with on_compare(bench) as person:
        await person.presses("a")
        await person.has_all_answers()
        assert "there was no copy to compare" in person.text
        assert "1 no record's key" in audit_line(person)


async def test_what_went_away_gives_way_to_what_is_wrong(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full list drops resolved findings first, and says how many it has no room for."""
    monkeypatch.setattr("tui.views.widgets.findings.MOST_ROWS", 2)
    async with on_compare(bench, size=(120, 40)) as person:
        listed = screen_of(person).findings

        def judged(id: int, certainty: Certainty) -> Judgement:
            ghost = Comparison(id, f"user:{id}", Finding.ORPHAN)
            return Judgement(ghost, certainty)

        listed.note([judged(1, Certainty.SUSPECT), judged(2, Certainty.SUSPECT)], 0.0)
        listed.note([judged(1, Certainty.RESOLVED), judged(3, Certainty.SUSPECT)], 0.0)
        assert findings(person) == ["2 orphan suspect", "3 orphan suspect"]
        listed.note([judged(4, Certainty.CONFIRMED), judged(3, Certainty.CONFIRMED)], 0.0)
        assert findings(person) == ["2 orphan suspect", "3 orphan confirmed"]


async def test_u_pressed_twice_opens_one_form(bench: Bench) -> None:
    """Over a slow link both arrive at once."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter", "escape")
        await person.has_all_answers()
        await person.bursts("u", "u")
        await person.has_all_answers()
        await person.presses("escape")
        assert isinstance(person.app.screen, CompareScreen)


async def test_what_is_shown_grows_old(bench: Bench) -> None:
    """The line over a comparison says how long ago it was read, and what is left by now."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    put(bench, 1, {"id": 1, "name": "Amara"}, 55.0)
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter", "escape")
        await person.has_all_answers()
        await person.sees("fresh for 25 s, grace 30 s · read just now")
        bench.clock.now += 9
        screen_of(person)._tick()
        await person.sees("fresh for 16 s, grace 30 s · read 9 s ago")


async def test_what_an_audit_has_found_grows_old_too(bench: Bench) -> None:
    """A finding says how long ago the audit found it, and what is left of the copy by now."""
    bench.table.rows[1] = {"id": 1, "name": "Amara"}
    put(bench, 1, {"id": 1, "name": "Old"}, 57.0)
    async with on_compare(bench) as person:
        await person.presses("a")
        await settles(person, bench)
        await person.sees("fresh for 25 s, grace 30 s · audited just now")
        bench.clock.now += 9
        screen_of(person)._tick()
        await person.sees("fresh for 16 s, grace 30 s · audited 9 s ago")


async def test_what_nobody_sees_is_not_changed(bench: Bench) -> None:
    """In a terminal that is too small, keys that change something do nothing."""
    put(bench, 1, {"id": 1, "name": "Old"})
    async with on_compare(bench, size=(38, 9)) as person:
        await person.presses("/", "1", "enter", "escape", "i")
        await person.has_all_answers()
        assert list(bench.cache.entries) == ["hitmiss:user:1"]


async def test_no_drift_is_said_as_that_and_leaves_the_room_to_the_record(bench: Bench) -> None:
    """One line for the audit that found nothing; headings and rows only where it did."""
    put(bench, 1, {"id": 1, "name": "Amara"})
    async with on_compare(bench) as person:
        assert "a compares every cached copy with the database" in person.text
        await person.presses("a")
        await person.has_all_answers()
        assert "no drift in 1 copy" in person.text
        without = screen_of(person).panel.region.height
        assert "since" not in person.text
        put(bench, 1, {"id": 1, "name": "Old"})
        await person.presses("a")
        await settles(person, bench)
        assert "key       finding           since         columns" in person.text
        assert screen_of(person).panel.region.height < without


async def test_a_wide_terminal_shows_what_both_sides_have(bench: Bench) -> None:
    """Each finding has the old value and the new one, from where they begin to differ."""
    bench.table.rows[1] = {"id": 1, "name": "x" * 40 + "new"}
    put(bench, 1, {"id": 1, "name": "x" * 40 + "old"})
    async with on_compare(bench, size=(120, 40)) as person:
        await person.presses("a")
        await settles(person, bench)
        assert "name …xxxxxxold → …xxxxxxnew" in person.text


async def test_a_difference_behind_the_edge_comes_into_view(bench: Bench) -> None:
    """Two long values that begin alike are shown from a little before their difference on."""
    bench.table.rows[1] = {"id": 1, "name": "x" * 90 + "new"}
    put(bench, 1, {"id": 1, "name": "x" * 90 + "old"})
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter")
        await person.has_all_answers()
        lines = [" ".join(line.split()) for line in person.lines]
        assert "│ ≠ name …xxxxxxold …xxxxxxnew │" in lines


@pytest.mark.parametrize(("size", "columns"), [((60, 16), 5), ((50, 14), 5), ((80, 24), 9)])
async def test_a_small_terminal_has_rows_for_the_difference(
    bench: Bench, size: tuple[int, int], columns: int
) -> None:
    """Beside the findings there is always room for several columns of the record."""
    row: Record = {"id": 1, "name": "new", **{f"column_{n}": n for n in range(8)}}
    bench.table.rows[1] = row
    put(bench, 1, {**row, "name": "old"})
    async with on_compare(bench, size=size) as person:
        await person.presses("a")
        await settles(person, bench)
        assert sum(" = " in f" {line[:8]}" for line in person.lines) == columns - 1
        assert any("≠ name" in line for line in person.lines)
        assert "1 of 10 columns differs" in person.text
        assert findings(person) == ["1 differs confirmed"]
        assert any("confirmed" in line and "name" in line for line in person.lines)


async def test_the_record_stays_where_it_was_scrolled_to(bench: Bench) -> None:
    """As time goes on, only the words in the frame change."""
    row: Record = {"id": 1, "name": "x", **{f"column_{n:02}": n for n in range(30)}}
    bench.table.rows[1] = row
    put(bench, 1, row)
    async with on_compare(bench) as person:
        await person.presses("/", "1", "enter", "escape", "shift+tab")
        await person.has_all_answers()
        assert "1–13 of 32 ↓" in person.text
        await person.presses("G")
        await person.sees("of 32 ↑")
        assert "column_29" in person.text
        screen_of(person)._tick()
        await person.settles()
        assert "column_29" in person.text


async def audited(person: Person, bench: Bench) -> None:
    """Run an audit to its end; something is wrong."""
    await person.presses("a")
    await settles(person, bench)


async def test_all_that_is_confirmed_is_healed_after_a_yes(bench: Bench) -> None:
    """It asks with the number, heals those and no others, and says so in the list."""
    for id in (1, 2, 3):
        bench.table.rows[id] = {"id": id, "name": "Ada"}
        put(bench, id, {"id": id, "name": "Bob"})
    put(bench, 4, [4])
    async with on_compare(bench, size=(200, 24)) as person:
        await person.presses("H")
        assert "nothing to heal" in person.message
        await audited(person, bench)
        put(bench, 2, {"id": 2, "name": "Cem"})  # another copy by now
        await person.presses("H")
        assert "Heal all 3 records that are confirmed?" in person.text
        await person.presses("n")
        assert "hitmiss:user:1" in bench.cache.entries
        await person.presses("H", "y")
        await person.has_all_answers()
        assert person.message.startswith("2 healed · 1 not: it is not the same copy any more")
        assert "1 left, since they cannot be read" in person.message
        assert set(bench.cache.entries) >= {"hitmiss:user:2", "hitmiss:user:4"}
        assert not {"hitmiss:user:1", "hitmiss:user:3"} & set(bench.cache.entries)
        assert findings(person)[0] == "1 gone resolved"
        await person.sees("2 healed since")


async def test_healing_all_can_be_stopped(bench: Bench) -> None:
    """Esc stops it between two trips; how many are healed is said."""
    for id in range(1, 121):
        bench.table.rows[id] = {"id": id, "name": "Ada"}
        put(bench, id, {"id": id, "name": "Bob"})
    async with on_compare(bench) as person:
        await audited(person, bench)
        read = bench.cache.walker.read
        gate = asyncio.Event()

        async def held(keys: Sequence[str]) -> list[Cached]:
            if "hitmiss:user:1" not in keys:
                await gate.wait()
            return await read(keys)

        bench.cache.walker.read = held  # type: ignore[method-assign]
        await person.presses("H", "y")
        await person.sees("50 of 120 healed… esc stops")
        await person.presses("escape")
        await person.sees("stopped: 50 of 120 healed")
        assert sum(key.startswith("hitmiss:user:") for key in bench.cache.entries) == 70


async def test_read_only_heals_nothing(bench: Bench) -> None:
    """The key says why."""
    async with on_compare(bench, read_only=True) as person:
        await person.presses("H")
        assert person.message.startswith("read-only")


async def test_no_drift_is_said_as_such(bench: Bench) -> None:
    """Once all have been compared; and that there was nothing, where there was."""
    async with on_compare(bench) as person:
        await person.presses("a")
        await person.has_all_answers()
        await person.sees("there was no copy to compare")
        assert "done in" in audit_line(person)
        for id in (1, 2):
            bench.table.rows[id] = {"id": id, "name": "Ada"}
            put(bench, id, {"id": id, "name": "Ada"})
        await person.presses("a")
        await person.has_all_answers()
        await person.sees("no drift in 2 copies")


async def test_a_copy_whose_time_is_over_is_called_gone(bench: Bench) -> None:
    """In the comparison and in the list, without asking the cache again."""
    bench.table.rows[1] = {"id": 1, "name": "Ada"}
    put(bench, 1, {"id": 1, "name": "Bob"}, 30.0)
    async with on_compare(bench) as person:
        await audited(person, bench)
        await person.presses("G")
        assert findings(person) == ["1 differs confirmed"]
        await bench.clock.advance(40.0)
        screen_of(person).tick()
        await person.settles()
        assert "─ ○ gone ─" in person.text
        assert "the copy's time is over" in person.text
        assert findings(person) == ["1 gone confirmed"]


async def test_findings_are_written_as_json_lines_and_csv(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how sure it is; what a spreadsheet or a terminal would obey is harmless in CSV."""
    monkeypatch.chdir(tmp_path)
    bench.table.rows[1] = {"id": 1, "name": 'A "da", x', "city": "Rom"}
    put(bench, 1, {"id": 1, "name": "=cmd()\x1b[2J", "city": "Bari"})
    async with on_compare(bench, size=(160, 30)) as person:
        await person.presses("o", "j")
        await person.sees("there are no findings")
        await audited(person, bench)
        await person.presses("o", "j")
        await person.sees("hitmiss-findings.jsonl")
        await person.presses("o", "c")
        await person.sees("hitmiss-findings.csv")
    (found,) = map(json.loads, (tmp_path / "hitmiss-findings.jsonl").read_text().splitlines())
    assert (found["id"], found["differs"], found["certainty"]) == (
        1, ["name", "city"], "confirmed",
    )  # fmt: skip
    heads, *rows = csv.reader((tmp_path / "hitmiss-findings.csv").read_text().splitlines())
    assert heads[:7] == ["id", "key", "finding", "certainty", "column", "cached", "database"]
    assert [row[2:7] for row in rows] == [
        ["differs", "confirmed", "name", r"'=cmd()\x1b[2J", 'A "da", x'],
        ["differs", "confirmed", "city", "Bari", "Rom"],
    ]


async def test_other_screens_offer_no_findings(bench: Bench) -> None:
    """Their keys do nothing there."""
    async with person_at_bench(bench) as person:
        await person.presses("escape", "o")
        assert "findings" not in person.text
        await person.presses("c")
        assert "to a new file" in person.text
