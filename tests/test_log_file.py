"""The log's file: lines are added, nothing is lost without a word, and it stays small."""

import errno
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tui.errors import SettingsError
from tui.log_file import MOST_KEPT, LogFile, check, hindrance

SEVERAL = """
import sys
from pathlib import Path
from tui.log_file import LogFile
file = LogFile(Path(sys.argv[1]), sys.exit, most_bytes=40_000)
for number in range(200):
    file.add({"who": sys.argv[2], "number": number})
file.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "hitmiss.log"


def entries(path: Path) -> list[dict[str, Any]]:
    """Give what the lines of a file say."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def numbers(path: Path) -> list[int]:
    """Give the numbers that a test has put into the lines."""
    return [entry["number"] for entry in entries(path)]


class Disk:
    """Lets as many bytes be written as there is room for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        """Stand in for the system's call."""
        self.room = room
        self._write = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, file: int, data: bytes) -> int:
        """Write what there is room for, and fail where there is none."""
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = self._write(file, data[: self.room])
        self.room -= count
        return count


def test_a_line_is_there_at_once(path: Path) -> None:
    """Before the file is closed; with time in UTC and process; nobody else may read it."""
    told: list[str] = []
    with closing(LogFile(path, told.append)) as file:
        file.add({"event": "é\n"})
        (entry,) = entries(path)
        assert list(entry) == ["time", "pid", "event"]
        assert entry["time"].endswith("+00:00")
        assert (entry["pid"], entry["event"]) == (os.getpid(), "é\n")
        assert path.read_bytes().isascii()
        assert path.stat().st_mode & 0o077 == 0
    assert told == []


def test_lines_are_added(path: Path) -> None:
    """A second run goes on where the first ended."""
    for number in range(2):
        with closing(LogFile(path, pytest.fail)) as file:
            file.add({"number": number})
    assert numbers(path) == [0, 1]


def test_it_stays_small(path: Path) -> None:
    """Full, it is put aside in place of what was put aside before, and a new one begins."""
    with closing(LogFile(path, pytest.fail, most_bytes=300)) as file:
        for number in range(20):
            file.add({"number": number})
    aside = path.with_name("hitmiss.log.1")
    assert sorted(path.parent.iterdir()) == [path, aside]
    kept = numbers(aside) + numbers(path)
    assert kept == list(range(20))[-len(kept) :]
    assert aside.stat().st_size < 400


def test_several_processes_share_it(path: Path) -> None:
    """Each line is whole, and none is lost when all of them find the file full."""
    started = [
        subprocess.Popen([sys.executable, "-c", SEVERAL, str(path), name]) for name in "abc"
    ]
    assert [process.wait(30) for process in started] == [0, 0, 0]
    kept = entries(path.with_name("hitmiss.log.1")) + entries(path)
    for name in "abc":
        assert [e["number"] for e in kept if e["who"] == name] == list(range(200))


def test_it_may_be_moved_away(path: Path) -> None:
    """Whoever rotates logs needs no signal: the next line begins a new file."""
    with closing(LogFile(path, pytest.fail)) as file:
        file.add({"number": 1})
        path.rename(path.with_name("old"))
        file.add({"number": 2})
    assert numbers(path.with_name("old")) == [1]
    assert numbers(path) == [2]


def test_a_full_disk_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once; lines wait, the one that was cut in two as well, and come in order."""
    told: list[str] = []
    file = LogFile(path, told.append)
    disk = Disk(monkeypatch, room=100)
    for number in range(5):
        file.add({"number": number})
    assert len(told) == 1
    assert "No space left on device; hitmiss goes on" in told[0]
    disk.room = 10_000
    file.add({"number": 5})
    assert numbers(path) == list(range(6))
    disk.room = 0
    file.add({"number": 6})
    assert len(told) == 2
    disk.room = 10_000
    file.close()
    assert numbers(path) == list(range(7))
    assert len(told) == 2


def test_what_is_lost_is_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what memory holds the latest go; a line in their place tells how many."""
    told: list[str] = []
    file = LogFile(path, told.append)
    disk = Disk(monkeypatch, room=0)
    for number in range(MOST_KEPT + 3):
        file.add({"number": number})
    disk.room = 10**6
    file.add({"number": -1})
    *kept, last = entries(path)
    assert [entry["number"] for entry in kept] == list(range(MOST_KEPT))
    assert (last["event"], last["lines"]) == ("lost", 4)
    file.add({"number": -2})
    assert entries(path)[-1]["number"] == -2


def test_what_stays_unwritten_is_told_at_the_end(path: Path) -> None:
    """With their number, and why."""
    told: list[str] = []
    with closing(LogFile(path / "no folder", told.append)) as file:
        file.add({"number": 1})
        file.add({"number": 2})
    assert told[1:] == [f"2 lines of the log {path}/no folder were not written: {told_why()}"]


def told_why() -> str:
    """Give the system's words for a folder that is not there."""
    return os.strerror(errno.ENOENT)


def test_a_pipe_that_nobody_reads_holds_nobody_up(path: Path) -> None:
    """Writing fails at once, and is told."""
    os.mkfifo(path)
    told: list[str] = []
    with closing(LogFile(path, told.append)) as file:
        file.add({"number": 1})
        assert len(told) == 1
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        file.add({"number": 2})
        assert os.read(reader, 10_000).count(b"\n") == 2
        os.close(reader)


def test_what_can_be_a_log(path: Path, tmp_path: Path) -> None:
    """A new file, an empty one, a log, a device; nothing is made or changed to find out."""
    check(path)
    assert not path.exists()
    path.touch()
    check(path)
    with closing(LogFile(path, pytest.fail)) as file:
        file.add({})
    check(path)
    check(Path("/dev/null"))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"{}", b'{"time"'])
def test_other_files_are_no_logs(path: Path, content: bytes) -> None:
    """Nothing is added to a file that hitmiss did not begin."""
    path.write_bytes(content + b"\n")
    with pytest.raises(SettingsError, match=r"^--log .*hitmiss\.log: is no log of hitmiss"):
        check(path)


def test_what_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, a folder that is not there, no permission, a name that is too long."""
    assert hindrance(path.parent) == "is a folder"
    assert hindrance(path / "x") == "its folder is not there"
    assert "too long" in str(hindrance(path.with_name("x" * 300)))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert hindrance(path) == "may not be written"
