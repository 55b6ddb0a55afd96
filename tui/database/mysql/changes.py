"""How values are written into columns, and compared with what a record had."""

import re
from typing import Final

from tui.database.mysql.cells import IN_UTC, single
from tui.database.mysql.keys import in_bytes
from tui.database.mysql.literals import Bound
from tui.database.mysql.selection import AS_TEXT, expression_of
from tui.database.mysql.table_schema import Detail
from tui.database.sql.values import Blob
from tui.models import Scalar
from tui.models.columns import Column, Kind
from tui.models.scalars import StandIn
from tui.runtime.errors import ChangeRefused
from tui.runtime.plain_text import is_unicode

SHAPE: Final = re.compile(r"(?:SRID=([0-9]{1,10});)?(.*)", re.ASCII | re.DOTALL | re.IGNORECASE)
BITS: Final = re.compile(r"[01]{1,64}")
PLACES: Final = re.compile(r"\.([0-9]*?)0*(?:[^0-9].*)?\Z", re.ASCII | re.DOTALL)
"""The digits behind a point, without zeros at their end."""
DIGESTED: Final = 4096
"""Bytes: longer values are compared by a digest, so that they need not travel."""


def written(
    column: Column, detail: Detail, value: Scalar, *, is_mariadb: bool
) -> tuple[str, tuple[Bound, ...]]:
    """Return what puts a value into a column, and what is bound to it.

    Raises:
        ChangeRefused: the column cannot keep it as it is.
    """
    if value is None:
        return "NULL", ()
    if isinstance(value, Blob):
        return "?", (value.content,)
    if isinstance(value, StandIn):
        raise ChangeRefused(f"column {column.name!r}: what is shown of a value is not written")
    if isinstance(value, str) and not is_unicode(value):
        raise ChangeRefused(f"what is to go into column {column.name!r} is not Unicode text")
    _check_places(column, detail, value)
    if detail.type.word == "bit":
        return "?", (_of_bits(column, value),)
    if column.kind is Kind.GEOMETRY:
        return _of_shape(column, detail, value, is_mariadb=is_mariadb)
    return "?", (_as_kept(detail, str(value)) if isinstance(value, str) else value,)


def still(
    column: Column, detail: Detail, stored: str, value: Scalar, *, is_mariadb: bool
) -> tuple[str, tuple[Bound, ...]]:
    """Return the condition that a column still holds a value, to the last byte.

    Raises:
        ChangeRefused: that cannot be told.
    """
    if value is None:
        return f"{stored} IS NULL", ()
    if isinstance(value, Blob):
        return _same_bytes(stored, value.content)
    if isinstance(value, StandIn):
        raise ChangeRefused(f"column {column.name!r}: whether it is still so cannot be told")
    read = expression_of(stored, column.kind, detail, is_mariadb=is_mariadb)
    if isinstance(value, float):
        # A float of 4 bytes is compared as the double that it is.
        return f"{read} = ?", (single(value) if detail.type.word == "float" else value,)
    if isinstance(value, int):
        return f"{read} = ?", (value,)
    if detail.type.word == "bit":
        return f"{read} = ?", (_of_bits(column, value),)
    if detail.charset:
        return _same_bytes(in_bytes(stored, detail), value.encode())
    kept = _as_kept(detail, value).encode()
    if column.kind in AS_TEXT or column.kind is Kind.GEOMETRY:
        return _same_bytes(f"CAST({read} AS BINARY)", kept)
    return _same_bytes(f"CAST(CAST({stored} AS CHAR) AS BINARY)", kept)


def _as_kept(detail: Detail, value: str) -> str:
    """Return a text as the server has it: a TIMESTAMP in the session's zone, which is UTC."""
    return value.removesuffix(IN_UTC) if detail.type.word == "timestamp" else value


def _same_bytes(stored: str, content: bytes) -> tuple[str, tuple[Bound, ...]]:
    if len(content) <= DIGESTED:
        return f"{stored} = ?", (content,)
    import hashlib  # not where nobody writes

    digest = hashlib.sha256(content).hexdigest()
    return f"(OCTET_LENGTH({stored}) = ? AND SHA2({stored}, 256) = ?)", (len(content), digest)


def _of_bits(column: Column, value: Scalar) -> int:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and BITS.fullmatch(value):
        return int(value, 2)
    raise ChangeRefused(f"column {column.name!r} takes bits; write for example 1010")


def _of_shape(
    column: Column, detail: Detail, value: Scalar, *, is_mariadb: bool
) -> tuple[str, tuple[Bound, ...]]:
    match = SHAPE.fullmatch(str(value))
    if match is None:
        raise ChangeRefused(f"column {column.name!r} takes a shape: POINT(1 2)")
    system = int(match[1] or detail.srid or 0)
    order = "" if is_mariadb else ", 'axis-order=long-lat'"
    # What is no shape becomes NULL without a word; as a text the column refuses it.
    return f"COALESCE(ST_GeomFromText(?, ?{order}), ?)", (match[2], system, match[2])


def _check_places(column: Column, detail: Detail, value: Scalar) -> None:
    """Raise where the server would round a number, or a time, without a word."""
    most = detail.type.places
    text = repr(value) if isinstance(value, float) else str(value)
    if detail.type.word == "date" and len(text) > len("2026-06-30"):
        raise ChangeRefused(
            f"column {column.name!r} takes a date; write for example 2026-06-30"
        )
    if most is None or isinstance(value, int) or "e" in text.lower():
        return
    found = PLACES.search(text)
    if found is not None and len(found[1]) > most:
        raise ChangeRefused(
            f"column {column.name!r} keeps {most} digits behind the point, and would round"
            f" {text[:40]}"
        )
