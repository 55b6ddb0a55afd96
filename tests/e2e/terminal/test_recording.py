"""What the terminal is sent, kept as a file that can be played again."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from files import limited
from terminal.emulator import Emulator
from terminal.window import EXPLORER, Window

from tui.runtime.errors import DatabaseUnavailable
from tui.terminal.recording import Recording

SCRIPT = "title A café\nset seed 1\nsay Look.\ntype 2\npress enter escape enter\n"
OVER = "the explorer is yours"


def events(path: Path) -> list[Any]:
    """Give the lines of a recording, as JSON."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_it_is_an_asciicast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header with version, size and title; then times that only grow, and the output."""
    monkeypatch.setenv("TERM", "xterm")
    path = tmp_path / "a.cast"
    with Recording(path, "A café") as recording:
        pieces = ["\x1b[2J", "caf", "é → 東京\r\n"]
        data = "".join(pieces).encode()
        for cut in (data[:6], data[6:9], data[9:]):  # the second cut is inside a character
            recording.note(cut)
        assert events(path)[0]["version"] == 2, "it is whole while it is written"
    header, *output = events(path)
    assert (header["width"] > 0, header["height"] > 0) == (True, True)
    assert (header["title"], header["env"]) == ("A café", {"TERM": "xterm"})
    assert isinstance(header["timestamp"], int)
    times = [time for time, _, _ in output]
    assert times == sorted(times)
    assert {kind for _, kind, _ in output} == {"o"}
    assert "".join(text for _, _, text in output) == "".join(pieces)


def test_questions_to_the_terminal_are_left_out(tmp_path: Path) -> None:
    """Played back, nothing in it makes a terminal answer into somebody's shell."""
    path = tmp_path / "a.cast"
    with Recording(path, "t") as recording:
        recording.note(b"\x1b[6n\x1b[?2026$pa\x1b[?u\x1b[c\x1b[1mb\x1b[6n")
        recording.note(b"\x1b[6n")
    assert [text for _, _, text in events(path)[1:]] == ["a\x1b[1mb"]


def test_a_title_is_shown_and_not_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Players and file managers show it as it stands there, and so does `cat`."""
    monkeypatch.setenv("TERM", "xterm\x9b")
    path = tmp_path / "a.cast"
    with Recording(path, "A \x1b]0;title\x07 \x9b31m \u202e café"):
        (header,) = events(path)
    assert header["title"] == r"A \x1b]0;title\x07 \x9b31m \u202e café"
    assert all(line.isprintable() for line in path.read_text(encoding="utf-8").splitlines())


def test_a_resize_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it comes after an event with the new size."""
    path = tmp_path / "a.cast"
    with Recording(path, "t") as recording:
        recording.note(b"a")
        size = os.terminal_size((132, 43))
        monkeypatch.setattr("tui.terminal.recording.os.get_terminal_size", lambda: size)
        recording.note(b"b")
    assert [(kind, text) for _, kind, text in events(path)[1:]] == [
        ("o", "a"), ("r", "132x43"), ("o", "b"),
    ]  # fmt: skip


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """One that is there stays as it is, and so does a link; a new one is its owner's."""
    path = tmp_path / "a.cast"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        Recording(path, "t")
    assert path.read_text() == "mine"
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nothing")
    with pytest.raises(FileExistsError):
        Recording(link, "t")
    assert not (tmp_path / "nothing").exists()
    with Recording(tmp_path / "b.cast", "t"):
        assert (tmp_path / "b.cast").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("more", [0, 1, 20, 40])
def test_a_full_disk_ends_the_recording_only(tmp_path: Path, more: int) -> None:
    """What is shown goes on, each line of the file is whole, and it is known why it ends."""
    path = tmp_path / "a.cast"
    with Recording(path, "t") as recording:
        recording.note(b"a")
        before = events(path)
        with limited(path.stat().st_size + more):
            recording.note(b"b" * 100)
            recording.note(b"c")
        recording.note(b"d")
        assert recording.failure == "File too large"
    assert path.read_bytes().endswith(b"]\n")
    assert events(path) == before


@pytest.mark.parametrize("most", [0, 1, 50])
def test_a_recording_that_cannot_begin_leaves_no_file(tmp_path: Path, most: int) -> None:
    """A full disk is an error before anything is shown."""
    with limited(most), pytest.raises(OSError, match="File too large"):
        Recording(tmp_path / "a.cast", "t")
    assert list(tmp_path.iterdir()) == []


def test_what_went_wrong_before_anything_was_shown_is_not_left(tmp_path: Path) -> None:
    """Neither a full disk nor what could not begin leaves a file, nor takes another one."""
    path = tmp_path / "a.cast"
    with Recording(path, "t") as recording, limited(path.stat().st_size):
        recording.note(b"a")
    assert list(tmp_path.iterdir()) == []
    with suppress(DatabaseUnavailable), Recording(path, "t"):
        raise DatabaseUnavailable("the demo database cannot be made")
    assert list(tmp_path.iterdir()) == []
    recording = Recording(path, "t")
    path.unlink()
    path.write_text("mine")
    with recording, limited(1):
        recording.note(b"a")
    assert path.read_text() == "mine"


def played_again(path: Path) -> Emulator:
    """Return a terminal that was fed the recording."""
    _, *output = events(path)
    again = Emulator(90, 28)
    again.feed("".join(text for _, kind, text in output if kind == "o"))
    return again


@pytest.mark.parametrize("options", [(), ("--full-output",)])
def test_played_again_it_shows_what_was_seen(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A terminal that is fed the recording shows the same screen, cell for cell."""
    (tmp_path / "mine.demo").write_text(SCRIPT, encoding="utf-8")
    path = tmp_path / "a.cast"
    mine = tmp_path / "mine.demo"
    arguments: tuple[str | Path, ...] = ("demo", mine, "--speed", "20", "--record", path)
    with Window(*arguments, *options, size=(90, 28), program=EXPLORER) as window:
        window.shows("DEMO", "Look.", OVER, "佐藤")
        window.types("\x1b")
        window.shows("│ ›", "0 hits")
        window.waits_for(lambda: "DEMO" not in window.emulator.text)
        window.is_idle()
        header, *_ = events(path)
        assert (header["width"], header["height"]) == (90, 28)
        # Times go on meanwhile, so a frame may be in one of them and not yet in the other.
        window.waits_for(lambda: played_again(path).cells == window.emulator.cells)
        window.types("q")
        end = window.ends()
        assert (end.code, end.is_clean) == (0, True)
    assert path.read_text(encoding="utf-8").endswith("]\n")
