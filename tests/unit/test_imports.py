"""What is loaded when: short start-up is a promise, and layers are one too."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

DRIVERS = {"redis", "fakeredis", "aiosqlite", "sqlite3"}
SCREEN = {"textual", "rich"}


AFTER_THE_FIRST_PAINT = {
    "aiosqlite", "redis", "fakeredis", "hiredis", "tui.cache", "tui.service.cache_aside",
    "tui.service.audit", "tui.commands.look_up", "tui.diagnosis", "tui.screens.cache",
    "tui.screens.compare", "tui.screens.edit", "tui.screens.help", "tui.database.people",
    "tui.screens.lab", "tui.lab.catalogue", "tui.service.events", "tui.keymap",
}  # fmt: skip


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Run Python code in a new process, and give the packages that were loaded at its end."""
    return {module.partition(".")[0] for module in modules_loaded_by(code, *arguments)}


def modules_loaded_by(code: str, *arguments: str) -> set[str]:
    """Run Python code in a new process, and give the modules that were loaded at its end."""
    ask = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{ask}", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_a_controller_reaches_neither_screen_nor_driver() -> None:
    """Importing the lookup controller loads no Textual and no driver."""
    assert loaded_by("import tui.controllers.lookup") & (SCREEN | DRIVERS) == set()


STARTED = """
import sys
from tui.app import Explorer
from tui.cli import run
from tui import bootstrap
async def stop(self): pass
Explorer.run_async = stop
sys.stdin = sys.stdout = type("Terminal", (), {
    "isatty": lambda _: True, "fileno": lambda _: 1, "flush": lambda _: None,
    "write": lambda _, text: sys.__stdout__.write(text),
})()
run(["--no-session", "--db", sys.argv[1]])
sys.stdout = sys.__stdout__
"""
"""Does all that comes before the app runs."""


def test_the_first_paint_waits_for_nothing_that_it_does_not_show(seeded: Path) -> None:
    """Until then neither the clients nor the service nor another screen is loaded."""
    loaded = modules_loaded_by(STARTED, str(seeded))
    assert loaded >= {"textual", "tui.screens.lookup", "sqlite3"}
    assert loaded & AFTER_THE_FIRST_PAINT == set()


@pytest.mark.parametrize("command", [["get", "1"], ["find", "amara"], ["doctor"]])
def test_a_command_never_loads_textual(command: list[str], seeded: Path) -> None:
    """Commands without a screen load what they use, and nothing of the explorer."""
    code = "import sys; from tui.cli import run; assert run(sys.argv[1:]) == 0"
    loaded = loaded_by(code, *command, "--db", str(seeded))
    assert loaded >= {"tui", "redis", "sqlite3"}
    assert loaded & SCREEN == set()


def test_the_version_costs_no_driver() -> None:
    """What needs no services loads none."""
    code = "import sys; from tui.cli import run; assert run(['--version']) == 0"
    assert loaded_by(code) & (SCREEN | DRIVERS) == set()


def test_the_package_imports_nothing() -> None:
    """`import tui` gives the version and loads no other module of ours."""
    code = "import sys, tui; assert [m for m in sys.modules if m.startswith('tui.')] == []"
    assert "click" not in loaded_by(code)


def test_the_module_is_the_command() -> None:
    """`python -m tui` does what `hitmiss` does."""
    ran = subprocess.run(
        [sys.executable, "-m", "tui", "--version"], check=True, capture_output=True, text=True
    )
    assert ran.stdout.startswith("hitmiss ")
