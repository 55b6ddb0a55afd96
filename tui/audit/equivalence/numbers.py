"""Numbers and truth values: one is the same as another, or as the text that spells it."""

import math
import re
import struct
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from tui.audit.equivalence.content import contents_of
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
LONGEST_TRUTH = len("false")
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


def number_of(value: Any) -> Decimal | None:
    """Return the number that a value is, or that a text spells, in its digits."""
    number = exact(value)
    if isinstance(number, float):
        return Decimal(repr(number))
    return None if number is None else Decimal(number)


def places(value: Any, number: Decimal) -> int:
    """Return how many digits behind its point a value has that is that number.

    A double shows no zeros at its end: it has three, six or nine, as clocks have. In a text
    they are there; `5.0` is what many languages write for a double that is whole.
    """
    exponent = number.as_tuple().exponent
    digits = max(0, -exponent) if isinstance(exponent, int) else 0
    if digits == 1 and number == number.to_integral_value():
        return 0
    return digits if isinstance(value, str) else -(-digits // 3) * 3


def same_integer(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one number, each digit of it; None where one of them is none."""
    wanted, found = exact(stored), exact(cached)
    return None if wanted is None or found is None else found == wanted


def same_decimal(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one number, or `cached` is the double that is nearest to it.

    None where one of them is no number.
    """
    wanted = _amount(stored)
    if wanted is None:
        return None
    found = _amount(cached)
    if found is None:
        return None
    if found == wanted:
        return True
    if isinstance(stored, float):  # the column itself has no more digits than a double
        return float(found) == stored
    return isinstance(cached, float) and double(wanted) == cached


def same_float(cached: Any, stored: Any, *, size: int) -> bool | None:
    """Tell whether both are one number of `size` bytes with a point; None: one is no number."""
    wanted = infinity(stored)
    if wanted is None:
        wanted = double(exact(stored))
    if wanted is None:
        return None
    found = infinity(cached)
    if found is None:
        found = double(exact(cached))
    if found is None:
        return None
    if found == wanted or (math.isnan(found) and math.isnan(wanted)):
        return True
    single = _single(wanted)
    return size == FLOAT_BYTES and single is not None and _single(found) == single


def same_boolean(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are true, or both are false; None where one of them is neither."""
    wanted = truth(stored)
    if wanted is None:
        return None
    found = truth(cached)
    if found is None and isinstance(cached, str) and len(cached) <= LONGEST:
        found = next(map(truth, contents_of(cached)), None) if cached[:1] == "{" else None
    return None if found is None else found is wanted


def same_bits(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one string of bits, or the number that it spells."""
    if not isinstance(stored, str) or not BITS.fullmatch(stored):
        return None
    found = bits_of(cached)
    if found is not None:
        return found == int(stored, 2)
    return bool(cached == stored)


def bits_of(value: Any) -> int | None:
    """Return the number that bits are which are spelled as such; None for texts of them."""
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    if value[:1] == "{":
        return next((int.from_bytes(content) for content in contents_of(value)), None)
    prefix = next((one for one in ("b'", "B'", "0b") if value.startswith(one)), None)
    bits = value[2:].removesuffix("'") if prefix else ""
    return int(bits, 2) if BITS.fullmatch(bits) else None


def truth(value: Any) -> bool | None:
    """Return the truth value that a value stands for; None for all else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in {0, 1} else None
    if isinstance(value, str):
        if len(value) > LONGEST_TRUTH:
            return None
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
    number = number_of(value)
    if number is None and isinstance(value, str) and len(value) <= LONGEST:
        match = MONEY.fullmatch(value.strip().replace("\u2212", "-"))
        if match is not None and bool(match[2]) is bool(match[6]):
            minus = "-" if bool(match[1]) ^ bool(match[3]) ^ bool(match[2]) else ""
            number = Decimal(f"{minus}{match[4].replace(',', '')}{match[5] or ''}")
    return number


def double(number: int | float | Decimal | None) -> float | None:
    """Return the double that is nearest to a number; None for none, and where there is none."""
    if number is None:
        return None
    try:
        with localcontext():
            return float(number)
    except OverflowError:
        return None


def _single(number: float) -> float | None:
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return None
