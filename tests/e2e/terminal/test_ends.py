"""However the explorer ends, the terminal is as it was, and nothing is left."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import UNSTOPPABLE, make_file
from terminal.emulator import Emulator
from terminal.window import EXPLORER, End, Window

MODE = re.compile(r"\x1b(?:\[\?[0-9;]+[hl]|\][0-9]+;[a-z]*\x07)")
FAULT = (
    "hitmiss: this is a fault of hitmiss: ZeroDivisionError: division by zero; please report"
    " it, with what --debug shows of it"
)
SPENT_SECONDS = 10.0
"""Of the processor, for a start and an end; what spins until patience ends takes more."""
JOB_SHELL = Path(__file__).with_name("job_shell.py")
ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]
DEAF = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
SIGNALLED = """
import os, sys
number, module = int(sys.argv.pop(1)), sys.argv.pop(1)
class Signalled:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), number)
sys.meta_path.insert(0, Signalled())
from tui.__main__ import main
main()
"""
"""Gets a signal while it loads a module."""
BROKEN = """
from tui.controllers.lookup import LookupController
from tui.__main__ import main
LookupController.look_up = lambda *_, **__: 1 / 0
main()
"""


HOSTILE = """
from tui.controllers.lookup import LookupController
from tui.__main__ import main
def breaks(*_, **__):
    password = "hunter2"
    raise LookupError("\\x1b]52;c;eA==\\x07 \\u202e \\x9b31m in a\\nmessage")
LookupController.look_up = breaks
main()
"""
"""Stumbles over what a terminal would obey, with a variable that is nobody's business."""
BROKEN_LINE = """
from tui.terminal.painter import Painter
from tui.__main__ import main
paint = Painter.paint
def breaks(self, wanted, row, column):
    return 1 / 0 if column > 7 else paint(self, wanted, row, column)
Painter.paint = breaks
main()
"""
"""What makes frames, in a thread of its own, stumbles once the cursor is behind some keys."""
BROKEN_READER = """
from tui.terminal.keyboard import Keyboard
from tui.__main__ import main
feed = Keyboard.feed
def breaks(self, data):
    return 1 / 0 if b"1\\r" in data else feed(self, data)
Keyboard.feed = breaks
main()
"""
"""What reads the terminal, in a thread of its own, stumbles over a 1."""
BROKEN_CALLBACK = """
import asyncio
from tui.controllers.lookup import LookupController
from tui.__main__ import main
def breaks(*_, **__):
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    raise asyncio.CancelledError
LookupController.look_up = breaks
main()
"""
"""What nobody waits for stumbles, and what waits is cancelled."""


BROKEN_DRIVER = """
from tui.terminal.grid import Grid
from tui.__main__ import main
put = Grid.put
def breaks(self, row, column, text, style):
    return 1 / 0 if "7" == text.strip() else put(self, row, column, text, style)
Grid.put = breaks
main()
"""
"""Its driver stumbles over a 7 by itself, as the input shows it once it is typed."""


def is_open(users_db: Path) -> bool:
    """Tell whether somebody has the database open: SQLite's log lies beside it."""
    return users_db.with_name(users_db.name + "-wal").exists()


def children_of(pid: int) -> list[int]:
    """Give the processes that a process has started, and that are still there."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def answered(window: Window) -> Window:
    """Look a key up, so that everything is open."""
    window.shows("look up", "Quit")
    window.types("1\r")
    window.shows(" db read ")
    return window


@pytest.fixture(params=["thin", "full"])
def window(users_db: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    """The explorer with one answer on the screen, with each of the drivers."""
    options = ["--full-output"] if request.param == "full" else []
    with Window("--db", users_db, *options) as window:
        yield answered(window)


@pytest.fixture
def thin(users_db: Path) -> Iterator[Window]:
    """The explorer with one answer on the screen."""
    with Window("--db", users_db) as window:
        yield answered(window)


@pytest.mark.parametrize("keys", ["\x11", "\x03\x03"])
def test_quitting_leaves_the_terminal_as_it_was(
    window: Window, users_db: Path, keys: str
) -> None:
    """ctrl+q, and ctrl+c twice: code 0, nothing said, everything closed."""
    assert is_open(users_db)
    assert not window.is_cooked()
    window.types(keys)
    end = window.ends()
    assert end.is_clean
    assert (end.code, is_open(users_db)) == (0, False)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_it_in_order(
    window: Window, users_db: Path, number: signal.Signals
) -> None:
    """Told to end, it gives the terminal back, closes everything, and says which signal."""
    os.kill(window.pid, number)
    end = window.ends()
    assert end.is_clean
    assert (end.code, is_open(users_db)) == (128 + number, False)
    assert "Traceback" not in end.text


def test_a_lost_connection_ends_it(thin: Window, users_db: Path) -> None:
    """When the line is closed it ends with 129, and nothing spins or stays."""
    thin.hangs_up()
    end = thin.ends()
    assert end.is_alone
    assert (end.code, is_open(users_db)) == (129, False)
    assert end.cpu_seconds < SPENT_SECONDS


@pytest.mark.parametrize("how", ["quit", "signal", "line"])
def test_a_load_under_way_ends_with_it(thin: Window, users_db: Path, how: str) -> None:
    """The Lab's process, which has a session of its own, is gone too, and all is closed."""
    thin.types("\x1b")
    thin.shows("Again")
    thin.types("4")
    thin.shows("▐4 Lab▌")
    thin.types(" ")
    thin.shows("each second", "lookups")
    (load,) = children_of(thin.pid)
    if how == "line":
        thin.hangs_up()
    elif how == "signal":
        os.kill(thin.pid, signal.SIGTERM)
    else:
        thin.types("q")
    thin.ends()
    assert (Path(f"/proc/{load}").exists(), is_open(users_db)) == (False, False)


def test_a_lost_connection_is_noticed_without_a_signal(users_db: Path) -> None:
    """Under nohup, where SIGHUP is ignored, the end of input ends it all the same."""
    program = (sys.executable, "-c", DEAF, *EXPLORER)
    with Window("--db", users_db, program=program) as window:
        answered(window).hangs_up()
        end = window.ends()
    assert (end.code, is_open(users_db)) == (129, False)
    assert end.cpu_seconds < SPENT_SECONDS


def test_a_terminal_that_does_not_read_cannot_hold_it(thin: Window, users_db: Path) -> None:
    """Told to end while nobody reads, it ends all the same."""
    thin.types("zoe\x7f\x7f\x7fama")
    os.kill(thin.pid, signal.SIGTERM)
    end = thin.ends(reading=False)
    assert (end.code, end.is_cooked, is_open(users_db)) == (143, True, False)


def said(end: End) -> list[str]:
    """Give the lines that were said after the explorer's screen was left."""
    return MODE.sub("", end.text).splitlines()


@pytest.mark.parametrize("options", [[], ["--full-output"]])
@pytest.mark.parametrize("program", [BROKEN, BROKEN_READER, BROKEN_CALLBACK])
def test_a_bug_is_told_after_the_terminal_was_given_back(
    users_db: Path, program: str, options: list[str]
) -> None:
    """An exception anywhere ends it with 70, and a line that says what it is."""
    with Window("--db", users_db, *options, program=(sys.executable, "-c", program)) as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        end = window.ends()
    assert end.is_clean
    assert (end.code, is_open(users_db)) == (70, False)
    assert said(end) == [FAULT]


def test_a_traceback_is_shown_and_not_obeyed(users_db: Path) -> None:
    """With --debug it comes first, without a raw control and without any variable's value."""
    program = (sys.executable, "-c", HOSTILE)
    with Window("--db", users_db, "--debug", program=program) as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        end = window.ends()
    assert (end.code, end.is_clean) == (70, True)
    first, *_, last = said(end)
    assert first == "Traceback (most recent call last):"
    assert last.startswith(r"hitmiss: this is a fault of hitmiss: LookupError: \x1b]52;c;")
    assert all(line.isprintable() for line in said(end))
    assert r"\u202e \x9b31m in a" in "".join(said(end))
    assert "hunter2" not in end.text


def test_a_line_that_breaks_gives_the_terminal_back(users_db: Path) -> None:
    """What is still to be sent goes out although nobody makes frames any more."""
    with Window("--db", users_db, program=(sys.executable, "-c", BROKEN_LINE)) as window:
        window.shows("look up", "Quit")
        window.types("12345")
        end = window.ends()
    assert (end.code, end.is_clean) == (70, True)
    assert said(end) == [FAULT]


def test_a_driver_that_breaks_gives_the_terminal_back(users_db: Path) -> None:
    """What leads back to the shell's screen goes past what has failed."""
    program = (sys.executable, "-c", BROKEN_DRIVER)
    with Window("--db", users_db, program=program) as window:
        window.shows("look up", "Quit")
        window.types("7")
        end = window.ends()
    assert end.is_clean
    assert end.code == 70
    assert said(end) == [FAULT]


def test_a_terminal_may_say_that_it_has_no_size(window: Window) -> None:
    """It is passed over, and the explorer can still be left."""
    window.types("\x1b[48;0;0;0;0t")
    window.types("\x11")
    end = window.ends()
    assert end.is_clean
    assert end.code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "module",
    ["click", "tui.views.app", "tui.views.screens.lookup", "tui.terminal.driver", "fakeredis"],
)
def test_a_start_can_be_cancelled(users_db: Path, number: signal.Signals, module: str) -> None:
    """A signal while it is still being loaded ends it without a word, whenever that is."""
    program = (sys.executable, "-c", SIGNALLED, str(int(number)), module)
    with Window("--db", users_db, program=program) as window:
        end = window.ends()
    assert end.is_clean
    assert (end.code, is_open(users_db)) == (128 + number, False)
    assert "Traceback" not in end.text


@pytest.mark.parametrize("number", ENDING)
def test_a_demonstration_leaves_no_folder_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Its database is taken away when a signal ends it at once, too."""
    program = (sys.executable, "-c", SIGNALLED, str(int(number)), "tui.demos.explorer")
    with Window("demo", program=program, TMPDIR=str(tmp_path)) as window:
        end = window.ends()
    assert (end.code, end.is_clean) == (128 + number, True)
    assert list(tmp_path.iterdir()) == []


def test_the_very_first_ctrl_c_ends_it_without_a_word(users_db: Path) -> None:
    """Also while that is being loaded which knows what to do about signals."""
    program = (sys.executable, "-c", SIGNALLED, str(int(signal.SIGINT)), "tui.runtime.signals")
    with Window("--db", users_db, program=program) as window:
        end = window.ends()
    assert (end.code, end.text) == (130, "")


@pytest.mark.parametrize("number", ENDING)
def test_the_first_moment_can_be_the_last(users_db: Path, number: signal.Signals) -> None:
    """A signal that comes just when the terminal is being taken over ends it in order."""
    with Window("--db", users_db) as window:
        window.waits_for(lambda: window.raw)
        os.kill(window.pid, number)
        end = window.ends()
    assert end.is_clean
    assert (end.code, is_open(users_db)) == (128 + number, False)


def test_stopped_from_outside_it_gives_the_terminal_back(window: Window) -> None:
    """SIGTSTP: the shell has its terminal until SIGCONT, then everything is painted again."""
    os.kill(window.pid, signal.SIGTSTP)
    window.is_stopped()
    window.waits_for(lambda: not window.modes)
    assert window.is_cooked()
    window.emulator = Emulator(120, 40)
    os.kill(window.pid, signal.SIGCONT)
    window.shows("look up", " db read ", "Quit")
    assert not window.is_cooked()
    window.types("\x11")
    end = window.ends()
    assert end.is_clean
    assert end.code == 0


@pytest.mark.parametrize("option", [[], ["--full-output"]])
def test_ctrl_z_and_fg(users_db: Path, option: list[str]) -> None:
    """Suspended to a shell and back: the whole screen is there, and takes keys."""
    program = (sys.executable, str(JOB_SHELL), *EXPLORER)
    with Window("--db", users_db, *option, program=program) as window:
        answered(window).types("\x1a")
        window.shows("the job has stopped")
        assert window.is_cooked()
        assert not window.modes
        window.emulator = Emulator(120, 40)
        window.types("\n")
        window.shows("look up", " db read ", "Quit")
        window.types("2\r")
        window.shows("2 db reads")
        window.types("\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0


def test_going_on_without_having_stopped_paints_everything(window: Window) -> None:
    """A stray SIGCONT: whoever used the terminal meanwhile, the screen is whole again."""
    window.emulator = Emulator(120, 40)
    os.kill(window.pid, signal.SIGCONT)
    window.shows("look up", " db read ", "Quit")
    window.types("2\r")
    window.shows("2 db reads")
    window.types("\x11")
    end = window.ends()
    assert end.is_clean
    assert end.code == 0


def test_the_next_run_begins_where_this_one_ended(thin: Window, users_db: Path) -> None:
    """Even ended by a signal it keeps the screen and what was asked, unless told not to."""
    thin.types("\x1b")
    thin.shows("Again")
    thin.types("2")
    thin.shows("▐2 Cache▌")
    os.kill(thin.pid, signal.SIGTERM)
    assert thin.ends().code == 128 + signal.SIGTERM
    with Window("--db", users_db, "--no-session") as window:
        window.shows("▐1 Lookup▌")
    with Window("--db", users_db) as window:
        window.shows("▐2 Cache▌")
        window.types("1\x1b[A")
        window.shows("│ › 1")


def test_wrong_keys_are_told_before_the_screen_is_taken_over(tmp_path: Path) -> None:
    """Code 2 and a line that names the clash; the terminal has seen no sequence."""
    config = tmp_path / "config.toml"
    config.write_text('[keys]\n"lookup.invalidate" = "x"\n')
    with Window("--config", config) as window:
        end = window.ends()
    assert (end.code, end.is_clean) == (2, True)
    assert b"\x1b" not in window.raw
    assert b"lookup.expire" in window.raw


@pytest.mark.parametrize("how", ["quit", "signal"])
def test_it_ends_while_the_database_hangs(tmp_path: Path, how: str) -> None:
    """A query that SQLite cannot interrupt keeps neither the process nor the terminal."""
    path = make_file(tmp_path / "a.db", UNSTOPPABLE)
    table = ("--table", "v", "--id-column", "id", "--key", "v:{id}")
    with Window("--db", path, *table) as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        window.shows("did not answer within 2 s")
        if how == "quit":
            window.types("\x11")
        else:
            os.kill(window.pid, signal.SIGTERM)
        end = window.ends()
    assert end.is_clean
    assert end.code == (0 if how == "quit" else 128 + signal.SIGTERM)
