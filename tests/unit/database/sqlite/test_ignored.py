"""Changes that a table passes over without an error: they are said not to have been made."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from files import make_file, opened

from tui.database.sqlite.table import SqliteTable
from tui.runtime.errors import ChangedMeanwhile, ChangeIgnored

T = """
    CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT IGNORE, n TEXT);
    INSERT INTO t VALUES (1, 'Ada'), (2, 'Bo');
"""
TRIGGERS = "".join(
    f"CREATE TRIGGER g{when} BEFORE {when} ON t BEGIN SELECT RAISE(IGNORE); END;"
    for when in ("INSERT", "UPDATE", "DELETE")
)
ADA = {"id": 1, "n": "Ada"}


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.update(1, {"n": "x"}),
        lambda t: t.update(1, {"n": "x"}, expected=ADA),
        lambda t: t.delete(1),
        lambda t: t.touch(1),
        lambda t: t.insert({"id": 3, "n": "x"}),
    ],
)
async def test_what_a_trigger_ignores_is_said_to_be(
    tmp_path: Path, change: Callable[[SqliteTable], Awaitable[object]]
) -> None:
    """The record is there, so it is neither changed nor missing."""
    path = make_file(tmp_path / "a.db", T + TRIGGERS)
    async with opened(path, "t") as t:
        with pytest.raises(ChangeIgnored, match=r"ignored it: a trigger .*RAISE\(IGNORE\)"):
            await change(t)
        assert await t.find_many([1, 3]) == {1: [ADA]}


async def test_what_a_constraint_ignores_is_said_to_be(tmp_path: Path) -> None:
    """A key that is there already, in a table that passes over such records."""
    path = make_file(tmp_path / "a.db", T)
    async with opened(path, "t") as t:
        with pytest.raises(ChangeIgnored, match="ON CONFLICT IGNORE"):
            await t.insert({"id": 1, "n": "x"})
        assert await t.find(1) == ADA


async def test_what_is_not_there_is_not_called_ignored(tmp_path: Path) -> None:
    """Nor is what somebody else has changed since it was shown."""
    path = make_file(tmp_path / "a.db", T + TRIGGERS)
    async with opened(path, "t") as t:
        assert await t.update(3, {"n": "x"}) is None
        assert not await t.delete(3)
        assert not await t.touch(3)
        with pytest.raises(ChangedMeanwhile):
            await t.update(1, {"n": "x"}, expected={"id": 1, "n": "Eve"})
