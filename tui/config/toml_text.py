"""TOML that is parsed only where that takes bounded time: Python's parser has no bounds."""

import re
import tomllib
from typing import Any, Final

DEEPEST: Final = 32
"""How many brackets may be open at once; each costs the parser some frames of the stack."""
MOST_PARTS: Final = 16
"""How many parts a dotted key may have; the time for one grows with their square."""
MOST_WORDS: Final = 20_000
"""How many names and values there may be: a megabyte of tables takes seconds."""
LONGEST_WORD: Final = 1_000
"""Characters of a key or a number without quotes; Python turns no longer number into text."""

QUOTED: Final = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\\?\Z)|' r"'''.*?(?:'''|\Z)|"
    r'"(?:\\.|[^"\\\n])*"?|' r"'[^'\n]*'?|#[^\n]*",
    re.DOTALL,
)  # fmt: skip
"""Strings, also those without an end, and comments: brackets and dots in them mean nothing.

It never fails once it has begun, so that it looks at each character once.
"""
BRACKETS: Final = re.compile(r"[\[\]{}]")
BETWEEN: Final = re.compile(r"[\[\]{}=,\n]")


def parse_toml(text: str) -> dict[str, Any]:
    """Return the table that a TOML text spells.

    Raises:
        ValueError: it is no TOML, or has a form that takes too long to parse.
    """
    _check_form(QUOTED.sub("s", text))
    return tomllib.loads(text)


def _check_form(bare: str) -> None:
    """Check a text without its strings and comments.

    Raises:
        ValueError: brackets nest too deep, a key or a number is too long, or there are too
            many of them.
    """
    depth = 0
    for bracket in BRACKETS.findall(bare):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > DEEPEST:
            raise ValueError(f"more than {DEEPEST} brackets are open at once")
    words = [word for word in map(str.strip, BETWEEN.split(bare)) if word]
    if len(words) > MOST_WORDS:
        raise ValueError(f"there are more than {MOST_WORDS:,} names and values")
    for word in words:
        if word.count(".") >= MOST_PARTS:
            raise ValueError(f"a key has more than {MOST_PARTS} parts")
        if len(word) > LONGEST_WORD:
            raise ValueError(f"a key or a number has more than {LONGEST_WORD:,} characters")
