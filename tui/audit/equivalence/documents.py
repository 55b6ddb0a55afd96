"""Documents whose values have types of their own, as MongoDB's: each leaf by what it is.

The row has them as plain JSON: moments in ISO 8601, decimals, ObjectIds and uuids as texts,
bytes in base64. Encoders spell them in Extended JSON, as Buffers, or as their language does.
Source: MongoDB Extended JSON (v2) specification.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from tui.audit.equivalence.content import contents_of, same_uuid
from tui.audit.equivalence.moments import same_moment
from tui.audit.equivalence.nested import MOST_LEVELS, value_of
from tui.audit.equivalence.numbers import same_decimal
from tui.audit.equivalence.wraps import long_of, without_mongodb

MOMENT: Final = re.compile(r"[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?[0-9.]{1,40}(?:E[+-]?[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
NO_NUMBERS: Final = frozenset({"NaN", "Infinity", "-Infinity"})


def same_document(cached: Any, stored: Any) -> bool | None:
    """Tell whether both are one document or array; None where the row holds none.

    Raises:
        TooManyValues: nobody would wait for it.
    """
    if not isinstance(stored, str):
        return None
    wanted = value_of(stored)
    if wanted is None:
        return None
    found = value_of(cached) if isinstance(cached, str) else cached
    return _same(cached if found is None else found, wanted, 0)


def _same(found: Any, wanted: Any, depth: int) -> bool:
    if depth > MOST_LEVELS:
        return False
    if isinstance(wanted, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == wanted.keys()
            and all(_same(found[name], wanted[name], depth + 1) for name in wanted)
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(_same(*pair, depth + 1) for pair in zip(found, wanted, strict=True))
        )
    return _same_leaf(found, wanted)


def _same_leaf(found: Any, wanted: Any) -> bool:
    inner = without_mongodb(found)
    if isinstance(wanted, bool) or wanted is None:
        return inner is wanted
    if isinstance(wanted, str):
        return inner == wanted or _same_text(found, inner, wanted)
    if isinstance(inner, Mapping):
        inner = long_of(inner)
    return not isinstance(inner, bool) and same_decimal(inner, wanted) is True


def _same_text(found: Any, inner: Any, wanted: str) -> bool:
    """Tell whether a copy has what a text of the row stands for."""
    if wanted in NO_NUMBERS:
        return found is None or inner == wanted
    if MOMENT.fullmatch(wanted):
        return (
            same_moment(found, wanted, None) is True or same_moment(inner, wanted, None) is True
        )
    if isinstance(inner, int | float | str) and NUMBER.fullmatch(wanted):
        return not isinstance(inner, bool) and same_decimal(inner, wanted) is True
    if same_uuid(found, wanted) is True:
        return True
    content = _bytes_of(wanted)
    return content is not None and content in contents_of(found)


def _bytes_of(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
