"""Numbers as texts: what they spell, and what is lost when a database makes numbers of them."""

import math
import re

from tui.models.keys import INTEGER, LARGEST, SMALLEST

DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
EXACT = 2**53
"""Up to here a double is every whole number."""


def number(text: str) -> int | float | None:
    """Return the number that `text` spells: whole if it is, in 64 bits; None for all else."""
    if INTEGER.fullmatch(text) and len(text) <= 20:
        whole = int(text)
        if SMALLEST <= whole <= LARGEST:
            return whole
    try:
        real = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return real if math.isfinite(real) else None


def is_decimal(text: str) -> bool:
    """Tell whether `text` is a number in decimal digits, however many."""
    return DECIMAL.fullmatch(text) is not None


def is_rounded(text: str, digits: int) -> bool:
    """Tell whether a decimal loses something as a number: a double, or an integer of 64 bits.

    A double keeps that many `digits`.
    """
    match = DECIMAL.fullmatch(text)
    if match is None or isinstance(number(text), int):
        return False
    significant, near = match[1].replace(".", "").strip("0"), float(text)
    if not math.isfinite(near) or (significant and not near):
        return True
    # So large, it may be kept as a whole number, which has more digits than were typed.
    return len(significant) > digits or EXACT < abs(near) <= LARGEST


def shown_as_number(text: str) -> str:
    """Return how a text is shown where whatever spells a number becomes one."""
    bare = text.strip()
    if not is_decimal(bare):
        return text
    made = number(bare)
    if isinstance(made, int):
        return str(made)
    near = float(bare)
    return str(int(near) if near.is_integer() and SMALLEST <= near < LARGEST else near)
