"""The colours of the outcomes: one family a meaning, never the only carrier of it."""

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
"""The labels that say 'no such record', in the dim shade of their family."""

COLOURS: Final = {
    "hit": "#57f4ea",
    "db": "#8381e5",
    "warning": "#ecd828",
    "error": "#e15153",
}
"""The families' colours, as the theme's variables `$outcome-hit` and so on.

Chosen so that people with any of the three kinds of dichromacy tell them apart, and so that a
terminal with sixteen colours shows cyan, blue, yellow and red.
"""
