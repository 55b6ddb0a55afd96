"""The colours of our own themes, by what they are for."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tui.models.colours import COLOURS, LIGHT


class Palette(Struct, frozen=True, eq=False):
    """The colours of one theme, by what they are for."""

    background: str
    raised: str
    """Under the tabs, the footer and fields."""
    select: str
    """Under the selected row."""
    text: str
    muted: str
    """Names, units, headings, hints."""
    accent: str
    """Where the keys go: the focused frame, the tab, keys in the footer."""
    frame: str
    """Frames, and what is left of a bar."""
    line: str
    """History in a chart."""
    hit_line: str
    db_line: str
    ink: str
    """On a pill of the accent."""
    outcomes: Mapping[str, str]
    dark: bool = True


DARK_PALETTE: Final = Palette(
    "#0e1218", "#161c24", "#1d2d3e", "#e6edf3", "#93a1b0", "#f0b7ff", "#5c6979", "#6b7888",
    "#1f8577", "#6a5cc0", "#0e1218", COLOURS,
)  # fmt: skip
LIGHT_PALETTE: Final = Palette(
    "#fbfcfd", "#f0f3f6", "#d8e6f4", "#1b2026", "#56616d", "#9049a3", "#7f8a96", "#7f8a96",
    "#3f8d82", "#7d79b8", "#ffffff", LIGHT, dark=False,
)  # fmt: skip
CONTRAST_PALETTE: Final = Palette(
    "#000000", "#0b0f14", "#00365e", "#ffffff", "#c9c2b8", "#f3c2ff", "#a8b3bf", "#c9c2b8",
    "#6ff0d8", "#a294ff", "#000000",
    {"hit": "#6ff0d8", "db": "#a294ff", "warning": "#fdf954", "error": "#ff7a70"},
)  # fmt: skip
MOCHA_PALETTE: Final = Palette(
    "#1e1e2e", "#26263a", "#313150", "#cdd6f4", "#a6adc8", "#f5c2e7", "#70748f", "#7f849c",
    "#4f9d92", "#8378d6", "#1e1e2e",
    {"hit": "#94e2d5", "db": "#a9a4ff", "warning": "#f9e2af", "error": "#f98ba4"},
)  # fmt: skip
"""After Catppuccin Mocha, by the Catppuccin organization (MIT)."""
GRUVBOX_PALETTE: Final = Palette(
    "#1d2021", "#282828", "#32302f", "#ebdbb2", "#bdae93", "#d3a4b8", "#7c6f64", "#8c7f73",
    "#5f9a72", "#5c8f9f", "#1d2021",
    {"hit": "#8ec07c", "db": "#83a5f8", "warning": "#fabd2f", "error": "#ff6c5c"},
)  # fmt: skip
"""After Gruvbox, by Pavel Pertsev (MIT)."""


PALETTES: Final = {
    "hitmiss": DARK_PALETTE,
    "hitmiss-light": LIGHT_PALETTE,
    "hitmiss-contrast": CONTRAST_PALETTE,
    "hitmiss-mocha": MOCHA_PALETTE,
    "hitmiss-gruvbox": GRUVBOX_PALETTE,
}
"""By the names of the themes."""
