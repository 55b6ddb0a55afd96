"""A SQLite file: what can be seen of it from outside, before and while it is used."""

from pathlib import Path

from tui.database.sqlite.beside import LOG, check_beside
from tui.runtime.errors import DatabaseUnavailable

BUSY_SECONDS = 1.5
"""How long SQLite itself waits for another program's lock."""
MAGIC = b"SQLite format 3\0"
"""What each SQLite file begins with. Source: https://www.sqlite.org/fileformat.html."""


def uri(path: Path, *, read_only: bool) -> str:
    """Give the URI that opens an existing file and never creates one."""
    return f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"


def check(path: Path) -> None:
    """See whether `path` can be a database at all, before anything opens it.

    Raises:
        DatabaseUnavailable: it is missing, empty, or not a file, or SQLite would overwrite
            what is beside it.
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
        check_beside(path)
    except (OSError, ValueError) as error:
        raise DatabaseUnavailable(f"{path} cannot be read: {error}; {hint}") from error


def identity(path: Path) -> tuple[int, ...] | None:
    """Give what tells a file from another one in its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def contents(path: Path) -> tuple[int, ...] | None:
    """Return what changes as soon as somebody writes the file or its log; None for no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, log_size(path)


def log_size(path: Path) -> int:
    """Return the bytes of the write-ahead log beside the file; 0 where there is none."""
    try:
        return path.with_name(path.name + LOG).stat().st_size
    except OSError:
        return 0


def has_log(path: Path) -> bool:
    """Tell whether the file at `path` is in the mode that keeps a write-ahead log.

    Raises:
        OSError: it cannot be read.
    """
    # Bytes 18 and 19, the versions for writing and reading: 2 is a write-ahead log.
    # Source: https://www.sqlite.org/fileformat.html, section 1.3.
    return header(path)[18:20] == b"\x02\x02"


def header(path: Path) -> bytes:
    """Return the first 100 bytes of the file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(100)
