"""What stands beside a SQLite file: what is not of SQLite is not to be touched by it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tui.runtime.errors import DatabaseUnavailable

LOG = "-wal"
"""What the write-ahead log's name ends in."""
BEGINNINGS = {
    "-journal": (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7",),
    LOG: (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"),
    "-shm": (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18"),
}
"""How the names of SQLite's files end, and how each of them begins, unless with zeros.

Source: https://www.sqlite.org/fileformat.html, sections 3 and 4, and
https://www.sqlite.org/walformat.html, section 2.1: the version 3007000, in the machine's order.
"""
READ_BYTES = 8


def check_beside(path: Path) -> None:
    """Check what SQLite opens with the database at `path`, and overwrites or deletes unseen.

    Raises:
        DatabaseUnavailable: something there is not SQLite's own.
        OSError: it cannot be looked at.
    """
    for other, beginnings in _names_beside(path):
        try:
            status = other.lstat()
            if not stat.S_ISREG(status.st_mode):
                raise DatabaseUnavailable(f"{other} is not a regular file; move it away")
            with other.open("rb") as stream:
                found = stream.read(READ_BYTES)
        except (FileNotFoundError, PermissionError):  # what may not be read is not opened
            continue
        # One that is new or done with is empty, or begins with zeros.
        if found.strip(b"\0") and not found.startswith(beginnings):
            raise DatabaseUnavailable(
                f"{other} is no file of SQLite, which would overwrite or delete it; move it"
                " away, or name another database with --db"
            )


def check_free(path: Path) -> None:
    """Check that nothing stands where SQLite would keep files for a new database at `path`.

    Raises:
        FileExistsError: there is a database by now, whose files they may be.
        DatabaseUnavailable: something does, which would be taken for the database's own.
    """
    for other, _ in _names_beside(path):
        if os.path.lexists(other):
            if os.path.lexists(path):
                raise FileExistsError
            raise DatabaseUnavailable(
                f"{path} cannot be made while {other} is there, which SQLite would take over or"
                " delete; move it away, or name another place"
            )


def _names_beside(path: Path) -> Iterator[tuple[Path, tuple[bytes, ...]]]:
    place = path.resolve()  # as SQLite goes by what a link leads to
    for end, beginnings in BEGINNINGS.items():
        yield place.with_name(f"{place.name}{end}"), beginnings
