"""Names and values as PostgreSQL has them, to run and to show."""

import re
from functools import lru_cache
from typing import Final

from tui.models import Scalar, TableSchema

NAMES = 256
"""How many identifiers are remembered: those of a table and its columns, over and over."""
PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
WORDS: Final = """
all analyse analyze and any array as asc both case cast check collate column constraint create
current_date current_role current_time current_user default desc distinct do else end except
false fetch for foreign from grant group having in initially intersect into join lateral leading
limit localtime natural not null offset on only or order placing primary references returning
right select session_user some symmetric table then to trailing true union unique user using
variadic when where window with
"""
"""The words that are no name unless they are quoted. Source: PostgreSQL, appendix C."""
RESERVED: Final = frozenset(WORDS.split())


@lru_cache(NAMES)
def quoted(name: str) -> str:
    """Return an identifier as SQL has it, whatever characters are in it."""
    return '"' + name.replace('"', '""') + '"'


@lru_cache(NAMES)
def bare(name: str) -> str:
    """Return an identifier as a person would write it: quoted only where it has to be."""
    return name if PLAIN.fullmatch(name) and name not in RESERVED else quoted(name)


def literal(value: Scalar | bytes) -> str:
    """Return a value as a person would type it into psql; never run by hitmiss, only shown."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if isinstance(value, str):
        escaped = value.replace("'", "''")
        return (
            f"'{escaped}'" if "\\" not in value else "E'" + escaped.replace("\\", "\\\\") + "'"
        )
    return str(value)


def source(namespace: str, name: str) -> str:
    """Return a table as SQL has it in FROM."""
    return f"{quoted(namespace)}.{quoted(name)}"


def shown_source(schema: TableSchema, namespace: str) -> str:
    """Return a table as a person would write it."""
    name = bare(schema.name)
    return name if namespace == "public" else f"{bare(namespace)}.{name}"


def parts_of(text: str) -> tuple[str, ...]:
    """Return what `schema.table` names, one part or two; a dot in double quotes parts none."""
    found = re.fullmatch(r'(?:("(?:[^"]|"")+"|[^".]+)\.)?("(?:[^"]|"")+"|[^"]+)', text)
    if found is None:
        return (text,)
    parts = (part for part in found.groups() if part is not None)
    return tuple(
        part[1:-1].replace('""', '"') if part.startswith('"') else part for part in parts
    )
