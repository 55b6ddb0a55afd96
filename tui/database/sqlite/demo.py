"""The demo database: made from seed.sql, whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tui.database.seed_rows import seed_script
from tui.database.sqlite.draft import ALONE, drafted
from tui.runtime.errors import DatabaseUnavailable


def make_demo(path: Path) -> bool:
    """Make the demo database at `path` unless it is there; tell whether it was made.

    It is built beside its place and put there at the end, so that a half-made one is never
    seen, and two first starts at once do not disturb each other.

    Raises:
        DatabaseUnavailable: its folder cannot be written, there is a link in its place, or what
            stands beside it is in the way.
    """
    if path.is_symlink():
        raise DatabaseUnavailable(
            f"the demo database {path} is a link; name what it leads to with --db"
        )
    if path.exists():
        return False
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with (
                drafted(path) as draft,
                closing(sqlite3.connect(draft, isolation_level=None)) as connection,
            ):
                connection.execute(ALONE)
                connection.executescript(seed_script())
        except FileExistsError:  # somebody else was faster
            return False
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnavailable(
            f"the demo database cannot be made at {path}: {error}; name another with --db"
        ) from error
    return True
