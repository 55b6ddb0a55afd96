"""Versions, the terminal and folders, as their checks tell them."""

import os
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tui.database.sqlite.store import STORE as SQLITE
from tui.doctor import Check, State, environment
from tui.doctor.environment import folders, terminal, versions


def by_name(checks: list[Check]) -> dict[str, Check]:
    """Give checks by their names; every one that is not ok has advice."""
    assert all((check.state is State.OK) == (check.advice is None) for check in checks)
    return {check.name: check for check in checks}


@pytest.mark.parametrize(
    ("variables", "colours"),
    [
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 2**24),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 0),
        ({"TERM": "linux"}, 16),
        ({"TERM": "dumb"}, 0),
        ({}, 0),
    ],
)
def test_colours(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], colours: int
) -> None:
    """They are guessed from NO_COLOR, COLORTERM and TERM, in that order."""
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    checks = by_name(terminal())
    assert checks["colours"].value == colours
    usable = variables.get("TERM") not in {None, "dumb"}
    assert (checks["TERM"].state is State.OK) == usable


def test_what_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tmux and SSH are told as yes or no, without the addresses in their variables."""
    monkeypatch.delenv("STY", raising=False)
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 1 192.0.2.8 22")
    checks = terminal()
    values = {check.name: check.value for check in checks}
    assert (values["tmux"], values["screen"], values["ssh"]) == (True, False, True)
    assert "192.0.2" not in str(checks)


@pytest.mark.parametrize(
    ("size", "state"), [((80, 24), State.OK), ((59, 24), State.WARNING), (None, State.OK)]
)
def test_sizes(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] | None, state: State
) -> None:
    """A terminal in which less is shown is a warning; where there is none it is not known."""

    def get(_: int) -> os.terminal_size:
        if size is None:
            raise OSError
        return os.terminal_size(size)

    monkeypatch.setattr(os, "get_terminal_size", get)
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    check = by_name(terminal())["size"]
    assert check.state is state
    assert check.value == (None if size is None else f"{size[0]}x{size[1]}")


def test_an_encoding_that_lacks_letters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Anything but UTF-8 is a warning."""
    assert by_name(terminal())["encoding"].state is State.OK
    with (tmp_path / "out").open("w", encoding="latin-1") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert by_name(terminal())["encoding"].state is State.WARNING


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a warning, with the way to install it."""

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    assert {check.state for check in versions(SQLITE)} == {State.OK}
    monkeypatch.setattr(environment, "version", missing)
    check = by_name(versions(SQLITE))["hiredis"]
    assert check.state is State.WARNING
    assert "-m pip install hiredis" in (check.advice or "")


def test_folders(tmp_path: Path) -> None:
    """Each is told with whether it is there."""
    checks = by_name(folders(tmp_path / "config.toml"))
    assert "is not there" in (checks["config"].detail or "")
    (tmp_path / "config.toml").touch()
    assert "exists" in (by_name(folders(tmp_path / "config.toml"))["config"].detail or "")
    assert {*checks} == {"config", "data", "state", "log"}


def test_a_state_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The explorer would keep nothing: a warning says so; where there is none, all is well."""
    path = tmp_path / "session.json"
    monkeypatch.setattr(environment, "state_path", lambda: path)
    check = by_name(folders(tmp_path / "config.toml"))["state"]
    assert (check.state, check.value) == (State.OK, str(path))
    path.write_text("{")
    check = by_name(folders(tmp_path / "config.toml"))["state"]
    assert check.state is State.WARNING
    assert "nothing is kept" in (check.detail or "")
    assert path.read_text() == "{"


@pytest.mark.parametrize(
    ("text", "mode", "is_ok"),
    [
        ('cache = "redis://:s3cr3t@h"', 0o644, False),
        ('cache = " unix://app:s3cr3t@/run/s"', 0o640, False),
        ('cache = "redis://u:s3cr3t@h:port@["', 0o604, False),
        ('cache = "redis://:s3cr3t@h"', 0o600, True),
        ('cache = "redis://h"', 0o644, True),
        ("ttl = 5", 0o644, True),
        ('cache = "redis://:s3cr3t@h', 0o644, True),  # no TOML, which another check tells
        ("cache = 7", 0o644, True),
    ],
)
def test_a_password_that_others_may_read(
    tmp_path: Path, text: str, mode: int, is_ok: bool
) -> None:
    """A configuration file that holds one is for its owner alone, else the check fails."""
    config = tmp_path / "a config.toml"
    config.write_text(text)
    config.chmod(mode)
    check = by_name(folders(config))["config"]
    assert (check.state is State.OK) == is_ok
    assert check.advice == (None if is_ok else f"run: chmod 600 '{config}'")
    assert "s3cr3t" not in str(check)


def test_a_pipe_is_not_read_for_a_password(tmp_path: Path) -> None:
    """What is no regular file has nothing to be read twice."""
    os.mkfifo(tmp_path / "pipe")
    assert by_name(folders(tmp_path / "pipe"))["config"].state is State.OK
