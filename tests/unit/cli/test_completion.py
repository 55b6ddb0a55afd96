"""Completion: what a shell is told, and how little is loaded for it."""

import os
import shlex
from pathlib import Path

import pytest
from commands import Cli, cli, is_one_error
from files import make_file
from loading import DRIVERS, SCREEN, loaded_by

__all__ = ["cli"]


@pytest.fixture
def suggested(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> "Suggested":
    """Ask as the shell's function asks."""
    return Suggested(cli, monkeypatch)


class Suggested:
    """What is offered for a command line that stands before the cursor."""

    def __init__(self, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run commands by `cli`."""
        self._cli = cli
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str | Path) -> list[str]:
        """Give the suggestions for the last word; nothing else is printed."""
        line = ["hitmiss", *map(str, words)]
        with self._monkeypatch.context() as environment:
            environment.setenv("_HITMISS_COMPLETE", "bash_complete")
            environment.setenv("COMP_WORDS", shlex.join(line))
            environment.setenv("COMP_CWORD", str(len(line) - 1))
            ran = self._cli()
        assert (ran.code, ran.err) == (0, "")
        return [line.replace("plain,", "") for line in ran.out.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(cli: Cli, shell: str) -> None:
    """On stdout, and nothing else; another shell is wrong usage."""
    ran = cli("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_HITMISS_COMPLETE={shell}_complete" in ran.out
    assert cli("completion", "csh").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("ask", ["variable", "command"])
def test_no_program_is_run_for_a_script(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str, ask: str
) -> None:
    """Not even the shell itself, whatever PATH has first."""
    program = tmp_path / shell
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    if ask == "variable":
        monkeypatch.setenv("_HITMISS_COMPLETE", f"{shell}_source")
    ran = cli() if ask == "variable" else cli("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_HITMISS_COMPLETE={shell}_complete" in ran.out
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("instruction", "words", "place"),
    [
        ("bash_complete", None, None), ("bash_complete", "hitmiss", None),
        ("zsh_complete", "hitmiss", "x"), ("bash_complete", "hitmiss", "9" * 5000),
        ("bash_complete", None, "1"), ("fish_complete", None, None),
    ],
)  # fmt: skip
def test_a_variable_without_a_shell_is_wrong_usage(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    instruction: str,
    words: str | None,
    place: str | None,
) -> None:
    """What a shell says beside it is missing: that is told in one line."""
    monkeypatch.setenv("_HITMISS_COMPLETE", instruction)
    for name, value in (("COMP_WORDS", words), ("COMP_CWORD", place)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    ran = cli()
    assert (ran.code, is_one_error(ran)) == (2, True)
    assert "hitmiss completion --help" in ran.err


def test_commands_and_options_are_completed(suggested: Suggested) -> None:
    """Each by its beginning; options stand before and after the command."""
    assert suggested("in") == ["invalidate"]
    assert suggested("--neg") == suggested("get", "--neg") == ["--negative-ttl"]
    assert suggested("completion", "") == ["bash", "zsh", "fish"]


def test_files_are_left_to_the_shell(suggested: Suggested) -> None:
    """Of each option that names one, and of the file that seed makes."""
    for words in (["--db"], ["--log"], ["--config"], ["get", "--db"], ["seed"]):
        assert suggested(*words, "a") == ["file,a"]


def test_tables_and_columns_come_from_the_database(
    suggested: Suggested, tmp_path: Path
) -> None:
    """Of the one that the options before name, wherever they stand."""
    path = make_file(tmp_path / "a.db", "CREATE TABLE sales (day, sum); CREATE TABLE t (x);")
    assert suggested("--db", path, "--table", "") == ["sales", "t"]
    assert suggested("--db", path, "get", "--table", "s") == ["sales"]
    assert suggested("get", "--db", path, "--table", "sales", "--id-column", "d") == ["day"]


def test_names_that_mean_something_to_a_shell_are_left_out(
    suggested: Suggested, tmp_path: Path
) -> None:
    """A database of somebody else puts no commands on the command line."""
    path = make_file(
        tmp_path / "a.db",
        'CREATE TABLE "$(reboot)" (x); CREATE TABLE "a;b" (x); CREATE TABLE "--db" (x);'
        'CREATE TABLE "*" (x); CREATE TABLE "a\nb" (x); CREATE TABLE "müll_2" (x);',
    )
    assert suggested("--db", path, "--table", "") == ["müll_2"]


def test_what_cannot_be_read_suggests_nothing(suggested: Suggested, tmp_path: Path) -> None:
    """No database, no such table, wrong settings: silence, and no file is made."""
    path = tmp_path / "none.db"
    assert suggested("--db", path, "--table", "") == []
    assert suggested("--ttl", "soon", "--table", "") == []
    assert suggested("--table", "nope", "--id-column", "") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--config", "--db"])
@pytest.mark.parametrize("kind", ["pipe", "zero"])
def test_a_tab_waits_for_no_file(
    suggested: Suggested, tmp_path: Path, option: str, kind: str
) -> None:
    """A pipe or a device is not opened, whoever has named it."""
    path = Path("/dev/zero") if kind == "zero" else tmp_path / "pipe"
    if kind == "pipe":
        os.mkfifo(path)
    for wanted in ("--table", "--id-column"):
        assert suggested(option, path, wanted, "") == []


def test_completing_loads_little(seeded: Path) -> None:
    """Neither the screen nor a client of the cache; SQLite for the names of tables alone."""
    code = (
        "import os, sys; from tui.cli.main import run;"
        "os.environ.update(COMP_WORDS=sys.argv[1], COMP_CWORD=sys.argv[2]);"
        "os.environ['_HITMISS_COMPLETE'] = 'bash_complete'; assert run([]) == 0"
    )
    assert loaded_by(code, "hitmiss au", "1") & (SCREEN | DRIVERS) == set()
    loaded = loaded_by(code, f"hitmiss --db {seeded} --table u", "4")
    assert loaded & (SCREEN | DRIVERS) <= {"sqlite3", "aiosqlite"}
