"""Names and values as they stand in statements of MySQL, to run and to show."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from tui.models import Scalar

Bound: TypeAlias = Scalar | bytes
"""What can be bound to a placeholder."""
NAMES: Final = 512
"""How many identifiers are remembered: those of a table and its columns, over and over."""
BARE: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*", re.ASCII)
HARMLESS: Final = re.compile(r"[A-Za-z0-9 _.,:;@+*/()=<>#!|~^&{}\[\]-]*", re.ASCII)
"""Texts that mean the same in quotes whatever the server's `sql_mode` and character set."""
PLACEHOLDER: Final = re.compile(r"`(?:[^`]|``)*`|'(?:[^']|'')*'|\?")
"""A placeholder; and what is passed over since a question mark in it is none."""
LONGEST_QUOTED: Final = 4096
"""Characters of a text that is looked through for being harmless."""


@lru_cache(NAMES)
def quoted(name: str) -> str:
    """Return an identifier as SQL has it, whatever characters are in it."""
    return "`" + name.replace("`", "``") + "`"


@lru_cache(NAMES)
def bare(name: str) -> str:
    """Return an identifier as a person would write it: quoted only where it has to be."""
    return name if BARE.fullmatch(name) else quoted(name)


def bound(value: Bound) -> str:
    r"""Return a value as a statement has it; nothing in a text can end it.

    A text that is not plain is written in hex digits: what `\` and `'` mean depends on
    `sql_mode`, and what a byte means on the connection's character set.

    Raises:
        ValueError: a number that SQL has no word for.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        if len(value) <= LONGEST_QUOTED and HARMLESS.fullmatch(value):
            return f"'{value}'"
        return f"_utf8mb4 x'{value.encode().hex()}'"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, float):
        return _of_float(value)
    return str(value)


def filled_in(sql: str, parameters: Sequence[Bound]) -> str:
    """Return a statement with what is bound to it in the places of its `?`."""
    if not parameters:
        return sql
    values = iter(parameters)
    return PLACEHOLDER.sub(
        lambda match: bound(next(values)) if match[0] == "?" else match[0], sql
    )


def shown(value: Scalar | bytes) -> str:
    """Return a value as a person would type it; never run, only shown."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(int(value) if isinstance(value, bool) else value)


def typed(value: Scalar | bytes) -> str:
    """Return a value as the server's own client takes it, also one that nobody can type."""
    return bound(value)


def _of_float(value: float) -> str:
    """Return a number as a double: without an exponent it would be a decimal."""
    if not math.isfinite(value):
        raise ValueError("SQL has no word for that number")
    text = repr(value)
    return text if "e" in text else f"{text}e0"
