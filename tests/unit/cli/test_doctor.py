"""`hitmiss doctor`: it tells everything, changes nothing, and never fails itself."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from commands import Cli, Ran, cli
from files import make_file
from servers import ValkeyServer, free_port

from tui import __version__
from tui.config.settings import demo_path
from tui.database.sqlite.demo import make_demo
from tui.runtime.plain_text import plain

__all__ = ["cli"]

FIELDS = ["group", "check", "state", "value", "detail", "advice", "source"]
GROUPS = ["settings", "versions", "cache", "database", "terminal", "folders"]


@pytest.fixture(autouse=True)
def good_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the terminal be no cause of a warning."""
    monkeypatch.setenv("TERM", "xterm-256color")


def by_name(ran: Ran) -> dict[tuple[str, str], dict[str, Any]]:
    """Give the checks of JSON lines by group and name; nothing else is on stdout or stderr."""
    assert ran.err == ""
    assert ran.out.isascii()
    *checks, last = ran.answers
    more = {"columns": ["columns"]}
    assert all(list(c) == FIELDS + more.get(c["check"], []) for c in checks)
    assert all((check["state"] == "ok") == (check["advice"] is None) for check in checks)
    states = [check["state"] for check in checks]
    words = ("ok", "warning", "failed")
    assert last == {"summary": {word: states.count(word) for word in words}}
    assert ran.code == (1 if "failed" in states else 0)
    found = {(check["group"], check["check"]): check for check in checks}
    assert len(found) == len(checks)
    return found


def not_ok(ran: Ran) -> dict[tuple[str, str], str]:
    """Give the states of the checks that are not ok."""
    return {name: c["state"] for name, c in by_name(ran).items() if c["state"] != "ok"}


def test_all_is_well(cli: Cli, seeded: Path, server: ValkeyServer) -> None:
    """With a real server and the demo database every group is there, and nothing is wrong."""
    ran = cli("doctor", "--json", "--db", seeded, "--cache", server.tcp_url)
    checks = by_name(ran)
    assert not_ok(ran) == {}
    assert list(dict.fromkeys(group for group, _ in checks)) == GROUPS
    assert checks["versions", "hitmiss"]["value"] == __version__
    assert checks["cache", "server"]["value"].startswith("valkey ")
    assert checks["cache", "answers"]["value"] > 0
    assert checks["database", "rows"]["value"] == 600
    assert checks["settings", "ttl"]["value"] == 30.0


@pytest.mark.parametrize(("index", "sums"), [("", "1 warning"), ("name", "0 warnings")])
def test_one_warning_is_no_warnings(cli: Cli, tmp_path: Path, index: str, sums: str) -> None:
    """The sums at the end are English."""
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);"
    if index:
        script += f"CREATE INDEX i ON t ({index} COLLATE NOCASE);"
    path = make_file(tmp_path / "a.db", script)
    lines = cli("doctor", "--db", path, "--table", "t").out.splitlines()
    assert lines[-1].endswith(f" ok, {sums}, 0 failed")


def test_options_of_other_drivers_are_named(
    cli: Cli, seeded: Path, server: ValkeyServer
) -> None:
    """What the address says for other programs is passed over, and its names are told."""
    url = (
        f"{server.tcp_url.replace('redis', 'valkey')}/0?socket_timeout=5&connectionName=s3cr3t"
    )
    ran = cli("doctor", "--json", "--db", seeded, "--cache", url)
    checks = by_name(ran)
    assert not_ok(ran) == {}
    assert checks["settings", "cache options"]["value"] == 2
    assert checks["settings", "cache options"]["detail"].endswith(
        "socket_timeout, connectionName"
    )
    assert "s3cr3t" not in ran.out
    assert checks["cache", "answers"]["value"] > 0


def test_for_a_person(cli: Cli, seeded: Path, server: ValkeyServer) -> None:
    """Groups with a line for each check, advice below it, and the sums at the end."""
    ran = cli("doctor", "--db", seeded, "--cache", server.url, "--table", "nope", "--ttl", "1")
    assert (ran.code, ran.err) == (1, "")
    lines = ran.out.splitlines()
    assert [line for line in lines[:-1] if not line.startswith(" ")] == GROUPS
    assert lines[-1].endswith(" ok, 0 warnings, 1 failed")
    assert ["ok", "ttl", "1.0", "(flag)"] in [line.split() for line in lines]
    (place,) = (i for i, line in enumerate(lines) if line.split()[:2] == ["failed", "table"])
    assert "its tables: users" in lines[place]
    assert lines[place + 1].split()[:3] == ["->", "name", "the"]


def test_where_each_setting_came_from(
    cli: Cli, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flag, environment, the file's path, or default; a variable is called by its name."""
    config = tmp_path / "my.toml"
    config.write_text('grace = "1m"\njson = true\n')
    monkeypatch.setenv("HITMISS_NEGATIVE_TTL", "7")
    monkeypatch.setenv("REDIS_URL", "embedded")
    checks = by_name(cli("doctor", "--ttl", "5", "--db", seeded, "--config", config))
    assert {
        name: (check["value"], check["source"])
        for (group, name), check in checks.items()
        if group == "settings"
    } == {
        "db": (str(seeded), "flag"),
        "cache": ("embedded", "environment"),
        "table": ("users", "default"),
        "id-column": (None, "default"),
        "key": ("hitmiss:user:{id}", "default"),
        "ttl": (5.0, "flag"),
        "grace": (60.0, str(config)),
        "negative-ttl": (7.0, "environment"),
        "read-only": (False, "default"),
        "log": (None, "default"),
        "full-output": (False, "default"),
        "plain": (False, "default"),
        "ascii": (False, "default"),
        "charts": ("braille", "default"),
        "json": (True, str(config)),
        "debug": (False, "default"),
        "log-rows": (200, "default"),
        "max-value": (16 << 20, "default"),
        "theme": (None, "default"),
        "session": (True, "default"),
        "map": ("", "default"),
        "record-at": (None, "default"),
        "id-pattern": (None, "default"),
        "database-zone": (None, "default"),
        "keys": (0, "default"),
    }
    assert checks["settings", "cache"]["detail"] == "from REDIS_URL"
    assert checks["settings", "negative-ttl"]["detail"] == "from HITMISS_NEGATIVE_TTL"
    assert checks["folders", "config"]["value"] == str(config)


def test_the_demo_is_not_made(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says where the first use would make it, and leaves the folder alone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    checks = by_name(cli("doctor", "--json"))
    check = checks["database", "file"]
    assert check["state"] == "ok"
    assert "would be made at" in check["detail"]
    assert check["value"].startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_cannot_be_made(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its folder may not be written, that is a failure."""
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode == os.F_OK and Path(path) == Path("/")
    )
    assert not_ok(cli("doctor", "--json")) == {("database", "file"): "failed"}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--ttl", "soon"], "ttl"),
        (["--cache", "http://h"], "cache"),
        (["--cache", "redis://user:s3cr3t@h:port"], "cache"),
        (["--table", ""], "table"),
        (["--key", "no placeholder"], "key"),
        (["--config", "/nowhere/at\nall.toml"], "config"),
    ],
)
def test_a_wrong_setting_is_a_check(cli: Cli, arguments: list[str], name: str) -> None:
    """It is called by its name, and the groups that do not need it are there."""
    ran = cli("doctor", "--json", *arguments)
    assert not_ok(ran) == {("settings", name): "failed"}
    assert {"versions", "terminal", "folders"} <= {group for group, _ in by_name(ran)}
    assert "s3cr3t" not in ran.out


@pytest.mark.parametrize("made", [False, True])
def test_what_stands_beside_the_demo_is_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, made: bool
) -> None:
    """Before it is made and later: SQLite would delete a file that has the name of its log."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    demo = demo_path()
    if made:
        make_demo(demo)
    demo.parent.mkdir(parents=True, exist_ok=True)
    other = demo.with_name(f"{demo.name}-wal")
    other.write_text("mine")
    check = by_name(cli("doctor", "--json"))["database", "file"]
    assert (check["state"], "move" in check["advice"]) == ("failed", True)
    assert str(other) in check["detail"]
    assert other.read_text() == "mine"


@pytest.mark.parametrize(("kind", "fits"), [("INTEGER", True), ("TEXT", False)])
def test_whether_a_template_may_end_so_its_table_tells(
    cli: Cli, tmp_path: Path, kind: str, fits: bool
) -> None:
    """Only with text keys a template that ends in `e` could end as a lease."""
    path = make_file(
        tmp_path / "a.db", f"CREATE TABLE t (id {kind} PRIMARY KEY); INSERT INTO t VALUES ('1')"
    )
    told = ("--db", path, "--table", "t", "--key", "x:{id}e")
    template = by_name(cli("doctor", "--json", *told))["settings", "key"]
    assert (template["state"] == "ok") is fits
    ran = cli("get", "1", *told)
    assert (ran.code, "leases of hitmiss" in ran.err) == ((0, False) if fits else (2, True))
    assert cli("get", "1", *told[:-1], "x:{id}:hitmiss-lease").code == 2


def test_a_configuration_file_of_nonsense_is_a_check(cli: Cli, tmp_path: Path) -> None:
    """Not TOML, not a file, unknown options: each is told, and where the file is."""
    config = tmp_path / "my.toml"
    for content in ("\x1b[2J", "tll = 5"):
        config.write_text(content)
        ran = cli("doctor", "--json", "--config", config)
        assert not_ok(ran) == {("settings", "config"): "failed"}
        assert str(config) in by_name(ran)["settings", "config"]["detail"]
    assert not_ok(cli("doctor", "--json", "--config", tmp_path))


def test_an_option_that_does_not_exist_is_wrong_usage(cli: Cli) -> None:
    """That alone is exit code 2."""
    assert cli("doctor", "--nope").code == 2
    assert cli("doctor", "1").code == 2


def test_one_failure_hides_no_other(cli: Cli, tmp_path: Path) -> None:
    """With neither cache nor database both are told, and no file is made."""
    ran = cli(
        "doctor", "--json", "--db", tmp_path / "none.db",
        "--cache", f"redis://127.0.0.1:{free_port()}",
    )  # fmt: skip
    assert not_ok(ran) == {("cache", "answers"): "failed", ("database", "file"): "failed"}
    assert list(tmp_path.iterdir()) == []


def test_a_paused_server(cli: Cli, seeded: Path, own_server: ValkeyServer) -> None:
    """It is one failure, and the database is looked at all the same."""
    own_server.pause()
    ran = cli("doctor", "--json", "--db", seeded, "--cache", own_server.url)
    assert not_ok(ran) == {("cache", "answers"): "failed"}
    assert "nothing more was asked" in by_name(ran)["cache", "answers"]["detail"]
    assert ("database", "rows") in by_name(ran)


@pytest.mark.parametrize("more", [[], ["--json"], ["--debug"]])
@pytest.mark.parametrize("password", ["s3cr3t", "wr0ng"])
def test_neither_user_nor_password_is_shown(
    cli: Cli, seeded: Path, own_server: ValkeyServer, more: list[str], password: str
) -> None:
    """Whether they are right, too weak or wrong."""
    with own_server.client() as client:
        client.execute_command("ACL", "SETUSER", "us3r", "on", ">s3cr3t", "~*", "+get")
    url = f"redis://us3r:{password}@127.0.0.1:{own_server.port}"
    ran = cli("doctor", "--db", seeded, "--cache", url, *more)
    assert (ran.code, ran.err) == (1, "")
    assert "us3r" not in ran.out
    assert password not in ran.out


def test_a_user_who_may_not_read_all_that_the_audit_reads(
    cli: Cli, seeded: Path, own_server: ValkeyServer
) -> None:
    """It fails also read-only, with the ACL to set; after that keys and audit work."""
    with own_server.client() as client:
        client.execute_command("ACL", "SETUSER", "us3r", "on", ">s3cr3t", "+get", "+pttl")
        client.hset("hitmiss:user:1", mapping={"id": "1"})
    url = f"redis://us3r:s3cr3t@127.0.0.1:{own_server.port}"
    flags = ["--db", str(seeded), "--cache", url, "--read-only"]
    ran = cli("doctor", "--json", *flags)
    assert not_ok(ran) == {("cache", "may read"): "failed"}
    check = by_name(ran)["cache", "may read"]
    assert "STRLEN, GETRANGE, HLEN, HGETALL" in check["detail"]
    assert [cli(command, *flags).code for command in ("keys", "audit")] == [4, 4]
    with own_server.client() as client:
        command = check["advice"].partition("run: ")[2].replace("NAME", "us3r")
        client.execute_command(*shlex.split(command))
    assert not_ok(cli("doctor", "--json", *flags)) == {}
    allowed = ("--allow-no-expiry",)
    assert [cli("keys", *flags).code, cli("audit", *allowed, *flags).code] == [0, 0]


def test_a_user_who_may_only_read(cli: Cli, seeded: Path, own_server: ValkeyServer) -> None:
    """Writing is a failure with the ACL to set; with --read-only nothing is."""
    with own_server.client() as client:
        rules = "on >s3cr3t ~hitmiss:user:* +get +pttl +scan +strlen +getrange +hlen +hgetall"
        client.execute_command("ACL", "SETUSER", "us3r", *rules.split())
    url = f"redis://us3r:s3cr3t@127.0.0.1:{own_server.port}"
    ran = cli("doctor", "--json", "--db", seeded, "--cache", url)
    assert not_ok(ran) == {("cache", "may write"): "failed"}
    advice = by_name(ran)["cache", "may write"]["advice"]
    assert "ACL SETUSER NAME" in advice
    ran = cli("doctor", "--json", "--db", seeded, "--cache", url, "--read-only")
    assert not_ok(ran) == {}
    command = advice.partition("run: ")[2].partition(";")[0].replace("NAME", "us3r")
    with own_server.client() as client:
        client.execute_command(*shlex.split(command))
    assert not_ok(cli("doctor", "--json", "--db", seeded, "--cache", url)) == {}


def test_other_programs_keys_are_not_named(
    cli: Cli, seeded: Path, server: ValkeyServer
) -> None:
    """A template that fits nothing is a warning that says how many keys were looked at."""
    with server.client() as client:
        client.mset({"private:1": "x", "private:2": "x"})
    on = ("--db", seeded, "--cache", server.url)
    ran = cli("doctor", "--json", *on, "--key", "app:{id}")
    assert not_ok(ran) == {("cache", "template"): "warning"}
    assert "none of all 2 keys" in by_name(ran)["cache", "template"]["detail"]
    assert "private" not in ran.out
    ran = cli("doctor", "--json", *on, "--key", "private:{id}")
    assert "private:1 for one" in by_name(ran)["cache", "template"]["detail"]


@pytest.mark.parametrize("read_only", [False, True])
def test_what_may_not_be_written(
    cli: Cli, users_db: Path, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    """A file without permission fails whoever wants to write, and nobody else."""
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK or Path(path) != users_db
    )
    more = ["--read-only"] if read_only else []
    expected = {} if read_only else {("database", "may write"): "failed"}
    assert not_ok(cli("doctor", "--json", "--db", users_db, *more)) == expected


def test_a_log_that_cannot_be_written(cli: Cli, seeded: Path, tmp_path: Path) -> None:
    """It is a failure that says why; one that could be is not made."""
    checks = by_name(cli("doctor", "--json", "--db", seeded, "--log", tmp_path / "log"))
    assert checks["folders", "log"]["value"] == str(tmp_path / "log")
    assert list(tmp_path.iterdir()) == []
    ran = cli("doctor", "--json", "--db", seeded, "--log", tmp_path)
    assert not_ok(ran) == {("folders", "log"): "failed"}
    assert "is a folder" in by_name(ran)["folders", "log"]["detail"]


def test_hostile_names_are_harmless(cli: Cli, tmp_path: Path, server: ValkeyServer) -> None:
    """Tables, columns and keys with escapes in them are shown as plain text."""
    path = make_file(
        tmp_path / "a\x1b.db",
        'CREATE TABLE "t\x1b[2J" (k TEXT, "\u202e" TEXT); INSERT INTO "t\x1b[2J" VALUES (1, 2)',
    )
    with server.client() as client:
        client.set("a:\x1b[2J", "x")
    on = ("--db", path, "--table", "t\x1b[2J", "--id-column", "k")
    ran = cli("doctor", *on, "--cache", server.url, "--key", "a:{id}")
    assert (ran.code, ran.err) == (0, "")
    assert all(plain(line) == line for line in ran.out.splitlines())
    assert r"a:\x1b[2J for one" in ran.out
    assert "CREATE UNIQUE INDEX" in ran.out


def test_columns_are_told_with_their_kinds(cli: Cli, tmp_path: Path) -> None:
    """For people in a line, for programs as a list beside the number of them."""
    path = make_file(
        tmp_path / "a.db",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, at DATETIME, b, c INT AS (id * 2))",
    )
    shown = "id integer, at moment (DATETIME), b unknown (no type), c integer (INT; computed)"
    assert shown in cli("doctor", "--db", path).out
    check = by_name(cli("doctor", "--json", "--db", path))["database", "columns"]
    assert (check["value"], check["detail"]) == (4, shown)
    assert check["columns"] == [
        {"name": "id", "kind": "integer", "type": "INTEGER", "computed": False},
        {"name": "at", "kind": "moment", "type": "DATETIME", "computed": False},
        {"name": "b", "kind": "unknown", "type": "", "computed": False},
        {"name": "c", "kind": "integer", "type": "INT", "computed": True},
    ]


def test_no_password_is_shown_in_a_column(cli: Cli, tmp_path: Path) -> None:
    """Whatever a table calls its columns and their types."""
    url = "redis://:a-long-password@127.0.0.1:1"
    path = make_file(
        tmp_path / "a.db",
        'CREATE TABLE users (id INTEGER PRIMARY KEY, "a-long-password" TEXT,'
        ' b "VARCHAR a-long-password")',
    )
    for more in ((), ("--json",)):
        assert "a-long-password" not in cli("doctor", "--db", path, "--cache", url, *more).out


def test_json_may_be_asked_for_in_the_environment(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the settings are wrong, a script gets its objects."""
    monkeypatch.setenv("HITMISS_JSON", "1")
    ran = cli("doctor", "--ttl", "soon")
    assert "summary" in json.loads(ran.out.splitlines()[-1])
