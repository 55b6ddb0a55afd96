"""The screen's own signs in ASCII, for terminals and locales that have nothing else."""

from collections.abc import Mapping
from typing import Final

BRAILLE: Final = range(0x2801, 0x2900)
UPPER_DOTS: Final = 0x01 | 0x02 | 0x08 | 0x10
"""The bits of the dots in the upper half of a cell. Source: Unicode, 'Braille Patterns'."""
IN_ASCII: Final = {cell: ":" if cell & UPPER_DOTS else "." for cell in BRAILLE} | {
    ord(glyph): sign
    for glyphs, signs in (
        ("━╸·›‹…–≠↑↓←→↔⏎", "=-.><~-!^v<>=<"),
        ("●○◆◇▲×▐▌═±", "*o#0!x[]#~"),
        ("▁▂▃▄▅▆▇█", "_.-=+*%#"),
        ("─│┌┐└┘├┤┬┴┼╭╮╯╰", "-|+++++|+++++++"),
        ("▔▏▎▍▋▊▉▕╺", "-|||||||-"),
    )
    for glyph, sign in zip(glyphs, signs, strict=True)
}
"""Each of our signs with the one character that takes its cell."""
KEYS_IN_ASCII: Final = {
    "⏎": "enter", "↑": "up", "↓": "down", "←": "left", "→": "right", "⇥": "tab",
}  # fmt: skip
"""Keys that are shown by a sign, by their names."""


def in_ascii(text: str) -> str:
    """Give `text` in ASCII, one character for each: a sign of ours, else a question mark."""
    if text.isascii():
        return text
    return text.translate(IN_ASCII).encode("ascii", "replace").decode()


def locale_has_unicode(environment: Mapping[str, str]) -> bool:
    """Tell whether the locale that the environment names is one of UTF-8.

    A locale of C alone is not; but Python itself, started in one or in one that the system
    lacks, sets LC_CTYPE to C.UTF-8 (PEP 538), which then says nothing about the terminal. Where
    nothing is named at all, as in most containers, terminals have UTF-8.
    """
    coerced = environment.get("LANG") and environment.get("LC_CTYPE") == "C.UTF-8"
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    named = next((environment[name] for name in names if environment.get(name)), "UTF-8")
    return "utf-8" in named.lower() or "utf8" in named.lower()
