"""Names and values as SQL has them, to run and to show."""

from functools import lru_cache

from tui.models import Scalar

ROWIDS = ("rowid", "_rowid_", "oid")
"""What a row's own number is called, unless a column has that name."""
NAMES = 256
"""How many identifiers are remembered: those of a table and its columns, over and over."""


@lru_cache(NAMES)
def quoted(name: str) -> str:
    """Give an identifier as SQL has it, whatever characters are in it."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(NAMES)
def bare(name: str) -> str:
    """Give an identifier as a person would write it: quoted only where it has to be."""
    return name if name.isidentifier() and name.isascii() else quoted(name)


def literal(value: Scalar) -> str:
    """Give a value as a person would type it into the sqlite3 shell; never run, only shown."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def of_any(value: Scalar | bytes) -> str:
    """Return a value, bytes too, as a person would type it; never run, only shown."""
    return f"x'{value.hex()}'" if isinstance(value, bytes) else literal(value)


def typed(value: Scalar) -> str:
    """Give a value as the sqlite3 shell takes it, also one that nobody can type."""
    if isinstance(value, str) and "\0" in value:
        return f"CAST(x'{value.encode().hex()}' AS TEXT)"
    return literal(value)
