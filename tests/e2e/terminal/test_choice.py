"""Which driver the explorer gets."""

from pathlib import Path

import pytest
from terminal.window import EXPLORER, Window

from tui.terminal import driver_for
from tui.terminal.driver import ThinDriver
from tui.terminal.reading import ReadingDriver


def test_the_thin_driver_is_the_usual_one() -> None:
    """Nobody has to switch it on."""
    assert driver_for(full_output=False) is ThinDriver


def test_whole_widgets_come_back_by_an_option() -> None:
    """With --full-output Textual paints; what is typed is read as ever."""
    driver = driver_for(full_output=True)
    assert driver is ReadingDriver
    assert "write" not in vars(driver)


def test_no_variable_names_a_driver(users_db: Path, tmp_path: Path) -> None:
    """What Textual's own variables would load, press and log is left alone."""
    (tmp_path / "evil.py").write_text("raise SystemExit('it runs')\n")
    with Window(
        "--db", users_db, PYTHONPATH=str(tmp_path), TEXTUAL_DRIVER="evil:Driver",
        TEXTUAL_PRESS="2", TEXTUAL_LOG=str(tmp_path / "log"), TEXTUAL="debug",
    ) as window:  # fmt: skip
        window.shows("look up", "Quit", "▐1 Lookup▌")
        window.types("\x11")
        assert window.ends().code == 0
    assert not (tmp_path / "log").exists()


def test_variables_do_not_hold_the_size(users_db: Path) -> None:
    """The window's own size counts and is followed, whatever a shell has exported."""
    with Window("--db", users_db, size=(120, 40), COLUMNS="20", LINES="5") as window:
        window.shows("look up", "Quit")
        window.resizes(30, 8)
        window.shows("too small")
        window.types("\x11")
        assert window.ends().code == 0


def test_a_report_of_a_size_does_not_hold_it(users_db: Path) -> None:
    """Whatever a terminal has said, in a sequence that anybody may send: the window counts."""
    with Window("--db", users_db, size=(120, 40)) as window:
        window.shows("look up", "Quit")
        window.types("\x1b[48;5;20;100;200t\x1b[?2048;2$y")
        window.waits_for(lambda: b"\x1b[?2048h" in window.raw)
        window.types("\x1b[48;5;20;100;200t")
        window.shows("too small")
        window.resizes(100, 30)
        window.shows("look up", "Quit")
        window.types("\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0


def test_ctrl_l_repairs_the_screen(users_db: Path) -> None:
    """What somebody else has written on it is gone, though nothing of ours has changed."""
    with Window("--db", users_db) as window:
        window.shows("look up", "Quit")
        window.is_idle()
        window.emulator.feed("\x1b[5;5Hbroadcast message\x1b[1;1H")
        window.shows("broadcast message")
        window.types("\x0c")
        window.waits_for(lambda: "broadcast message" not in window.emulator.text)
        window.types("\x11")
        assert window.ends().code == 0


@pytest.mark.parametrize("elsewhere", ["2>/dev/null", "2>&-"])
def test_errors_may_go_elsewhere(users_db: Path, elsewhere: str) -> None:
    """The screen stays on the terminal, where Textual's own driver would follow them."""
    program = ("sh", "-c", f'exec "$@" {elsewhere}', "sh", *EXPLORER)
    with Window("--db", users_db, program=program) as window:
        window.shows("look up", "Quit")
        window.types("1\r")
        window.shows(" db read ")
        window.types("\x11")
        end = window.ends()
    assert end.is_clean
    assert end.code == 0
