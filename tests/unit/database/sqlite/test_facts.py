"""What is found out about a database file, whatever it is, without making one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file

from tui.database.sqlite import facts, file
from tui.database.sqlite.facts import DatabaseFacts, examine, index_sql, unique_sql


def beside(path: Path) -> list[str]:
    """Give the names of all that stands in a file's folder."""
    return sorted(other.name for other in path.parent.iterdir())


def test_the_demo_database(users_db: Path) -> None:
    """All is found out, and the write-ahead log that it has none of is not made."""
    found = examine(users_db, "Users", None)
    assert found.troubles == {}
    assert found.schema is not None
    assert (found.schema.name, found.schema.id_column) == ("users", "id")
    assert (found.size, found.wal) == (users_db.stat().st_size, True)
    assert (found.may_read, found.may_write, found.may_write_folder) == (True, True, True)
    assert (found.key_type, found.key_is_unique, found.key_is_indexed) == (
        "INTEGER",
        True,
        True,
    )
    assert (found.rows, found.more_rows, found.unindexed) == (600, False, ())
    assert beside(users_db) == ["users.db"]


def test_what_stands_in_the_log_is_seen(users_db: Path) -> None:
    """While another program has the database open, its log is read, and stays as it is."""
    with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
        other.execute("DELETE FROM users WHERE id > 10")
        before = beside(users_db)
        assert examine(users_db, "users", None).rows == 10
        assert beside(users_db) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"not a database\n" * 100, "is not a SQLite database"),
        (b"SQLite format 3\0" + b"\xff" * 4096, ""),
    ],
)
def test_what_is_no_database(tmp_path: Path, content: bytes | None, words: str) -> None:
    """Missing, empty and foreign files are a trouble with the file, and nothing is made."""
    path = tmp_path / "a.db"
    if content is not None:
        path.write_bytes(content)
    before = beside(path)
    found = examine(path, "users", None)
    assert list(found.troubles) == ["file"]
    assert words in found.troubles["file"]
    assert beside(path) == before
    assert list(examine(tmp_path, "users", None).troubles) == ["file"]


def test_a_file_that_may_not_be_read(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a trouble with the file, in words."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "Permission denied" in examine(users_db, "users", None).troubles["file"]


def test_permissions(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and folder are told apart."""
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode == os.R_OK or Path(path) == users_db
    )
    found = examine(users_db, "users", None)
    assert (found.may_read, found.may_write, found.may_write_folder) == (True, True, False)


def test_a_locked_database(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trouble says that another program has it."""
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    make_file(users_db, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(users_db, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in examine(users_db, "users", None).troubles["file"]
    assert examine(users_db, "users", None).troubles == {}


def test_an_unknown_table_or_column(users_db: Path) -> None:
    """The trouble is the table's, and names what there is."""
    assert "its tables: users" in examine(users_db, "people", None).troubles["table"]
    assert "no column 'nr'" in examine(users_db, "users", "nr").troubles["table"]


def test_damage_behind_the_schema(users_db: Path) -> None:
    """What only reading the rows finds is a trouble with the rows."""
    with users_db.open("r+b") as stream:
        pages = len(stream.read()) - 4096
        stream.seek(4096)
        stream.write(b"\xff" * pages)
    found = examine(users_db, "users", None)
    assert list(found.troubles) == ["rows"]
    assert "damaged" in found.troubles["rows"]
    assert found.schema is not None


def weird(path: Path, index: str = "") -> DatabaseFacts:
    """Examine a table with hostile names, with one more index."""
    make_file(
        path,
        'CREATE TABLE "a""b?" (k TEXT, "na""me" TEXT); INSERT INTO "a""b?" VALUES (\'x\', 1);'
        + index,
    )
    return examine(path, 'a"b?', "k")


@pytest.mark.parametrize(
    ("index", "unique", "indexed"),
    [
        ("", False, False),
        ('CREATE INDEX i ON "a""b?" (k)', False, True),
        ('CREATE UNIQUE INDEX i ON "a""b?" (k)', True, True),
        ('CREATE UNIQUE INDEX i ON "a""b?" (k, "na""me")', False, True),
        ('CREATE UNIQUE INDEX i ON "a""b?" (k) WHERE k > \'m\'', False, False),
        ('CREATE UNIQUE INDEX i ON "a""b?" (lower(k))', False, False),
    ],
)
def test_keys(tmp_path: Path, index: str, unique: bool, indexed: bool) -> None:
    """Only an index over all rows and the key alone promises that it is unique."""
    found = weird(tmp_path / "a.db", index)
    assert (found.key_is_unique, found.key_is_indexed) == (unique, indexed)


def test_the_statements_that_it_advises_help(tmp_path: Path) -> None:
    """Run as they stand, nothing is left to advise, whatever the names."""
    path = tmp_path / "a.db"
    found = weird(path)
    assert found.schema is not None
    assert found.unindexed == ('na"me', "k")
    make_file(path, "; ".join(index_sql(found.schema, column) for column in found.unindexed))
    make_file(path, unique_sql(found.schema))
    after = examine(path, 'a"b?', "k")
    assert (after.unindexed, after.key_is_unique, after.key_is_indexed) == ((), True, True)


def test_an_index_in_another_collation_is_none(tmp_path: Path) -> None:
    """A search in any case cannot use one that minds the case."""
    found = weird(tmp_path / "a.db", 'CREATE INDEX i ON "a""b?" ("na""me")')
    assert 'na"me' in found.unindexed


def test_a_view(users_db: Path) -> None:
    """It is called one, and finds keys through its table."""
    make_file(users_db, "CREATE VIEW v AS SELECT id, email FROM users")
    found = examine(users_db, "v", "id")
    assert (found.is_view, found.key_is_unique, found.key_is_indexed) == (True, False, True)
    assert found.rows == 600


def test_counting_is_bounded(users_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows are 'more than', and what takes too long is not counted."""
    monkeypatch.setattr(facts, "MOST_COUNTED", 100)
    found = examine(users_db, "users", None)
    assert (found.rows, found.more_rows) == (100, True)
    monkeypatch.setattr(facts, "COUNT_SECONDS", -1.0)
    monkeypatch.setattr(facts, "STEPS_BETWEEN_LOOKS", 1)
    found = examine(users_db, "users", None)
    assert (found.rows, found.troubles) == (None, {})
