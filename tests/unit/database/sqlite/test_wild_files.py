"""Files that other programs made, or left behind: read, or refused with what is to be done."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file, opened

from tui.bootstrap import prepare
from tui.config.settings import resolve
from tui.database.sqlite.checks import database_checks
from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_columns, read_schema, read_tables
from tui.models.check import State
from tui.runtime.errors import ChangedMeanwhile, DatabaseUnavailable

USERS = "CREATE TABLE u (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO u VALUES (1, 'Ada');"
CRASH = """
import os, sqlite3, sys
path, journal, *statements = sys.argv[1:]
connection = sqlite3.connect(path, isolation_level=None)
connection.execute("PRAGMA journal_mode = " + journal)
connection.execute("PRAGMA cache_size = 5")
for statement in statements:
    connection.execute(statement)
os.kill(os.getpid(), 9)
"""
"""A program that is killed in the midst of its work."""
UNPRIVILEGED = (
    "setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--",
)  # fmt: skip
"""Root without its right to write what may not be written."""
WATCH = """
import asyncio, sys
from pathlib import Path
from tui.runtime.clock import SystemClock
from tui.database.sqlite.table_opening import open_table
from tui.database.sqlite.schema import read_schema
from tui.database.sqlite import connection
from tui.runtime.errors import ChangedMeanwhile, DatabaseUnavailable
connection.CHECK_SECONDS = 0.0
async def main():
    path = Path(sys.argv[1])
    schema = read_schema(path, "u", read_only=True)
    async with open_table(path, schema, SystemClock(), read_only=True, complain=print) as u:
        print(await u.find(1), flush=True)
        sys.stdin.readline()
        try:
            print(await u.find(1))
        except DatabaseUnavailable as error:
            print(error)
asyncio.run(main())
"""
"""Reads a record, and once more when it is told to."""


def crashed(path: Path, journal: str, *statements: str) -> Path:
    """Let a program be killed after it has run these statements on the file at `path`."""
    subprocess.run([sys.executable, "-c", CRASH, path, journal, *statements], check=False)
    return path


def said_by_all(path: Path) -> set[str]:
    """Give what is said by all who read a file at first."""
    told, table = set(), "u"
    for ask in (
        lambda: read_schema(path, table, read_only=True),
        lambda: read_tables(path),
        lambda: read_columns(path, table),
        lambda: prepare(resolve({"db": str(path), "table": table}, {}, {}, "no file")),
    ):
        with pytest.raises(DatabaseUnavailable) as error:
            ask()
        told.add(str(error.value))
    found = examine(path, table, None)
    told.update(found.troubles.values())
    checks = database_checks(path, found, read_only=True)
    failed = [check for check in checks if check.state is State.FAILED]
    assert [check.detail for check in failed] == list(found.troubles.values())
    assert all(check.advice for check in failed)
    return told


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW v AS SELECT frob(n FRESHLY BY n) WITH NEWNESS FROM u",
        "CREATE TABLE v (a INT) FANCY",
        "CREATE TABLE v (a WHATEVER) STRICT",
        "CREATE TABLE v (a INT ~ 3 !)",
        "CREATE INDEX v ON u (n) USING hash",
    ],
)
def test_a_schema_of_a_newer_sqlite(tmp_path: Path, sql: str) -> None:
    """What SQLite cannot parse is no damage: a newer version wrote it, and ours is named."""
    old = "INDEX v ON u (n)" if " INDEX " in sql else "TABLE v (a INT)"
    kind = "index" if " INDEX " in sql else "view" if " VIEW " in sql else "table"
    path = make_file(tmp_path / "a.db", f"{USERS} CREATE {old};")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = ?, type = ? WHERE name = 'v'", (sql, kind)
        )
    (said,) = said_by_all(path)
    assert f"needs a newer SQLite than the version {sqlite3.sqlite_version}" in said
    assert "damaged" not in said


@pytest.mark.parametrize(("place", "value"), [(18, b"\x03\x03"), (44, b"\x00\x00\x00\x05")])
def test_a_format_of_a_newer_sqlite(tmp_path: Path, place: int, value: bytes) -> None:
    """So it is where the header says that the file is of a later format."""
    path = make_file(tmp_path / "a.db", USERS)
    content = bytearray(path.read_bytes())
    content[place : place + len(value)] = value
    path.write_bytes(content)
    (said,) = said_by_all(path)
    assert "needs a newer SQLite" in said


@pytest.mark.parametrize("size", [512, 8192, 8200])
def test_an_encrypted_file(tmp_path: Path, size: int) -> None:
    """Noise may be a database that SQLCipher has encrypted, which is said."""
    path = tmp_path / "a.db"
    path.write_bytes(random.Random(size).randbytes(size))
    (said,) = said_by_all(path)
    assert "not a SQLite database, or it is encrypted (SQLCipher)" in said


def test_a_journal_that_was_left_behind(tmp_path: Path) -> None:
    """It must be rolled back, and by whom is said; who may write does it, and then reads."""
    path = crashed(
        tmp_path / "a.db", "DELETE",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, n TEXT)",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)"
        " INSERT INTO u SELECT i, hex(randomblob(200)) FROM c",
        "UPDATE u SET n = 'Ada' WHERE id = 1",
        "BEGIN",
        "UPDATE u SET n = hex(randomblob(220))",
    )  # fmt: skip
    assert path.with_name("a.db-journal").exists()
    (said,) = said_by_all(path)
    assert "journal must be rolled back" in said
    assert "open it once with that program, or --writable" in said
    assert read_schema(path, "u").columns == ("id", "n")
    assert not path.with_name("a.db-journal").exists()


async def test_a_log_that_was_left_behind(tmp_path: Path) -> None:
    """What stands in the write-ahead log alone is read, and counted by the doctor."""
    path = crashed(
        tmp_path / "a.db", "WAL",
        "CREATE TABLE u (id INTEGER PRIMARY KEY, n TEXT)", "INSERT INTO u VALUES (1, 'Ada')",
    )  # fmt: skip
    path.with_name("a.db-shm").unlink()
    assert examine(path, "u", None).rows == 1
    async with opened(path, "u", read_only=True) as u:
        assert await u.find(1) == {"id": 1, "n": "Ada"}


@pytest.fixture
def unprivileged() -> list[str]:
    """What comes before a command so that it may write only what its user may."""
    if os.geteuid() != 0:
        return []
    if shutil.which(UNPRIVILEGED[0]) is None:
        pytest.skip("root may write everything, and setpriv is not there")
    return list(UNPRIVILEGED)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that may not be written once its rights are taken, as they are given back."""
    folder = tmp_path / "ro"
    folder.mkdir()
    yield folder
    folder.chmod(0o755)


def ask(unprivileged: list[str], path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command on the table u of the file at `path`."""
    return subprocess.run(
        [*unprivileged, sys.executable, "-m", "tui", *words, "--db", str(path),
         "--table", "u", "--key", "u:{id}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_log_that_cannot_be_made(folder: Path, unprivileged: list[str]) -> None:
    """In a folder without rights the file is read as it lies, and each command says so."""
    path = make_file(folder / "a.db", f"PRAGMA journal_mode = WAL; {USERS}")
    path.chmod(0o444)
    folder.chmod(0o555)
    for words, answer in (
        (("get", "1"), "Ada"),
        (("find", "ada"), "Ada"),
        (("audit", "--allow-empty"), "0"),
    ):
        done = ask(unprivileged, path, *words)
        assert answer in done.stdout
        assert "read as it lies there" in done.stderr
        assert done.returncode == 0
    assert "write-ahead log" in ask(unprivileged, path, "doctor").stdout
    refused = ask(unprivileged, path, "set", "1", "n=Bo", "--writable")
    assert "needs a write-ahead log beside it" in refused.stderr
    assert refused.returncode == 3
    assert [other.name for other in folder.iterdir()] == ["a.db"]


def test_a_log_that_cannot_be_read(folder: Path, unprivileged: list[str]) -> None:
    """With changes in the log, the file alone would be an old one: it is refused, by all."""
    path = crashed(folder / "a.db", "WAL", *USERS.split(";")[:2])
    path.with_name("a.db-shm").unlink()
    folder.chmod(0o555)
    for words in (("get", "1"), ("find", "ada"), ("audit",), ("keys",)):
        done = ask(unprivileged, path, *words)
        assert "has a write-ahead log with changes" in done.stderr
        assert done.returncode == 3
    assert "has a write-ahead log with changes" in ask(unprivileged, path, "doctor").stdout


def test_another_program_writes_what_is_read_as_it_lies(
    folder: Path, unprivileged: list[str]
) -> None:
    """SQLite would not look: so that is noticed here, and nothing of it is an answer."""
    path = make_file(folder / "a.db", f"PRAGMA journal_mode = WAL; {USERS}")
    folder.chmod(0o555)
    with subprocess.Popen(
        [*unprivileged, sys.executable, "-c", WATCH, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert "read as it lies there" in process.stdout.readline()
        assert "'Ada'" in process.stdout.readline()
        folder.chmod(0o755)
        make_file(path, "UPDATE u SET n = 'Bo'")
        out, _ = process.communicate("\n", timeout=60)
    assert "written by another program; start hitmiss again" in out


@pytest.mark.parametrize(
    ("encoding", "half"), [("UTF-16le", "610000d8"), ("UTF-16be", "0061d800")]
)
async def test_a_file_in_utf_16(tmp_path: Path, encoding: str, half: str) -> None:
    """Texts are found by any part, in any case, and bad ones are known again."""
    path = make_file(
        tmp_path / "a.db",
        f"PRAGMA encoding = '{encoding}';"
        "CREATE TABLE u (login TEXT PRIMARY KEY, name TEXT);"
        "CREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, note TEXT);"
        "CREATE INDEX by_name ON n (name COLLATE NOCASE);"
        "INSERT INTO u VALUES ('ada', 'Ada Lovelace'), ('zoë', 'Zoë 山田'), ('😀', 'Smile 😀');"
        "INSERT INTO n VALUES (1, 'Ada Lovelace', 'x'), (2, 'Zoë', 'y'), (3, '山田', 'ß'),"
        f" (4, CAST(x'{half}' AS TEXT), 'x');",
    )
    async with opened(path, "u") as u:
        found = {
            text: [match.id for match in (await u.search(text, 5)).matches]
            for text in ("love", "LACE", "zoe", "山", "田", "😀", "smile", "nobody")
        }
        assert found == {
            "love": ["ada"], "LACE": ["ada"], "zoe": ["zoë"], "山": ["zoë"], "田": ["zoë"],
            "😀": ["😀"], "smile": ["😀"], "nobody": [],
        }  # fmt: skip
        assert await u.find("zoë") == {"login": "zoë", "name": "Zoë 山田"}
        assert list(await u.find_many(["zoë", "😀", "no"])) == ["zoë", "😀"]
    async with opened(path, "n") as n:
        assert [match.id for match in (await n.search("lovel", 5)).matches] == [1]
        assert [match.id for match in (await n.search("ZOE", 5)).matches] == [2]
        for id in (2, 4):
            before = await n.find(id)
            assert before is not None
            with pytest.raises(ChangedMeanwhile):
                await n.update(id, {"note": "x"}, expected={**before, "note": "else"})
            after = await n.update(id, {"note": "ü"}, expected=before)
            assert after == {**before, "note": "ü"}
