"""A write that is to be made only if the record still is as it was shown."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file, opened

from tui.runtime.errors import ChangedMeanwhile

TABLE = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, odd);
    CREATE VIEW v AS SELECT * FROM t;
    CREATE TRIGGER up INSTEAD OF UPDATE ON v BEGIN
      UPDATE t SET name = NEW.name WHERE id = NEW.id;
    END;
"""
NOT_IN_JSON = ("x'0001'", "9e999", "-9e999", "CAST(x'61ff' AS TEXT)")
"""Values that are shown as something else."""
CHANGES = [
    *[(value, value, False) for value in (*NOT_IN_JSON, "NULL", "'a'", "1.5", "x''")],
    ("x'0001'", "x'0002'", True),
    ("x'0001'", "'<BLOB, 2 bytes>'", True),
    ("'<BLOB, 2 bytes>'", "x'0001'", True),
    ("'<BLOB, 2 bytes>'", "'<BLOB, 3 bytes>'", True),
    ("9e999", "'inf'", True),
    ("9e999", "-9e999", True),
    ("'inf'", "9e999", True),
    ("CAST(x'61ff' AS TEXT)", "CAST(x'61fe' AS TEXT)", True),
    ("CAST(x'61ff' AS TEXT)", "x'61ff'", True),
    ("CAST(x'61ff' AS TEXT)", "'a' || char(0xfffd)", True),
    ("'a' || char(0xfffd)", "'b' || char(0xfffd)", True),
    ("x'0001'", "NULL", True),
    ("NULL", "x'0001'", True),
]
"""What a column held when it was shown, what it holds now, and whether that is a change."""


@pytest.mark.parametrize("table", ["t", "v"])
@pytest.mark.parametrize(("before", "now", "changed"), CHANGES)
async def test_a_change_meanwhile_is_noticed_in_any_column(
    tmp_path: Path, table: str, before: str, now: str, changed: bool
) -> None:
    """Whatever stands there, bytes and infinities too; and what is the same is written."""
    path = make_file(tmp_path / "a.db", TABLE + f"INSERT INTO t VALUES (1, 'Ada', {before});")
    async with opened(path, table, "id") as found:
        shown = await found.find(1)
        assert shown is not None
        with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
            somebody.execute(f"UPDATE t SET odd = {now}")
        if changed:
            with pytest.raises(ChangedMeanwhile):
                await found.update(1, {"name": "Bo"}, expected=shown)
        else:
            await found.update(1, {"name": "Bo"}, expected=shown)
        record = await found.find(1)
    assert record is not None
    assert record["name"] == ("Ada" if changed else "Bo")
