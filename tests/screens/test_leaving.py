"""Leaving while something is under way."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fakes import Bench
from person import person_at_bench

from tui.audit.results import Judgement
from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.compare import CompareController
from tui.views.screens.lookup import LookupScreen
from tui.views.widgets.question import Question


async def beats() -> AsyncGenerator[None, None]:
    """Beat until cancelled, and then a little longer, as a driver may that swallows it."""
    left = 200
    cancelled = False
    while left:
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            cancelled = True
        left -= cancelled
        yield


async def test_a_walk_under_way_is_no_hindrance(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen is taken down while a walk still finds keys: no error comes of it."""

    async def endless(self: CachedKeysController) -> AsyncGenerator[int, None]:
        async for _ in beats():
            yield 1

    monkeypatch.setattr(CachedKeysController, "walk", endless)
    monkeypatch.setattr("tui.views.screens.cache.PAINT_SECONDS", 0.0)
    async with person_at_bench(bench) as person:
        await person.presses("escape", "2")
        await person.sees("reading…")
        await person.presses("q")
    assert person.app.return_code == 0


async def test_an_audit_under_way_is_no_hindrance(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one of an audit that is still finding something."""

    async def endless(self: CompareController) -> AsyncGenerator[list[Judgement], None]:
        async for _ in beats():
            yield []

    monkeypatch.setattr(CompareController, "audit", endless)
    async with person_at_bench(bench) as person:
        await person.presses("escape", "3", "a")
        await person.sees("comparing…")
        await person.presses("q")
    assert person.app.return_code == 0


@pytest.mark.parametrize("opens", ["u", "f", "o", "question_mark", "enter"])
@pytest.mark.parametrize(
    "leaves", [("enter", "enter", "escape"), ("enter", "enter"), ("escape",)]
)
async def test_what_is_left_twice_is_left_once(
    bench: Bench, opens: str, leaves: tuple[str, ...]
) -> None:
    """By the palette and by keys behind it, all in one packet: the explorer goes on."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape")
        for _ in range(2):
            await person.bursts(opens, "ctrl+p", *leaves)
            await person.bursts(opens, "escape", "escape", "escape")
            for _ in range(4):
                await person.presses("escape")
        assert person.app.is_running
        assert isinstance(person.app.screen, LookupScreen)
    assert person.app.return_code in {None, 0}


async def test_told_to_leave_under_the_palette_it_can_still_be_left(bench: Bench) -> None:
    """What does not end a dialog, since something lies over it, does not lock it either."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.presses("escape", "u")
        dialog = person.app.screen
        await person.presses("ctrl+p")
        await dialog.dismiss(None)
        await person.presses("escape")
        assert person.app.screen is dialog
        await person.presses("escape")
        assert isinstance(person.app.screen, LookupScreen)


async def test_a_question_behind_which_it_is_left_at_once(bench: Bench) -> None:
    """The question comes to the screen after the end was asked for: nothing is shown of it."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        person.app.exit()
        person.screen.post_message(Question.Asked("2", None))
    assert person.app.return_code == 0
    assert person.app.crash is None
