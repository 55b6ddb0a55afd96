"""The explorer in terminals large, small, tiny, and without colours."""

import re

import pytest
from fakes import Bench
from person import Person, person_at_bench
from rich.cells import cell_len
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tui.views.widgets.key_footer import KeyFooter


async def look_one_up(person: Person) -> None:
    """Look a record up and go to the log."""
    await person.looks_up("1")
    await person.presses("escape")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
async def test_with_room_everything_shows(bench: Bench, size: tuple[int, int]) -> None:
    """From 60x16 on: title, input, heading, log, record, what ran, totals, status, keys."""
    async with person_at_bench(bench, size=size) as person:
        await look_one_up(person)
        assert "▐1 Lookup▌" in person.lines[0]
        if size[1] < 20:
            assert person.lines[1].startswith(" › 1"), "in a low one the input has no frame"
        else:
            assert person.lines[1].startswith("╭─ look up ─")
            assert person.lines[2].startswith("│ › 1")
        top = next(n for n, line in enumerate(person.lines) if line.startswith("╭─ answers"))
        heading, row = person.lines[top + 1 : top + 3]
        assert row.startswith("│›1 ")
        assert heading.index("answer") == row.index("◆ DB"), "the heading is over its column"
        assert "─ record 1 ─" in person.text
        assert "─ what ran ─" in person.text
        assert person.totals.startswith("0 hits · 1 db read")
        assert "◆ db" in person.status
        assert "? Help" in person.footer
        assert all(cell_len(line) <= size[0] for line in person.lines)


@pytest.mark.parametrize("size", [(59, 15), (120, 15), (40, 10)])
async def test_in_a_small_terminal_the_log_stands_alone(
    bench: Bench, size: tuple[int, int]
) -> None:
    """Below 60x16 no panels and no totals; enter still shows all of a lookup."""
    async with person_at_bench(bench, size=size) as person:
        await look_one_up(person)
        assert person.lines[3].startswith("›1 ")
        assert "DB" in person.lines[3]
        assert "─ record" not in person.text
        assert "db reads" not in person.text
        assert "◆ db" in person.status
        assert "? Help" in person.footer
        await person.presses("enter")
        await person.sees("─ record 1 ─")
        assert "name Amara" in person.text


@pytest.mark.parametrize("size", [(39, 9), (80, 9), (20, 3)])
async def test_a_tiny_terminal_is_told_so(bench: Bench, size: tuple[int, int]) -> None:
    """Below 40x10 there is one message; with more room everything is back."""
    async with person_at_bench(bench, size=size) as person:
        assert "".join(person.lines).startswith("terminal too small"[: size[0]])
        await person.pilot.resize_terminal(80, 24)
        await person.pilot.pause()
        await look_one_up(person)
        assert person.answers == ["1 DB"]
        await person.pilot.resize_terminal(*size)
        await person.pilot.pause()
        assert "Lookup" not in person.text


async def test_the_footer_never_cuts_a_key_in_half(bench: Bench) -> None:
    """At every width from 20 to 120 each key in it is whole; where there is room, more show.

    Names may be short ones, or left out: of a screen's own keys rather than the keys.
    """
    async with person_at_bench(bench, size=(200, 24)) as person:
        footer = person.screen.query_one(KeyFooter)
        for focus, step in (("input", 4), ("log", 1)):
            whole = set(re.split(r" {2,}", person.footer))
            keys = {part.split(" ")[0] for part in whole}
            whole |= {f"{one.key} {one.short}" for one in footer._shown().values()}
            counts = []
            for width in range(20, 121, step):
                footer.styles.width = width
                await person.settles()
                parts = re.split(r" {2,}", person.footer)
                named = {part for part in parts if not set(part.split(" ")) <= keys}
                assert named <= whole, f"{focus}, {width}: {person.footer}"
                assert cell_len(person.lines[-1]) <= width
                counts.append(len(parts))
            assert 0 < counts[0] < counts[-1]
            footer.styles.width = 200
            await person.presses("escape")


async def test_in_80_columns_a_screen_has_all_of_its_keys(bench: Bench) -> None:
    """The first by their names, the others as keys; a click on any of them does it."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        assert "esc then 1-4 Screens  ^p Actions" in person.footer
        await look_one_up(person)
        own, _, others = person.footer.partition("   ")
        assert own == "r Again  i Invalidate  u Update  d Compare  ⏎ x R f / :"
        assert others.split() == ["p", "Pause", "?", "Help"]
        await person.pilot.click(KeyFooter, offset=(1 + own.index("d Compare"), 0))
        await person.waits_for(lambda: "▐3 Compare▌" in person.lines[0])


def styles_on_screen(person: Person) -> list[tuple[str, Style]]:
    """Give every piece of text on the screen with its style."""
    strips = person.app.screen._compositor.render_strips(person.app.size)
    return [
        (segment.text, segment.style)
        for strip in strips
        for segment in strip
        if segment.text.strip() and segment.style is not None
    ]


def contrast(style: Style) -> float:
    """Give the contrast of text and background, 1 (the same) to 21, as WCAG 2.1 has it."""
    assert style.color is not None
    assert style.bgcolor is not None
    lights = sorted(
        map(luminance, (style.color.get_truecolor(), style.bgcolor.get_truecolor()))
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: ColorTriplet) -> float:
    """Give the relative luminance of a colour, 0 to 1."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    ]
    return sum(
        part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True)
    )


async def test_every_answer_can_be_read_under_the_cursor(bench: Bench) -> None:
    """Words and bars stand out from what they stand on, with the cursor on them or not."""
    async with person_at_bench(bench, size=(80, 24)) as person:
        await person.looks_up("1")
        await person.presses("enter", "escape", "R")
        await person.looks_up("7")
        await person.looks_up("7")
        bench.table.fails = "gone"
        await person.looks_up("8")
        words = ("ERROR", "NEGATIVE", "NOT_FOUND", "BYPASS", "HIT", "DB")
        await person.presses("escape")
        for word in words:
            pieces = styles_on_screen(person)
            assert any(word in text for text, _ in pieces)
            for text, style in pieces:
                least = 4.5 if text.strip(" ·─│╭╮╰╯▐▌━╸═▁▂▃▄▅▆▇█") else 3
                assert contrast(style) >= least, f"{text!r} {style}, cursor on {word}"
            await person.presses("j")


async def test_without_colours_the_words_say_it_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR everything has the terminal's own colours, and no word is missing."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with person_at_bench(bench) as person:
        await look_one_up(person)
        for text, style in styles_on_screen(person):
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.is_default, text
        assert person.answers == ["1 DB"]


async def test_the_hit_ratio_stands_there_once(bench: Bench) -> None:
    """Among the totals, and nowhere else."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        await person.looks_up("1")
        assert "50%" in person.totals
        assert "50%" not in person.status
