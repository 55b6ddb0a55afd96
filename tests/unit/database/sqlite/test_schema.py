"""Reading a table's shape, and what is said of files that have none."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from files import make_file

from tui.database.sqlite import file
from tui.database.sqlite.facts import examine
from tui.database.sqlite.schema import read_schema
from tui.runtime.errors import DatabaseUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a database, with nothing there yet."""
    return tmp_path / "a.db"


def test_the_demo_table_is_read(seeded: Path) -> None:
    """Columns come in the table's order, the key from the primary key."""
    schema = read_schema(seeded, "users")
    assert (schema.name, schema.id_column, schema.id_is_integer) == ("users", "id", True)
    assert schema.columns[:3] == ("id", "name", "email")
    assert schema.search_columns == ("name", "email")


@pytest.mark.parametrize(
    ("table", "id_column", "name", "key"),
    [("USERS", None, "users", "id"), ("Users", "ID", "users", "id")],
)
def test_case_makes_no_difference(
    seeded: Path, table: str, id_column: str | None, name: str, key: str
) -> None:
    """Names are found whatever their case, and kept as the database spells them."""
    schema = read_schema(seeded, table, id_column)
    assert (schema.name, schema.id_column) == (name, key)


def test_the_exact_name_wins(path: Path) -> None:
    """SQLite keeps non-ASCII names of other case apart, and so does the choice of a table."""
    make_file(
        path,
        'CREATE TABLE "Ärzte" (a INTEGER PRIMARY KEY);'
        'CREATE TABLE "ärzte" (b INTEGER PRIMARY KEY, "É" TEXT, "é" TEXT)',
    )
    assert read_schema(path, "ärzte").columns == ("b", "É", "é")
    assert read_schema(path, "ärzte", "é").id_column == "é"


@pytest.mark.parametrize(
    ("declared", "integer"),
    [
        ("INTEGER", True),
        ("int", True),
        ("BIGINT", True),
        ("UNSIGNED BIG INT", True),
        ("TEXT", False),
        ("VARCHAR(40)", False),
        ("", False),
    ],
)
def test_keys_are_numbers_or_texts(path: Path, declared: str, integer: bool) -> None:
    """A key column of integer affinity has whole numbers, any other has texts."""
    make_file(path, f"CREATE TABLE t (k {declared} PRIMARY KEY, note TEXT)")
    schema = read_schema(path, "t")
    assert (schema.id_column, schema.id_is_integer) == ("k", integer)


def test_a_text_key_is_searched_too(path: Path) -> None:
    """Names and e-mails come first; without them the first texts do; a text key comes last."""
    make_file(
        path,
        "CREATE TABLE people (email TEXT, code TEXT PRIMARY KEY, city TEXT, name TEXT);"
        "CREATE TABLE parts (code INTEGER PRIMARY KEY, a TEXT, b CLOB, n REAL, c VARCHAR(9),"
        " d TEXT);"
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY, n REAL)",
    )
    assert read_schema(path, "people").search_columns == ("name", "email", "code")
    assert read_schema(path, "parts").search_columns == ("a", "b", "c")
    assert read_schema(path, "numbers").search_columns == ()


@pytest.mark.parametrize(
    ("columns", "searched"),
    [
        ("note STRING, n DECIMAL", ("note",)),
        ("code CHAR(36), city ENUM, host INET", ("code", "city", "host")),
        ("code UUID, a TEXT, b TEXT, c TEXT", ("a", "b", "c")),
        ("code UUID, a TEXT", ("a", "code")),
        ("at DATETIME, about JSON, photo BLOB, open BOOL, where_to POINT, tags TEXT[]", ()),
        ("name JSON, email UUID, a TEXT", ("a", "email")),
        ("loose, price NUMERIC, r INT4RANGE, b BIT(8)", ()),
    ],
)
def test_what_is_searched_goes_by_the_kind(
    path: Path, columns: str, searched: tuple[str, ...]
) -> None:
    """Texts first, then enumerations, uuids and addresses; no numbers, bytes or JSON."""
    make_file(path, f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns})")
    assert read_schema(path, "t").search_columns == searched


def test_hostile_names_are_read(path: Path) -> None:
    """Quotes, brackets, line ends and other scripts in names are only characters."""
    make_file(
        path,
        'CREATE TABLE "a ""b""; DROP TABLE x--" ("k""1" INTEGER PRIMARY KEY, "名前" TEXT,'
        ' "\x1b[2J\n" TEXT, "select" TEXT)',
    )
    schema = read_schema(path, 'a "b"; DROP TABLE x--')
    assert schema.columns == ('k"1', "名前", "\x1b[2J\n", "select")
    assert schema.id_column == 'k"1'


def test_generated_columns_belong_to_the_record(path: Path) -> None:
    """Columns that the database computes are columns like all others."""
    make_file(
        path,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT AS (a + 1),"
        " c INT AS (a + 2) STORED) STRICT",
    )
    assert read_schema(path, "t").columns == ("id", "a", "b", "c")


@pytest.mark.parametrize(
    ("columns", "rows", "integer"),
    [
        ("id PRIMARY KEY, name TEXT", "(1, 'a'), (2, 'b')", True),
        ("id NUMBER PRIMARY KEY, name TEXT", "('1', 'a')", True),
        ("id PRIMARY KEY, name TEXT", "(1, 'a'), ('x', 'b')", False),
        ("id PRIMARY KEY, name TEXT", "('1', 'a')", False),
        ("id NUMERIC PRIMARY KEY, name TEXT", "(1.5, 'a')", False),
    ],
)
def test_what_no_type_says_the_keys_say(
    path: Path, columns: str, rows: str, *, integer: bool
) -> None:
    """Where the type tells neither, keys are whole numbers if those that are there are."""
    make_file(path, f"CREATE TABLE t ({columns}); INSERT INTO t VALUES {rows}")
    schema = read_schema(path, "t")
    assert schema.id_is_integer is integer
    assert schema.search_columns == (("name",) if integer else ("name", "id"))


def test_a_view_with_a_computed_key_has_the_keys_that_it_shows(users_db: Path) -> None:
    """An expression has no type, but its values have; they are not waited for long."""
    make_file(
        users_db,
        "CREATE VIEW v AS SELECT id + 100 AS id, name FROM users; CREATE VIEW slow AS WITH"
        " RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) id FROM n",
    )
    assert read_schema(users_db, "v", "id").id_is_integer
    assert not read_schema(users_db, "slow", "id").id_is_integer


def test_a_view_needs_its_key_named(users_db: Path) -> None:
    """A view has no primary key; with --id-column it is explored like a table."""
    make_file(users_db, "CREATE VIEW v AS SELECT id, name FROM users")
    with pytest.raises(DatabaseUnavailable, match=r"no primary key.*--id-column"):
        read_schema(users_db, "v")
    assert read_schema(users_db, "v", "id").columns == ("id", "name")


@pytest.mark.parametrize(
    ("table", "id_column", "message"),
    [
        ("nothing", None, r"no table 'nothing'; its tables: keyless, pairs; .*--table"),
        ("", None, "no table ''"),
        ("pairs; DROP TABLE pairs", None, "no table"),
        ("sqlite_schema", None, "no table"),
        ("pairs", None, "a key of 2 columns; .*--id-column"),
        ("keyless", None, "no primary key; .*--id-column"),
        ("keyless", "c", r"no column 'c' \(--id-column\); it has a, b"),
    ],
)
def test_a_table_without_a_single_key_is_an_error(
    path: Path, table: str, id_column: str | None, message: str
) -> None:
    """The message says what is there and which option helps."""
    make_file(
        path,
        "CREATE TABLE pairs (a INT, b INT, PRIMARY KEY (a, b)); CREATE TABLE keyless (a, b)",
    )
    with pytest.raises(DatabaseUnavailable, match=message):
        read_schema(path, table, id_column)
    assert read_schema(path, "pairs", "b").id_column == "b"


def test_a_file_without_tables_says_so(path: Path) -> None:
    """A database that is valid but holds nothing names no tables."""
    make_file(path, "PRAGMA user_version = 1")
    with pytest.raises(DatabaseUnavailable, match="its tables: none"):
        read_schema(path, "users")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"hello, I am a text file\n" * 400, "not a SQLite database"),
        (b"\x00" * 8192, "not a SQLite database"),
        (b"SQLite format 3\x00", "not a SQLite database"),
        (b"SQLite format 3\x00" + b"\xff" * 8000, "not a SQLite database"),
    ],
)
def test_what_is_no_database_is_a_message_and_creates_nothing(
    path: Path, content: bytes | None, message: str, read_only: bool
) -> None:
    """Missing, empty and foreign files are told apart, and the folder stays as it was."""
    if content is not None:
        path.write_bytes(content)
    before = sorted(path.parent.iterdir())
    with pytest.raises(DatabaseUnavailable, match=message):
        read_schema(path, "users", read_only=read_only)
    assert sorted(path.parent.iterdir()) == before
    assert content is None or path.read_bytes() == content


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A folder is called a folder."""
    with pytest.raises(DatabaseUnavailable, match="is a folder"):
        read_schema(tmp_path, "users")


def test_a_pipe_is_no_database(path: Path) -> None:
    """What is not a regular file is not waited for."""
    os.mkfifo(path)
    with pytest.raises(DatabaseUnavailable, match="not a regular file"):
        read_schema(path, "users")


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_a_pipe_beside_a_file_is_not_waited_for(users_db: Path, end: str) -> None:
    """SQLite would open it with the database, by whatever name that is called."""
    beside = users_db.with_name(f"{users_db.name}{end}")
    beside.unlink(missing_ok=True)
    os.mkfifo(beside)
    link = users_db.with_name("link.db")
    link.symlink_to(users_db)
    for path in (users_db, link):
        with pytest.raises(DatabaseUnavailable, match=f"{end} is not a regular file; move it"):
            read_schema(path, "users", None)
        assert f"{end} is not a regular file" in examine(path, "users", None).troubles["file"]


def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path) -> None:
    """A path that is too long is a message like any other."""
    with pytest.raises(DatabaseUnavailable, match=r"cannot be read|does not exist"):
        read_schema(tmp_path / ("x" * 5000), "users")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(users_db: Path) -> None:
    """Without permission the message asks for it."""
    users_db.chmod(0)
    with pytest.raises(DatabaseUnavailable, match="may you read it"):
        read_schema(users_db, "users")


@pytest.mark.parametrize(
    "name", ["a?mode=memory.db", "a#b.db", "a%41.db", "Zoë 佐藤.db", "-a'"]
)
def test_any_file_name_can_be_opened(seeded: Path, tmp_path: Path, name: str) -> None:
    """Characters that mean something in a URI are only characters of the name."""
    path = tmp_path / name
    path.write_bytes(seeded.read_bytes())
    assert read_schema(path, "users").name == "users"


def test_a_truncated_file_is_an_error(users_db: Path) -> None:
    """A file that ends too early is called damaged, and how to check it is said."""
    with users_db.open("r+b") as stream:
        stream.truncate(3000)
    with pytest.raises(DatabaseUnavailable, match=r"damaged.*integrity_check"):
        read_schema(users_db, "users")


@pytest.fixture
def locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file without WAL that another connection has locked; nobody waits long for it."""
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    make_file(path, "CREATE TABLE users (id INTEGER PRIMARY KEY)")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield path


def test_a_locked_file_is_waited_for_and_then_an_error(locked: Path) -> None:
    """Another program's lock ends in a reason, and the wait is SQLite's busy time-out."""
    with pytest.raises(DatabaseUnavailable, match=r"locked by another program .* 0\.05 s"):
        read_schema(locked, "users")
