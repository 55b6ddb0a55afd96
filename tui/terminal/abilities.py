"""What the terminal of a name can do beyond a VT100."""

from typing import Final

from msgspec import Struct

IN_COLOUR: Final = (
    "xterm", "linux", "rxvt", "alacritty", "foot", "ghostty", "kitty", "konsole", "vte",
    "wezterm",
)  # fmt: skip
"""Terminals that erase in the colour behind the text (terminfo: bce)."""
MULTIPLEXERS: Final = ("tmux", "screen")
"""Those know every sequence used here, but may erase in the colour of their own."""


class Abilities(Struct, frozen=True):
    """What a terminal can do."""

    erases: bool = False
    """It erases some characters (ECH) and goes to a column (CHA)."""
    erases_in_colour: bool = False
    """What it erases takes the colour behind the text."""
    descends: bool = False
    """A vertical tab takes the cursor down a row; kernels change line feeds only."""


def abilities_of(term: str) -> Abilities:
    """Give what the terminal that TERM names is known to do.

    By name, not from terminfo, which small systems lack for just the terminals in use.
    """
    in_colour = term.startswith(IN_COLOUR)
    known = in_colour or term.startswith(MULTIPLEXERS)
    return Abilities(erases=known, erases_in_colour=in_colour, descends=known)
