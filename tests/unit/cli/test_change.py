"""`hitmiss set` and `hitmiss invalidate`: what they change, print and exit with."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import Cli, cli
from files import make_file
from servers import ValkeyServer, free_port

__all__ = ["cli"]

KEY = "hitmiss:user:1"


def city(path: Path) -> object:
    """Give the city of user 1, as another program sees it."""
    with closing(sqlite3.connect(path)) as connection:
        (value,) = connection.execute("SELECT city FROM users WHERE id = 1").fetchone()
        return value


def test_set_writes_and_invalidates(cli: Cli, users_db: Path, server: ValkeyServer) -> None:
    """The row changes, the copy of all processes goes, and the next lookup is a DB answer."""
    on = ("--db", users_db, "--cache", server.url, "--json")
    assert cli("get", "1", *on).outcomes == ["DB"]
    (result,) = cli("set", "1", "city=Abuja", "credit=2.5", *on).answers
    assert list(result) == [
        "id", "found", "record", "invalidated", "pending", "elapsed_ms", "reason", "steps",
    ]  # fmt: skip
    assert (result["found"], result["invalidated"], result["pending"]) == (True, True, False)
    assert (result["record"]["city"], result["record"]["credit"]) == ("Abuja", 2.5)
    assert city(users_db) == "Abuja"
    (answer,) = cli("get", "1", *on).answers
    assert (answer["outcome"], answer["record"]["city"]) == ("DB", "Abuja")


def test_set_for_a_person(cli: Cli, users_db: Path) -> None:
    """The record is shown as it is then, with NULL for no value."""
    ran = cli("set", "1", "city=NULL", "--db", users_db)
    assert ran.code == 0
    assert "written" in ran.out
    assert "was not cached" in ran.out
    assert "forgotten" not in ran.out
    assert any(line.split() == ["city", "NULL"] for line in ran.out.splitlines())
    assert city(users_db) is None


def test_set_says_that_a_copy_was_forgotten(
    cli: Cli, users_db: Path, server: ValkeyServer
) -> None:
    """Where there was one."""
    on = ("--db", users_db, "--cache", server.url)
    cli("get", "1", *on)
    assert "cached copy forgotten" in cli("set", "1", "city=Abuja", *on).out


def test_set_of_a_record_that_is_not_there(cli: Cli, users_db: Path) -> None:
    """It says so and exits with 1."""
    ran = cli("set", "9999", "city=Abuja", "--db", users_db)
    assert (ran.code, ran.err) == (1, "")
    assert "there is no such record" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("shoe=1",), "no column 'shoe'; there are id, name, email"),
        (("id=2",), "is the key"),
        (("credit=much",), "'credit' takes a number, not 'much'"),
        (("name=NULL",), "NOT NULL constraint failed: users.name"),
        (("plan=gold",), "CHECK constraint failed"),
        (("city",), "not COLUMN=VALUE"),
        (("city=Abuja", "--read-only"), "give --writable|start with --writable"),
        (("city=Abuja", "--key", "app:{id}"), "--writable"),
    ],
)
def test_what_set_refuses(
    cli: Cli, users_db: Path, arguments: tuple[str, ...], message: str
) -> None:
    """One line on stderr that names the column or the option, exit code 2, nothing changed."""
    ran = cli("set", "1", *arguments, "--db", users_db)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert any(part in ran.err for part in message.split("|"))
    assert city(users_db) == "Lagos"


EVENTS = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, at DATETIME, day DATE, about JSON, code UUID,
      open BOOLEAN, note STRING, price DECIMAL(10,2), seen TIMESTAMP, old_flag BOOL,
      came DATE, level TINYINT(1));
    INSERT INTO users (id) VALUES (1);
    INSERT INTO users (id, seen, old_flag, came, level)
      VALUES (2, 1700000000, 't', '30/06/2026', 3);
"""
UUID = "3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35"


@pytest.mark.parametrize(
    ("assignment", "stored"),
    [
        ("at=2026-06-30T12:30:00Z", "2026-06-30T12:30:00Z"),
        ("day=2026-06-30", "2026-06-30"),
        ('about={"a": [1, 2.50]}', '{"a": [1, 2.50]}'),
        (f"code={UUID}", UUID),
        ("open=true", 1),
        ("open=0", 0),
        ("note=a text", "a text"),
        ("note='quoted'", "quoted"),
        ("price=10.50", 10.5),
        ("seen=1700000001", 1700000001),
        ("old_flag=false", "f"),
        ("at='yesterday'", "yesterday"),
        ("came=01/07/2026", "01/07/2026"),
        ("level=2", 2),
        ("day=NULL", None),
    ],
)
def test_set_writes_what_a_column_is_declared_to_hold(
    cli: Cli, tmp_path: Path, assignment: str, stored: object
) -> None:
    """Texts, though SQLite calls all of these columns numeric; as other records have it."""
    path = make_file(tmp_path / "events.db", EVENTS)
    ran = cli("set", "1", assignment, "--db", path)
    assert (ran.code, ran.err) == (0, "")
    with closing(sqlite3.connect(path)) as connection:
        column = assignment.partition("=")[0]
        assert connection.execute(f"SELECT {column} FROM users WHERE id = 1").fetchone() == (
            stored,
        )


@pytest.mark.parametrize(
    ("assignment", "example"),
    [
        ("at=yesterday", "for example 2026-06-30 12:30:00"),
        ("about={a: 1}", 'for example {"a": 1}'),
        ("code=7", "takes a uuid"),
        ("open=perhaps", "takes true or false"),
        ("price=12345678901234567.89", "15 digits"),
        ("seen=2026-06-30", "for example 1700000000"),
        ("note=007", "makes the number 7 of it"),
    ],
)
def test_set_says_what_a_column_takes(
    cli: Cli, tmp_path: Path, assignment: str, example: str
) -> None:
    """One line with an example, exit code 2, nothing written."""
    path = make_file(tmp_path / "events.db", EVENTS)
    before = path.read_bytes()
    ran = cli("set", "1", assignment, "--db", path)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert example in ran.err
    assert path.read_bytes() == before


def test_set_when_the_cache_is_down(cli: Cli, users_db: Path) -> None:
    """The row is written; exit code 4 and a line say that a stale copy may be left."""
    url = f"redis://127.0.0.1:{free_port()}"
    ran = cli("set", "1", "city=Abuja", "--db", users_db, "--cache", url, "--json")
    assert ran.code == 4
    assert json.loads(ran.out)["pending"]
    assert "may be stale for up to 63 s" in ran.err
    assert city(users_db) == "Abuja"


def test_a_text_key_is_told_so_that_a_shell_takes_it(cli: Cli, tmp_path: Path) -> None:
    """What a terminal would obey, or a shell would run, is quoted in what one is to type."""
    keys = {
        "-a b": "hitmiss invalidate -- '-a b'",
        "$(reboot)\x1b]52;c;eA==\x07": r"hitmiss invalidate $'$(reboot)\033]52;c;eA==\007'",
    }
    url = f"redis://127.0.0.1:{free_port()}"
    for key, typed in keys.items():
        path = tmp_path / f"{len(key)}.db"
        make_file(path, "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT)")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO users VALUES (?, 'a')", (key,))
        ran = cli("set", "--db", path, "--cache", url, "--", key, "name=b")
        assert (ran.code, ran.err.isascii()) == (4, True)
        assert ran.err.endswith(f" s: {typed}\n")
        assert ran.err.rstrip("\n").isprintable()


def test_set_on_a_table_of_ones_own(cli: Cli, users_db: Path) -> None:
    """With --writable another table and key template may be changed."""
    ran = cli(
        "set", "1", "city=Abuja", "--db", users_db, "--table", "users", "--key", "app:{id}",
        "--writable",
    )  # fmt: skip
    assert ran.code == 0
    assert city(users_db) == "Abuja"


def test_invalidate_forgets_copies(cli: Cli, users_db: Path, server: ValkeyServer) -> None:
    """What was cached is gone, what was not is said to be so, and both is done."""
    on = ("--db", users_db, "--cache", server.url)
    cli("get", "1", *on)
    ran = cli("invalidate", "1", "2", *on)
    assert ran.code == 0
    assert [line.split(maxsplit=1) for line in ran.out.splitlines()] == [
        ["1", "forgotten"],
        ["2", "was not cached"],
    ]
    with server.client() as client:
        assert client.exists(KEY) == 0
    answers = cli("invalidate", "1", *on, "--json").answers
    assert [list(answer) for answer in answers] == [
        ["id", "found", "pending", "reason", "steps"]
    ]


def test_invalidate_needs_the_cache(cli: Cli, users_db: Path) -> None:
    """Exit code 4 and the reason when it cannot be used."""
    url = f"redis://127.0.0.1:{free_port()}"
    ran = cli("invalidate", "1", "--db", users_db, "--cache", url)
    assert ran.code == 4
    assert "connection refused" in ran.out


def test_invalidate_read_only(cli: Cli, users_db: Path, server: ValkeyServer) -> None:
    """Somebody else's keys are not touched without --writable."""
    with server.client() as client:
        client.set("app:1", "x")
    ran = cli("invalidate", "1", "--db", users_db, "--cache", server.url, "--key", "app:{id}")
    assert ran.code == 2
    assert "--writable" in ran.err
    with server.client() as client:
        assert client.get("app:1") == b"x"
