"""What is said when a SQLite file cannot be used: SQLite's errors, in words that help."""

import os
import re
import sqlite3
from pathlib import Path

from tui.database.sqlite import file
from tui.runtime.errors import DatabaseUnavailable
from tui.runtime.patterns import lazily

NEWER = lazily(
    r"malformed database schema .* - (near |unrecognized token|unknown (datatype|table option)"
    r"|incomplete input)|unsupported file format",
    re.DOTALL,
)
"""How SQLite begins what it says of a schema that it cannot parse, which is no damage."""
NOT_WHOLE = "a record that is too long to be read whole is not changed"
NOT_ALLOWED = lazily(
    r"cannot (INSERT INTO|UPDATE) generated column|cannot modify .* because it is a view"
    r"|table .* may not be modified|(UPDATE|DELETE) RETURNING is not available",
    re.DOTALL,
)
"""How it begins what it says of a change that it will never make, in this table or column."""
NO_ORDER = "no such collation sequence: "
LEFT_JOURNAL = frozenset({"SQLITE_READONLY_ROLLBACK"})
NO_LOG = frozenset({
    "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_RECOVERY",
    "SQLITE_READONLY", "SQLITE_CANTOPEN",
})  # fmt: skip
"""What SQLite calls a write-ahead log that it can neither read nor make."""


class TooLong(DatabaseUnavailable):
    """A value is longer than this connection takes."""


class OrderUnknown(DatabaseUnavailable):
    """An order was asked for that only the program which made the file knows."""


ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What Python raises where SQLite fails; the second where its message is no UTF-8."""


def translate(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> DatabaseUnavailable:
    """Give our error for SQLite's, in words that say what to do."""
    if isinstance(error, UnicodeDecodeError):
        error = legible(error)
    text, name = str(error), name_of(error)
    if name == "SQLITE_TOOBIG":
        return TooLong("a value is longer than --max-value allows; give a larger one")
    if _misses_order(text, name):
        return order_unknown(text.removeprefix(NO_ORDER))
    return DatabaseUnavailable(_of_the_file(text, name, path) or f"the database failed: {text}")


def legible(error: UnicodeDecodeError) -> sqlite3.Error:
    """Return the error of SQLite's that Python gives so where its message is no UTF-8.

    Names and texts of a schema are in it, which old programs keep in an encoding of their own.
    """
    text = error.object.decode("utf-8", "backslashreplace")
    refused = "constraint failed" in text
    return (sqlite3.IntegrityError if refused else sqlite3.OperationalError)(text)


def too_large() -> DatabaseUnavailable:
    """Return the error for what takes more memory than SQLite may have here."""
    return DatabaseUnavailable(
        "the database needs more memory for this row or view than it may take; give a larger"
        " --max-value, or name another table"
    )


def schema_too_long(most: int) -> DatabaseUnavailable:
    """Return the error for a schema that has a statement of more than `most` bytes."""
    return DatabaseUnavailable(
        "the database has a table, view or index whose definition is longer than"
        f" {most:,} bytes, which is not read; name another database with --db"
    )


def refusal(error: sqlite3.Error) -> str | None:
    """Return why a change is not made here that its own program could make, if that is so."""
    text, name = str(error), name_of(error)
    if name == "SQLITE_TOOBIG":
        return f"{NOT_WHOLE}: give a larger --max-value"
    if _is(name, "READONLY") or (_is(name, "ERROR") and NOT_ALLOWED.match(text)):
        return f"the database does not allow it: {text}"
    if _misses_order(text, name) or text == "no query solution":
        # The writing connection has no stand-ins: SQLite itself misses the order.
        return f"only the program that made the table can change it: {text}"
    return None


def name_of(error: sqlite3.Error) -> str:
    """Return SQLite's name of the error, for example SQLITE_BUSY; '' where it has none."""
    return str(getattr(error, "sqlite_errorname", ""))


def order_unknown(collation: str) -> OrderUnknown:
    """Return the error for an order by `collation`, which nobody but another program has."""
    return OrderUnknown(
        f"the database compares by the collation {collation!r}, which only the program that"
        " made it knows; name another table, or another key with --id-column"
    )


def _is(name: str, *kinds: str) -> bool:
    """Tell whether an error is of one of these kinds, whatever more its name says."""
    return any(f"{name}_".startswith(f"SQLITE_{kind}_") for kind in kinds)


def _misses_order(text: str, name: str) -> bool:
    return _is(name, "ERROR") and text.startswith(NO_ORDER)


def _of_the_file(text: str, name: str, path: Path) -> str | None:
    """Return what is wrong with the file as a whole, if that is what SQLite means."""
    # By its codes: what is said of a statement may have any of these words in it.
    is_newer = _is(name, "ERROR", "CORRUPT") and NEWER.match(text)
    if is_newer or (_is(name, "NOTADB") and _is_of_the_future(path)):
        return (
            f"{path} needs a newer SQLite than the version {sqlite3.sqlite_version} of this"
            f" Python, or functions that it was built without: {text}"
        )
    if _is(name, "NOTADB"):
        return (
            f"{path} is not a SQLite database, or it is encrypted (SQLCipher), and cannot be"
            " read here; name another one with --db"
        )
    if _is(name, "CORRUPT"):
        check = "check it with: sqlite3 FILE 'PRAGMA integrity_check'"
        return f"{path} is damaged ({text}); {check}"
    if _is(name, "BUSY", "LOCKED"):
        seconds = f"{file.BUSY_SECONDS:g} s"
        return f"the database is locked by another program for more than {seconds}"
    if name in LEFT_JOURNAL:
        return (
            f"a program was stopped in the midst of a change of {path}, whose journal must be"
            " rolled back before anybody reads; open it once with that program, or --writable"
        )
    return _of_its_folder(text, name, path)


def _of_its_folder(text: str, name: str, path: Path) -> str | None:
    """Return what is wrong with what lies beside the file, or should."""
    is_for_log = name != "SQLITE_CANTOPEN" or not os.access(path.absolute().parent, os.W_OK)
    if name in NO_LOG and is_for_log and _keeps_log(path):
        if file.log_size(path):
            return (
                f"{path} has a write-ahead log with changes, which SQLite cannot read without"
                " writing beside it; get the right to write its folder, or copy both elsewhere"
            )
        return (
            f"{path} needs a write-ahead log beside it, and its folder may not be written;"
            " start with --read-only, or get the right to write there"
        )
    if _is(name, "CANTOPEN"):
        return f"cannot open {path}; is it there, and may you read it and write its folder?"
    return None


def _keeps_log(path: Path) -> bool:
    try:
        return file.has_log(path)
    except OSError:
        return False


def _is_of_the_future(path: Path) -> bool:
    """Tell whether the header names a version of the format that is not there yet."""
    try:
        found = file.header(path)
    except OSError:
        return False
    return found.startswith(file.MAGIC) and found[19:20] > b"\x02" and found[19:20] < b"\x10"
