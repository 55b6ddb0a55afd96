"""Journeys of somebody who knows a name and no key."""

from pathlib import Path

import pytest
from fakes import Bench
from msgspec.structs import replace
from person import person_at_bench, person_with

from tui.models import SearchResult
from tui.views.widgets.first import First


@pytest.fixture
def crowd(bench: Bench) -> Bench:
    """A bench whose table has a few names."""
    for id, name in enumerate(("Anna", "Annika", "Johanna", "Bo"), start=2):
        bench.table.rows[id] = {"id": id, "name": name}
    return bench


async def test_a_name_is_found_while_it_is_typed(users_db: Path) -> None:
    """Letters open a list that narrows; arrows choose in it, and enter looks that one up."""
    async with person_with(db=str(users_db)) as person:
        await person.presses("z", "o", "e")
        await person.has_all_answers()
        assert person.message == "3 found · ↑ ↓ choose · enter looks up"
        assert person.matches == ["Zoë Peeters", "Zoé Bélanger", "Zoë Peeters"]
        assert person.chosen == "Zoë Peeters", "the best match is chosen at once"
        await person.presses("down")
        assert person.chosen == "Zoé Bélanger"
        await person.presses("down", "down", "down", "up")
        assert person.chosen == "Zoé Bélanger", "the list does not go round"
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers == ["196 DB"]
        assert "Zoé Bélanger" in person.text
        assert person.matches == []
        await person.presses("enter")
        await person.has_all_answers()
        assert person.answers[0] == "5 DB", "a closed list chooses nothing: the best match"


async def test_many_matches_are_counted_and_scroll(users_db: Path) -> None:
    """The list has twenty matches, says that there are more, and scrolls to the last."""
    async with person_with(db=str(users_db)) as person:
        await person.types("a")
        await person.has_all_answers()
        assert person.message.startswith("20+ found")
        assert len(person.matches) == 20
        assert person.matches[-1] not in person.text
        await person.presses(*["down"] * 19)
        assert person.chosen == person.matches[-1]
        assert person.matches[-1] in person.text


async def test_an_index_that_would_help_is_named_in_80_columns(
    crowd: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it would help is not cut off, whether the stopped search found something or not."""
    search = crowd.table.search

    async def stopped(text: str, limit: int, *, seconds: float) -> SearchResult:
        result = await search(text, limit, seconds=seconds)
        return replace(
            result, complete=False, index="COLLATE NOCASE on full_name, email_address, town"
        )

    monkeypatch.setattr(crowd.table, "search", stopped)
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.has_all_answers()
        found = "3 found · ↑ ↓ choose · enter looks up (stopped, an index would help: COL"
        assert person.message.startswith(found)
        await person.types("somebody by this name")
        await person.has_all_answers()
        nothing = "nothing yet holds 'somebody by this name'; stopped, an index would help: "
        assert person.message.startswith(nothing)


async def test_digits_are_not_searched_for(crowd: Bench) -> None:
    """A key opens no list, and closes the one that is open."""
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.has_all_answers()
        assert person.matches == ["Anna", "Annika", "Johanna"]
        await person.types("12")
        await person.has_all_answers()
        assert person.matches == []
        assert crowd.table.searches == ["ann"]


async def test_an_older_search_never_overwrites_a_newer_one(crowd: Bench) -> None:
    """While the database is slow, only the latest text's matches come up."""
    crowd.table.search_gate.close()
    async with person_at_bench(crowd) as person:
        await person.types("anni")
        await person.waits_for(lambda: crowd.table.searches == ["anni"])
        await person.types("bo")
        await person.waits_for(lambda: crowd.table.searches == ["anni", "bo"])
        crowd.table.search_gate.open()
        await person.has_all_answers()
        assert person.matches == ["Bo"]


async def test_enter_does_not_wait_for_the_list(crowd: Bench) -> None:
    """Enter before the search has answered looks the best match up, and no list comes later."""
    crowd.table.search_gate.close()
    async with person_at_bench(crowd) as person:
        await person.asks("annik")
        assert person.answers == ["annik pending…"]
        crowd.table.search_gate.open()
        await person.has_all_answers()
        assert person.answers == ["3 DB"]
        assert person.matches == []
        assert "Annika" in person.text


async def test_enter_takes_no_match_of_an_older_text(crowd: Bench) -> None:
    """A list that belongs to what was typed before says nothing about what is there now."""
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.has_all_answers()
        crowd.table.search_gate.close()
        await person.types("bo")
        assert person.chosen == "Anna"
        await person.presses("enter")
        crowd.table.search_gate.open()
        await person.has_all_answers()
        assert person.answers == ["5 DB"]


async def test_esc_closes_the_list_and_then_leaves_the_input(crowd: Bench) -> None:
    """Esc twice goes from the list to the log; / comes back to the text, selected."""
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.has_all_answers()
        await person.presses("escape")
        assert person.matches == []
        assert person.screen.question.input.has_focus
        await person.presses("escape")
        assert person.screen.query_one(First).has_focus
        assert "found" not in person.message
        await person.presses("/")
        assert person.screen.question.input.has_focus
        assert person.screen.question.input.selected_text == "ann"


async def test_no_list_opens_behind_somebody_who_has_left(crowd: Bench) -> None:
    """What was being searched for when the input was left is not wanted any more."""
    crowd.table.search_gate.close()
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.waits_for(lambda: crowd.table.search_gate.waiting == 1)
        await person.presses("escape")
        crowd.table.search_gate.open()
        await person.has_all_answers()
        assert person.screen.query_one(First).has_focus
        assert person.matches == []


async def test_what_is_typed_right_behind_a_slash_is_searched_for(crowd: Bench) -> None:
    """Over a slow link / and the letters come in one packet: none of them is lost."""
    async with person_at_bench(crowd) as person:
        await person.presses("escape")
        await person.bursts("slash", "b", "o", "enter")
        await person.has_all_answers()
        assert person.typed == "bo"
        assert person.answers == ["5 DB"]


async def test_a_slash_in_the_input_is_a_slash(crowd: Bench) -> None:
    """Whoever searches for a/b can type it."""
    async with person_at_bench(crowd) as person:
        await person.presses("a", "/", "b")
        assert person.typed == "a/b"


async def test_a_text_that_nobody_has_is_a_message(crowd: Bench) -> None:
    """Without a match: a message, no list; enter too adds no row."""
    async with person_at_bench(crowd) as person:
        await person.types("nobody")
        await person.has_all_answers()
        assert person.message == "no name holds 'nobody'; digits look a key up"
        await person.presses("enter")
        await person.has_all_answers()
        assert person.log == []
        assert person.message == "no name holds 'nobody'; digits look a key up"


@pytest.mark.parametrize("way_out", ["backspace", "tab"])
async def test_what_is_said_of_a_text_goes_with_it(crowd: Bench, way_out: str) -> None:
    """Neither without a text, nor without the list, is anything said of matches."""
    async with person_at_bench(crowd) as person:
        await person.presses("a")
        await person.has_all_answers()
        assert "found" in person.message
        await person.presses(way_out)
        await person.has_all_answers()
        assert "found" not in person.message


async def test_hostile_texts_are_searched_for_as_text(users_db: Path) -> None:
    """What looks like SQL, or like a number elsewhere, finds what holds it: nobody."""
    async with person_with((120, 24), db=str(users_db)) as person:
        for text in ("1; DROP TABLE users", "1e3", "٣", "' OR 1=1 --", "%", "\\"):
            await person.types(text)
            await person.bursts("enter")
            await person.has_all_answers()
            assert person.log == []
            assert person.message == f"no name or email holds {text!r}; digits look a key up"
        await person.looks_up("1")
        assert person.answers == ["1 DB"], "the table is still there"


async def test_a_search_that_fails_says_why(crowd: Bench) -> None:
    """A database that does not answer is a message while typing, and after enter."""
    crowd.table.fails = "users.db: the file is locked"
    async with person_at_bench(crowd) as person:
        await person.types("ann")
        await person.has_all_answers()
        assert person.message == "users.db: the file is locked"
        await person.presses("enter")
        await person.has_all_answers()
        assert person.message == "users.db: the file is locked"
        assert person.log == []
