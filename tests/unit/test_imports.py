"""What is loaded when: short start-up is a promise, and layers are one too."""

import subprocess
import sys
from pathlib import Path

import pytest
from loading import DRIVERS, HTTP, OTHERS, SCREEN, loaded_by, modules_loaded_by

AFTER_THE_FIRST_PAINT = {
    "aiosqlite", "redis", "fakeredis", "hiredis", "tui.cache.redis.opening",
    "tui.service.cache_aside",
    "tui.audit.engine", "tui.cli.commands.look_up", "tui.doctor", "tui.views.screens.cache",
    "tui.views.screens.compare", "tui.views.screens.edit", "tui.views.screens.help",
    "tui.database.people",
    "tui.views.screens.lab", "tui.lab.catalogue", "tui.service.events", "tui.views.keymap",
}  # fmt: skip


def test_a_controller_reaches_neither_screen_nor_driver() -> None:
    """Importing the lookup controller loads no Textual and no driver."""
    assert loaded_by("import tui.controllers.lookup") & (SCREEN | DRIVERS) == set()


STARTED = """
import sys
from tui.views.app import Explorer
from tui.cli.main import run
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
    assert loaded >= {"textual", "tui.views.screens.lookup", "sqlite3"}
    assert loaded & AFTER_THE_FIRST_PAINT == set()


@pytest.mark.parametrize("command", [["get", "1"], ["find", "amara"], ["doctor"]])
def test_a_command_never_loads_textual(command: list[str], seeded: Path) -> None:
    """Commands without a screen load what they use, and nothing of the explorer."""
    code = "import sys; from tui.cli.main import run; assert run(sys.argv[1:]) == 0"
    loaded = loaded_by(code, *command, "--db", str(seeded))
    assert loaded >= {"tui", "sqlite3"}
    assert loaded & (SCREEN | OTHERS | HTTP) == set()


def test_a_conversation_never_loads_textual(seeded: Path, tmp_path: Path) -> None:
    """Nor does the explorer in lines, whatever it is asked."""
    asked = tmp_path / "lines"
    asked.write_text("1\nrecord\nsteps\nshell\ncompare\nset city=x\nundo\ncache\nlab\nhelp\n")
    code = (
        "import os, sys; from tui.cli.main import run;"
        "os.dup2(os.open(sys.argv.pop(), os.O_RDONLY), 0); assert run(sys.argv[1:]) == 0"
    )
    loaded = loaded_by(code, "--plain", "--db", str(seeded), str(asked))
    assert loaded >= {"tui", "sqlite3"}
    assert loaded & (SCREEN | OTHERS) == set()


def test_a_file_of_sqlite_loads_no_other_store(seeded: Path) -> None:
    """Neither another database's package nor what such packages share."""
    code = "import sys; from tui.cli.main import run; assert run(sys.argv[1:]) == 0"
    loaded = modules_loaded_by(code, "get", "1", "--db", str(seeded))
    stores = {name for name in loaded if name.startswith("tui.database.")}
    others = ("sql.", "postgresql", "mysql", "mongodb")
    assert not {
        name for name in stores if name.removeprefix("tui.database.").startswith(others)
    }


@pytest.mark.parametrize(
    ("scheme", "driver"),
    [("postgresql", "psycopg"), ("mysql", "asyncmy"), ("mongodb", "pymongo")],
)
def test_a_url_loads_its_own_driver_at_most(scheme: str, driver: str) -> None:
    """A server that is not there is told so by its own store's driver, and by no other."""
    url = f"{scheme}://127.0.0.1:1/d"
    code = "import sys; from tui.cli.main import run; assert run(sys.argv[1:]) == 3"
    loaded = loaded_by(code, "get", "1", "--db", url)
    kin = {"pymongo": {"pymongo", "bson"}}.get(driver, {driver})
    assert loaded & OTHERS == kin


def test_the_version_costs_no_driver() -> None:
    """What needs no services loads none."""
    code = "import sys; from tui.cli.main import run; assert run(['--version']) == 0"
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
