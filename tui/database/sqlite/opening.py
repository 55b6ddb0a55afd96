"""Opening a SQLite file: in one way for all who use it, whatever it is found to be."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tui.database.sqlite import file
from tui.database.sqlite.collations import StandIns, missing
from tui.database.sqlite.failures import NO_LOG, name_of, order_unknown, schema_too_long
from tui.models.scalars import StandIn, mark_of

LONGEST = 2**31 - 1
"""A bound that is none: longer no value of SQLite can be."""


LONGEST_OF_SCHEMA = 16 << 20
"""Bytes of a text or a value that the schema is read with, or a view looked at."""
LEAST_MEMORY = 256 << 20
"""Bytes that SQLite may take in this process at least."""


class Fetched(list[Any]):
    """Rows that were fetched already."""

    def fetchall(self) -> list[Any]:
        """Return them."""
        return self


class Procedure(str):
    """What is done by several statements in one go, in place of the text of one.

    Its own text says what it does.
    """

    __slots__ = ()

    def run(self, opened: "Opened") -> Iterable[Any]:
        """Do it in the connection's thread, and return rows.

        Raises:
            sqlite3.Error: a statement failed.
        """
        raise NotImplementedError


class Opened(sqlite3.Connection):
    """An open file, and what has to be known of it while it is read."""

    immutable: bool = False
    """It is read as it lies on the disk, since SQLite could not keep its log beside it."""
    stand_ins: StandIns | None = None
    """Collations that are missing, and stood in for."""
    _bound: int = LONGEST
    _has_schema: bool = False

    @property
    def bound(self) -> int:
        """How many bytes a value may have before a statement that needs it fails."""
        return self._bound

    @bound.setter
    def bound(self, bound: int) -> None:
        if bound != self._bound:
            self._bound = bound
            self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, bound)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Run a statement, or a procedure; see sqlite3.Connection."""
        if isinstance(sql, Procedure):
            return Fetched(sql.run(self))
        try:
            return super().execute(sql, parameters)
        except sqlite3.DataError as error:
            if name_of(error) != "SQLITE_TOOBIG" or self._has_schema:
                raise
        # It may be the text of the schema that was too long, and not a value of it.
        self.load_schema()
        return super().execute(sql, parameters)

    def stand_in(self, collations: Sequence[str]) -> None:
        """Let what needs no order be read without these collations, which are missing."""
        if collations:
            self.stand_ins = StandIns(self, collations)

    def check_order(self) -> None:
        """Pass when nothing since the last time needed an order that nobody here knows.

        Raises:
            OrderUnknown: something did, and what it gave may be wrong.
        """
        asked = None if self.stand_ins is None else self.stand_ins.taken()
        if asked is not None:
            raise order_unknown(asked)

    def limit_memory(self, most: int) -> None:
        """Let SQLite take no more than `most` bytes in this process, or LEAST_MEMORY.

        Of a table WITHOUT ROWID it reads whole rows to compare keys, and a view can ask for
        anything. Once lower, the limit stays so.
        """
        self.execute(f"PRAGMA hard_heap_limit = {max(most, LEAST_MEMORY)}")

    def load_schema(self) -> None:
        """Read the schema, however long its text is."""
        self._has_schema = True
        bound, self.bound = self.bound, LONGEST
        try:
            super().execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        finally:
            self.bound = bound


def open_file(path: Path, *, read_only: bool) -> Opened:
    """Open an existing file, which is not made; whoever opens it closes it, in one thread.

    Where read-only SQLite could neither find nor make the write-ahead log, it is read as it
    lies on the disk: nobody has it open then, and there is nothing in a log.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    opened = connect(file.uri(path, read_only=read_only))
    try:
        if read_only and _is_without_log(opened, path):
            opened.close()
            return open_immutable(path)
    except BaseException:
        opened.close()
        raise
    return opened


def open_immutable(path: Path) -> Opened:
    """Open a file that nobody writes meanwhile, and make nothing beside it.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    opened = connect(f"{file.uri(path, read_only=True)}&immutable=1")
    opened.immutable = True
    return opened


def with_stand_ins(open_it: Callable[[], Opened]) -> Opened:
    """Return what `open_it` opens, with stand-ins for the collations that are missing.

    Raises:
        DatabaseUnavailable: a text of its schema is longer than LONGEST_OF_SCHEMA.
        sqlite3.Error: it cannot be opened, or its schema cannot be read.
    """
    opened = open_it()
    try:
        names = missing(opened)
    except sqlite3.DataError as error:
        opened.close()
        if name_of(error) == "SQLITE_TOOBIG":
            raise schema_too_long(LONGEST_OF_SCHEMA) from error
        raise
    except BaseException:
        opened.close()
        raise
    if names:
        # A schema that was read without them leaves out tables whose key needs one.
        opened.close()
        opened = open_it()
        opened.stand_in(names)
    return opened


def connect(uri: str) -> Opened:
    """Open what a URI names, with texts that are no UTF-8 as what stands in for them.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    opened = sqlite3.connect(
        uri, uri=True, timeout=file.BUSY_SECONDS, isolation_level=None, factory=Opened
    )
    opened.text_factory = _text
    opened.bound = LONGEST_OF_SCHEMA
    return opened


def _is_without_log(opened: Opened, path: Path) -> bool:
    """Tell whether the log that the file wants beside it is not there and cannot be made."""
    try:
        if not file.has_log(path):
            return False
        opened.execute("PRAGMA schema_version").fetchall()
    except sqlite3.Error as error:
        return name_of(error) in NO_LOG and not file.log_size(path)
    except OSError:
        return False
    return False


def _text(stored: bytes) -> str:
    # SQLite takes any bytes as TEXT; one bad record must not make its table unreadable.
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return StandIn(stored.decode("utf-8", "replace"), mark_of("text", stored))
