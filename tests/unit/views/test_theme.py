"""The outcomes' colours: apart from each other for everybody, in every depth."""

import itertools
import math
from pathlib import Path
from typing import Final

import pytest
from commands import Cli, cli
from fakes import Bench
from person import person_at_bench
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.theme import BUILTIN_THEMES

from tui.models.colours import (
    COLOURS,
    INK,
    LEAST_CONTRAST,
    LEAST_LINE_CONTRAST,
    LIGHT,
    PALE,
    SIXTEEN,
    contrast,
)
from tui.models.palettes import Palette
from tui.runtime.errors import SettingsError
from tui.views.themes import BRIGHT, DARK, OURS, check_theme, outcome_colours, palette_of
from tui.views.widgets.colour_filter import without_colours
from tui.views.widgets.sixteen_filter import in_sixteen

__all__ = ["cli"]

LEAST_DIFFERENCE = 20.0
"""In CIELAB; about 2 can just be seen side by side, 20 is plainly another colour."""
PALETTES: Final = {"COLOURS": COLOURS, "PALE": PALE, "LIGHT": LIGHT, "INK": INK}
SIGHTS: Final = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Linear RGB as such eyes see it. Source: Machado, Oliveira and Fernandes, 'A
Physiologically-based Model for Simulation of Color Vision Deficiency', IEEE TVCG 15 (6), 2009,
severity 1.0."""
XTERM_16: Final = (
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
)  # fmt: skip
"""What xterm makes of the sixteen colours."""
GROUND: Final = Ground(0, 0, 0)
"""What is behind a line, which our filters do not ask for."""


def linear(colour: str) -> tuple[float, ...]:
    """Give a hex colour as linear RGB (sRGB, IEC 61966-2-1)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """Give a colour as those eyes see it, in CIELAB under D65."""
    rgb = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, rgb, strict=True))))
        for row in SIGHTS[sight]
    )
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def in_depth(colour: str, depth: str) -> str:
    """Give what a terminal of that depth makes of a colour."""
    if depth == "truecolor":
        return colour
    return Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


def in_terminal(palette: Palette, style: Style) -> Style:
    """Give a style as a terminal with sixteen colours gets it."""
    (shown,) = in_sixteen(palette).apply([Segment("x", style)], GROUND)
    assert shown.style is not None
    return shown.style


def sixteen(palette: Palette, colour: str) -> str:
    """Give what xterm makes of a colour there."""
    shown = in_terminal(palette, Style(color=colour)).color
    assert shown is not None
    assert shown.number is not None
    return XTERM_16[shown.number]


@pytest.mark.parametrize("depth", ["truecolor", "256"])
@pytest.mark.parametrize("sight", list(SIGHTS))
@pytest.mark.parametrize("palette", PALETTES)
def test_each_family_has_a_colour_of_its_own_for_everybody(
    palette: str, sight: str, depth: str
) -> None:
    """Hit, db, warning and error differ plainly, also for colour-blind eyes of each kind."""
    colours = PALETTES[palette]
    shown = {name: seen(in_depth(colour, depth), sight) for name, colour in colours.items()}
    for one, other in itertools.combinations(shown, 2):
        assert math.dist(shown[one], shown[other]) >= LEAST_DIFFERENCE, (one, other)


@pytest.mark.parametrize("sight", list(SIGHTS))
@pytest.mark.parametrize("name", OURS)
def test_sixteen_colours_keep_them_apart_too(name: str, sight: str) -> None:
    """In our themes: cyan, blue, yellow and red, none of them the colour of plain text."""
    palette = palette_of(OURS[name])
    shown = {family: sixteen(palette, colour) for family, colour in palette.outcomes.items()}
    assert len({*shown.values(), "#e5e5e5", "#ffffff", "#000000"}) == len(shown) + 3
    for one, other in itertools.combinations(shown.values(), 2):
        assert math.dist(seen(one, sight), seen(other, sight)) >= LEAST_DIFFERENCE, (one, other)


@pytest.mark.parametrize("name", OURS)
def test_sixteen_colours_are_the_terminals_own(name: str) -> None:
    """Each role has its colour by name; a pill and the selected row are reversed."""
    palette = palette_of(OURS[name])
    bright = "bright_" if palette.dark else ""
    for family, wanted in SIXTEEN.items():
        style = in_terminal(palette, Style(color=palette.outcomes[family], bold=True))
        assert style == Style(color=f"{bright}{wanted}", bold=True, reverse=False)
    for plain in (palette.text, palette.muted):
        shown = in_terminal(palette, Style(color=plain, bgcolor=palette.raised))
        assert (shown.color, shown.bgcolor, shown.reverse) == (None, None, False)
    for ground in (palette.accent, palette.select):
        shown = in_terminal(palette, Style(color=palette.outcomes["db"], bgcolor=ground))
        assert (shown.color, shown.bgcolor, shown.reverse) == (None, None, True)
    frame = in_terminal(palette, Style(color=palette.frame))
    assert frame.color == Color.parse("bright_black")


@pytest.mark.parametrize("name", OURS)
def test_without_colours_the_selected_row_and_the_pill_are_reversed(name: str) -> None:
    """What only its ground tells apart is told so; all else loses its colours alone."""
    palette = palette_of(OURS[name])
    filtered = without_colours(palette)
    for ground in (palette.accent, palette.select):
        (shown,) = filtered.apply(
            [Segment("x", Style(color=palette.ink, bgcolor=ground, bold=True))], GROUND
        )
        assert shown.style == Style(bold=True, reverse=True)
    (shown,) = filtered.apply(
        [Segment("x", Style(color=palette.text, bgcolor=palette.raised, bold=True))], GROUND
    )
    assert shown.style == Style(bold=True)


@pytest.mark.parametrize("name", OURS)
def test_each_role_of_our_themes_can_be_read(name: str) -> None:
    """Words have 4.5 on background, raised and selected row; lines have 3 on the background."""
    palette = palette_of(OURS[name])
    words = {
        "text": palette.text,
        "muted": palette.muted,
        "accent": palette.accent,
        **palette.outcomes,
    }
    for role, colour in words.items():
        for ground in (palette.background, palette.raised, palette.select):
            assert contrast(colour, ground) >= LEAST_CONTRAST, (role, ground)
    assert contrast(palette.ink, palette.accent) >= LEAST_CONTRAST
    lines = {
        "frame": palette.frame,
        "line": palette.line,
        "hit line": palette.hit_line,
        "db line": palette.db_line,
    }
    for role, colour in lines.items():
        assert contrast(colour, palette.background) >= LEAST_LINE_CONTRAST, role


@pytest.mark.parametrize("name", BUILTIN_THEMES)
def test_each_role_of_textuals_themes_can_be_read(name: str) -> None:
    """What such a theme does not say is derived from what it says, with as much contrast."""
    palette = palette_of(BUILTIN_THEMES[name])
    for role, colour in (("muted", palette.muted), ("accent", palette.accent)):
        for ground in (palette.background, palette.raised, palette.select):
            assert contrast(colour, ground) >= LEAST_CONTRAST, (role, ground)
    for role, colour in (("frame", palette.frame), ("hit line", palette.hit_line)):
        assert contrast(colour, palette.background) >= LEAST_LINE_CONTRAST, role


@pytest.mark.parametrize("name", [*OURS, *BUILTIN_THEMES])
def test_each_can_be_read_on_every_theme(name: str) -> None:
    """On background and surface of our themes and Textual's the contrast is enough for text."""
    theme = {**OURS, **BUILTIN_THEMES}[name]
    variables = theme.to_color_system().generate()
    # An ANSI theme has the terminal's own background.
    usual = "#000000" if theme.dark else "#ffffff"
    for variable in ("background", "surface"):
        ground = variables[variable] if variables[variable].startswith("#") else usual
        for colour in outcome_colours(theme).values():
            assert contrast(colour, ground) >= LEAST_CONTRAST, (colour, ground)
    palette = palette_of(theme)
    words = (palette.text, palette.muted, palette.accent, *palette.outcomes.values())
    for ground in (palette.background, palette.raised, palette.select):
        for colour in words:
            assert contrast(colour, ground) >= LEAST_CONTRAST, (colour, ground)


def test_contrast_is_what_the_guidelines_say() -> None:
    """Black on white has 21, a colour on itself 1, and #767676 is the palest grey on white."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#57f4ea", "#57f4ea") == 1
    assert contrast("#767676", "#ffffff") >= LEAST_CONTRAST > contrast("#777777", "#ffffff")


async def test_the_outcomes_follow_the_theme(bench: Bench) -> None:
    """Another theme on the way: the words in the log are in the colours for it at once."""
    async with person_at_bench(bench) as person:
        await person.looks_up("1")
        for theme in (BRIGHT.name, "nord", DARK.name):
            person.app.theme = theme
            await person.settles()
            colour = person.screen.lookups.style_of("db").color
            assert colour is not None
            wanted = palette_of(person.app.current_theme).outcomes["db"]
            assert colour.get_truecolor().hex == wanted


@pytest.mark.parametrize("name", ["mauve", "Nord", ""])
def test_a_theme_that_does_not_exist_is_named(name: str) -> None:
    """The message lists those that there are."""
    with pytest.raises(SettingsError, match=f"--theme {name!r} .* hitmiss-light, .*nord"):
        check_theme(name)
    check_theme("hitmiss")


def test_doctor_looks_at_the_theme(cli: Cli, seeded: Path) -> None:
    """One that does not exist is a failed check with what to do."""
    ran = cli("doctor", "--json", "--db", seeded, "--theme", "mauve")
    (check,) = (line for line in ran.answers[:-1] if line["check"] == "theme")
    assert (ran.code, check["state"], check["source"]) == (1, "failed", "flag")
    assert "nord" in check["detail"]
    assert cli("doctor", "--db", seeded, "--theme", "nord").code == 0
