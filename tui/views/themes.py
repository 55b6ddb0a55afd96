"""The themes: five of our own, beside Textual's; and the roles that colours have in each."""

from collections.abc import Mapping, Sequence
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from tui.models.colours import (
    COLOURS,
    LEAST_CONTRAST,
    LEAST_LINE_CONTRAST,
    LIGHT,
    colours_on,
    contrast,
    mixed,
)
from tui.models.palettes import PALETTES, Palette
from tui.runtime.errors import SettingsError
from tui.runtime.patterns import lazily

HEX: Final = lazily("#[0-9a-fA-F]{6}")
STEPS: Final = 20
"""In how many steps a colour is brought nearer to another one until it can be read."""


def _theme(name: str, palette: Palette) -> Theme:
    return Theme(
        name=name,
        primary=palette.accent,
        secondary=palette.outcomes["db"],
        accent=palette.accent,
        warning=palette.outcomes["warning"],
        error=palette.outcomes["error"],
        success=palette.outcomes["hit"],
        foreground=palette.text,
        background=palette.background,
        surface=palette.raised,
        panel=palette.raised,
        dark=palette.dark,
        variables=variables_of(palette),
    )


def variables_of(palette: Palette) -> dict[str, str]:
    """Give the colours of a palette as the variables of style sheets."""
    return {
        "muted": palette.muted,
        "raised": palette.raised,
        "select": palette.select,
        "frame": palette.frame,
        "line": palette.line,
        "hit-line": palette.hit_line,
        "db-line": palette.db_line,
        "ink": palette.ink,
        "here": palette.accent,
        "text-disabled": palette.muted,
        "input-cursor-background": palette.text,
        "input-cursor-foreground": palette.background,
        "input-selection-background": palette.accent,
        "input-selection-foreground": palette.ink,
        "scrollbar": palette.frame,
        "scrollbar-hover": palette.line,
        "scrollbar-active": palette.accent,
        **{
            f"scrollbar-{name}": palette.background
            for name in ("background", "background-hover", "background-active", "corner-color")
        },
        **{f"outcome-{family}": colour for family, colour in palette.outcomes.items()},
    }


OURS: Final = {name: _theme(name, palette) for name, palette in PALETTES.items()}
DARK, BRIGHT = OURS["hitmiss"], OURS["hitmiss-light"]


def palette_of(theme: Theme) -> Palette:
    """Give the roles' colours in a theme: as it says, and where it does not, as can be read."""
    if theme.name not in _palettes:
        _palettes[theme.name] = _derived(theme)
    return _palettes[theme.name]


_palettes: Final = dict(PALETTES)
"""Those that have been asked for, by the names of their themes."""


def _derived(theme: Theme) -> Palette:
    """Give the roles' colours in a theme that does not know them."""
    generated = theme.to_color_system().generate()

    def known(name: str, *others: str) -> str:
        found = (generated.get(one, "") for one in (name, *others))
        fallback = "#000000" if theme.dark else "#ffffff"
        return next((one[:7] for one in found if HEX.match(one)), fallback)

    background, raised = known("background"), known("panel", "surface")
    select = mixed(background, known("primary"), 0.2)
    grounds = (background, raised, select)
    text = _readable(known("foreground"), "#ffffff" if theme.dark else "#000000", grounds)
    accent = _readable(known("accent", "primary"), text, grounds)
    frame = _readable(mixed(background, text, 0.3), text, (background,), LEAST_LINE_CONTRAST)
    outcomes = {
        family: _readable(colour, text, grounds)
        for family, colour in outcome_colours(theme).items()
    }
    return Palette(
        background, raised, select, text,
        _readable(mixed(background, text, 0.55), text, grounds),
        accent, frame, frame,
        _readable(mixed(background, outcomes["hit"], 0.5), outcomes["hit"], (background,),
                  LEAST_LINE_CONTRAST),
        _readable(mixed(background, outcomes["db"], 0.5), outcomes["db"], (background,),
                  LEAST_LINE_CONTRAST),
        max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, accent)),
        outcomes, theme.dark,
    )  # fmt: skip


def _readable(
    colour: str, towards: str, grounds: Sequence[str], least: float = LEAST_CONTRAST
) -> str:
    """Give the colour nearest to one, on the way to another, that can be read."""
    for step in range(STEPS + 1):
        tried = mixed(colour, towards, step / STEPS)
        if all(contrast(tried, ground) >= least for ground in grounds):
            return tried
    return towards


def outcome_colours(theme: Theme) -> Mapping[str, str]:
    """Give the outcomes' colours for a theme, by their families."""
    if theme.name in PALETTES:
        return PALETTES[theme.name].outcomes
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
