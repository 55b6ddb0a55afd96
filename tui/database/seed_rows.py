"""The users of a database that is made: those of seed.sql first, then invented ones."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tui.database.people import COLUMNS, invent
from tui.models import Scalar


def seed_script() -> str:
    """Return the text of seed.sql: inside the installed package, or beside it in a checkout."""
    from importlib import resources  # only where a database is made

    packaged = resources.files("tui") / "seed.sql"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "seed.sql").read_text(encoding="utf-8")


def seed_rows(count: int, seed: int) -> Iterator[tuple[Scalar, ...]]:
    """Return `count` users in the order of COLUMNS, the same ones for the same `seed`.

    Their moments are texts in ISO 8601, in UTC: `2019-01-14T08:42:17Z`.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as demo:
        demo.executescript(seed_script())
        made_by_hand = demo.execute(
            f"SELECT {', '.join(COLUMNS)} FROM users ORDER BY id LIMIT ?",  # noqa: S608  # ours
            (count,),
        ).fetchall()
    return itertools.chain(made_by_hand, invent(len(made_by_hand) + 1, count, seed))
