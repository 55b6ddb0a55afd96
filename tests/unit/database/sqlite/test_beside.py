"""Files that have the names of SQLite's own beside a database: used if they are, else kept."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file, opened

from tui.database.sqlite.beside import BEGINNINGS, READ_BYTES
from tui.database.sqlite.demo import make_demo
from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite.seed import make_users
from tui.runtime.errors import DatabaseUnavailable

TABLE = "CREATE TABLE users (id INTEGER PRIMARY KEY, n); INSERT INTO users VALUES (1, 'a');"
ENDS = pytest.mark.parametrize("end", BEGINNINGS)


def make_some(path: Path) -> bool:
    """Make a database of some users."""
    return make_users(path, 3)


@ENDS
@pytest.mark.parametrize("make", [make_demo, make_some])
@pytest.mark.parametrize("content", [b"mine", b"", None])
def test_none_is_made_beside_what_would_be_taken_for_its_own(
    tmp_path: Path, end: str, make: Callable[[Path], bool], content: bytes | None
) -> None:
    """What is there, be it empty or a link, is named and stays, and no database is made."""
    other = tmp_path / f"a.db{end}"
    if content is None:
        other.symlink_to("nowhere")
    else:
        other.write_bytes(content)
    with pytest.raises(DatabaseUnavailable, match=rf"while .*a\.db{end} is there, .* move it"):
        make(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == [other]
    assert content is None or other.read_bytes() == content


@ENDS
def test_none_is_made_beside_what_comes_meanwhile(tmp_path: Path, end: str) -> None:
    """What has come there while the users were invented stands in the way as well."""
    other = tmp_path / f"a.db{end}"
    with pytest.raises(DatabaseUnavailable, match=f"{end} is there"):
        make_users(tmp_path / "a.db", 3, progress=lambda _: other.touch())
    assert list(tmp_path.iterdir()) == [other]


def test_the_files_of_one_that_is_open_by_now_stand_in_nobody_s_way(tmp_path: Path) -> None:
    """Of two first starts at once the later one finds the other's database, and its log."""
    path = tmp_path / "demo.db"
    with closing(sqlite3.connect(tmp_path / "demo.db", isolation_level=None)) as other:
        other.executescript(f"PRAGMA journal_mode = WAL; {TABLE}")
        hidden = path.rename(tmp_path / "hidden")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "mkdir", lambda *_, **__: hidden.rename(path))
            assert not make_demo(path)
        assert path.with_name("demo.db-wal").exists()


@ENDS
@pytest.mark.parametrize("journal", ["WAL", "DELETE", "PERSIST"])
@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"somebody's notes\n" * 400, b"7"])
async def test_what_is_not_sqlite_s_is_kept(
    tmp_path: Path, end: str, journal: str, content: bytes, *, read_only: bool
) -> None:
    """SQLite would overwrite or delete it without a word, so the database is not opened."""
    path = make_file(tmp_path / "a.db", f"PRAGMA journal_mode = {journal}; {TABLE}")
    schema = read_schema(path, "users", read_only=read_only)
    other = tmp_path / f"a.db{end}"
    other.write_bytes(content)
    before = set(tmp_path.iterdir())
    said = rf"a\.db{end} is no file of SQLite, .*; move it away, or name another"
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match=said):
            read_schema(path, schema.name, read_only=read_only)
        with pytest.raises(DatabaseUnavailable, match=said):
            async with opened(path, read_only=read_only):
                pass
        assert f"{end} is no file of SQLite" in examine(path, "users", None).troubles["file"]
    assert other.read_bytes() == content
    assert set(tmp_path.iterdir()) == before


@ENDS
def test_nothing_is_written_through_a_link(tmp_path: Path, end: str) -> None:
    """A link in the place of one of SQLite's files is refused, whatever it leads to."""
    path = make_file(tmp_path / "a.db", f"PRAGMA journal_mode = WAL; {TABLE}")
    (tmp_path / "mine").touch()
    (tmp_path / f"a.db{end}").symlink_to(tmp_path / "mine")
    with pytest.raises(DatabaseUnavailable, match=f"{end} is not a regular file; move it"):
        read_schema(path, "users")
    assert (tmp_path / "mine").read_bytes() == b""


@pytest.mark.parametrize("journal", ["WAL", "PERSIST", "TRUNCATE", "DELETE"])
async def test_sqlite_s_own_are_known(tmp_path: Path, journal: str) -> None:
    """A database whose files another program has open, or left there, is read and changed."""
    path = make_file(tmp_path / "a.db", TABLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {journal}")
        for name in ("b", "c"):
            other.execute("UPDATE users SET n = ?", (name,))
            async with opened(path) as users:
                assert ((await users.find(1)) or {})["n"] == name
                assert await users.update(1, {"n": f"{name}2"})
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE users SET n = 'd'")
        assert read_schema(path, "users").columns == ("id", "n")
        found = [path.with_name(f"a.db{end}") for end in BEGINNINGS]
        assert any(file.exists() for file in found)
    for end, beginnings in BEGINNINGS.items():
        assert all(len(own) <= READ_BYTES for own in beginnings), end


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_left_to_sqlite(tmp_path: Path) -> None:
    """SQLite cannot open it either, and says what that means."""
    path = make_file(tmp_path / "a.db", TABLE)
    (tmp_path / "a.db-shm").touch(mode=0)
    assert read_schema(path, "users").columns == ("id", "n")
