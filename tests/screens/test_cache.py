"""Journeys on the Cache screen."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import ANY

import pytest
from fakes import SCHEMA, Bench
from msgspec.structs import replace
from person import Person, person_at_bench, person_with
from servers import ValkeyServer

from tui.models.inventory import FAREWELL_SECONDS
from tui.runtime.errors import CacheRefused, CacheUnavailable
from tui.views.screens.cache import CacheScreen
from tui.views.screens.confirm import ConfirmScreen
from tui.views.screens.lookup import LookupScreen
from tui.views.widgets.timeline import ROWS, Timeline

GRACE = 30.0


@asynccontextmanager
async def on_cache(
    bench: Bench, *, read_only: bool = False, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Person]:
    """Go to the Cache screen, and wait until all has been read."""
    async with person_at_bench(bench, read_only=read_only, size=size) as person:
        await person.presses("escape", "2")
        await person.has_all_answers()
        yield person


def put(bench: Bench, id: int, seconds: float | None, payload: bytes | None = None) -> None:
    """Cache a copy that is fresh for that time; None is for ever."""
    value = json.dumps({"id": id, "name": "x"}).encode() if payload is None else payload
    left = None if seconds is None else seconds + (0 if value == b"null" else GRACE)
    bench.cache.put(f"hitmiss:user:{id}", value, left)


def cache_screen(person: Person) -> CacheScreen:
    """Give the Cache screen, which is in front."""
    assert isinstance(person.app.screen, CacheScreen)
    return person.app.screen


def expiries_at(person: Person) -> range:
    """Give the lines that the timeline has."""
    region = cache_screen(person).query_one(Timeline).region
    return range(region.y, region.bottom)


def expiries(person: Person) -> list[str]:
    """Give the upper edge of the timeline, and the rows of its columns."""
    lines = expiries_at(person)
    return person.lines[lines.start : lines.start + 1 + ROWS]


def rows(person: Person) -> list[str]:
    """Give the lines of the list, without the cursor's mark and the bars."""
    copies = cache_screen(person).copies
    lines = [copies.render_line(y).text for y in range(copies.row_count)]
    return [" ".join(line.strip("› ").translate(BARS).split()) for line in lines]


BARS = {ord(character): " " for character in "━╸─·"}


async def test_what_expires_next_is_on_top_with_its_bar(bench: Bench) -> None:
    """Keys by the end of their freshness; in grace, absent and endless ones are told apart."""
    put(bench, 1, 20)
    put(bench, 2, 5)
    put(bench, 3, -10)
    put(bench, 4, 8, b"null")
    put(bench, 5, None)
    async with on_cache(bench) as person:
        assert rows(person) == [
            "2 ● fresh 22 B 5 s",
            "4 ○ absent 4 B 8 s",
            "1 ● fresh 22 B 20 s",
            "3 ▲ in grace 22 B kept 20 s more, if the database fails",
            "5 ▲ no expiry 22 B never",
        ]
        assert "5 keys · 3 fresh · 1 in grace · 1 absent · 1 no expiry · 92 B" in person.text


async def test_what_is_in_view_is_told_once(bench: Bench) -> None:
    """In the list's edge, and only where there is more of it than is seen."""
    for id in range(1, 31):
        put(bench, id, 20)
    async with on_cache(bench) as person:
        (edge,) = [line for line in person.lines if "of 30" in line]
        assert re.findall(r"(\d+)–(\d+) of 30 ([↓↑])", edge) == [("1", ANY, "↓")]
        await person.presses("end")
        (edge,) = [line for line in person.lines if "of 30" in line]
        assert re.findall(r"–(\d+) of 30 ([↓↑])", edge) == [("30", "↑")]


async def test_what_expires_stays_marked_for_a_moment(bench: Bench) -> None:
    """At its end it says in grace or expired, and moves on later; nobody is asked."""
    put(bench, 1, 3)
    put(bench, 2, 50)
    put(bench, 3, 2, b"null")
    async with on_cache(bench) as person:
        before = list(bench.cache.commands)
        bench.clock.now += 4
        cache_screen(person).tick()
        assert rows(person)[0] == "3 expired 4 B"
        assert rows(person)[1].startswith("1 ▲ in grace")
        bench.clock.now += 0.9
        cache_screen(person).tick()
        assert bench.cache.commands == before
        bench.clock.now += 5
        cache_screen(person).tick()
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["2", "1"]


async def test_a_cliff_of_expiries_shows_in_the_timeline(bench: Bench) -> None:
    """Forty copies that end together stand out; it is said beside them and in the frame."""
    for id in range(10, 50):
        put(bench, id, 120)
    put(bench, 1, 30)
    put(bench, 2, 1000)
    async with on_cache(bench) as person:
        assert "▲ 40 end together in 1:55" in person.text
        assert "40 in 5 s, at 1:55" in person.text
        columns = [line for line in expiries(person) if "█" in line]
        assert len(columns) == ROWS
        assert {line.index("█") for line in columns} == {columns[0].index("█")}
        assert "later" in columns[1]
        assert columns[2].endswith(" 1     │")


async def test_the_axis_reaches_as_far_as_most_copies_live(bench: Bench) -> None:
    """Copies of minutes, of hours and of days each have a scale that they fill."""
    said = []
    for longest in (60, 3600, 30 * 86_400):
        for id in range(1, 10):
            put(bench, id, longest * id / 10)
        async with on_cache(bench) as person:
            said.append(person.lines[expiries_at(person).stop - 1].strip("╰─╯ "))
            assert "no cliff: at most 1 together" in person.text
            assert sum(line.count("▆") for line in expiries(person)) == 9
    assert said == ["a column is 2 s", "a column is 1 min", "a column is 12 h"]


async def test_the_columns_of_the_timeline_move_on_whole(bench: Bench) -> None:
    """Within the time of one of them only the words count down."""
    bench.clock.now = 600.25
    for id in range(10, 50):
        put(bench, id, 120)
    async with on_cache(bench) as person:
        before = expiries(person)
        bench.clock.now += 1.5
        cache_screen(person).tick()
        await person.settles()
        after = expiries(person)
        assert after[2:] == before[2:]
        assert after[1].split("█")[0] == before[1].split("█")[0]
        assert after[0] != before[0]


async def test_a_wide_terminal_names_the_copies_and_shows_one(bench: Bench) -> None:
    """The names are from the copies; beside the list stands what the chosen one holds."""
    put(bench, 1, 20, b'{"id":1,"name":"Amara \\u001b[31m","tags":[1,2]}')
    put(bench, 2, 30, b"null")
    put(bench, 3, 40, b"garbage")
    bench.cache.put("hitmiss:user:4", b'{"id":4,"name":"' + b"x" * 70_000 + b'"}', 90)
    async with on_cache(bench, size=(120, 40)) as person:
        assert [row.split(" ", 1)[1].split(" ●")[0] for row in rows(person)[:1]] == [
            "Amara \\x1b[31m"
        ]
        for line in (
            "key     hitmiss:user:1", "type    string", "format  json", "size    47 B",
            "ttl     fresh for 20 s, grace 30 s", "tags [1, 2]",
        ):  # fmt: skip
            assert line in person.text
        await person.presses("j")
        await person.sees("it says that there is no such record")
        await person.presses("j")
        await person.sees("copy 3")
        await person.sees("no")
        await person.presses("j")
        await person.sees("too long to show here: d compares it")


async def test_a_copy_is_read_once_for_its_name(bench: Bench) -> None:
    """Nor is it in a narrow terminal, nor while the display is held still."""
    put(bench, 1, 500, b'{"id":1,"name":"Amara"}')
    for size, read in (((80, 24), 0), ((120, 24), 1)):
        async with on_cache(bench, size=size) as person:
            for _ in range(3):
                bench.clock.now += 1
                cache_screen(person).tick()
                await person.has_all_answers()
            assert bench.cache.walker.reads == read


async def test_a_long_key_is_seen_whole(bench: Bench) -> None:
    """The column of keys grows at the cost of the bars."""
    id = "0b6c5f0e-6c3b-4e43-9d3a-0a3c1d9f6a11"
    schema = replace(SCHEMA, id_is_integer=False)
    bench.cache.put(f"hitmiss:user:{id}", b'{"id":"x"}', 500)
    async with person_at_bench(bench, schema=schema) as person:
        await person.presses("escape", "2")
        await person.has_all_answers()
        assert f"›{id} ● fresh" in person.text


async def test_a_filter_finds_what_the_list_has_no_room_for(bench: Bench) -> None:
    """The server is asked for keys that hold the text; esc and enter go to the list."""
    for id in range(1, 40):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        await person.presses("/")
        await person.presses("3", "7", "enter")
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["37"]
        assert cache_screen(person).copies.has_focus
        await person.presses("/", *["backspace"] * 2, "escape")
        await person.has_all_answers()
        assert len(rows(person)) == 39


async def test_a_copy_can_be_forgotten_expired_and_given_another_life(bench: Bench) -> None:
    """i, x, + and - do it to the copy under the cursor, and the row shows it."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        await person.presses("+")
        await person.has_all_answers()
        assert bench.cache.seconds_left("hitmiss:user:1") == 30 + GRACE
        assert rows(person) == ["1 ● fresh 22 B 30 s"]
        await person.presses("-")
        await person.has_all_answers()
        assert bench.cache.seconds_left("hitmiss:user:1") == 10 + GRACE
        assert person.message == "1 lives for 10 s from now"
        await person.presses("x")
        await person.has_all_answers()
        assert bench.cache.seconds_left("hitmiss:user:1") == GRACE
        await person.presses("i")
        await person.has_all_answers()
        assert bench.cache.holds("hitmiss:user:1") is None
        assert rows(person) == ["1 invalidated 22 B"]


async def test_no_life_is_given_to_a_copy_whose_delete_is_pending(bench: Bench) -> None:
    """It may be stale: + says why it does not do it."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        full = CacheRefused("full")
        bench.cache.refuses = {"invalidate": full, "drop": full}
        await bench.service.writer.invalidate(1)
        await person.presses("+")
        await person.has_all_answers()
        assert "pending" in person.message
        assert bench.cache.seconds_left("hitmiss:user:1") == 20 + GRACE


async def test_invalidating_all_asks_first(bench: Bench) -> None:
    """I names what goes; n leaves it, y does it, copy and lease, and only what matches."""
    for id in range(1, 8):
        put(bench, id, 50)
    bench.cache.put("{hitmiss:user:1}:hitmiss-lease", b"token", 3)
    bench.cache.put("other", b"theirs", None)
    async with on_cache(bench) as person:
        await person.presses("I")
        assert isinstance(person.app.screen, ConfirmScreen)
        await person.sees("Invalidate every key under hitmiss:user:* in")
        await person.presses("n")
        assert len(bench.cache.entries) == 9
        assert person.message == "left as it was"
        await person.presses("I", "y")
        await person.has_all_answers()
        assert list(bench.cache.entries) == ["other"]
        assert person.message == "7 invalidated"


async def test_where_nothing_is_listed_there_is_nothing_to_ask(bench: Bench) -> None:
    """I says so, and the footer names no key for a copy until there is one."""
    async with on_cache(bench) as person:
        assert "Invalidate" not in person.footer
        assert "/ Filter" in person.footer
        await person.presses("I")
        assert isinstance(person.app.screen, CacheScreen)
        assert person.message == "nothing to invalidate: nothing is listed"
        put(bench, 1, 50)
        await person.presses("r")
        await person.has_all_answers()
        assert "⏎ Look up  / Filter  i Invalidate" in person.footer


async def test_enter_is_never_a_yes(bench: Bench) -> None:
    """Enter, esc and q in a hurry leave everything as it is."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        for key in ("enter", "escape", "q"):
            await person.presses("I", key)
            assert isinstance(person.app.screen, CacheScreen)
        await person.has_all_answers()
        assert bench.cache.holds("hitmiss:user:1") is not None


async def test_a_cache_that_goes_away_keeps_the_list_and_says_why(bench: Bench) -> None:
    """What was found stays; the message and the status have the reason."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        bench.cache.down = "cannot reach the cache: connection refused"
        await person.presses("r")
        await person.has_all_answers()
        assert person.message == "cannot reach the cache: connection refused"
        assert "down: cannot reach the cache" in person.status
        assert rows(person) == ["1 ● fresh 22 B 50 s"]


async def test_the_cursor_stays_on_its_copy(bench: Bench) -> None:
    """While rows come and go above it, the selected copy stays selected."""
    for id in range(1, 6):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        await person.presses("j", "j")
        put(bench, 9, 20)
        put(bench, 1, 90)
        await person.presses("r")
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["9", "2", "3", "4", "5", "1"]
        selected = cache_screen(person).copies.selected
        assert selected is not None
        assert selected.id == 3


async def test_enter_looks_the_copy_up(bench: Bench) -> None:
    """It goes to the Lookup screen, where the answer comes."""
    put(bench, 1, 50, b'{"id":1,"name":"Amara"}')
    async with on_cache(bench) as person:
        await person.presses("enter")
        await person.has_all_answers()
        assert isinstance(person.app.screen, LookupScreen)
        assert person.answers == ["1 HIT"]


async def test_an_empty_cache_says_what_to_do(bench: Bench) -> None:
    """No rows, but a sentence; keys that need a row say so too."""
    async with on_cache(bench) as person:
        assert "nothing is cached under hitmiss:user:*" in person.text
        await person.presses("i")
        assert person.message.startswith("nothing is selected")


async def test_paused_nothing_moves_until_it_goes_on(bench: Bench) -> None:
    """P holds list, bars and timeline still; p again shows what has become of them."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        await person.presses("p")
        held = person.lines[3:-2]
        bench.clock.now += 10
        cache_screen(person)._tick()
        await person.settles()
        assert person.lines[3:-2] == held
        assert "PAUSED" in person.status
        await person.presses("p")
        await person.has_all_answers()
        assert rows(person) == ["1 ● fresh 22 B 10 s"]


async def test_nothing_is_read_while_nobody_looks(bench: Bench) -> None:
    """On another screen no walk goes on or begins."""
    for id in range(1, 20):
        put(bench, id, 50)
    async with on_cache(bench) as person:
        bench.cache.gate("scan").close()
        await person.presses("r")
        assert bench.cache.gate("scan").waiting == 1
        await person.presses("1")
        await person.waits_for(lambda: bench.cache.gate("scan").waiting == 0)
        bench.cache.gate("scan").open()
        bench.clock.now += 100
        await person.has_all_answers()
        screens = [screen for stack in person.app._screen_stacks.values() for screen in stack]
        (screen,) = [screen for screen in screens if isinstance(screen, CacheScreen)]
        screen._tick()
        assert not screen._is_at("walk")


async def test_read_only_offers_no_key_that_writes(bench: Bench) -> None:
    """No i, x, +, -, u or I: not in the footer, not in the palette, not when pressed."""
    put(bench, 1, 20)
    async with on_cache(bench, read_only=True, size=(200, 24)) as person:
        before = dict(bench.cache.entries)
        for word in ("Invalidate", "Expire", "Live longer", "Update"):
            assert word not in person.footer
            assert not any(command.startswith(word) for command in person.commands)
        await person.presses("i", "x", "+", "-", "u", "I")
        await person.has_all_answers()
        assert isinstance(person.app.screen, CacheScreen)
        assert bench.cache.entries == before


async def test_a_thousand_keys_of_a_real_server(server: ValkeyServer, users_db: Path) -> None:
    """All that match, none of the others, the first ones to expire in view."""
    with server.client() as client:
        pipe = client.pipeline(transaction=False)
        for id in range(1, 1001):
            pipe.set(f"hitmiss:user:{id}", b'{"id":1}', px=31_000_000 + 1_000_000 * id)
            pipe.set(f"other:{id}", b"x")
        pipe.execute()
    async with person_with(db=str(users_db), cache=server.url) as person:
        await person.presses("escape", "2")
        await person.has_all_answers()
        assert "1,000 keys · 1,000 fresh" in person.text
        assert [row.split()[0] for row in rows(person)[:3]] == ["1", "2", "3"]
        assert len(rows(person)) == 1000


async def test_steps_of_life_go_on_although_time_does(bench: Bench) -> None:
    """A second + is the next longer ttl, although some of the first is over by then."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        for ttl in (30, 60, 300):
            await person.presses("+")
            await person.has_all_answers()
            assert bench.cache.seconds_left("hitmiss:user:1") == ttl + GRACE
            bench.clock.now += 0.5


@pytest.mark.parametrize(
    ("seconds", "key", "said"),
    [
        (None, "+", "1 never expires: - gives it a ttl"),
        (3600, "+", "1 lives for the longest ttl already"),
        (4, "-", "1 has no more than that left: x lets it expire, i forgets it"),
        (-5, "-", "1 has no more than that left: x lets it expire, i forgets it"),
        (-5, "x", "1 is past its ttl already: only its grace is left; i forgets it"),
    ],
)
async def test_a_step_that_there_is_not_is_said(
    bench: Bench, seconds: float | None, key: str, said: str
) -> None:
    """No life is lengthened by a -, and nothing is done where nothing can be done."""
    put(bench, 1, seconds)
    async with on_cache(bench, size=(120, 40)) as person:
        before = dict(bench.cache.entries)
        await person.presses(key)
        await person.has_all_answers()
        assert person.message == said
        assert bench.cache.entries == before


async def test_a_copy_without_expiry_can_be_given_one(bench: Bench) -> None:
    """- gives it the longest ttl there is."""
    put(bench, 1, None)
    async with on_cache(bench) as person:
        await person.presses("-")
        await person.has_all_answers()
        assert bench.cache.seconds_left("hitmiss:user:1") == 3600 + GRACE


async def test_a_walk_beside_invalidate_all_brings_nothing_back(bench: Bench) -> None:
    """What a walk had read just before it went is not listed as cached."""
    put(bench, 1, 20)
    put(bench, 2, 30)
    async with on_cache(bench) as person:
        bench.cache.gate("describe").close()
        await person.presses("r")
        await person.waits_for(lambda: bench.cache.gate("describe").waiting == 1)
        await person.presses("I", "y")
        await person.waits_for(lambda: not bench.cache.entries)
        bench.cache.gate("describe").open()
        await person.has_all_answers()
        assert [row.split()[1] for row in rows(person)] == ["invalidated", "invalidated"]
        assert person.message == "2 invalidated"


async def test_esc_stops_invalidating_all(bench: Bench) -> None:
    """The rest stays, and the screen says how many are gone."""
    for id in range(1, 6):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        gate = bench.cache.gate("invalidate")
        gate.close()
        await person.presses("I", "y")
        await person.waits_for(lambda: gate.waiting == 1)
        await person.presses("escape")
        await person.sees("stopped: 0 invalidated")
        gate.open()
        await person.has_all_answers()
        assert len(bench.cache.entries) == 3  # the trip under way went to its end


async def test_after_an_outage_the_screen_says_that_all_is_well(bench: Bench) -> None:
    """The next walk that gets an answer takes back the message and the state."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        bench.cache.down = "connection refused"
        await person.presses("r")
        await person.has_all_answers()
        assert "connection refused" in person.message
        assert "down" in person.status
        bench.cache.down = None
        await person.presses("r")
        await person.has_all_answers()
        assert "connection refused" not in person.message
        assert "down" not in person.status


async def test_a_failure_is_taken_back_by_the_first_answer(bench: Bench) -> None:
    """However long the walk goes on, the message does not outlive the outage."""
    for id in range(1, 6):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        bench.cache.down = "connection refused"
        await person.presses("r")
        await person.has_all_answers()
        assert "connection refused" in person.message
        bench.cache.down = None
        gate = bench.cache.gate("describe")
        gate.close()
        await person.presses("r")
        await person.waits_for(lambda: gate.waiting == 1)
        gate.open()
        gate.close()
        await person.waits_for(lambda: "connection refused" not in person.message)
        gate.open()
        await person.has_all_answers()


async def test_how_many_went_before_a_failure_can_be_read(bench: Bench) -> None:
    """No walk follows at once, which would fail too and say only that."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        bench.cache.refuses["invalidate"] = CacheUnavailable("it did not answer")
        await person.presses("I", "y")
        await person.waits_for(lambda: bool(bench.clock._sleepers))
        await bench.clock.advance(4)
        await person.has_all_answers()
        bench.cache.down = "connection refused"
        cache_screen(person)._tick()
        await person.has_all_answers()
        assert person.message == "0 invalidated, then: it did not answer"
        bench.clock.now += 6
        cache_screen(person)._tick()
        await person.has_all_answers()
        assert "connection refused" in person.message


async def test_the_cursor_stays_on_a_copy_that_was_changed(bench: Bench) -> None:
    """+ sends the first row down the list; the next key is still for its copy."""
    put(bench, 1, 20)
    put(bench, 2, 25)
    async with on_cache(bench) as person:
        await person.presses("+")
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["2", "1"]
        await person.presses("i")
        await person.has_all_answers()
        assert list(bench.cache.entries) == ["hitmiss:user:2"]


async def test_what_was_said_of_one_copy_goes_with_the_cursor(bench: Bench) -> None:
    """On another row it would be taken for that one's."""
    put(bench, 1, 20)
    put(bench, 2, 25)
    async with on_cache(bench) as person:
        await person.presses("+")
        await person.has_all_answers()
        assert person.message == "1 lives for 30 s from now"
        await person.presses("up")
        assert "lives for" not in person.message


async def test_what_was_said_of_a_copy_goes_with_it(bench: Bench) -> None:
    """Once its row has left the list, the cursor stands on a copy that it is not true of."""
    put(bench, 1, 20)
    put(bench, 2, 25)
    async with on_cache(bench) as person:
        await person.presses("i")
        await person.has_all_answers()
        assert person.message == "1 invalidated"
        bench.clock.now += FAREWELL_SECONDS + 1
        cache_screen(person)._tick()
        await person.settles()
        assert [row.split()[0] for row in rows(person)] == ["2"]
        assert "invalidated" not in person.message


async def test_what_was_said_of_a_copy_is_not_repeated_later(bench: Bench) -> None:
    """Somebody who comes back to the screen may have looked the record up meanwhile."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        await person.presses("i")
        await person.has_all_answers()
        assert person.message == "1 invalidated"
        await person.presses("3", "2")
        await person.has_all_answers()
        assert "invalidated" not in person.message


async def test_nothing_is_read_while_the_display_is_held(bench: Bench) -> None:
    """A walk ends with the pause, none begins in it, and p reads anew."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        bench.cache.gate("scan").close()
        await person.presses("r")
        await person.waits_for(lambda: bench.cache.gate("scan").waiting == 1)
        await person.presses("p")
        await person.waits_for(lambda: bench.cache.gate("scan").waiting == 0)
        await person.presses("r")
        assert "paused" in person.message
        bench.cache.gate("scan").open()
        put(bench, 2, 60)
        await person.presses("p")
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["1", "2"]


async def test_what_the_form_invalidates_is_called_so(bench: Bench) -> None:
    """It has not expired: it was forgotten because the record was written."""
    put(bench, 1, 50)
    async with on_cache(bench) as person:
        await person.presses("u")
        await person.has_all_answers()
        await person.presses("end", "!", "enter")
        await person.has_all_answers()
        assert rows(person) == ["1 invalidated 22 B"]


async def test_a_key_that_may_do_nothing_says_why(bench: Bench) -> None:
    """Read-only, i is not simply ignored."""
    put(bench, 1, 50)
    async with on_cache(bench, read_only=True) as person:
        await person.presses("i")
        assert person.message.startswith("read-only: start with --writable")


async def test_a_cache_that_stumbled_is_read_again_soon(bench: Bench) -> None:
    """The next attempt comes after five seconds."""
    put(bench, 1, 500)
    async with on_cache(bench) as person:
        screen = cache_screen(person)
        bench.cache.down = "it did not answer"
        await person.presses("r")
        await person.has_all_answers()
        bench.cache.down = None
        put(bench, 2, 600)
        bench.clock.now += 6
        screen._tick()
        await person.has_all_answers()
        assert [row.split()[0] for row in rows(person)] == ["1", "2"]


async def test_invalidating_all_outlasts_a_hiccup(bench: Bench) -> None:
    """A trip that got no answer is made again, and all of them go."""
    for id in range(1, 6):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        bench.cache.refuses["invalidate"] = CacheUnavailable("it did not answer")
        await person.presses("I", "y")
        await person.waits_for(lambda: bool(bench.clock._sleepers))
        bench.cache.refuses.clear()
        await bench.clock.advance(1)
        await person.has_all_answers()
        assert bench.cache.entries == {}
        assert person.message == "5 invalidated"


async def test_the_question_says_that_the_count_goes_on(bench: Bench) -> None:
    """While the first walk is under way, more will go than it has found."""
    for id in range(1, 6):
        put(bench, id, 50 + id)
    async with on_cache(bench) as person:
        cache_screen(person)._controller.complete = False
        await person.presses("I")
        await person.sees("At least 5")
        await person.sees("still being counted")


async def test_a_copy_that_is_gone_gets_no_other_life(bench: Bench) -> None:
    """Its row is still there to say farewell, and + says so."""
    put(bench, 1, 20)
    async with on_cache(bench) as person:
        await person.presses("i")
        await person.has_all_answers()
        await person.presses("+")
        await person.has_all_answers()
        assert person.message == "1 is not cached any more"


async def test_s_sorts_by_key_size_and_expiry(bench: Bench) -> None:
    """The cursor stays on its copy; what comes later finds its place in the order."""

    def ids() -> list[str]:
        return [row.split()[0] for row in rows(person)]

    def cursor() -> int | str | None:
        selected = cache_screen(person).copies.selected
        return None if selected is None else selected.id

    for id, size, seconds in ((3, 30, 60.0), (1, 10, 65.0), (2, 50, 50.0)):
        put(bench, id, seconds, b"x" * size)
    async with on_cache(bench) as person:
        assert ids() == ["2", "3", "1"]
        await person.presses("j", "s")
        assert (ids(), cursor()) == (["1", "2", "3"], 3)
        assert "by key" in person.text
        await person.presses("s")
        assert (ids(), cursor()) == (["2", "3", "1"], 3)
        assert person.message == "sorted by size: the largest is on top"
        put(bench, 4, 70.0, b"x" * 40)
        await person.presses("r")
        await person.has_all_answers()
        assert (ids(), cursor()) == (["2", "4", "3", "1"], 3)
        await person.presses("s")
        assert ids() == ["2", "3", "1", "4"]
        await person.presses("p", "s")
        assert "paused: p goes on" in person.message


async def test_a_click_on_a_heading_sorts_by_it(bench: Bench) -> None:
    """As `s` does, at once by that column."""
    for id, size, seconds in ((3, 30, 60.0), (1, 10, 65.0), (2, 50, 50.0)):
        put(bench, id, seconds, b"x" * size)
    async with on_cache(bench) as person:
        heading = person.app.screen.query_one("#heading")
        for word, ids in (("size", ["2", "3", "1"]), ("key", ["1", "2", "3"]),
                          ("fresh for", ["2", "3", "1"])):  # fmt: skip
            line = person.lines[heading.region.y]
            at = line.index(word) - heading.region.x + 1
            await person.pilot.click("#heading", offset=(at, 0))
            await person.settles()
            assert [row.split()[0] for row in rows(person)] == ids, word


async def test_the_timeline_can_be_zoomed(bench: Bench) -> None:
    """Columns stand for less time, or for more; at an end no further."""
    for id in range(40):
        put(bench, id, 60.0 + id * 20)
    async with on_cache(bench) as person:
        note = person.app.screen.query_one(Timeline)
        usual = note.edges[1]
        await person.presses("z")
        finer = note.edges[1]
        await person.presses(*["Z"] * 2)
        wider = note.edges[1]
        assert len({usual, finer, wider}) == 3
        await person.presses(*["Z"] * 30, *["z"] * 30)
        assert note.edges[1] == "a column is 2 s"
        assert note.edges[0].startswith("expiries")
