"""What becomes of an exception that nobody has foreseen."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Cli, cli
from files import make_file

from tui.runtime import crash

__all__ = ["cli"]

LINE = (
    "hitmiss: this is a fault of hitmiss: {}; please report it, with what --debug shows of it\n"
)
OSC_52 = "\x1b]52;c;aGk=\x07"
WATCHED = """
import sys
from tui import bootstrap
from tui.cli import main as cli
from tui.runtime import crash
cli.crash.watch()
def prepare(settings):
    {}
import tui.cli.commands.look_up
tui.cli.commands.look_up.prepare = prepare
sys.exit(cli.run(["get", "1", "--db", sys.argv[1]]))
"""
"""Runs a command with something unforeseen in it."""


class Unspeakable(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        """Fail as well."""
        raise ValueError("no words")


@pytest.fixture
def stumble(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let the next command stumble over an exception."""

    def over(error: BaseException) -> None:
        def prepare(_: object) -> None:
            raise error

        monkeypatch.setattr("tui.cli.commands.look_up.prepare", prepare)

    return over


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (RecursionError(), "RecursionError"),
        (MemoryError(), "MemoryError"),
        (asyncio.CancelledError(), "asyncio.exceptions.CancelledError"),
        (ExceptionGroup("two", [KeyError(1)]), "ExceptionGroup: two (1 sub-exception)"),
        (OSError(5_000, "odd"), "OSError: [Errno 5000] odd"),
        (GeneratorExit(), "GeneratorExit"),
        (Unspeakable(), f"{__name__}.Unspeakable: <exception str() failed>"),
        (
            ValueError(f"{OSC_52}\n\u202eevil\x9b"),
            "ValueError: " + r"\x1b]52;c;aGk=\x07 \u202eevil\x9b",
        ),
    ],
)
def test_whatever_is_raised_is_a_line_and_code_70(
    cli: Cli, stumble: Callable[[BaseException], None], error: BaseException, said: str
) -> None:
    """Never 0 and never 1, which are answers; the line can be shown."""
    stumble(error)
    ran = cli("get", "1")
    assert (ran.code, ran.out) == (70, "")
    assert ran.err == LINE.format(said)


def test_a_long_text_is_cut(cli: Cli, stumble: Callable[[BaseException], None]) -> None:
    """An error may quote a whole record; a traceback of it is no longer than a few pages."""
    stumble(ValueError("x" * 1_000_000))
    assert len(cli("get", "1").err) < 500
    stumble(ValueError("x\n" * 100_000))
    ran = cli("get", "1", "--debug")
    assert len(ran.err.splitlines()) < 2 * crash.MOST_LINES
    assert "lines left out" in ran.err


def test_an_interrupt_among_others_is_an_interrupt(
    cli: Cli, stumble: Callable[[BaseException], None]
) -> None:
    """A group of tasks hands it on in company."""
    stumble(BaseExceptionGroup("tasks", [ValueError(), KeyboardInterrupt()]))
    ran = cli("get", "1")
    assert (ran.code, ran.err) == (130, "")


@pytest.mark.parametrize(
    "stumbles",
    [
        "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        "type('Odd', (), {'__del__': lambda self: 1 / 0})()",
        "import asyncio; loop = asyncio.new_event_loop(); loop.call_soon(lambda: 1 / 0);"
        " loop.run_until_complete(asyncio.sleep(0)); loop.close()",
    ],
)
def test_what_nobody_waits_for_is_noted(users_db: Path, stumbles: str) -> None:
    """In a thread, a destructor, a callback: the command goes on, and then ends with 70."""
    program = WATCHED.format(f"{stumbles}; return bootstrap.prepare(settings)")
    ran = subprocess.run(
        [sys.executable, "-c", program, users_db], capture_output=True, text=True, check=False
    )
    assert "Amara" in ran.stdout
    assert ran.returncode == 70
    assert ran.stderr == LINE.format("ZeroDivisionError: division by zero")


def test_what_came_too_late_is_no_fault(users_db: Path) -> None:
    """A cache that fails for somebody who is gone by then is not told to anybody."""
    program = WATCHED.format(
        "import asyncio, gc; from redis.exceptions import ConnectionError;"
        " from tui.runtime.errors import CacheRefused; loop = asyncio.new_event_loop();"
        " futures = [loop.create_future() for _ in range(3)];"
        " [future.set_exception(error) for future, error in zip(futures, (ConnectionError('a'),"
        " CacheRefused('b'), OSError('c')))]; del futures; gc.collect(); loop.close();"
        " return bootstrap.prepare(settings)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, users_db], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_a_library_logs_is_not_obeyed(users_db: Path) -> None:
    """Where nobody has set up a log, Python writes warnings on stderr as they are."""
    program = WATCHED.format(
        "import logging; logging.getLogger('redis').warning('\\x1b]52;c;eA==\\x07 \\u202e');"
        " return bootstrap.prepare(settings)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, users_db], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "hitmiss: \\x1b]52;c;eA==\\x07 \\u202e\n")


def test_a_module_that_cannot_be_loaded_is_a_fault_too(tmp_path: Path) -> None:
    """Before there is a command to run."""
    program = (
        "import sys; sys.modules['click'] = None; sys.argv = ['hitmiss', *sys.argv[1:]];"
        "from tui.__main__ import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "get", "1"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 70
    assert ran.stderr.startswith("hitmiss: this is a fault of hitmiss: ModuleNotFoundError:")
    assert ran.stderr.count("\n") == 1


def test_a_completion_that_stumbles_ends_with_70(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, users_db: Path
) -> None:
    """A tab shows the same line, and suggests nothing."""
    monkeypatch.setattr("tui.cli.options.settings_of", lambda _: 1 / 0)
    monkeypatch.setenv("_HITMISS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "hitmiss get --table ")
    monkeypatch.setenv("COMP_CWORD", "3")
    ran = cli()
    assert (ran.code, ran.out) == (70, "")
    assert ran.err == LINE.format("ZeroDivisionError: division by zero")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try")
@pytest.mark.parametrize(("key", "code"), [("x", 2), ("7777", 1)])
def test_errors_that_cannot_be_written_change_no_code(
    users_db: Path, key: str, code: int
) -> None:
    """A full disk behind stderr, or none there at all, is no fault and no other answer."""
    command = f"{sys.executable} -m tui get {key} --db {users_db}"
    for end in ("2>/dev/full", "2>&-"):
        ran = subprocess.run(
            ["/bin/sh", "-c", f"{command} {end}"], capture_output=True, check=False
        )
        assert ran.returncode == code


def test_a_traceback_is_shown_and_not_obeyed(cli: Cli, tmp_path: Path) -> None:
    """A table's name that would set the clipboard, in a query that --debug shows."""
    path = make_file(tmp_path / "a.db", f'CREATE TABLE "{OSC_52}" (id INTEGER PRIMARY KEY)')
    ran = cli("get", "1", "--debug", "--db", path, "--table", f"{OSC_52}\x9b")
    assert ran.code == 3
    first, *_, last = ran.err.splitlines()
    assert first == "Traceback (most recent call last):"
    assert last.startswith("hitmiss: ")
    assert all(line.isprintable() for line in ran.err.splitlines())
    assert OSC_52 not in ran.err
    assert r"\x1b]52;c;aGk=\x07" in ran.err
