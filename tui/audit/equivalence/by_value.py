"""Values of which no declaration tells what they are: the stored one tells."""

from decimal import Decimal
from typing import Any

from tui.audit.equivalence.durations import same_interval
from tui.audit.equivalence.moment_values import moment_of, moments_of
from tui.audit.equivalence.moments import same_moment
from tui.audit.equivalence.nested import same_objects
from tui.audit.equivalence.numbers import double, exact
from tui.models.spelling import canonical, is_uuid

TRUTH = {"true": True, "false": False}
LONGEST_TRUTH = len("false")


def same_value(cached: Any, stored: Any, *, uuids: bool = True, texts: bool = False) -> bool:
    """Tell whether a cached value stands for a stored one.

    The same is 1 and true; a number or a truth value and the text that spells it; one moment,
    also as a number where the other is a date with a time; one JSON object or array, parsed or
    a text; with `uuids` one uuid. Where the cache holds `texts` alone, 1.5 is 1.50.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if cached == stored:
        return True
    if cached is None or stored is None:
        return False
    if _spells_moment(cached) or _spells_moment(stored):
        return same_moment(cached, stored) is True and not _is_day(cached)
    if isinstance(cached, str) and isinstance(stored, str):
        if uuids and is_uuid(cached) and is_uuid(stored):
            return canonical(cached) == canonical(stored)
        return same_objects(cached, stored) or (texts and _same_fraction(cached, stored))
    if isinstance(cached, bool) and isinstance(stored, str):
        return len(stored) <= LONGEST_TRUTH and TRUTH.get(stored.lower()) is cached
    if isinstance(cached, str) and len(cached) <= LONGEST_TRUTH and cached.lower() in TRUTH:
        return not isinstance(stored, str) and TRUTH[cached.lower()] == stored
    if isinstance(cached, str) and (cached.lstrip("+-")[:1] in {"P", "p"} or ":" in cached):
        return same_interval(cached, stored) is True  # Django keeps such as a number
    return _same_numbers(cached, stored)


def _spells_moment(value: Any) -> bool:
    return isinstance(value, str) and value[4:5] == "-" and moment_of(value) is not None


def _is_day(value: Any) -> bool:
    return any(moment.is_day for moment in moments_of(value))


def _same_numbers(cached: Any, stored: Any) -> bool:
    """Tell whether one is a number, and the other that number or its text."""
    found, wanted = (
        None if isinstance(value, str) and not _is_usual(value) else exact(value)
        for value in (cached, stored)
    )
    if found is None or wanted is None:
        return False
    return found == wanted or (isinstance(stored, float) and double(found) == stored)


def _is_usual(text: str) -> bool:
    """Tell whether a program spells numbers so: not with a zero, a plus or a point first."""
    digits = text.removeprefix("-")
    return digits[:1].isdigit() and digits[-1:] != "." and not (
        digits[0] == "0" and digits[1:2].isdigit()
    )  # fmt: skip


def _same_fraction(cached: str, stored: str) -> bool:
    if "." not in stored or not (_is_usual(cached) and _is_usual(stored)):
        return False
    found, wanted = exact(cached), exact(stored)
    return isinstance(wanted, Decimal) and found == wanted
