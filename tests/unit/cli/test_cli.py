"""The command line: what is printed, where, and with which exit code."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Cli, Ran, cli, ends, is_one_error, process
from files import make_file
from servers import ValkeyServer, free_port

from tui import __version__
from tui.runtime.plain_text import plain

__all__ = ["cli"]

HOSTILE = """
    INSERT INTO users (id, name, email, plan, created_at) VALUES
      (1001, char(27) || '[2J[red]clear' || char(10) || 'line', 'a' || char(7), 'free', ''),
      (1002, char(0x202e) || 'override' || char(0x9b) || '31m', NULL, 'free', ''),
      (1003, 'long ' || printf('%.10000c', 'x'), 'long@example.com', 'free', '');
"""
FIELDS = [
    "id",
    "outcome",
    "record",
    "ttl_left",
    "elapsed_ms",
    "flags",
    "reason",
    "format",
    "steps",
]


@pytest.fixture
def get(cli: Cli, seeded: Path) -> Cli:
    """Look up in the demo database, as JSON."""
    return lambda *arguments: cli("get", *arguments, "--json", "--db", seeded)


def test_get_shows_db_and_then_hit(cli: Cli, seeded: Path) -> None:
    """The first lookup asks the database, the second the cache; the record is shown once."""
    ran = cli("get", "1", "1", "--db", seeded)
    first, *record, second = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert first.split()[:2] == ["1", "DB"]
    assert second.split()[:2] == ["1", "HIT"]
    assert all("cached for" in line for line in (first, second))
    assert [line.split()[0] for line in record] == [
        "id", "name", "email", "city", "country", "plan", "credit", "created_at",
        "last_seen_at",
    ]  # fmt: skip
    assert record[1].split(maxsplit=1)[1] == "Amara Okafor"


def test_json_has_exactly_the_promised_fields(get: Cli) -> None:
    """One object a line, with the fields, flags and steps of INTERFACE.md."""
    ran = get("1", "1")
    miss, hit = ran.answers
    assert list(miss) == list(hit) == FIELDS
    assert (miss["id"], miss["outcome"], hit["outcome"]) == (1, "DB", "HIT")
    assert miss["record"] == hit["record"]
    assert miss["record"]["name"] == "Amara Okafor"
    assert miss["flags"] == {
        "coalesced": False, "filled": "yes", "refreshing": False, "repaired": False,
        "pending": False,
    }  # fmt: skip
    assert hit["flags"]["filled"] is None
    assert miss["reason"] is hit["reason"] is None
    assert 27 <= miss["ttl_left"] <= 33
    assert 0 < hit["ttl_left"] <= miss["ttl_left"]
    assert miss["elapsed_ms"] > 0
    assert [list(step) for step in miss["steps"]] == [["target", "command", "ms", "result"]] * 5
    assert [step["target"] for step in miss["steps"]] == ["cache"] * 3 + ["database", "cache"]
    assert [step["command"] for step in hit["steps"]] == [
        "GET hitmiss:user:1",
        "PTTL hitmiss:user:1",
    ]


def test_what_is_not_there_is_remembered(get: Cli) -> None:
    """An absent record is NOT_FOUND, then NEGATIVE, and the exit code 1."""
    ran = get("999999", "999999", "1")
    assert ran.outcomes == ["NOT_FOUND", "NEGATIVE", "DB"]
    assert ran.answers[0]["record"] is None
    assert 0 < ran.answers[1]["ttl_left"] <= 10
    assert ran.code == 1


def test_repeat_looks_all_up_again_in_order(get: Cli) -> None:
    """--repeat goes through all keys N times."""
    ran = get("1", "2", "--repeat", "3")
    assert [answer["id"] for answer in ran.answers] == [1, 2] * 3
    assert ran.outcomes == ["DB", "DB", "HIT", "HIT", "HIT", "HIT"]


@pytest.mark.parametrize("key", ["-1", "-9223372036854775808", "9223372036854775807", "0"])
def test_every_number_that_fits_is_a_key(get: Cli, key: str) -> None:
    """A negative number is no option, and the ends of the range are only not there."""
    ran = get(key)
    assert (ran.code, ran.outcomes) == (1, ["NOT_FOUND"])
    assert ran.answers[0]["id"] == int(key)


@pytest.mark.parametrize(
    "key",
    ["1; DROP TABLE users", "9223372036854775808", "18446744073709551616", "1e3", "٣", "",
     " ", "1.0", "x\ny", "\x1b[2J", "\udcff", "9" * 5000, "-9223372036854775809", "--nope"],
)  # fmt: skip
def test_what_is_no_key_is_wrong_usage(cli: Cli, seeded: Path, key: str) -> None:
    """Hostile keys are answered with one harmless line and exit code 2, before any lookup."""
    ran = cli("get", "1", key, "--db", seeded)
    assert ran.code == 2
    assert is_one_error(ran)
    assert plain(ran.err.strip()) == ran.err.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["--bogus"],
        ["get"],
        ["find"],
        ["find", " "],
        ["find", "a", "b"],
        ["find", "a", "--limit", "0"],
        ["get", "1", "--repeat", "0"],
        ["get", "1", "--repeat", "x"],
        ["get", "1", "--ttl"],
        ["get", "1", "--ttl", "soon"],
        ["get", "1", "--ttl", "0"],
        ["get", "1", "--cache", "http://localhost"],
        ["get", "1", "--key", "no placeholder"],
        ["get", "1", "--key", "\udcff{id}"],
        ["get", "1", "--table", ""],
        ["get", "1", "--db", "~nobody-of-that-name/a.db"],
        ["get", "1", "--config", "/nowhere/at\nall.toml"],
    ],
)
def test_wrong_usage_is_one_line_and_code_2(cli: Cli, arguments: list[str]) -> None:
    """Whatever is wrong with options and arguments, stderr has one line and stdout none."""
    ran = cli(*arguments)
    assert ran.code == 2
    assert is_one_error(ran)


@pytest.mark.parametrize("command", [["get", "1"], ["find", "a"]])
def test_a_database_that_cannot_be_used_is_code_3(
    cli: Cli, tmp_path: Path, command: list[str]
) -> None:
    """Missing, foreign and tableless files end with one line and create nothing."""
    foreign = tmp_path / "foreign.db"
    foreign.write_text("not a database\n" * 100)
    for arguments in (
        ["--db", str(tmp_path / "missing\n.db")],
        ["--db", str(tmp_path)],
        ["--db", str(foreign)],
    ):
        ran = cli(*command, *arguments)
        assert ran.code == 3
        assert is_one_error(ran)
    assert list(tmp_path.iterdir()) == [foreign]


def test_an_unknown_table_is_code_3(cli: Cli, seeded: Path) -> None:
    """The line names the tables that there are."""
    ran = cli("get", "1", "--db", seeded, "--table", "people")
    assert ran.code == 3
    assert is_one_error(ran)
    assert "its tables: users" in ran.err


def test_a_database_that_fails_later_is_an_error_outcome(cli: Cli, users_db: Path) -> None:
    """Damage that only the lookup finds is an ERROR with its reason, and exit code 3."""
    with users_db.open("r+b") as stream:
        pages = len(stream.read()) - 4096
        stream.seek(4096)
        stream.write(b"\xff" * pages)
    ran = cli("get", "1", "--db", users_db, "--json")
    assert (ran.code, ran.outcomes) == (3, ["ERROR"])
    assert "damaged" in ran.answers[0]["reason"]
    assert cli("find", "a", "--db", users_db).code == 3


@pytest.mark.parametrize("place", ["before", "after", "both"])
def test_options_stand_before_or_after_the_command(cli: Cli, seeded: Path, place: str) -> None:
    """Both places count, and the one behind the command wins."""
    before, after = ["--ttl", "1000"], ["--ttl", "100"]
    ran = cli(
        *([] if place == "after" else before),
        *("--json", "get", "1", "--db", seeded),
        *([] if place == "before" else after),
    )
    expected = 1000 if place == "before" else 100
    assert expected * 0.89 < ran.answers[0]["ttl_left"] < expected * 1.11


def test_flags_beat_environment_beats_file(
    cli: Cli, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the three places of an option counts until a stronger one is there."""

    def ttl(*arguments: str) -> float:
        ran = cli("get", "1", *arguments)
        return float(ran.answers[0]["ttl_left"])

    file = tmp_path / "my.toml"
    file.write_text(f'ttl = "1h"\njson = true\ndb = "{seeded}"\n')
    assert 3200 <= ttl("--config", str(file)) <= 4000
    monkeypatch.setenv("HITMISS_CONFIG", str(file))
    assert 3200 <= ttl() <= 4000
    monkeypatch.setenv("HITMISS_TTL", "10h")
    assert 32_000 <= ttl() <= 40_000
    assert 320_000 <= ttl("--ttl", "100h") <= 400_000
    file.write_text("tll = 5")
    ran = cli("get", "1")
    assert ran.code == 2
    assert is_one_error(ran)
    assert "unknown option 'tll'" in ran.err


@pytest.mark.parametrize(
    ("name", "value", "filled", "key"),
    [
        ("HITMISS_KEY", "app:{id}", None, "app:1"),
        ("HITMISS_TABLE", "users", None, "hitmiss:user:1"),
        ("HITMISS_READ_ONLY", "1", None, "hitmiss:user:1"),
        ("HITMISS_READ_ONLY", "0", "yes", "hitmiss:user:1"),
        ("HITMISS_ID_COLUMN", "ID", "yes", "hitmiss:user:1"),
    ],
)
def test_every_option_is_an_environment_variable(
    get: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str, filled: str, key: str
) -> None:
    """HITMISS_ and the option's name set it; another's table or keys are only read."""
    monkeypatch.setenv(name, value)
    answer = get("1").answers[0]
    assert answer["flags"]["filled"] == filled
    assert answer["steps"][0]["command"] == f"GET {key}"


def test_a_variable_of_the_wrong_form_is_wrong_usage(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the variable."""
    monkeypatch.setenv("HITMISS_JSON", "perhaps")
    ran = cli("get", "1")
    assert ran.code == 2
    assert is_one_error(ran)
    assert "HITMISS_JSON" in ran.err


def test_read_only_changes_nothing(get: Cli, server: ValkeyServer) -> None:
    """With another's key template there is no fill, no lease and no second chance of a HIT."""
    ran = get("1", "1", "--key", "app:{id}", "--cache", server.url)
    assert ran.outcomes == ["DB", "DB"]
    with server.client() as client:
        assert client.dbsize() == 0
    assert get("1", "--key", "app:{id}", "--cache", server.url, "--writable").code == 0
    with server.client() as client:
        assert client.keys() == [b"app:1"]


def test_a_copy_without_expiry_is_called_so(cli: Cli, server: ValkeyServer) -> None:
    """Read-only, a HIT on what another program keeps for ever says that it never expires."""
    with server.client() as client:
        client.set("app:1", '{"id": 1, "name": "Amara"}')
    ran = cli("get", "1", "--key", "app:{id}", "--cache", server.url)
    assert "HIT" in ran.out.splitlines()[0]
    assert ran.out.splitlines()[0].endswith("never expires")


def test_what_one_process_stored_the_next_one_finds(get: Cli, server: ValkeyServer) -> None:
    """With a server the second command is a HIT, and anybody can read the value."""
    assert get("1", "--cache", server.url).outcomes == ["DB"]
    ran = get("1", "--cache", server.tcp_url)
    assert ran.outcomes == ["HIT"]
    with server.client() as client:
        assert json.loads(client.get("hitmiss:user:1") or b"") == ran.answers[0]["record"]


def test_the_cache_s_address_may_be_in_redis_url(
    get: Cli, server: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REDIS_URL counts, and HITMISS_CACHE counts more."""
    get("1", "--cache", server.url)
    monkeypatch.setenv("REDIS_URL", server.url)
    assert get("1").outcomes == ["HIT"]
    monkeypatch.setenv("HITMISS_CACHE", "embedded")
    assert get("1").outcomes == ["DB"]


def test_a_cache_that_is_down_is_bypassed(get: Cli, tmp_path: Path) -> None:
    """The record comes from the database, with the reason, and the exit code is 0."""
    for url in (f"redis://127.0.0.1:{free_port()}", f"unix://{tmp_path}/none"):
        ran = get("1", "1", "--cache", url)
        assert (ran.code, ran.err, ran.outcomes) == (0, "", ["BYPASS", "BYPASS"])
        assert ran.answers[0]["record"]["name"] == "Amara Okafor"
        assert ran.answers[0]["reason"].startswith("cannot reach the cache: ")
        assert ran.answers[0]["flags"]["filled"] is None
        assert ran.answers[0]["ttl_left"] is None


def test_a_cache_that_hangs_is_bypassed(get: Cli, own_server: ValkeyServer) -> None:
    """A server that takes the connection and never answers costs a reason, not the lookup."""
    own_server.pause()
    ran = get("1", "--cache", own_server.url)
    assert (ran.code, ran.outcomes) == (0, ["BYPASS"])
    assert ran.answers[0]["reason"] == "the cache did not answer within 0.25 s"


def test_a_host_that_does_not_exist_is_called_so(get: Cli) -> None:
    """A name that cannot be looked up is not 'unknown error -2'."""
    ran = get("1", "--cache", "redis://no such host")
    assert (ran.code, ran.outcomes) == (0, ["BYPASS"])
    assert "unknown error" not in ran.answers[0]["reason"]
    assert "known" in ran.answers[0]["reason"]


@pytest.mark.parametrize("more", [[], ["--json"], ["--debug"]])
@pytest.mark.parametrize(
    "place",
    ["@127.0.0.1:1", "@127.0.0.1:port", "@127.0.0.1:1?unknown=1", "#@127.0.0.1", "/@h"],
)
def test_a_password_is_never_printed(
    cli: Cli, seeded: Path, place: str, more: list[str]
) -> None:
    """Neither an answer nor an error nor a traceback holds the cache's password."""
    ran = cli("get", "1", "--db", seeded, "--cache", f"redis://user:s3cr3t{place}", *more)
    assert ran.out + ran.err
    assert "s3cr3t" not in ran.out + ran.err


def test_a_wrong_password_is_never_printed(get: Cli, server: ValkeyServer) -> None:
    """A server that refuses the login is bypassed, and the reason says only that."""
    ran = get("1", "--cache", f"redis://user:s3cr3t@127.0.0.1:{server.port}")
    assert (ran.code, ran.outcomes) == (0, ["BYPASS"])
    assert ran.answers[0]["reason"] == "wrong user or password for the cache"
    assert "s3cr3t" not in ran.out + ran.err


@pytest.mark.parametrize("key", ["1001", "1002", "1003"])
def test_hostile_records_are_printed_harmlessly(cli: Cli, users_db: Path, key: str) -> None:
    """Escapes, line ends, bidi overrides and 10,000 characters become plain text."""
    make_file(users_db, HOSTILE)
    ran = cli("get", key, "--db", users_db)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) == 10
    assert all(plain(line) == line and len(line) < 600 for line in lines)


def test_hostile_records_are_whole_in_json(cli: Cli, users_db: Path) -> None:
    """JSON lines are ASCII, one a record, and lose nothing."""
    make_file(users_db, HOSTILE)
    ran = cli("get", "1001", "1002", "1003", "2", "--db", users_db, "--json")
    assert ran.out.isascii()
    assert [answer["record"]["name"] for answer in ran.answers] == [
        "\x1b[2J[red]clear\nline",
        "\u202eoverride\x9b31m",
        "long " + "x" * 10_000,
        "佐藤 千尋",
    ]


def test_hostile_names_are_printed_harmlessly(cli: Cli, tmp_path: Path) -> None:
    """Text keys and columns from the table are made plain too, by get and by find."""
    path = make_file(
        tmp_path / "a.db",
        'CREATE TABLE t (k TEXT PRIMARY KEY, "\x1b[2J" TEXT);'
        "INSERT INTO t VALUES (char(7, 10, 0x202e), 'x')",
    )
    for command in (["get", "\x07\n\u202e"], ["find", "x"]):
        ran = cli(*command, "--table", "t", "--db", path)
        assert ran.code == 0
        assert r"\x07\n\u202e" in ran.out
        assert all(plain(line) == line for line in ran.out.splitlines())


def test_find_prints_those_that_begin_with_it_first(cli: Cli, seeded: Path) -> None:
    """Key, name and e-mail of each, in order, and exit code 0."""
    ran = cli("find", "amara", "--db", seeded)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0].split() == [
        "1",
        "Amara",
        "Okafor",
        "amara.okafor@example.com",
    ]


@pytest.mark.parametrize(
    ("text", "found"), [("3F2B8C", ["1"]), ("zo", ["1"]), ("192.0", ["2"]), ("2026", [])]
)
def test_find_looks_at_all_kinds_of_texts(
    cli: Cli, tmp_path: Path, text: str, found: list[str]
) -> None:
    """Whatever SQLite calls them: uuids and addresses too, but no moments."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, at DATETIME, code UUID, host INET,"
        " note STRING); INSERT INTO users VALUES"
        " (1, '2026-06-30', '3f2b8c1e-5d7a-4e90-8b16-0c9d2a7f4e35', '10.0.0.1', 'Zoë'),"
        " (2, '2026-06-30', '00000000-0000-4000-8000-000000000000', '192.0.2.1', NULL)",
    )
    ran = cli("find", text, "--db", path)
    assert [line.split()[0] for line in ran.out.splitlines()] == found


def test_find_as_json(cli: Cli, seeded: Path) -> None:
    """One object a match: the key and the searched columns."""
    ran = cli("find", "chihiro.sato", "--json", "--db", seeded)
    assert ran.out.isascii()
    assert ran.answers == [{"id": 2, "name": "佐藤 千尋", "email": "chihiro.sato@example.org"}]


def test_find_says_when_there_are_more(cli: Cli, seeded: Path) -> None:
    """No more than the limit are printed, and stderr has the way to more."""
    ran = cli("find", "a", "--limit", "3", "--db", seeded)
    assert (ran.code, len(ran.out.splitlines())) == (0, 3)
    assert ran.err == "hitmiss: more than 3 match: give --limit N for more of them\n"
    assert len(cli("find", "a", "--db", seeded).out.splitlines()) == 20


@pytest.mark.parametrize(
    "text", ["nobody is called so", "' OR 1=1 --", "%", "\udcff", "\u0301"]
)
def test_find_nothing_is_code_1(cli: Cli, seeded: Path, text: str) -> None:
    """Nothing found is said on stderr; text that looks like SQL or a pattern finds nothing."""
    ran = cli("find", text, "--db", seeded)
    assert ran.code == 1
    assert is_one_error(ran)


def test_find_in_a_table_without_texts(cli: Cli, tmp_path: Path) -> None:
    """Where there is nothing to search, nothing is found."""
    path = make_file(tmp_path / "a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, n REAL)")
    ran = cli("find", "1", "--db", path, "--table", "t")
    assert ran.code == 1
    assert is_one_error(ran)


def test_the_demo_is_made_on_first_use(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --db the first command makes the demo database, and the second finds it."""
    monkeypatch.setattr("tui.bootstrap.demo_path", lambda: tmp_path / "data" / "demo.db")
    for _ in range(2):
        ran = cli("get", "600", "--json")
        assert (ran.code, ran.outcomes) == (0, ["DB"])
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["demo.db"]


@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_a_traceback_only_with_debug(
    cli: Cli, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """However debug is asked for, the traceback comes before the one line."""
    file = tmp_path / "my.toml"
    file.write_text("debug = true")
    if way == "environment":
        monkeypatch.setenv("HITMISS_DEBUG", "1")
    more = {"flag": ["--debug"], "environment": [], "file": ["--config", str(file)]}[way]
    ran = cli("get", "x", "--db", seeded, *more)
    assert ran.code == 2
    assert ran.err.startswith("Traceback (most recent call last):")
    assert ran.err.splitlines()[-1].startswith("hitmiss: 'x' is not a key")
    monkeypatch.delenv("HITMISS_DEBUG", raising=False)
    assert is_one_error(cli("get", "x", "--db", seeded))


def test_version_and_help(cli: Cli) -> None:
    """Both are printed on stdout, with exit code 0."""
    assert cli("--version") == Ran(0, f"hitmiss {__version__}\n", "")
    for arguments in (["--help"], ["-h"], ["get", "--help"], ["find", "-h"]):
        ran = cli(*arguments)
        assert (ran.code, ran.err) == (0, "")
        assert "--negative-ttl" in ran.out


def test_the_explorer_needs_a_terminal() -> None:
    """With stdout in a pipe it exits with 2 and names --plain, even at a terminal's stdin."""
    ours, theirs = pty.openpty()
    try:
        ran = ends(process(stdin=theirs))
    finally:
        os.close(ours)
        os.close(theirs)
    assert ran.code == 2
    assert is_one_error(ran)
    assert "needs a terminal: hitmiss --plain does without one" in ran.err


def test_without_a_terminal_a_wrong_database_is_named_first(tmp_path: Path) -> None:
    """That it is missing would still be so in a terminal; exit code 3, as everywhere."""
    ran = ends(process("--db", str(tmp_path / "absent.db")))
    assert ran.code == 3
    assert is_one_error(ran)
    assert "absent.db does not exist" in ran.err


def test_a_closed_pipe_is_no_error(seeded: Path) -> None:
    """After `| head -1` the command ends quietly with 0."""
    command = process("get", "1", "--repeat", "1000000", "--json", "--db", seeded)
    assert command.stdout is not None
    assert command.stderr is not None
    with command:
        assert json.loads(command.stdout.readline())["outcome"] == "DB"
        command.stdout.close()
        assert command.stderr.read() == ""
    assert command.returncode == 0


def test_ctrl_c_is_code_130(seeded: Path) -> None:
    """An interrupted command ends at once, and does not show where it was."""
    command = process("get", "1", "--repeat", "1000000", "--json", "--db", seeded)
    assert command.stdout is not None
    command.stdout.readline()
    command.send_signal(signal.SIGINT)
    ran = ends(command)
    assert ran.code == 130
    assert "KeyboardInterrupt" not in ran.err


def test_without_stdout_there_is_nothing_to_print(seeded: Path) -> None:
    """Started with `>&-` a command still ends with its own exit code."""
    shell = [
        "/bin/sh",
        "-c",
        'exec "$0" -m tui get 1 --db "$1" >&-',
        sys.executable,
        str(seeded),
    ]
    ran = ends(subprocess.Popen(shell, stderr=subprocess.PIPE, text=True))
    assert (ran.code, ran.err) == (0, "")


def test_a_locale_that_lacks_characters_gets_escapes(seeded: Path) -> None:
    """What the terminal's encoding cannot spell is shown as an escape, not as a crash."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    ran = ends(process("get", "2", "--db", seeded, env=environment))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.isascii()
    assert r"\u4f50\u85e4" in ran.out


def test_an_option_that_does_not_exist_is_no_key(cli: Cli, seeded: Path) -> None:
    """What begins with two dashes is told as an option; -1 is a key."""
    ran = cli("get", "1", "--nope", "--db", seeded)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no option '--nope'" in ran.err
    assert cli("get", "-1", "--db", seeded).code == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_cannot_be_written_is_told(seeded: Path) -> None:
    """One line on stderr, and no traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "tui", "get", "1", "--db", str(seeded)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "cannot be written" in ended.stderr


def test_find_says_when_it_was_stopped(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that saw only a part names the index that would help, and claims no more."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
        "INSERT INTO users VALUES (1, 'Zoë')",
    )
    monkeypatch.setattr("tui.cli.commands.look_up.FIND_SECONDS", 0.0)
    ran = cli("find", "nobody", "--db", path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "hitmiss: after 0 s the search was stopped,"
        " an index would help: COLLATE NOCASE on name",
        "hitmiss: nothing holds 'nobody' so far",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tttl", "3"), "there is no option '--tttl'; did you mean --ttl?"),
        (("get", "1", "--writeable"), "there is no option '--writeable'; did you mean --writ"),
        (("get", "1", "--tll=3"), "there is no option '--tll'; did you mean --ttl?"),
        (("audit", "--sampl", "3"), "there is no option '--sampl'; did you mean --sample?"),
        (("keyz",), "there is no command 'keyz'; did you mean keys?"),
        (("zzzzzz",), "there is no command 'zzzzzz' (see hitmiss --help)"),
    ],
)
def test_what_was_meant_is_suggested(
    cli: Cli, seeded: Path, arguments: tuple[str, ...], said: str
) -> None:
    """The nearest option or command, and none where none is near."""
    ran = cli(*arguments, *(("--db", seeded) if len(arguments) > 1 else ()))
    assert ran.code == 2
    assert said in ran.err


def test_help_begins_with_what_can_be_done(cli: Cli) -> None:
    """Commands stand before the options, of which there are many."""
    out = cli("--help").out
    assert 0 < out.index("\nCommands:") < out.index("\nOptions:")


def test_a_name_is_no_key_but_can_be_searched(cli: Cli, seeded: Path) -> None:
    """The command for that is named, as a shell takes it."""
    assert "to search: hitmiss find zoe" in cli("get", "1", "zoe", "--db", seeded).err
    assert "hitmiss find 'O'\"'\"'Brien'" in cli("get", "O'Brien", "--db", seeded).err


def test_where_nothing_can_be_a_hit_get_says_so(cli: Cli, seeded: Path) -> None:
    """Read-only and embedded: nothing is ever stored."""
    ran = cli("get", "1", "--db", seeded, "--table", "users")
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert "nothing can ever be a hit" in ran.err
    assert cli("get", "1", "--db", seeded).err == ""


def test_long_lives_are_read_as_on_the_screen(cli: Cli, seeded: Path) -> None:
    """Hours, minutes, seconds; below an hour in seconds."""
    out = cli("get", "1", "--db", seeded, "--ttl", "24h").out
    assert re.search(r"cached for 2\d:\d\d:\d\d$", out, re.MULTILINE)
    out = cli("get", "1", "--db", seeded).out
    assert re.search(r"cached for \d+\.\d s$", out, re.MULTILINE)
