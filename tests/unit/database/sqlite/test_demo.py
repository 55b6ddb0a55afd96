"""The demo database: what is in it, and how it is made."""

import re
import shutil
import sqlite3
import subprocess
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from files import limited

from tui.database.seed_rows import seed_script
from tui.database.sqlite import demo
from tui.database.sqlite.demo import make_demo
from tui.database.sqlite.draft import drafted
from tui.runtime.errors import DatabaseUnavailable

ROOT = Path(__file__).parents[4]


@pytest.fixture
def connection(seeded: Path) -> Iterator[sqlite3.Connection]:
    """The demo database."""
    with closing(sqlite3.connect(seeded)) as connection:
        yield connection


def test_there_are_600_users(connection: sqlite3.Connection) -> None:
    """Keys go from 1 to 600, and every record is sound."""
    assert connection.execute("SELECT count(*), min(id), max(id) FROM users").fetchone() == (
        600,
        1,
        600,
    )
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_readers_and_writers_get_along(connection: sqlite3.Connection) -> None:
    """The file keeps a write-ahead log."""
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_names_come_in_many_scripts(connection: sqlite3.Connection) -> None:
    """Left to right and right to left, with marks composed and not, and with apostrophes."""
    names = [name for (name,) in connection.execute("SELECT name FROM users")]
    scripts = {
        unicodedata.name(letter).split()[0]
        for name in names
        for letter in name
        if letter.isalpha()
    }
    assert {
        "LATIN", "CJK", "HIRAGANA", "HANGUL", "ARABIC", "HEBREW", "CYRILLIC", "GREEK",
        "DEVANAGARI", "THAI", "ETHIOPIC", "GURMUKHI",
    } <= scripts  # fmt: skip
    assert any("'" in name for name in names)
    assert any(unicodedata.normalize("NFC", name) != name for name in names)
    assert len(set(names)) > 500


@pytest.mark.parametrize("column", ["email", "city", "last_seen_at"])
def test_some_values_are_null(connection: sqlite3.Connection, column: str) -> None:
    """Columns that may be NULL are so somewhere, and not everywhere."""
    (nulls,) = connection.execute(f"SELECT count(*) - count({column}) FROM users").fetchone()
    assert 0 < nulls < 300


def test_nobody_real_gets_mail(connection: sqlite3.Connection) -> None:
    """Every address is in a domain that is reserved for documentation."""
    addresses = connection.execute("SELECT email FROM users WHERE email IS NOT NULL").fetchall()
    reserved = re.compile(r"@.*\bexample(\.(com|org|net))?$", re.IGNORECASE)
    assert [a for (a,) in addresses if not reserved.search(a)] == []


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell here")
def test_the_sqlite3_shell_loads_it_too(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """The script by hand gives the same users as the program does."""
    path = tmp_path / "by-hand.db"
    with (ROOT / "seed.sql").open() as script:
        subprocess.run(["sqlite3", "-bail", str(path)], stdin=script, check=True)
    with closing(sqlite3.connect(path)) as by_hand:
        query = "SELECT * FROM users ORDER BY id"
        assert by_hand.execute(query).fetchall() == connection.execute(query).fetchall()
        assert by_hand.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_it_is_made_once(tmp_path: Path) -> None:
    """Folders on the way are made; what is there already is left as it is."""
    path = tmp_path / "a" / "b" / "demo.db"
    assert make_demo(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE users SET name = 'mine' WHERE id = 1")
    assert not make_demo(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM users WHERE id = 1").fetchone() == ("mine",)
    assert list(path.parent.iterdir()) == [path]


def test_two_first_starts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find none and make one; one of them is kept, whole, and nothing else is left."""
    path = tmp_path / "demo.db"
    script, both = seed_script(), threading.Barrier(2, timeout=10)

    def together() -> str:
        both.wait()
        return script

    monkeypatch.setattr(demo, "seed_script", together)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(make_demo, [path, path]))
    assert sorted(made) == [False, True]
    assert list(tmp_path.iterdir()) == [path]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (600,)


def test_a_half_made_one_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the making fails there is a reason and no file."""
    monkeypatch.setattr(
        demo, "seed_script", lambda: "CREATE TABLE users (id); INSERT INTO nowhere VALUES (1)"
    )
    with pytest.raises(DatabaseUnavailable, match=r"cannot be made at .* no such table"):
        make_demo(tmp_path / "demo.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("held", [True, False])
def test_what_is_left_in_its_log_is_never_left_behind(tmp_path: Path, *, held: bool) -> None:
    """When a reader or a full disk keeps the log from being emptied, nothing is put there."""

    def make(path: Path, cleanup: ExitStack) -> None:
        with drafted(path) as draft, closing(sqlite3.connect(draft)) as connection:
            connection.executescript(seed_script())
            if held:
                reader = cleanup.enter_context(closing(sqlite3.connect(draft)))
                reader.execute("SELECT name FROM users").fetchone()
            else:
                cleanup.enter_context(limited(8192))

    with ExitStack() as cleanup, pytest.raises(sqlite3.OperationalError):
        make(tmp_path / "demo.db", cleanup)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """The message says where it should have been, and what else can be done."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnavailable, match=r"cannot be made at .*demo\.db: .*--db"):
        make_demo(tmp_path / "file" / "demo.db")


def test_it_is_not_made_through_a_link(tmp_path: Path) -> None:
    """Nor is what a link leads to taken for it: a change of the demo would be one of that."""
    (tmp_path / "demo.db").symlink_to(tmp_path / "app.db")
    for _ in range(2):
        with pytest.raises(
            DatabaseUnavailable, match=r"demo\.db is a link; name what it leads"
        ):
            make_demo(tmp_path / "demo.db")
        (tmp_path / "app.db").touch()
    assert (tmp_path / "app.db").stat().st_size == 0
