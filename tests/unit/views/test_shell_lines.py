"""What ran as lines for a shell: they run, and mean exactly what hitmiss has sent."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from files import make_file
from hypothesis import example, given
from hypothesis import strategies as st
from person import person_with
from servers import ValkeyServer

from tui.cache.registry import store_of
from tui.models import Label, Outcome, Step, Target
from tui.views.shell_lines import shell_lines, words

HOSTILE = 'it\'s "$HOME" `id` $(id) ; \\ ! \x1b[201~\nrm -rf * ☃\u202e\x07'
STAND_IN = "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n"
"""Instead of redis-cli: tells the words that the shell has made of a line."""


def run_in_bash(lines: str, folder: Path) -> bytes:
    """Run lines in bash, with the stand-in for redis-cli in reach."""
    stand_in = folder / "redis-cli"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-e"],
        input=lines.encode(),
        capture_output=True,
        env={**os.environ, "PATH": path},
        check=True,
    )
    assert ran.stderr == b""
    return ran.stdout


def outcome(*steps: Step) -> Outcome:
    """Give an answer for which that ran."""
    return Outcome(1, Label.DB, None, None, 0.001, steps=steps)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5))
@example([HOSTILE, "", "-x", "~", "'", "a b"])
def test_the_shell_takes_words_apart_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """Whatever is in a key: one word each, and nothing a terminal would obey in the line."""
    line = words(("redis-cli", *texts))
    assert line.isprintable()
    out = run_in_bash(f"{line}\n", tmp_path_factory.getbasetemp())
    assert out.decode().split("\0")[:-1] == texts


def test_bytes_come_through_too(tmp_path: Path) -> None:
    """A payload that is no text is the same bytes in the shell."""
    payload = bytes(range(1, 256))
    assert run_in_bash(words(("redis-cli", payload)), tmp_path) == payload + b"\0"


@pytest.mark.parametrize(
    ("cache", "call"),
    [
        ("embedded", ""),
        ("redis://localhost:6379", "redis-cli -h localhost -p 6379"),
        ("redis://db.example:7000/2", "redis-cli -h db.example -p 7000 -n 2"),
        ("redis://[::1]:6379", "redis-cli -h ::1 -p 6379"),
        ("rediss://h:6380", "redis-cli -h h -p 6380 --tls"),
        ("redis+cluster://h:7000", "redis-cli -h h -p 7000 -c"),
        ("rediss+cluster://h:7000", "redis-cli -h h -p 7000 --tls -c"),
        ("unix:///run/redis.sock", "redis-cli -s /run/redis.sock"),
    ],
)
def test_each_kind_of_cache_has_its_call(cache: str, call: str) -> None:
    """With the options that lead redis-cli to the same server, and no password."""
    assert " ".join(store_of(cache).client(cache)) == call


def test_the_embedded_cache_gives_comments(tmp_path: Path) -> None:
    """Nothing is sent to somebody else's server; a hostile key cannot leave its comment."""
    get = Step(Target.CACHE, "GET", 0.1, "nil", typed=("GET", HOSTILE))
    wait = Step(Target.SERVICE, f"wait for {HOSTILE}", 0.1, "")
    lines = shell_lines(outcome(get, wait), (), ("sqlite3", "users.db"))
    assert all(line.startswith("# ") for line in lines.splitlines())
    assert len(lines.splitlines()) == 3
    assert run_in_bash(lines, tmp_path) == b""


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed here")
async def test_the_lines_of_a_lookup_run(tmp_path: Path, server: ValkeyServer) -> None:
    """Y copies them; sqlite3 finds the record by its hostile key in a table with such names."""
    literal = "'" + HOSTILE.replace("'", "''") + "'"
    database = make_file(
        tmp_path / "it's a file.db",
        'CREATE TABLE "order" ("select" TEXT PRIMARY KEY, name TEXT);'
        f"INSERT INTO \"order\" VALUES ({literal}, 'found');",
    )
    async with person_with(table="order", db=str(database), cache=server.url) as person:
        person.screen.look_up_record(HOSTILE)
        await person.has_all_answers()
        await person.presses("Y")
        assert "what ran was copied as lines for a shell, by OSC 52" in person.message
        lines = person.app.clipboard
    assert lines.count("redis-cli -s") == 2, "GET and PTTL"
    out = run_in_bash(lines, tmp_path).decode()
    assert f"GET\0hitmiss:user:{HOSTILE}\0" in out
    assert out.endswith("|found\n")


async def test_a_fill_can_be_run_again(users_db: Path, server: ValkeyServer) -> None:
    """The script, its keys and the record, in the words that a server takes."""
    async with person_with(db=str(users_db), cache=server.url) as person:
        await person.looks_up("1")
        await person.presses("escape")
        row = person.screen.lookups.selected
        assert row is not None
        assert row.outcome is not None
        typed = [step.typed for step in row.outcome.steps if step.target is Target.CACHE]
    with server.client() as client:
        client.flushall()
        replies = [client.execute_command(*words) for words in typed]
        assert [str(reply) for reply in replies[-2:]] == ["True", "1"]
        assert json.loads(client.get("hitmiss:user:1"))["name"] == "Amara Okafor"


async def test_what_is_too_long_for_a_clipboard_is_not_sent(users_db: Path) -> None:
    """A terminal would cut it without a word: the screen says how long it is instead."""
    make_file(users_db, "UPDATE users SET name = printf('%.80000c', 'x') WHERE id = 1")
    async with person_with(db=str(users_db)) as person:
        await person.looks_up("1")
        await person.presses("escape", "y")
        await person.sees("bytes are more than terminals take")
        assert person.app.clipboard == ""
