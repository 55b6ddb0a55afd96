"""Journeys in the input: pastes of several lines, and what was asked before."""

import pytest
from fakes import Bench
from person import Person, person_at_bench
from textual.events import Paste

from tui.terminal.keyboard import CutPaste
from tui.views.widgets.question import MOST_PASTED


async def pastes(person: Person, text: str) -> None:
    """Paste a text, as a terminal with bracketed paste hands it over."""
    person.app.post_message(Paste(text))
    await person.has_all_answers()


async def test_each_line_of_a_paste_is_looked_up(bench: Bench) -> None:
    """1, 2 and 3 in three lines are three lookups in that order; blank lines are none."""
    async with person_at_bench(bench) as person:
        await pastes(person, "1\n2\r\n\n  \n3\n")
        assert person.answers == ["3 NOT_FOUND", "2 NOT_FOUND", "1 DB"]
        assert person.typed == ""


async def test_names_can_be_pasted_too_and_nothing_in_them_is_obeyed(bench: Bench) -> None:
    """A line that is no key is searched for; escapes do not come through."""
    async with person_at_bench(bench) as person:
        await pastes(person, "ama\x1b[2J\n1")
        assert person.answers == ["1 DB"]
        assert "no name holds" in person.message or person.answers[0] == "1 DB"
        assert "\x1b" not in person.text


async def test_a_part_of_a_paste_is_taken_and_said(bench: Bench) -> None:
    """Where its end did not come, what has come is there, and that it is not all."""
    async with person_at_bench(bench) as person:
        person.app.post_message(CutPaste("12"))
        await person.has_all_answers()
        assert person.typed == "12"
        assert "a part of the paste is missing" in person.text


async def test_one_line_is_only_put_in(bench: Bench) -> None:
    """Enter decides, as with typing."""
    async with person_at_bench(bench) as person:
        await pastes(person, "1\n")
        assert person.typed == "1"
        assert person.answers == []


async def test_a_huge_paste_is_taken_in_part_and_says_so(bench: Bench) -> None:
    """The first lines are looked up, and how many there were is said."""
    async with person_at_bench(bench) as person:
        await pastes(person, "\n".join("1" for _ in range(MOST_PASTED + 50)))
        assert len(person.answers) == MOST_PASTED
        assert (
            person.message
            == f"the first {MOST_PASTED} of {MOST_PASTED + 50} lines are looked up"
        )


async def test_arrow_up_brings_back_what_was_asked(bench: Bench) -> None:
    """Newest first, each once; down comes back to what was being typed."""
    async with person_at_bench(bench) as person:
        for key in ("1", "7", "7", "8"):
            await person.looks_up(key)
        await person.types("4")
        seen = []
        for key in ("up", "up", "up", "up", "down", "down", "down"):
            await person.presses(key)
            seen.append(person.typed)
        assert seen == ["8", "7", "1", "1", "7", "8", "4"]
        await person.presses("up", "enter")
        await person.has_all_answers()
        assert person.answers[0] == "8 NEGATIVE"


async def test_an_open_list_has_the_arrows(bench: Bench) -> None:
    """While matches are shown, up and down choose among them; else down leaves the input."""
    bench.table.rows[2] = {"id": 2, "name": "Amari"}
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.types("ama")
        await person.has_all_answers()
        await person.presses("down")
        assert person.chosen == "Amari"
        await person.presses("up")
        assert person.chosen == "Amara"
        assert person.typed == "ama"
        await person.presses("escape", "down")
        assert person.screen.lookups.has_focus


async def test_without_colours_caret_and_selection_can_be_seen(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In reverse; in a field of the form, which is so as a whole, they are underlined."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with person_at_bench(bench, size=(80, 24)) as person:

        def shown(row: int, sign: str) -> str:
            """Give what of a row is shown that way."""
            strip = person.app.screen._compositor.render_strips(person.app.size)[row]
            return "".join(one.text for one in strip if one.style and getattr(one.style, sign))

        await person.types("1")
        assert shown(2, "reverse") == " "
        await person.presses("enter")
        await person.has_all_answers()
        assert shown(2, "reverse") == "1 "
        await person.presses("escape", "u")
        await person.sees("will run")
        await person.waits_for(lambda: "Amara" in person.text or "name" in person.lines[3])
        assert shown(3, "underline") == " "
        assert len(shown(3, "reverse")) > 20
        await person.presses("shift+left")
        assert len(shown(3, "underline")) >= 1
