"""A SQLite file: how it is opened, and what is said when it cannot be used."""

import sqlite3
from pathlib import Path

from tui.errors import DatabaseUnavailable

BUSY_SECONDS = 1.5
"""How long SQLite itself waits for another program's lock."""


def uri(path: Path, *, read_only: bool) -> str:
    """Give the URI that opens an existing file and never creates one."""
    return f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"


def check(path: Path) -> None:
    """See whether `path` can be a database at all, before anything opens it.

    Raises:
        DatabaseUnavailable: it is missing, empty, or not a file.
    """
    hint = "name an existing SQLite file with --db, or leave --db out for the demo database"
    try:
        if path.is_dir():
            raise DatabaseUnavailable(f"{path} is a folder; {hint}")
        if not path.exists():
            raise DatabaseUnavailable(f"{path} does not exist; {hint}")
        if not path.is_file():
            raise DatabaseUnavailable(f"{path} is not a regular file; {hint}")
        if path.stat().st_size == 0:
            raise DatabaseUnavailable(f"{path} is empty; {hint}")
    except (OSError, ValueError) as error:
        raise DatabaseUnavailable(f"{path} cannot be read: {error}; {hint}") from error


def identity(path: Path) -> tuple[int, int] | None:
    """Give what tells a file from another one in its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def translate(error: sqlite3.Error, path: Path) -> DatabaseUnavailable:
    """Give our error for SQLite's, in words that say what to do."""
    text = str(error)
    if "not a database" in text:
        text = f"{path} is not a SQLite database; name one with --db"
    elif "malformed" in text:
        text = (
            f"{path} is damaged ({text}); check it with: sqlite3 FILE 'PRAGMA integrity_check'"
        )
    elif "locked" in text or "busy" in text:
        text = f"the database is locked by another program for more than {BUSY_SECONDS:g} s"
    elif "unable to open" in text:
        text = f"cannot open {path}; is it there, and may you read it and write its folder?"
    else:
        text = f"the database failed: {text}"
    return DatabaseUnavailable(text)
