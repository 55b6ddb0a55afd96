"""The outcomes' colours: apart from each other for everybody, in every depth."""

import itertools
import math
from typing import Final

import pytest
from rich.color import Color, ColorSystem

from tui.theme import COLOURS
from tui.themes import DARK

LEAST_DIFFERENCE = 20.0
"""In CIELAB; about 2 can just be seen side by side, 20 is plainly another colour."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3."""
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
    system = ColorSystem.EIGHT_BIT if depth == "256" else ColorSystem.STANDARD
    down = Color.parse(colour).downgrade(system)
    assert down.number is not None
    if depth == "16":
        return XTERM_16[down.number]
    return down.get_truecolor().hex


@pytest.mark.parametrize("depth", ["truecolor", "256"])
@pytest.mark.parametrize("sight", list(SIGHTS))
def test_each_family_has_a_colour_of_its_own_for_everybody(sight: str, depth: str) -> None:
    """Hit, db, warning and error differ plainly, also for colour-blind eyes of each kind."""
    shown = {name: seen(in_depth(colour, depth), sight) for name, colour in COLOURS.items()}
    for one, other in itertools.combinations(shown, 2):
        assert math.dist(shown[one], shown[other]) >= LEAST_DIFFERENCE, (one, other)


@pytest.mark.parametrize("sight", list(SIGHTS))
def test_sixteen_colours_keep_them_apart_too(sight: str) -> None:
    """Cyan, blue, yellow and red, none of them the colour of plain text."""
    shown = {name: in_depth(colour, "16") for name, colour in COLOURS.items()}
    assert len({*shown.values(), "#e5e5e5", "#ffffff", "#000000"}) == len(shown) + 3
    for one, other in itertools.combinations(shown.values(), 2):
        assert math.dist(seen(one, sight), seen(other, sight)) >= LEAST_DIFFERENCE, (one, other)


@pytest.mark.parametrize("name", list(COLOURS))
def test_each_can_be_read_on_the_background(name: str) -> None:
    """The contrast is what text needs."""
    assert DARK.background is not None
    colour, ground = (
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(of), strict=True))
        for of in (COLOURS[name], DARK.background)
    )
    assert (colour + 0.05) / (ground + 0.05) >= LEAST_CONTRAST
