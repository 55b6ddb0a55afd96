"""What is said of SQLite's errors: by its codes, whatever words somebody put into a file."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from files import make_file, opened

from tui.database.sqlite import connection
from tui.database.sqlite.facts import examine
from tui.database.sqlite.opening import LONGEST_OF_SCHEMA
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.table import SqliteTable
from tui.runtime.errors import ChangeRefused, DatabaseUnavailable

T = "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (1, 'no JSON');"
MISLEADING = [
    "malformed", "file is not a database", "locked", "busy", "unable to open",
    "unsupported file format", "malformed database schema (t) - near x", "readonly",
    "generated column", "RETURNING is not available",
]  # fmt: skip


def said(error: BaseException) -> str:
    """Return what is said, without what is quoted of the file."""
    return str(error).partition(":")[0]


@pytest.mark.parametrize("name", MISLEADING)
async def test_words_of_a_file_are_not_taken_for_sqlite_s(tmp_path: Path, name: str) -> None:
    """A view or a trigger that names what is not there is not called damaged or locked."""
    path = make_file(
        tmp_path / "a.db",
        f'{T} CREATE VIEW v AS SELECT id, n FROM t JOIN "{name}" USING (id);'
        f'CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT * FROM "{name}"; END;',
    )
    with pytest.raises(DatabaseUnavailable, match="the database failed: no such table") as told:
        read_schema(path, "v", "id")
    assert said(told.value) == "the database failed"
    async with opened(path, "t") as t:
        with pytest.raises(DatabaseUnavailable, match="failed: no such table"):
            await t.update(1, {"n": "x"})


@pytest.mark.parametrize(
    "name", ["malformed", "database is locked", "no such collation sequence: x"]
)
async def test_words_of_a_trigger_are_its_own(tmp_path: Path, name: str) -> None:
    """What a trigger raises is a refusal of the table, however it is worded."""
    raised = f"CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, '{name}'); END;"
    path = make_file(tmp_path / "a.db", f"{T} {raised}")
    async with opened(path, "t") as t:
        with pytest.raises(ChangeRefused, match=f"the table does not allow it: {name}"):
            await t.update(1, {"n": "x"})


@pytest.mark.parametrize(
    ("more", "table", "act"),
    [
        ("CREATE VIEW v AS SELECT id, json(n) AS j FROM t;", "v", lambda t: t.find(1)),
        ("ALTER TABLE t ADD COLUMN j AS (json(n));", "t", lambda t: t.find(1)),
        (
            "CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT json(NEW.n); END;", "t",
            lambda t: t.update(1, {"n": "x"}),
        ),
    ],
)  # fmt: skip
async def test_malformed_json_is_no_damage(
    tmp_path: Path, more: str, table: str, act: Callable[[SqliteTable], Awaitable[object]]
) -> None:
    """A text that a view, a computed column or a trigger reads as JSON is not the file."""
    path = make_file(tmp_path / "a.db", T + more)
    async with opened(path, table, "id") as opened_table:
        with pytest.raises(DatabaseUnavailable, match="the database failed: malformed JSON"):
            await act(opened_table)


async def test_a_trigger_without_end_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that does not end says what a lookup would, and was not made."""
    monkeypatch.setattr(connection, "QUERY_SECONDS", 0.05)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
    path = make_file(
        tmp_path / "a.db",
        f"{T} CREATE TRIGGER g BEFORE UPDATE ON t BEGIN"
        f" SELECT count(*) FROM ({endless} SELECT * FROM c); END;",
    )
    said = r"did not answer within 0\.05 s; nothing was changed"
    async with opened(path, "t") as t:
        with pytest.raises(DatabaseUnavailable, match=said):
            await t.update(1, {"n": "x"})
        assert await t.find(1) == {"id": 1, "n": "no JSON"}


def test_a_schema_that_is_too_long_is_called_so(tmp_path: Path) -> None:
    """No option makes it shorter, so none is named."""
    filler = "x" * (LONGEST_OF_SCHEMA + 1)
    path = make_file(tmp_path / "a.db", f"{T} CREATE TABLE u (id /* {filler} */ INT);")
    said = "table, view or index whose definition is longer than 16,777,216 bytes"
    with pytest.raises(DatabaseUnavailable, match=said) as told:
        read_schema(path, "t")
    assert "--max-value" not in str(told.value)
    assert said in examine(path, "t", None).troubles["file"]


async def test_keys_of_a_view_that_are_too_long_are_of_any_type(tmp_path: Path) -> None:
    """What they are is not found out, and the view's schema is read all the same."""
    path = make_file(
        tmp_path / "a.db",
        f"{T} CREATE VIEW v AS"
        f" SELECT printf('%.*c', {LONGEST_OF_SCHEMA + 1}, 'k') AS k FROM t;",
    )
    assert read_schema(path, "v", "k").id_is_integer is False
