"""Numbers and truth values: one is the same as another, or as the text that spells it."""

import math
import re
import struct
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from tui.models.kinds import TRUTH
from tui.models.numbers import is_decimal

LONGEST = 400
"""Characters: a longer text is no number to anybody."""
MOST_ZEROS = 10_000
"""A larger exponent is not written out: nobody keeps such a number."""
MONEY = re.compile(
    r"(-?)(\()?(-?)(?:[$€£¥₹₽₩]|[A-Z]{3})? ?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?"
    r" ?(?:[$€£¥₹₽₩]|[A-Z]{3})?(\))?",
    re.ASCII,
)
"""An amount with a sign of its currency, and thousands in groups."""
BITS = re.compile(r"[01]{1,400}", re.ASCII)
FLOAT_BYTES = 4


def exact(value: Any) -> int | float | Decimal | None:
    """Return the number that a value is, or that a text spells; None for all else."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, str) or len(value) > LONGEST or not is_decimal(value):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:  # an exponent of a thousand digits
        return None
    return number if not number or abs(number.adjusted()) <= MOST_ZEROS else None


def same_integer(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one number, each digit of it; None where one of them is none."""
    wanted, found = exact(stored), exact(cached)
    return None if wanted is None or found is None else found == wanted


def same_decimal(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one number, or `cached` is the double that is nearest to it."""
    wanted = _amount(stored)
    if wanted is None:
        return None
    found = _amount(cached)
    if found is None:
        return False
    if found == wanted:
        return True
    if isinstance(stored, float):  # the column itself has no more digits than a double
        return float(found) == stored
    return isinstance(cached, float) and _double(wanted) == cached


def same_float(cached: Any, stored: Any, *, size: int) -> bool | None:
    """Tell whether both are one floating-point number of `size` bytes; None: no number."""
    wanted = infinity(stored)
    if wanted is None:
        wanted = _double(exact(stored))
    if wanted is None:
        return None
    found = infinity(cached)
    if found is None:
        found = _double(exact(cached))
    if found is None:
        return False
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return True
    return size == FLOAT_BYTES and _single(found) == _single(wanted)


def same_boolean(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are true, or both are false; None where one of them is neither."""
    wanted = truth(stored)
    if wanted is None:
        return None
    found = truth(cached)
    return None if found is None else found is wanted


def same_bits(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one string of bits, or the number that it spells."""
    if not isinstance(stored, str) or not BITS.fullmatch(stored):
        return None
    if isinstance(cached, bytes):
        return int.from_bytes(cached) == int(stored, 2)
    if isinstance(cached, int):
        return cached == int(stored, 2)
    if isinstance(cached, str) and cached[:1] in {"b", "B"}:
        cached = cached[1:].strip("'")
    return bool(cached == stored)


def truth(value: Any) -> bool | None:
    """Return the truth value that a value stands for; None for all else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in {0, 1} else None
    if isinstance(value, str):
        return TRUTH.get(value.casefold(), {"\x00": False, "\x01": True}.get(value))
    return {b"\x00": False, b"\x01": True, b"0": False, b"1": True}.get(value) if (
        isinstance(value, bytes)
    ) else None  # fmt: skip


def infinity(value: Any) -> float | None:
    """Return the number without digits that a text spells: an infinity, or NaN."""
    if isinstance(value, float):
        return None if math.isfinite(value) else value
    if not isinstance(value, str) or len(value) > len("-infinity"):
        return None
    mark = getattr(value, "mark", None)  # of what stands in for it: tui.models.scalars
    if isinstance(mark, float):
        return mark
    word = value.casefold().lstrip("+")
    return {
        "inf": math.inf, "infinity": math.inf, "-inf": -math.inf, "-infinity": -math.inf,
        "nan": math.nan,
    }.get(word)  # fmt: skip


def _amount(value: Any) -> Decimal | None:
    number = exact(value)
    if number is None and isinstance(value, str) and len(value) <= LONGEST:
        match = MONEY.fullmatch(value.strip().replace("\u2212", "-"))
        if match is not None and bool(match[2]) is bool(match[6]):
            minus = "-" if bool(match[1]) ^ bool(match[3]) ^ bool(match[2]) else ""
            number = Decimal(f"{minus}{match[4].replace(',', '')}{match[5] or ''}")
    if isinstance(number, float):
        return Decimal(repr(number))
    return None if number is None else Decimal(number)


def _double(number: int | float | Decimal | None) -> float | None:
    if number is None:
        return None
    try:
        with localcontext():
            return float(number)
    except OverflowError:
        return None


def _single(number: float) -> float | None:
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return None
