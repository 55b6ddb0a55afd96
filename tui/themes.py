"""The themes: two of our own, beside Textual's."""

from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from tui.errors import SettingsError
from tui.theme import COLOURS

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
OURS: Final = {theme.name: theme for theme in (DARK,)}


def check_theme(name: str) -> None:
    """Do nothing if there is a theme of that name.

    Raises:
        SettingsError: there is none.
    """
    names = [*OURS, *BUILTIN_THEMES]
    if name not in names:
        raise SettingsError(f"--theme {name!r} does not exist; there are {', '.join(names)}")
