"""`hitmiss serve` as a process, asked over sockets."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from asking import Got, asked, connected, read_answer, request, words
from commands import Ran, ends, is_one_error, process
from echoing import echoing
from server_process import wait_until
from servers import ValkeyServer

PASSWORD = "correct-horse-battery"


@dataclass
class Serving:
    """The command, running."""

    command: "subprocess.Popen[str]"
    told: dict[str, object]
    """What it has said on stdout."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(str(self.told["listening"]).rpartition(":")[2])

    def get(self, *paths: str, host: str = "localhost") -> list[Got]:
        """Ask for these paths, over one connection."""
        return asked(self.port, *(request(path, host=host) for path in paths))

    def end(self, number: signal.Signals = signal.SIGTERM) -> Ran:
        """Send it a signal, and wait for its end."""
        self.command.send_signal(number)
        return ends(self.command)


@contextmanager
def serving(*options: str | Path) -> Iterator[Serving]:
    """Start the command on a port of its own choice; end it."""
    command = process("serve", "--listen", "127.0.0.1:0", "--json", *options)
    try:
        assert command.stdout is not None
        line = command.stdout.readline()
        assert line, ends(command).err
        yield Serving(command, json.loads(line))
    finally:
        if command.poll() is None:
            command.kill()
            ends(command)


def test_the_journey_of_the_card(server: ValkeyServer, users_db: Path) -> None:
    """Look 1 up: the database; again: the cache; wait until it is over: the database."""
    with serving("--db", users_db, "--cache", server.url, "--writable", "--ttl", "1") as served:
        first, second = served.get("/users/1", "/users/1")
        assert words([first, second]) == ["hitmiss; fwd=miss", "hitmiss; hit"]
        assert first.body == second.body
        assert first.json["name"] == "Amara Okafor"
        again: list[str] = []

        def is_over() -> bool:
            again[:] = words(served.get("/users/1"))
            return again == ["hitmiss; fwd=miss"]

        assert wait_until(is_over)
        assert served.end().code == 0


def test_the_demo_needs_no_options() -> None:
    """It fills the embedded cache, as other commands do."""
    with serving() as served:
        assert served.told["read_only"] is False
        assert words(served.get("/users/1", "/users/1"))[1] == "hitmiss; hit"


def test_nothing_is_written_unless_it_may_be(server: ValkeyServer, users_db: Path) -> None:
    """With --table it is read-only: each look-up is a miss, and no key is there."""
    options = ("--db", users_db, "--table", "users", "--cache", server.url)
    with serving(*options) as served:
        assert served.told["read_only"] is True
        assert words(served.get("/users/1", "/users/1")) == ["hitmiss; fwd=miss"] * 2
    with server.client() as client:
        assert client.dbsize() == 0


def test_outages_are_said(own_server: ValkeyServer, users_db: Path) -> None:
    """STALE while there is a copy, BYPASS while the database is there, then 503."""
    options = ("--db", users_db, "--cache", own_server.url, "--writable", "--ttl", "0.2")
    with serving(*options) as served:
        served.get("/users/1")
        away = users_db.rename(users_db.with_suffix(".away"))
        said: list[str] = []

        def is_stale() -> bool:
            (got,) = served.get("/users/1")
            said[:] = [got.cache_status]
            return got.status == 200 and "stale-on-error" in got.cache_status

        assert wait_until(is_stale), said
        away.rename(users_db)
        own_server.kill()
        (got,) = served.get("/users/2")
        assert got.status == 200
        assert got.cache_status.startswith('hitmiss; fwd=bypass; detail="')
        users_db.rename(away)
        assert wait_until(lambda: served.get("/users/3")[0].status == 503)
        (got,) = served.get("/users/3")
        assert (got.status, got.headers["retry-after"]) == (503, "2")
        assert got.headers["content-type"] == "application/problem+json"
        (health,) = served.get("/healthz")
        assert (health.status, health.json["cache"]["reachable"]) == (200, False)
        assert served.end().code == 0


def test_a_page_that_was_rebound_reads_nothing(users_db: Path) -> None:
    """Its name leads to this process, and its browser says that name."""
    with serving("--db", users_db) as served:
        rebound = f"attacker.example:{served.port}"
        answers = served.get("/users/1", "/", "/lookups.json", host=rebound)
        assert [one.status for one in answers] == [421] * 3
        assert not any(b"Amara" in one.body for one in answers)
        (ours,) = served.get("/users/1", host=f"127.0.0.1:{served.port}")
        assert ours.status == 200


def test_everywhere_is_said_loudly(users_db: Path) -> None:
    """Whoever reaches it reads it; it is called by numbers, not by names."""
    command = process("serve", "--listen", "0.0.0.0:0", "--json", "--db", users_db)
    assert command.stdout is not None
    served = Serving(command, json.loads(command.stdout.readline()))
    try:
        statuses = [
            served.get("/users/1", host=host)[0].status
            for host in ("192.0.2.1:80", "[2001:db8::1]", "localhost", "intranet.example")
        ]
    finally:
        ran = served.end()
    assert statuses == [200, 200, 200, 421]
    assert "WARNING: it listens on every network of this machine" in ran.err
    assert "without a password or TLS" in ran.err


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it(number: signal.Signals, code: int, users_db: Path) -> None:
    """Without a word, also with connections that are kept, and one that has half asked."""
    with (
        serving("--db", users_db) as served,
        connected(served.port) as kept,
        connected(served.port) as half,
    ):
        kept.sendall(request("/users/1"))
        read_answer(kept)
        half.sendall(b"GET /users/1 HTT")
        ran = served.end(number)
    assert (ran.code, ran.err) == (code, "")


def test_what_is_under_way_is_answered(own_server: ValkeyServer, users_db: Path) -> None:
    """A look-up that waits for a cache that hangs has its answer before the process ends."""
    with serving("--db", users_db, "--cache", own_server.url, "--writable") as served:
        served.get("/users/1")
        with connected(served.port) as connection:
            connection.sendall(request("/users/1"))
            assert read_answer(connection).status == 200
            own_server.pause()
            connection.sendall(request("/users/1") + request("/users/2")[:10])
            time.sleep(0.03)  # it has begun then, and waits for the cache for longer
            served.command.send_signal(signal.SIGTERM)
            got = read_answer(connection)
        ran = ends(served.command)
        own_server.resume()
    assert (got.status, got.headers["connection"]) == (200, "close")
    assert got.cache_status.startswith("hitmiss; fwd=bypass")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.slow
def test_who_takes_nothing_holds_it_up_for_so_long(users_db: Path) -> None:
    """A client that does not read its answer is left after five seconds."""
    import sqlite3

    with sqlite3.connect(users_db) as connection:
        connection.execute("UPDATE users SET name = printf('%.*c', 9000000, 'x') WHERE id = 1")
    connection.close()
    with serving("--db", users_db) as served, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(request("/users/1"))
        slow.recv(1000)
        ran = served.end()  # which would be never
    assert ran.code == 0


def test_each_request_is_a_line_if_wanted(users_db: Path) -> None:
    """A path cannot make it two, or an escape."""
    with serving("--db", users_db, "--verbose") as served:
        served.get("/users/1", "/users/%1B%5B31m%0A", "/nothing")
        ran = served.end()
    assert [re.sub(r"[0-9.]+ ms", "0 ms", line) for line in ran.err.splitlines()] == [
        "hitmiss: GET /users/1 200 DB 0 ms",
        "hitmiss: GET /users/%1B%5B31m%0A 404",
        "hitmiss: GET /nothing 404",
    ]


def test_the_log_has_its_look_ups(users_db: Path, tmp_path: Path) -> None:
    """With --log, as for every other command."""
    log = tmp_path / "log"
    with serving("--db", users_db, "--log", log) as served:
        served.get("/users/1")
        served.end()
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert [one["label"] for one in events if one["event"] == "lookup"] == ["DB"]
    assert events[-1]["event"] == "ended"


def test_a_password_is_in_no_answer(users_db: Path) -> None:
    """Though the server repeats it in all that it says."""
    with echoing(takes_login=False) as path:
        options = ("--db", users_db, "--cache", f"unix://:{PASSWORD}@{path}", "--verbose")
        with serving(*options) as served:
            answers = served.get(
                "/users/1", "/users/9999", "/healthz", "/metrics", "/lookups.json"
            )
            ran = served.end()
    assert [one.status for one in answers] == [200, 404, 200, 200, 200]
    said = repr([(one.headers, one.body) for one in answers]) + repr(served.told) + ran.err
    assert PASSWORD not in said
    assert PASSWORD[:12] not in said


Cause = Callable[[int], list[str]]
WRONG: dict[str, Cause] = {
    "in use": lambda port: ["--listen", f"127.0.0.1:{port}"],
    "not HOST:PORT": lambda _: ["--listen", "8080"],
    "no such address": lambda _: ["--listen", "198.51.100.7:0"],
    "no table": lambda _: ["--table", "none"],
}


@pytest.mark.parametrize("cause", WRONG)
def test_what_cannot_be_served_is_one_line(cause: str, users_db: Path) -> None:
    """With code 2, or 3 where it is the database."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        options = WRONG[cause](other.getsockname()[1])
        ran = ends(process("serve", "--db", users_db, *options))
    assert is_one_error(ran)
    assert cause in ran.err
    assert ran.code == (3 if cause == "no table" else 2)


@pytest.mark.parametrize("module", ["starlette", "uvicorn", "httptools"])
def test_without_the_extra_it_says_which(module: str, users_db: Path) -> None:
    """In one line, with code 2; and no other command misses it."""
    code = f"import sys; sys.modules[{module!r}] = None; from tui.cli.main import main; main()"
    run = {
        command: subprocess.run(
            [sys.executable, "-c", code, command, *more, "--db", str(users_db)],
            capture_output=True, text=True, check=False, env=os.environ,
        )
        for command, more in {"serve": [], "get": ["1"]}.items()
    }  # fmt: skip
    assert run["serve"].returncode == 2
    assert run["serve"].stderr.count("\n") == 1
    assert "hitmiss[http]" in run["serve"].stderr
    assert run["get"].returncode == 0
