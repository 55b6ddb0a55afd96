"""The log's file: lines are added, nothing is lost without a word, and it stays small."""

import errno
import json
import os
import socket
import stat
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tui.runtime.errors import SettingsError
from tui.runtime.log_file import MOST_KEPT, LogFile, check
from tui.runtime.log_target import hindrance, locks, open_target
from tui.runtime.own_file import NotOurs

SEVERAL = """
import sys
from pathlib import Path
from tui.runtime.log_file import LogFile
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


def test_who_makes_it_writes_over_nobody(path: Path) -> None:
    """The first writer of a new log, too, adds its lines behind what others have added."""
    with closing(LogFile(path, pytest.fail)) as first:
        first.add({"number": 0})
        with closing(LogFile(path, pytest.fail)) as second:
            for number in range(1, 7):
                (second if number % 2 else first).add({"number": number})
    assert numbers(path) == [0, 1, 2, 3, 4, 5, 6]


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


LINE = b'{"time": "2026-11-23T20:39:25.557+00:00", "pid": 1, "event": "began"}\n'


@pytest.mark.parametrize(
    "content",
    [
        b'{"time": "2026-11-23T20:39:25Z", "level": "info"}\n',
        b'{"time": "noon", "pid": 1}\n',
        b'{"time": "2026-11-23T20:39:25.557+00:00", "process": 1}\n',
        b'{"time": "x',
        b'{"time": "2026-11-23T20:39:25.557+00:00", ',
        b"{",
        b"\n",
    ],
)
def test_another_program_s_log_is_none(path: Path, content: bytes) -> None:
    """Many begin with a time; nothing is added to them."""
    path.write_bytes(content)
    assert hindrance(path) == "is no log of hitmiss"
    told: list[str] = []
    with closing(LogFile(path, told.append)) as file:
        file.add({})
    assert "is no log of hitmiss" in told[0]
    assert path.read_bytes() == content


def test_a_first_line_may_have_been_cut(path: Path) -> None:
    """Cut by a full disk or a crash it is a log of ours, once it says what no other says."""
    known = LINE.index(b'"pid"') + len(b'"pid"')
    for length in range(len(LINE)):
        path.write_bytes(LINE[:length])
        ours = length == 0 or length >= known
        assert hindrance(path) == (None if ours else "is no log of hitmiss")


@pytest.mark.parametrize("target", ["nothing", "empty", "log"])
def test_no_line_is_added_through_a_link(path: Path, tmp_path: Path, target: str) -> None:
    """Be it one that leads nowhere, to an empty file or to a log."""
    (tmp_path / "empty").touch()
    (tmp_path / "log").write_bytes(LINE)
    path.symlink_to(tmp_path / target)
    assert hindrance(path) == "is a link, and nothing is written through one"
    told: list[str] = []
    with closing(LogFile(path, told.append)) as file:
        file.add({"number": 1})
    assert "is a link" in told[0]
    assert not (tmp_path / "nothing").exists()
    assert (tmp_path / "empty").read_bytes() + (tmp_path / "log").read_bytes() == LINE


def test_a_link_that_comes_meanwhile_is_not_followed(path: Path, tmp_path: Path) -> None:
    """The file that was written to is written to no more, and the lines wait."""
    told: list[str] = []
    file = LogFile(path, told.append)
    file.add({"number": 1})
    path.rename(tmp_path / "moved")
    (tmp_path / "empty").touch()
    path.symlink_to(tmp_path / "empty")
    file.add({"number": 2})
    assert "is a link" in told[0]
    assert (tmp_path / "empty").read_bytes() == b""
    path.unlink()
    file.close()
    assert (numbers(tmp_path / "moved"), numbers(path)) == ([1], [2])


@pytest.mark.parametrize("content", [b"", LINE])
def test_a_link_between_looking_and_opening_is_not_followed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """What is opened is what was looked at, or nothing."""
    (tmp_path / "victim").write_bytes(content)
    path.write_bytes(LINE)
    opened = os.open

    def swapped(name: Any, *rest: Any) -> int:
        monkeypatch.setattr(os, "open", opened)
        path.unlink()
        path.symlink_to(tmp_path / "victim")
        return opened(name, *rest)

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(OSError, match="symbolic links"):
        open_target(path)


def test_another_file_between_looking_and_opening_is_looked_at(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is judged by itself, not by what lay there before."""
    path.write_bytes(LINE)
    opened = os.open

    def swapped(name: Any, *rest: Any) -> int:
        monkeypatch.setattr(os, "open", opened)
        path.rename(tmp_path / "moved")
        path.write_text("mine")
        return opened(name, *rest)

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(NotOurs, match="is no log of hitmiss"):
        open_target(path)
    assert path.read_text() == "mine"


def test_a_second_name_is_nobody_s_log(path: Path, tmp_path: Path) -> None:
    """What is added under one name would stand under the other as well."""
    path.write_bytes(LINE)
    (tmp_path / "other").hardlink_to(path)
    assert hindrance(path) == "has another name (a hard link)"
    (tmp_path / "other").rename(tmp_path / "hitmiss.log.1")
    assert hindrance(path) is None, "it is just being put aside"
    with closing(LogFile(path, pytest.fail)) as file:
        file.add({"number": 1})
    assert path.with_name("hitmiss.log.1").read_bytes() == LINE
    assert numbers(path) == [1]
    path.unlink()
    path.hardlink_to(tmp_path / "hitmiss.log.1")
    (tmp_path / "third").hardlink_to(path)
    assert hindrance(path) == "has another name (a hard link)"


@pytest.mark.parametrize("moves_on", [False, True], ids=["gone", "begun anew"])
def test_a_log_that_is_just_put_aside_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, moves_on: bool
) -> None:
    """Its second name may not be there yet, although the file counts two."""
    path.write_bytes(LINE)
    unseen, aside = path.with_name("unseen"), path.with_name("hitmiss.log.1")
    unseen.hardlink_to(path)

    def ends(_: float) -> None:
        with suppress(FileNotFoundError):
            unseen.rename(aside)
            path.unlink()
            if moves_on:
                path.write_bytes(LINE)

    monkeypatch.setattr("time.sleep", ends)
    with path.open("rb") as held:
        assert locks(held.fileno())
        assert hindrance(path) is None
        os.close(open_target(path))
    assert path.read_bytes() == (LINE if moves_on else b"")
    assert aside.read_bytes() == LINE


@pytest.mark.parametrize("moment", ["first", "second"])
def test_a_log_waits_while_the_one_before_is_put_aside(path: Path, moment: str) -> None:
    """Another process still gives that its name: the full one is written on until then."""
    aside = path.with_name("hitmiss.log.1")
    with closing(LogFile(path, pytest.fail, most_bytes=100)) as file:
        file.add({"number": 0})
        aside.write_bytes(LINE)
        if moment == "second":
            aside.with_name("unseen").hardlink_to(aside)
        with aside.open("rb") as held:
            assert locks(held.fileno())
            file.add({"number": 1})
        assert numbers(path) == [0, 1]
        aside.with_name("unseen").unlink(missing_ok=True)
        file.add({"number": 2})
    assert (numbers(aside), numbers(path)) == ([0, 1], [2])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to somebody else")
def test_a_log_of_somebody_else_is_left_alone(path: Path) -> None:
    """It may be a log, an empty file or a pipe."""
    path.write_bytes(LINE)
    os.chown(path, 12345, 12345)
    assert hindrance(path) == "belongs to somebody else"
    path.unlink()
    os.mkfifo(path)
    os.chown(path, 12345, 12345)
    assert hindrance(path) == "belongs to somebody else"


def test_rights_that_others_have_are_taken_from_them(path: Path) -> None:
    """Of a log that was there, when the first line is added; looking changes nothing."""
    path.write_bytes(LINE)
    path.chmod(0o664)
    check(path)
    assert path.stat().st_mode & 0o777 == 0o664
    with closing(LogFile(path, pytest.fail)) as file:
        file.add({})
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["file", "empty", "link", "folder", "pipe", "hard link"])
def test_nothing_else_is_put_aside(path: Path, tmp_path: Path, kind: str) -> None:
    """What has the second name and is no log of ours keeps it; the log takes the next."""
    aside = tmp_path / "hitmiss.log.1"
    victim = tmp_path / "victim"
    victim.write_bytes(LINE)
    if kind in {"file", "empty"}:
        aside.write_text("mine" * (kind == "file"))
    elif kind == "link":
        aside.symlink_to(victim)
    elif kind == "folder":
        aside.mkdir()
    elif kind == "pipe":
        os.mkfifo(aside)
    else:
        aside.hardlink_to(victim)
    before = aside.lstat()
    with closing(LogFile(path, pytest.fail, most_bytes=300)) as file:
        for number in range(20):
            file.add({"number": number})
    after = aside.lstat()
    assert (after.st_ino, after.st_size, after.st_mode) == (
        before.st_ino, before.st_size, before.st_mode,
    )  # fmt: skip
    assert victim.read_bytes() == LINE
    kept = numbers(tmp_path / "hitmiss.log.2") + numbers(path)
    assert kept == list(range(20))[-len(kept) :]
    others = {path, aside, victim, tmp_path / "hitmiss.log.2"}
    assert set(tmp_path.iterdir()) == others, "nothing is left of the moving"


def test_where_every_name_is_taken_it_stays_small(path: Path, tmp_path: Path) -> None:
    """That is told, as a full disk is, and lookups go on."""
    for number in range(1, 10):
        (tmp_path / f"hitmiss.log.{number}").write_text("mine")
    told: list[str] = []
    with closing(LogFile(path, told.append, most_bytes=300)) as file:
        for number in range(20):
            file.add({"number": number})
    assert "is full, and hitmiss.log.1 to .9 are not logs of hitmiss" in told[0]
    assert path.stat().st_size < 400
    assert all((tmp_path / f"hitmiss.log.{n}").read_text() == "mine" for n in range(1, 10))


@pytest.mark.parametrize("moment", ["before the name", "after the name"])
def test_what_takes_the_second_name_meanwhile_keeps_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Another program puts a file there between looking and naming, or over our old log."""
    aside = tmp_path / "hitmiss.log.1"
    if moment == "after the name":
        aside.write_bytes(LINE)
    link = os.link
    calls: list[object] = []

    def swapped(*arguments: Any, **options: Any) -> None:
        calls.append(arguments)
        if len(calls) == (1 if moment == "before the name" else 2):
            aside.write_text("mine")
        link(*arguments, **options)

    monkeypatch.setattr(os, "link", swapped)
    with closing(LogFile(path, pytest.fail, most_bytes=300)) as file:
        for number in range(6):
            file.add({"number": number})
    assert aside.read_text() == "mine"
    assert numbers(tmp_path / "hitmiss.log.2") + numbers(path) == list(range(6))


def test_one_that_was_killed_while_it_put_the_log_aside(path: Path) -> None:
    """The log has both names then, and the next one goes on from there."""
    with closing(LogFile(path, pytest.fail)) as file:
        for number in range(3):
            file.add({"number": number})
    aside = path.with_name("hitmiss.log.1")
    aside.hardlink_to(path)
    with closing(LogFile(path, pytest.fail, most_bytes=100)) as file:
        file.add({"number": 3})
    assert (numbers(aside), numbers(path)) == ([0, 1, 2], [3])


@pytest.mark.parametrize("number", range(1, 10))
@pytest.mark.parametrize("is_open", [False, True], ids=["later", "meanwhile"])
def test_a_log_with_a_second_name_gets_no_third(
    path: Path, tmp_path: Path, number: int, *, is_open: bool
) -> None:
    """Whichever it got before a process was killed, the others go on."""
    aside = tmp_path / f"hitmiss.log.{number}"
    with closing(LogFile(path, pytest.fail)) as file:
        file.add({"number": 0})
    with closing(LogFile(path, pytest.fail, most_bytes=100)) as file:
        if is_open:
            file.add({"number": 1})
        before = path.read_bytes()
        aside.hardlink_to(path)
        assert hindrance(path) is None
        file.add({"number": 2})
    assert numbers(path) == [2]
    assert aside.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path, aside]


def test_a_file_system_without_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the log is put aside by its name alone, still over nothing but logs."""

    def link(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    path.with_name("hitmiss.log.1").write_text("mine")
    with closing(LogFile(path, pytest.fail, most_bytes=300)) as file:
        for number in range(20):
            file.add({"number": number})
    assert path.with_name("hitmiss.log.1").read_text() == "mine"
    kept = numbers(path.with_name("hitmiss.log.2")) + numbers(path)
    assert kept == list(range(20))[-len(kept) :]


def test_a_descriptor_is_written_as_the_shell_has_opened_it(path: Path) -> None:
    """Behind what stands in the file already, and never moved, whatever is in it."""
    path.write_text("errors so far\n")
    path.chmod(0o644)
    with path.open("a") as opened:
        name = Path(f"/dev/fd/{opened.fileno()}")
        assert hindrance(name) is None
        with closing(LogFile(name, pytest.fail, most_bytes=10)) as file:
            file.add({"number": 1})
            file.add({"number": 2})
        opened.write("more\n")
    lines = path.read_text().splitlines()
    assert [line[:6] for line in lines] == ["errors", '{"time', '{"time', "more"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]
    assert "Bad file descriptor" in str(hindrance(name))


def test_a_descriptor_that_nobody_reads_holds_nobody_up() -> None:
    """A pipe that is full takes no more lines, and they wait; others wait for it as before."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with suppress(BlockingIOError):
        while True:
            os.write(theirs, b"x" * 65536)
    os.set_blocking(theirs, True)
    told: list[str] = []
    with closing(LogFile(Path(f"/dev/fd/{theirs}"), told.append)) as file:
        file.add({"number": 1})
        assert len(told) == 1
        assert os.get_blocking(theirs)
        os.read(ours, 65536)
        file.add({"number": 2})
    os.close(theirs)
    os.close(ours)
    assert len(told) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_no_line_is_written_on_a_disk(path: Path) -> None:
    """A block device, and a socket, are no files that a log is written to."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert hindrance(path) == "is no regular file"
    path.unlink()
    try:
        os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 200))
    except PermissionError:
        pytest.skip("not here")
    assert hindrance(path) == "is no regular file"
