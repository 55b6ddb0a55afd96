"""By what a value is known again that cannot be shown as it is stored, within SQLite."""

import sqlite3
from contextlib import closing

from tui.models.scalars import mark_of

MARK_FUNCTION = "hitmiss_mark"
"""In SQL, gives the mark of a value: its type, and its bytes as the file keeps them."""


def mark(encoding: str, kind: str, stored: bytes | None) -> bytes | None:
    """Return the mark of a value in a file that keeps texts in `encoding`; None for NULL."""
    if stored is None:
        return None
    if kind == "text" and encoding != "utf-8":
        stored = _as_utf8(stored, encoding.replace("16-", "16"))
    return mark_of(kind, stored)


def _as_utf8(stored: bytes, encoding: str) -> bytes:
    # What is no UTF-16 becomes some UTF-8 in SQLite's own way: so it is SQLite that is asked.
    with closing(sqlite3.connect(":memory:")) as other:
        other.execute(f"PRAGMA encoding = '{encoding}'")
        other.execute("CREATE TABLE made (it)")  # before that the encoding is not in force
        other.text_factory = bytes
        # As a literal: bytes that are bound would be taken for UTF-8.
        ((text,),) = other.execute(f"SELECT CAST(x'{stored.hex()}' AS TEXT)")
        return bytes(text)
