"""The colours of the outcomes: one family a meaning, never the only carrier of it."""

from collections.abc import Mapping
from typing import Final

from tui.models import Label

FAMILY: Final = {
    Label.HIT: "hit",
    Label.NEGATIVE: "hit",
    Label.STALE: "warning",
    Label.DB: "db",
    Label.NOT_FOUND: "db",
    Label.BYPASS: "warning",
    Label.ERROR: "error",
}
"""The colour family of each label."""

DIM: Final = frozenset({Label.NEGATIVE, Label.NOT_FOUND})
"""The labels that say 'no such record': not as bold as the others."""

COLOURS: Final = {
    "hit": "#3ddac2",
    "db": "#9585f2",
    "warning": "#f0e442",
    "error": "#f56166",
}
"""The families' colours, as the theme's variables `$outcome-hit` and so on.

Chosen so that people with any of the three kinds of dichromacy tell them apart, also on a
selected row.
"""
PALE: Final = {"hit": "#95fbef", "db": "#a7b5fd", "warning": "#fbff38", "error": "#fc9c7d"}
"""The same for themes that are dark, but not as dark as ours."""
LIGHT: Final = {"hit": "#0e7365", "db": "#2c2976", "warning": "#766600", "error": "#671421"}
"""The same for a light background."""
INK: Final = {"hit": "#065f50", "db": "#221780", "warning": "#635400", "error": "#580908"}
"""The same for themes that are light, but greyer than ours."""
SIXTEEN: Final = {"hit": "cyan", "db": "blue", "warning": "yellow", "error": "red"}
"""What a terminal with sixteen colours shows; it owns what these look like."""
GLYPHS: Final = {
    Label.HIT: "●",
    Label.NEGATIVE: "○",
    Label.STALE: "▲",
    Label.DB: "◆",
    Label.NOT_FOUND: "◇",
    Label.BYPASS: "▲",
    Label.ERROR: "×",
}
"""What stands before each label: its meaning without colour. Hollow is 'no such record'."""
FAMILY_GLYPHS: Final = {"hit": "●", "db": "◆", "warning": "▲", "error": "×"}
"""The same for a family: the cache, the database, look here, wrong."""

LEAST_CONTRAST: Final = 4.5
"""What text needs: WCAG 2.2, success criterion 1.4.3."""
LEAST_LINE_CONTRAST: Final = 3.0
"""What lines and bars need: WCAG 2.2, success criterion 1.4.11."""


def colours_on(*grounds: str) -> Mapping[str, str]:
    """Give the colours that can be read on all of those backgrounds (`#101418`)."""
    palettes = (COLOURS, PALE, LIGHT, INK)
    lowest = [
        min(contrast(colour, ground) for colour in palette.values() for ground in grounds)
        for palette in palettes
    ]
    enough = (palettes[i] for i, low in enumerate(lowest) if low >= LEAST_CONTRAST)
    return next(enough, palettes[lowest.index(max(lowest))])


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1 to 21. Source: WCAG 2.2, 'contrast ratio'."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def mixed(one: str, other: str, share: float) -> str:
    """Give a colour between two, with that share (0 to 1) of the other."""
    parts = (
        round(int(one[i : i + 2], 16) * (1 - share) + int(other[i : i + 2], 16) * share)
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)
