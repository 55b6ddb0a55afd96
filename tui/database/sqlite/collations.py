"""Collations that a file's own program has and nobody else: what of its tables can be read.

Without them SQLite refuses even what needs no order. So each is stood in for by one that knows
only that a text is equal to itself, and that notes when it was asked for more: such an answer
is thrown away, since rows may be missing from it. Nothing is written over such a connection.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial

from tui.runtime.patterns import lazily

TOKENS = lazily(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<text>'(?:[^']|'')*')
      |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)|\[(?P<brackets>[^\]]*)\]|(?P<word>[\w$]+)""",
    re.DOTALL | re.VERBOSE,
)
"""What of SQL has to be told apart in order to find names of collations in it."""
STANDARD = frozenset({"binary", "nocase", "rtrim"})
MOST_NAMES = 10_000
"""How many collations of one file are stood in for; a program has one or two."""


class StandIns:
    """The collations of one connection that are stood in for."""

    def __init__(self, connection: sqlite3.Connection, names: Iterable[str]) -> None:
        """Let `connection` have collations of those names, which have no order."""
        self.names = tuple(names)
        self._connection = connection
        self._asked: str | None = None
        for name in self.names:
            connection.create_collation(name, partial(self._compare, name))

    def taken(self) -> str | None:
        """Return the collation whose order was asked for since this was called last."""
        asked, self._asked = self._asked, None
        return asked

    def _compare(self, name: str, left: str, right: str) -> int:
        if left != right:
            self._asked = name
            self._connection.interrupt()  # what goes on from here may be wrong
        return (left > right) - (left < right)


def missing(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of the collations that the file's schema names and SQLite has not.

    Raises:
        sqlite3.Error: the schema cannot be read.
    """
    statements = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE sql LIKE '%collate%'"
    ).fetchall()
    if not statements:
        return ()
    found = {name.casefold(): name for (sql,) in statements for name in named_in(sql)}
    if found.keys() <= STANDARD:
        return ()
    with closing(sqlite3.connect(":memory:")) as empty:  # one with a schema lists its names too
        known = {name.casefold() for _, name in empty.execute("PRAGMA collation_list")}
    return tuple(name for key, name in found.items() if key not in known)[:MOST_NAMES]


def named_in(sql: str) -> Iterator[str]:
    """Give the names behind each COLLATE of a statement of SQL."""
    follows = False
    for token in TOKENS.finditer(sql):
        if token.lastgroup is None:
            continue  # a comment, which may stand anywhere
        text = token[token.lastgroup]
        if follows:
            yield _unquoted(text) if token.lastgroup in {"text", "quoted"} else text
        follows = token.lastgroup == "word" and text.casefold() == "collate"


def _unquoted(text: str) -> str:
    return text[1:-1].replace(text[0] * 2, text[0])
