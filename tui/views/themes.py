"""The themes: two of our own, beside Textual's."""

import re
from collections.abc import Mapping
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from tui.models.colours import COLOURS, LIGHT, colours_on
from tui.runtime.errors import SettingsError

HEX: Final = re.compile("#[0-9a-fA-F]{6}")

DARK: Final = Theme(
    name="hitmiss",
    primary="#5dade2",
    accent="#c39bd3",
    warning=COLOURS["warning"],
    error=COLOURS["error"],
    success=COLOURS["hit"],
    background="#101418",
    surface="#161b21",
    panel="#202730",
    dark=True,
)
BRIGHT: Final = Theme(
    name="hitmiss-light",
    primary="#1b6ca8",
    accent="#7d3c98",
    warning=LIGHT["warning"],
    error=LIGHT["error"],
    success=LIGHT["hit"],
    foreground="#1b2026",
    background="#fbfcfd",
    surface="#f2f4f6",
    panel="#e3e8ed",
    dark=False,
)
OURS: Final = {theme.name: theme for theme in (DARK, BRIGHT)}


def outcome_colours(theme: Theme) -> Mapping[str, str]:
    """Give the outcomes' colours for a theme, by their families."""
    grounds = (theme.background, theme.surface)
    if any(ground is None for ground in grounds):
        generated = theme.to_color_system().generate()
        grounds = (generated["background"], generated["surface"])
    known = [ground for ground in grounds if ground and HEX.fullmatch(ground)]
    if known:
        return colours_on(*known)
    return COLOURS if theme.dark else LIGHT  # of ANSI themes nobody knows the background


def check_theme(name: str) -> None:
    """Do nothing if there is a theme of that name.

    Raises:
        SettingsError: there is none.
    """
    names = [*OURS, *BUILTIN_THEMES]
    if name not in names:
        raise SettingsError(f"--theme {name!r} does not exist; there are {', '.join(names)}")
