"""A database of as many users as are wanted, with the table of the demo database."""

import errno
import itertools
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tui.database.people import COLUMNS
from tui.database.seed_rows import seed_rows, seed_script
from tui.database.sqlite.draft import ALONE, drafted
from tui.database.sqlite.failures import name_of
from tui.runtime.errors import DatabaseUnavailable, SettingsError

BATCH = 5_000
"""How many users are written before the caller hears of it."""
INSTRUCTIONS = 100_000
"""After how many of its steps SQLite asks whether to go on: a few hundredths of a second."""
FAST = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
"""For a draft, which is thrown away when anything goes wrong; the cache in KiB."""

FULL = "the disk is full; ask for fewer users with --rows, or name another place"


class Stopped(Exception):  # it is no error
    """The caller does not want it any more."""


def make_users(
    path: Path,
    count: int,
    *,
    seed: int = 1,
    progress: Callable[[int], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Make a database of `count` users at `path`; tell whether it was, or the caller stopped.

    The first 600 are those of seed.sql, the others are invented, the same ones for the same
    `seed`. `progress` is called with the users written so far, and `stopped` asked often.

    Raises:
        SettingsError: there is something at `path`.
        DatabaseUnavailable: it cannot be made there, or what stands beside it is in the way;
            nothing is left behind.
    """
    if os.path.lexists(path):
        raise _taken(path)
    try:
        with drafted(path) as draft:
            _fill(draft, count, seed, progress, stopped)
    except Stopped:
        return False
    except FileExistsError as error:
        raise _taken(path) from error
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnavailable(f"{path} cannot be made: {_reason(error)}") from error
    return True


def _fill(
    draft: Path,
    count: int,
    seed: int,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as demo:
        demo.executescript(seed_script())
        parts = demo.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL").fetchall()
    users = seed_rows(count, seed)
    insert = (
        f"INSERT INTO users ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    )
    table, *indexes = (sql for (sql,) in parts)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute(ALONE)
        for pragma in FAST:
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(stopped, INSTRUCTIONS)
        try:
            connection.execute("BEGIN")
            connection.execute(table)
            for done in range(0, count, BATCH):
                connection.executemany(insert, itertools.islice(users, BATCH))
                progress(min(done + BATCH, count))
                if stopped():
                    raise Stopped
            # Behind the users: to sort them once is faster than to keep them sorted.
            for index in indexes:
                connection.execute(index)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if stopped():
                raise Stopped from error
            raise


def _taken(path: Path) -> SettingsError:
    return SettingsError(f"{path} exists, and nothing is overwritten; name a new file")


def _reason(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return FULL
        return f"{error.strerror}; is there such a folder, and may you write it?"
    if name_of(error) == "SQLITE_FULL":
        return FULL
    # So it says of a disk whose last bytes are missing, too.
    is_of_disk = name_of(error).startswith("SQLITE_IOERR")
    return f"{error}; is the disk full?" if is_of_disk else str(error)
