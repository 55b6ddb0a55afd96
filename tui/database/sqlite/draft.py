"""A database that is made beside its place and put there at the end: whole, or not at all."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tui.database.sqlite.beside import check_free
from tui.runtime.own_file import check_way, put_new

ALONE = "PRAGMA locking_mode = EXCLUSIVE"
"""For a draft: its log then needs no memory that is shared, and no room for that."""


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a place to make the database in; when that went well, put it at `path`.

    Whoever makes it has closed it by then. Nothing is left of it otherwise, and what is at
    `path` is never overwritten.

    Raises:
        FileExistsError: there is something at `path` by now.
        DatabaseUnavailable: something stands where SQLite would keep files of its own.
        OSError: the folder cannot be written, or the disk is full.
        sqlite3.Error: what stands in the database's log cannot be brought into it.
    """
    check_way(path)
    check_free(path)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".making-") as folder:
        draft = Path(folder) / path.name
        yield draft
        _complete(draft)
        check_free(path)
        put_new(draft, path)


def _complete(draft: Path) -> None:
    """Bring all of the database into its one file, and that onto the disk.

    SQLite does not tell when it closes a database and cannot empty the log, which would then
    stay behind with what is missing.
    """
    with closing(sqlite3.connect(draft, timeout=0, isolation_level=None)) as connection:
        connection.execute(ALONE)
        busy, left, moved = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        pages, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size")
        )
    beside = sorted(other.name for other in draft.parent.iterdir() if other != draft)
    if busy or left != moved or beside or draft.stat().st_size != pages * size:
        raise sqlite3.OperationalError("it could not be written to its end; is the disk full?")
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
