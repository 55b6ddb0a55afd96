"""`hitmiss seed`: what it makes, says and exits with, also when it is stopped."""

import json
import os
import pty
import signal
from pathlib import Path

import pytest
from commands import Cli, cli, ends, is_one_error, process

__all__ = ["cli"]


def test_it_makes_a_database_to_explore(cli: Cli, tmp_path: Path) -> None:
    """One line tells what was made; the other commands can be used on it."""
    path = tmp_path / "users.db"
    ran = cli("seed", path, "--rows", "1000")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{path}: 1,000 users, ")
    assert cli("get", "1000", "--db", path, "--json").outcomes == ["DB"]
    assert list(tmp_path.iterdir()) == [path]


def test_json_has_exactly_its_fields(cli: Cli, tmp_path: Path) -> None:
    """One object when it is done."""
    path = tmp_path / "users.db"
    (made,) = cli("seed", path, "--rows", "5", "--json").answers
    assert list(made) == ["path", "rows", "seconds", "bytes"]
    assert (made["path"], made["rows"]) == (str(path), 5)
    assert made["bytes"] == path.stat().st_size
    assert made["seconds"] > 0


def test_the_number_makes_the_users(cli: Cli, tmp_path: Path) -> None:
    """--seed gives the same users again."""
    for name in ("a.db", "b.db"):
        cli("seed", tmp_path / name, "--rows", "700", "--seed", "3")
    a, b = (cli("get", "700", "--db", tmp_path / name, "--json") for name in ("a.db", "b.db"))
    assert a.answers[0]["record"] == b.answers[0]["record"]


def test_a_file_that_exists_is_wrong_usage(cli: Cli, users_db: Path) -> None:
    """One line, exit code 2, and the file as it was."""
    before = users_db.read_bytes()
    ran = cli("seed", users_db)
    assert ran.code == 2
    assert is_one_error(ran)
    assert "nothing is overwritten" in ran.err
    assert users_db.read_bytes() == before


@pytest.mark.parametrize("rows", ["0", "-1", "many", "1e6"])
def test_rows_is_a_number_of_users(cli: Cli, tmp_path: Path, rows: str) -> None:
    """Anything else is wrong usage, before anything is made."""
    ran = cli("seed", tmp_path / "a.db", "--rows", rows)
    assert ran.code == 2
    assert is_one_error(ran)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_code_3(cli: Cli, tmp_path: Path) -> None:
    """The line says which, and asks for the folder."""
    ran = cli("seed", tmp_path / "none" / "a.db")
    assert ran.code == 3
    assert is_one_error(ran)
    assert "cannot be made" in ran.err


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: int, code: int) -> None:
    """Ctrl+c, a kill or a lost terminal end it soon, with no file and no draft left."""
    ours, theirs = pty.openpty()
    command = process("seed", tmp_path / "a.db", "--rows", "20000000", stderr=theirs)
    os.close(theirs)
    os.read(ours, 1)  # the progress begins: it is at work
    assert list(tmp_path.glob(".making-*/a.db")) != []
    command.send_signal(number)
    ran = ends(command)
    os.close(ours)
    assert (ran.code, ran.out) == (code, "")
    assert list(tmp_path.iterdir()) == []


def test_progress_is_for_a_terminal(tmp_path: Path) -> None:
    """On a terminal a line tells how far it is, and is gone at the end; --json stays whole."""
    ours, theirs = pty.openpty()
    command = process("seed", tmp_path / "a.db", "--rows", "6000", "--json", stderr=theirs)
    ran = ends(command)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert ran.code == 0
    assert json.loads(ran.out)["rows"] == 6000
    assert "\rhitmiss: 5,000 of 6,000 users, 83 %" in shown
    assert shown.endswith(f"\r{' ' * len('hitmiss: 5,000 of 6,000 users, 83 %')}\r")
