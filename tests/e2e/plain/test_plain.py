"""hitmiss --plain as a process: over a pipe, and in a terminal that can do little."""

import os
import pty
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from commands import Ran, ends, is_one_error
from servers import ValkeyServer
from terminal.window import Window

PROMPT = "hitmiss> "
COMMAND = (sys.executable, "-m", "tui")


def talks(text: str | bytes, *options: str | Path) -> Ran:
    """Return what the explorer in lines makes of a text in its pipe."""
    given = text.encode() if isinstance(text, str) else text
    ran = subprocess.run(
        [*COMMAND, "--plain", *map(str, options)],
        input=given, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@contextmanager
def at_terminal(*options: str | Path) -> Iterator[Window]:
    """Sit down at a terminal of which nothing is known."""
    with Window("--plain", *options, TERM="dumb", COLORTERM="") as window:
        window.shows(PROMPT)
        yield window


def test_a_pipe_is_answered_line_by_line(users_db: Path) -> None:
    """Only answers are written, in the order of the lines; its end leaves with 0."""
    ran = talks("1\n1\nset city=Abuja\n1\nundo\nnobody at all\n\n", "--db", users_db)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert [line.split(", ")[0] for line in lines[:4]] == [
        "1: DB", "1: HIT", "1: city written", "1: DB",
    ]  # fmt: skip
    assert lines[4] == "1: city put back, and the cached copy invalidated"
    assert lines[5].startswith("error: no name or email holds 'nobody at all'")
    assert lines[6:] == ["nothing has changed"]
    with closing(sqlite3.connect(users_db)) as connection:
        assert connection.execute("SELECT city FROM users WHERE id = 1").fetchone() == (
            "Lagos",
        )


def test_a_file_of_commands_is_read_too(users_db: Path, tmp_path: Path) -> None:
    """And nothing, where stdin is closed."""
    asked = tmp_path / "lines"
    asked.write_text("1\nquit\n1\n")
    for redirection, count in ((f"< '{asked}'", 1), ("< /dev/null", 0), ("<&-", 0)):
        line = f"exec '{sys.executable}' -m tui --plain --db '{users_db}' {redirection}"
        ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert len(ran.stdout.splitlines()) == count


def test_a_reader_who_leaves_is_no_error(users_db: Path) -> None:
    """After `| head -1` it ends quietly with 0."""
    line = f"yes 1 | '{sys.executable}' -m tui --plain --db '{users_db}'; echo $? >&2"
    ran = subprocess.run(
        ["bash", "-c", f"({line}) | head -1"], capture_output=True, text=True, check=False
    )
    assert ran.stdout.startswith("1: DB, ")
    assert ran.stderr == "0\n"


def test_settings_that_are_wrong_are_said_as_ever(tmp_path: Path) -> None:
    """Before anything is asked: a line on stderr, and the exit code of each."""
    for options, code in ((("--db", tmp_path / "no.db"), 3), (("--key", "x"), 2)):
        ran = talks("1\n", *options)
        assert ran.code == code
        assert is_one_error(ran)


def test_a_variable_will_do(users_db: Path) -> None:
    """For those to whom no screen is of use."""
    ran = subprocess.run(
        [*COMMAND, "--db", str(users_db)], input="1\n", capture_output=True, text=True,
        env={**os.environ, "HITMISS_PLAIN": "1"}, check=False,
    )  # fmt: skip
    assert ran.stdout.startswith("1: DB, Amara Okafor, ")


def test_hostile_lines_do_no_harm(users_db: Path) -> None:
    """What is no text is passed over, what a terminal would obey is made visible."""
    text = b"\x1b]52;c;eA==\x07\n\xff\xfe\n" + b"x" * 200_000 + b"\n\0\nfind \xc2\x9b\n1\n"
    ran = talks(text, "--db", users_db)
    assert ran.code == 0
    assert ran.out.replace("\n", "").isprintable()
    assert ran.out.splitlines()[-1].startswith("1: DB, ")


def test_read_only_nothing_that_writes_is_sent(users_db: Path, server: ValkeyServer) -> None:
    """Each command that would change something says so, and the server has seen none."""
    writes = ["set city=x", "undo", "invalidate", "expire", "clear", "faults cache-down"]
    lines = "\n".join(["1", *writes, "lab", "compare", "audit"])
    ran = talks(lines, "--db", users_db, "--cache", server.url, "--read-only")
    assert ran.code == 0
    assert ran.out.count("error: read-only") == len(writes)
    assert "there is no Lab in read-only" in ran.out
    with server.client() as client:
        assert client.keys() == []


def test_a_server_that_comes_back_is_said_by_itself(
    users_db: Path, own_server: ValkeyServer
) -> None:
    """While somebody waits: down by the next answer, up without another one."""
    options = ("--db", str(users_db), "--cache", own_server.url, "--writable")
    with at_terminal(*options) as window:
        window.types("1\n")
        window.shows("1: DB, Amara Okafor")
        own_server.kill()
        window.types("again\n")
        window.shows("1: BYPASS, Amara Okafor", "cache down: ")
        own_server.start()
        window.types("wait 30\n")
        window.shows("cache up again")
        window.types("\x03")
        window.shows("stopped")
        window.types("quit\n")
        assert window.ends().code == 0


def test_a_dumb_terminal_gets_lines_and_nothing_else(users_db: Path) -> None:
    """No escapes, no colours; the line discipline edits what is typed, and stays as it was."""
    with at_terminal("--db", users_db) as window:
        window.types("1\n")
        window.shows("1: DB, Amara Okafor")
        window.types("record\n")
        window.shows("city: Lagos")
        window.types("\x04")
        end = window.ends()
    assert (end.code, end.is_clean) == (0, True)
    assert b"\x1b" not in window.raw
    assert window.raw.decode().startswith("hitmiss: ")


def test_nothing_is_said_while_somebody_types(users_db: Path) -> None:
    """A copy that has expired meanwhile is said when the line is entered."""
    with at_terminal("--db", users_db, "--ttl", "0.5", "--grace", "0") as window:
        window.types("1\n")
        window.shows("1: DB, Amara Okafor")
        window.types("wait 2\n")
        window.shows("the copy of 1")
        window.types("1\n")
        window.waits_for(lambda: window.raw.count(b"1: DB") == 2)
        window.waits_for(lambda: window.raw.endswith(PROMPT.encode()))
        window.types("2")
        said = window.raw
        window.is_idle()
        window.read()
        assert window.raw == said + b"2"
        window.types("\n")
        window.shows("2: DB")


def test_ctrl_c_cancels_and_twice_leaves(users_db: Path) -> None:
    """What runs stops; at the prompt the first says what the second does."""
    with at_terminal("--db", users_db) as window:
        window.types("wait 1h\n")
        window.is_idle()
        window.types("\x03")
        window.shows("stopped")
        window.types("1\n")
        window.shows("1: DB, Amara Okafor")
        window.types("\x03")
        window.shows("ctrl+c again leaves")
        window.types("\x03")
        assert window.ends().code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_in_order(users_db: Path, number: signal.Signals) -> None:
    """With the code that shells give it, also while nobody types."""
    command = subprocess.Popen(
        [*COMMAND, "--plain", "--db", str(users_db)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdin is not None
    assert command.stdout is not None
    command.stdin.write("1\n")
    command.stdin.flush()
    assert command.stdout.readline().startswith("1: DB, ")
    command.send_signal(number)
    ran = ends(command)
    assert (ran.code, ran.err) == (128 + number, "")


def test_a_terminal_that_goes_away_ends_it(users_db: Path) -> None:
    """As at the end of input."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [*COMMAND, "--plain", "--db", str(users_db)],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    assert command.stdout is not None
    assert command.stdout.readline().startswith("hitmiss: ")
    os.close(ours)
    assert ends(command).code == 0
