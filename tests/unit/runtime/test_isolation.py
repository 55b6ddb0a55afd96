"""Neither the working folder nor a variable decides which code runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.bootstrap import LABORATORY, options_of, prepare
from tui.config.settings import resolve
from tui.lab.remote import OwnProcess
from tui.lab.samples import Controls
from tui.runtime.isolation import (
    PACKAGE_FOLDER,
    child_environment,
    drop_developers_switches,
)
from tui.runtime.working_folder import absolute_entries
from tui.views.clipboard import copy_through_tmux

LIBRARIES = (
    "click", "json", "redis", "msgspec", "signal", "random", "platform", "uuid", "typing", "re",
    "enum", "copyreg",
)  # fmt: skip
"""What hitmiss imports sooner or later."""
PROGRAMS = ("tmux", "uname", "ldconfig", "gcc", "stty", "tput", "less")
"""What hitmiss or Python's library runs sooner or later."""
WATCHED = """
import sys
def hear(event, arguments):
    if event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork"}:
        print("started", event, arguments, file=sys.stderr)
sys.addaudithook(hear)
from tui.__main__ import main
main()
"""
"""The command, which tells of every process that it starts."""


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder full of modules and programs, none of which may run."""
    folder = tmp_path / "trap"
    folder.mkdir()
    for name in LIBRARIES:
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
        (folder / name).chmod(0o755)
    monkeypatch.chdir(folder)
    yield folder
    assert not (tmp_path / "ran").exists()


def hitmiss(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a module, from the folder where the test is."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("path", [None, "", ".", "./", ":", ".:relative", "../trap"])
async def test_the_lab_runs_no_module_of_the_working_folder(
    trap: Path, users_db: Path, monkeypatch: pytest.MonkeyPatch, path: str | None
) -> None:
    """Its process gets the cache's password, and loads its libraries from where they belong."""
    if path is not None:
        monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("PYTHONINSPECT", "1")
    settings = resolve({"db": str(users_db)}, {}, {}, "no file")
    lab = OwnProcess(LABORATORY, options_of(prepare(settings)))
    load = {"load": Controls(readers=1, keys=2, rate=50.0).to_json()}
    async with lab.experiment(load) as experiment:
        seen = []
        async for message in experiment.messages():
            seen.append(message)
            experiment.stop()
    assert "sample" in seen[0]


@pytest.mark.parametrize("path", [None, ":", ".", "../trap"])
def test_the_module_runs_no_module_of_the_working_folder(
    trap: Path, users_db: Path, monkeypatch: pytest.MonkeyPatch, path: str | None
) -> None:
    """`python -m tui` looks for libraries where Python is installed."""
    if path is not None:
        monkeypatch.setenv("PYTHONPATH", path)
    ran = hitmiss("get", "1", "--db", users_db)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_folder_with_an_absolute_name_is_the_users_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTHONPATH keeps its absolute entries, also for a process of ours."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:relative::.")
    assert child_environment(os.environ)["PYTHONPATH"] == str(tmp_path)
    (tmp_path / "click.py").write_text("raise SystemExit('chosen')\n")
    assert hitmiss("--version").stderr == "chosen\n"


def test_a_process_of_ours_gets_no_variable_that_names_code() -> None:
    """What Python would run or import by a name is left out; what else it obeys stays."""
    told = {
        "PYTHONINSPECT": "1", "PYTHONSTARTUP": "x.py", "PYTHONBREAKPOINT": "evil.run",
        "PYTHONWARNINGS": "error::evil.Warning", "PYTHONHOME": "here", "PYTHONUTF8": "1",
        "PYTHONPYCACHEPREFIX": "compiled", "PYTHONUSERBASE": "/home/u/.local", "LANG": "C",
        "PYTHONPATH": ":.:", "PYTHON_NEW_IN_SOME_VERSION": "x",
    }  # fmt: skip
    kept = {"PYTHONUTF8": "1", "PYTHONUSERBASE": "/home/u/.local", "LANG": "C"}
    assert child_environment(told) == kept


@pytest.mark.parametrize("flags", [[], ["-E"], ["-s"], ["-I"]])
def test_a_process_of_ours_is_as_isolated_as_this_one(flags: list[str]) -> None:
    """Where Python heeds no variables here, it heeds none there."""
    code = (
        "import sys, subprocess; from tui.bootstrap import LABORATORY;"
        "flags = lambda f: (f.ignore_environment, f.no_user_site);"
        "asked = 'import sys; print(sys.flags.ignore_environment, sys.flags.no_user_site)';"
        "told = LABORATORY[:LABORATORY.index('-c')];"
        "print(*flags(sys.flags), flush=True); subprocess.run([*told, '-c', asked])"
    )
    ran = subprocess.run(
        [sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True
    )
    here, there = ran.stdout.splitlines()
    assert here == there


def test_the_package_is_found_where_it_is_not_installed(trap: Path) -> None:
    """A checkout runs by itself, and its Lab runs the same checkout, not another copy."""
    bare = [*LABORATORY[:2], "-S", *LABORATORY[2:]]
    ran = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert f'File "{PACKAGE_FOLDER}/tui/' in ran.stderr  # it comes as far as the libraries


@pytest.mark.parametrize("path", ["", ".", ":/nowhere", "./", "../trap:"])
async def test_no_tmux_of_the_working_folder_is_run(
    trap: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A PATH with relative or empty entries names no program of ours."""
    monkeypatch.setenv("TMUX", "somewhere")
    monkeypatch.setenv("PATH", path)
    assert not await copy_through_tmux("secret")


@pytest.mark.parametrize(
    "command",
    [["get", "1"], ["find", "ada"], ["keys"], ["audit"], ["doctor"], ["completion", "bash"],
     ["--list-keys"], ["demo", "--list"], ["--help"]],
)  # fmt: skip
def test_commands_run_no_other_program(
    trap: Path, users_db: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """None is looked for in PATH, whatever Python's library would like to know."""
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    monkeypatch.setenv("HITMISS_DB", str(users_db))
    ran = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED, *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout or "hitmiss:" in ran.stderr
    assert "started" not in ran.stderr


def test_switches_for_authors_of_programs_are_dropped() -> None:
    """Of Textual's variables those stay that describe a terminal or what a person likes."""
    told = {
        "TEXTUAL": "devtools,debug", "TEXTUAL_DRIVER": "evil:Driver", "TEXTUAL_PRESS": "q",
        "TEXTUAL_DEBUG": "1", "TEXTUAL_LOG": "log", "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_ANIMATIONS": "none", "TEXTUALLY": "other", "HOME": "/",
    }  # fmt: skip
    drop_developers_switches(told)
    assert sorted(told) == ["HOME", "TEXTUALLY", "TEXTUAL_ANIMATIONS"]


def test_no_variable_decides_which_lua_is_loaded(
    users_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded cache has its own, whatever fakeredis is told."""
    monkeypatch.setenv("FAKEREDIS_LUA_VERSION", "nonsense")
    ran = hitmiss("get", "1", "1", "--db", users_db, "--cache", "embedded")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("path", "entries"),
    [("", []), (":", []), (".", []), ("/a:b:/c", ["/a", "/c"]), ("~/bin:/a", ["/a"])],
)
def test_only_absolute_entries_of_a_path_count(path: str, entries: list[str]) -> None:
    """An empty entry is the working folder, and `~` is no name of a folder here."""
    assert absolute_entries(path) == entries
