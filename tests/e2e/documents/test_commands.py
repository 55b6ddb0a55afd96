"""Every command in the documents runs as it stands there."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from markdown import DOCUMENTS, SHELL, Block, Command, blocks
from memcached_server import MemcachedServer
from servers import ValkeyServer
from terminal.window import Window

WITH_COMMANDS = [one for path in DOCUMENTS for one in blocks(path) if one.commands]
RUN = [one for one in WITH_COMMANDS if one.why_not_run is None]
NOT_RUN = {"needs fish": 1, "it needs sentinels": 1, "it serves until it is ended": 1}
"""How many blocks are not run, by their reasons."""
LONGEST_SECONDS = 60.0
CTRL_Q = "\x11"
CUSTOMERS = [(1, "Ada", "London"), (2, "Grace", "New York"), (3, "Edsger", "Rotterdam")]


@dataclass(frozen=True)
class Stage:
    """A folder with applications' databases, and servers with copies of their rows."""

    folder: Path
    server: ValkeyServer
    memcached: MemcachedServer

    def line(self, command: Command) -> str:
        """Return a command with the addresses of the tests' servers in place of the usual."""
        line = command.text.replace("redis://localhost:6379", self.server.tcp_url)
        return line.replace("memcached://localhost:11211", self.memcached.url)


@pytest.fixture
def stage(
    tmp_path: Path,
    users_db: Path,
    server: ValkeyServer,
    memcached: MemcachedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    """What the documents speak of: `app.db`, `users.db`, and what is cached of them."""
    assert users_db == tmp_path / "users.db"
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection, connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name, city)")
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", CUSTOMERS)
    with server.client() as client:
        for id, name, city in CUSTOMERS:
            copy = json.dumps({"id": id, "name": name, "city": city})
            client.set(f"app:customer:{id}", copy, ex=600)
        user = json.dumps({"id": 1, "name": "Amara Okafor"})
        client.set("user:1", user, ex=600)
    stored = memcached.say(b"set user:1 0 600 %d\r\n%b\r\n" % (len(user), user.encode()))
    assert stored == b"STORED\r\n"
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    return Stage(tmp_path, server, memcached)


def is_open(window: Window) -> bool:
    """Tell whether the explorer has been painted, and database and cache answer."""
    return re.search(r"● cache\b.*◆ db\b", window.emulator.text) is not None


def without_figures(lines: Sequence[str]) -> list[str]:
    """Return lines with their spaces and figures in one form."""
    return [re.sub(r"[0-9][0-9.,]*", "0", " ".join(line.split())) for line in lines]


def test_what_is_not_run_says_why() -> None:
    """Commands stand in blocks of the shell, and those that no test can run have a reason."""
    assert [str(one) for one in WITH_COMMANDS if one.language not in SHELL] == []
    reasons = (one.why_not_run for one in WITH_COMMANDS)
    assert Counter(reason for reason in reasons if reason) == NOT_RUN
    assert len(RUN) >= 10


def test_what_is_said_of_a_block_is_understood() -> None:
    """Behind the language stands nothing, `explorer`, or why its commands are not run."""
    odd = [
        str(one)
        for path in DOCUMENTS
        for one in blocks(path)
        if one.info != one.language and not one.is_explorer and one.why_not_run is None
    ]
    assert odd == []


@pytest.mark.parametrize("block", [one for one in RUN if not one.is_explorer], ids=str)
def test_its_commands_run(block: Block, stage: Stage) -> None:
    """Each exits with 0, and prints what is shown, but for figures."""
    for command in block.commands:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", stage.line(command)],
            cwd=stage.folder, timeout=LONGEST_SECONDS,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        expected, printed = map(without_figures, (command.shown, done.stdout.splitlines()))
        if "..." in expected:
            expected = expected[: expected.index("...")]
            printed = printed[: len(expected)]
        assert expected in ([], printed)


@pytest.mark.parametrize("block", [one for one in RUN if one.is_explorer], ids=str)
def test_its_explorer_opens(block: Block, stage: Stage) -> None:
    """In a terminal each command shows the explorer, which ends with 0 when it is left."""
    for command in block.commands:
        shell = ("bash", "-c", f"cd '{stage.folder}' && exec {stage.line(command)}")
        with Window(program=shell) as window:
            window.waits_for(partial(is_open, window))
            if " demo " in command.text:
                window.types("x")
                window.shows("the explorer is yours")
            window.types(CTRL_Q)
            end = window.ends()
        assert (end.code, end.is_clean) == (0, True), end.text
