"""Journeys of somebody who looks records up."""

from functools import partial
from pathlib import Path

import pytest
from fakes import Bench
from files import make_file
from person import person_at, person_at_bench, person_with
from textual._compositor import LayoutUpdate
from textual.events import Paste
from textual.screen import Screen

from tui.controllers.session import OpenServices
from tui.runtime.errors import DatabaseUnavailable
from tui.views.app import Explorer


async def test_the_database_first_then_the_cache_until_it_has_expired(users_db: Path) -> None:
    """1 enter: DB. Enter: HIT with a bar. Expired with x: enter is DB again."""
    async with person_with(db=str(users_db)) as person:
        await person.presses("1", "enter")
        await person.sees("Amara Okafor")
        await person.has_all_answers()
        assert person.answers == ["1 DB"]
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers == ["1 HIT", "1 DB"]
        assert "━" in person.log[0][2]
        assert person.log[1][2] == "", "there is one copy, so there is one bar"
        await person.presses("escape", "x")
        await person.sees("1 expired")
        assert person.log[0][2] == "expired"
        await person.presses("/", "enter")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 HIT", "1 DB"]
        assert "1 hit · 2 db reads · 33%" in person.totals


async def test_the_bar_drains_and_then_the_database_is_asked_again(bench: Bench) -> None:
    """With time alone: a HIT while the bar lasts, 'expired' when it is empty, then DB."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        bars = [person.log[0][2]]
        bench.clock.now += 20
        await person.looks_up("1")
        bars.append(person.log[0][2])
        assert person.answers == ["1 HIT", "1 DB"]
        assert bars[0].count("━") > bars[1].count("━") > 0
        assert bars[1].endswith(" 10 s")
        bench.clock.now += 10
        person.screen.lookups.tick()
        assert person.log[0][2] == "expired"
        await person.looks_up("1")
        assert person.answers == ["1 DB", "1 HIT", "1 DB"]


async def test_watching_the_bars_asks_nobody(bench: Bench) -> None:
    """The countdown runs on the local clock: no command and no query a tick."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        commands, reads = list(bench.cache.commands), list(bench.table.reads)
        for _ in range(40):
            bench.clock.now += 1
            person.screen.lookups.tick()
        await person.has_all_answers()
        assert (bench.cache.commands, bench.table.reads) == (commands, reads)


async def test_ten_lookups_in_a_row_wait_for_a_slow_database_side_by_side(bench: Bench) -> None:
    """Each shows at once as pending, in its order, and gets its own answer."""
    for id in range(10):
        bench.table.rows[id] = {"id": id, "name": f"user {id}"}
    bench.table.gate.close()
    async with person_at_bench(bench, size=(80, 40)) as person:
        for id in range(10):
            await person.presses(str(id), "enter")
        assert person.answers == [f"{id} pending…" for id in reversed(range(10))]
        await person.waits_for(lambda: bench.table.gate.waiting == 10)
        bench.table.gate.open()
        await person.has_all_answers()
        assert person.answers == [f"{id} DB" for id in reversed(range(10))]
        for id in range(10):
            assert f"user {id}" in person.screen.lookups.render_line(9 - id).text


async def test_keys_that_arrive_all_at_once_are_taken_one_by_one(bench: Bench) -> None:
    """Over a slow link 1 enter 2 enter 3 enter comes in one packet: three lookups."""
    async with person_at_bench(bench) as person:
        await person.bursts("1", "enter", "2", "enter", "3", "enter")
        await person.has_all_answers()
        assert person.answers == ["3 NOT_FOUND", "2 NOT_FOUND", "1 DB"]
        await person.bursts("4", "5", "backspace", "6", "enter")
        await person.has_all_answers()
        assert person.answers[0] == "46 NOT_FOUND"


async def test_a_late_answer_never_overwrites_a_newer_one(bench: Bench) -> None:
    """The first lookup's answer comes last: it goes to its own row, and moves nothing else."""
    bench.table.rows[2] = {"id": 2, "name": "Bo"}
    async with person_at_bench(bench) as person:
        bench.table.gate.close()
        await person.asks("1")
        await person.waits_for(lambda: bench.table.gate.waiting == 1)
        bench.cache.put("hitmiss:user:2", b'{"id":2,"name":"Bo"}', 55.0)
        await person.asks("2")
        await person.sees("HIT")
        assert person.answers == ["2 HIT", "1 pending…"]
        before = person.lines
        bench.table.gate.open()
        await person.has_all_answers()
        assert person.answers == ["2 HIT", "1 DB"]
        assert person.lines[6] == before[6], "the newer row has changed"
        assert "record 2" in person.text


def was_asked(bench: Bench, times: int) -> bool:
    """Tell whether the cache was asked for the first record that often."""
    return bench.cache.commands.count("read hitmiss:user:1") == times


async def test_lookups_of_one_key_at_once_share_one_read(bench: Bench) -> None:
    """Three of the same key while the database is slow: one read, three answers, one bar."""
    bench.table.gate.close()
    async with person_at_bench(bench) as person:
        for number in range(1, 4):
            await person.asks("1")
            await person.waits_for(partial(was_asked, bench, number))
        bench.table.gate.open()
        await person.has_all_answers()
        assert person.answers == ["1 DB"] * 3
        assert bench.table.reads == [1]
        assert [bool(rest) for _, _, rest in person.log] == [True, False, False]
        assert "shared the load of another lookup" in person.text


async def test_what_is_not_there_is_remembered_too(users_db: Path) -> None:
    """A key without a record is NOT_FOUND, then NEGATIVE, and there is nothing to copy."""
    async with person_with((120, 24), db=str(users_db)) as person:
        await person.looks_up("99999")
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers == ["99999 NEGATIVE", "99999 NOT_FOUND"]
        assert "the cache knows that there is no such" in person.text
        await person.presses("escape", "y")
        assert person.message == "there is no record to copy"
        assert person.app.clipboard == ""


async def test_the_typed_text_stays_selected(bench: Bench) -> None:
    """After enter the text stays: enter looks it up again, typing replaces it."""
    async with person_at_bench(bench) as person:
        await person.presses("1", "2", "enter")
        assert (person.typed, person.screen.question.input.selected_text) == ("12", "12")
        await person.presses("1")
        assert person.typed == "1"
        await person.presses("enter", "enter")
        await person.has_all_answers()
        assert [key for key, _, _ in person.log] == ["1", "1", "12"]


async def test_a_key_that_no_column_can_hold_is_a_message(bench: Bench) -> None:
    """2**64 and an empty line are answered under the input; no row, no question to anybody."""
    async with person_at_bench(bench, size=(120, 24)) as person:
        await person.asks(str(2**64))
        assert person.message.startswith("18446744073709551616 is too large for a key")
        await person.asks("9" * 10_000)
        assert person.message.startswith(f"{'9' * 24}… is too large for a key")
        await person.asks("  ")
        assert person.message == "a key is missing: type a key, like 1, or a name"
        assert person.log == []
        await person.looks_up("1")
        assert person.message.startswith("type a key"), (
            "the message stays after it is dealt with"
        )


async def test_a_database_that_fails_is_an_error_with_its_reason(bench: Bench) -> None:
    """The row says ERROR, the record panel why, the status line that the database is down."""
    bench.table.fails = "users.db: the file is locked"
    async with person_at_bench(bench, size=(120, 30)) as person:
        await person.looks_up("1")
        assert person.log[0][1:] == ("ERROR", "users.db: the file is locked")
        assert "× ERROR  0.00 ms" in person.text
        assert "database down: users.db: the file is locked" in person.status
        bench.table.fails = None
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers == ["1 DB", "1 ERROR"]
        assert "◆ db fake" in person.status


async def test_a_database_that_is_gone_before_the_start_is_told_and_survived() -> None:
    """The file goes between the check and the opening: ERROR rows, and i and x say why."""

    async def open_services() -> OpenServices:
        raise DatabaseUnavailable("users.db: no such file")

    async with person_at(open_services) as person:
        assert "database down: users.db: no such file" in person.status
        await person.looks_up("1")
        assert person.log[0][1] == "ERROR"
        await person.presses("escape", "i")
        await person.sees("1 was not invalidated: users.db: no such file")
        await person.presses("x")
        await person.sees("1 was not expired: users.db: no such file")


async def test_a_large_terminal_has_charts_of_the_session(bench: Bench) -> None:
    """Hit ratio and times below all else; smaller terminals have neither."""
    async with person_at_bench(bench, size=(120, 40)) as person:
        assert "nothing asked yet" in person.text
        await person.looks_up("1")
        await person.looks_up("1")
        top = next(n for n, line in enumerate(person.lines) if "─ latency ─" in line)
        assert "─ hit ratio ─" in person.lines[top]
        assert "50% of the last 2" in person.lines[top]
        assert person.lines[top + 1].startswith("│ 100┤")
        assert person.lines[top + 4].startswith("│   0┤⡸")
        assert "● hit" in person.lines[top + 1]
        assert "0.1" in person.lines[top + 4]
        await person.pilot.resize_terminal(80, 24)
        await person.settles()
        assert "latency" not in person.text
        await person.pilot.resize_terminal(120, 40)
        await person.sees("─ latency ─")


async def test_hints_are_of_the_table(tmp_path: Path) -> None:
    """A key that is there, and what is searched; a key that spells an action is text."""
    script = (
        "CREATE TABLE films (code TEXT PRIMARY KEY, title TEXT);"
        "INSERT INTO films VALUES ('{no.such}', 'Metropolis')"
    )
    path = str(make_file(tmp_path / "films.db", script))
    async with person_with(db=path, table="films") as person:
        await person.waits_for(lambda: "like {no.such}, or its title" in person.message)
        await person.types("metropolis")
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers == ["{no.such} DB"]


async def test_a_table_without_names_promises_no_search(tmp_path: Path) -> None:
    """And an empty one has no key to name."""
    path = str(make_file(tmp_path / "n.db", "CREATE TABLE n (id INTEGER PRIMARY KEY, n INT)"))
    async with person_with(db=path, table="n") as person:
        await person.waits_for(lambda: person.message.startswith("type a key · "))


async def test_a_slash_where_nothing_stands_is_no_text(users_db: Path) -> None:
    """Nor over a text that is selected; within a text, and in a paste, it is."""
    async with person_with(db=str(users_db)) as person:
        await person.presses("/", "1")
        assert person.typed == "1"
        await person.presses("enter", "/", "2", "/")
        await person.has_all_answers()
        assert person.typed == "2/"
        await person.presses("backspace", "backspace")
        person.app.post_message(Paste("/a"))
        await person.settles()
        assert person.typed == "/a"


async def test_the_first_screen_is_painted_whole_and_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Input, tour and footer are in the first picture; no second one of the whole follows."""
    pictures: list[str] = []
    display = Explorer._display

    def note(self: Explorer, screen: Screen[object], update: object) -> None:
        if isinstance(update, LayoutUpdate):
            pictures.append("".join(strip.text for line in update.strips for strip in line))
        display(self, screen, update)  # type: ignore[arg-type]

    monkeypatch.setattr(Explorer, "_display", note)
    async with person_at_bench(bench, size=(80, 24)) as person:
        await person.sees("● cache")
        (picture,) = pictures
        for part in ("▐1 Lookup▌", "look up", "nothing asked yet", "you", "Look up", "Quit"):
            assert part in picture
