"""Files that are read: to their end, and neither further nor for ever."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from tui.runtime.bounded_file import NotToBeRead, read_bounded

NO_TIME = 0.01
"""Seconds that a test waits for what never comes."""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe with a name, to which nobody has written."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@contextmanager
def writer(path: Path, content: bytes) -> Iterator[None]:
    """Write into a pipe, as soon as somebody reads it."""

    def write() -> None:
        with suppress(BrokenPipeError):
            path.write_bytes(content)

    thread = Thread(target=write)
    thread.start()
    yield
    thread.join()


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    """As much as it may hold, and through links; one byte more is refused."""
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_bytes(b"x" * 100_000)
    link.symlink_to(path)
    assert read_bounded(path, 100_000) == read_bounded(link, 100_000) == b"x" * 100_000
    with pytest.raises(NotToBeRead, match=r"^more than 99,999 bytes, which is more"):
        read_bounded(path, 99_999)


def test_what_is_no_regular_file_is_not_even_opened(tmp_path: Path, fifo: Path) -> None:
    """Opening alone would let a writer of the pipe go on, whose text is then lost."""
    for path in (fifo, Path("/dev/null"), Path("/dev/zero")):
        with pytest.raises(NotToBeRead, match="no regular file"):
            read_bounded(path, 10)
    with pytest.raises(OSError, match="No such device or address") as refused:
        os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    assert refused.value.errno == errno.ENXIO
    with pytest.raises(NotToBeRead, match="a folder"):
        read_bounded(tmp_path, 10)
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "nothing", 10)


def test_a_pipe_with_a_name_waits_for_its_writer(fifo: Path) -> None:
    """All that comes is read, also when nobody writes yet, and when nothing is written."""
    for content in (b"", b"a", b"x" * 200_000):
        with writer(fifo, content):
            assert read_bounded(fifo, 200_000, streams=True) == content


def test_a_pipe_that_nobody_writes_is_given_up(fifo: Path) -> None:
    """After a bounded time, and so is one whose writer stays and writes no more."""
    with pytest.raises(NotToBeRead, match=r"did not end within 0\.01 s"):
        read_bounded(fifo, 10, streams=True, seconds=NO_TIME)
    both = os.open(fifo, os.O_RDWR)
    os.write(both, b"a")
    with pytest.raises(NotToBeRead, match="did not end"):
        read_bounded(fifo, 10, streams=True, seconds=NO_TIME)
    os.close(both)


def test_a_pipe_without_an_end_is_bounded(fifo: Path) -> None:
    """What is too long is refused, whoever goes on writing, and so is a device like that."""
    with writer(fifo, b"x" * 1_000_000), pytest.raises(NotToBeRead, match="more than 1,000"):
        read_bounded(fifo, 1_000, streams=True)
    with pytest.raises(NotToBeRead, match="more than 1,000"):
        read_bounded(Path("/dev/zero"), 1_000, streams=True)
    assert read_bounded(Path("/dev/null"), 1_000, streams=True) == b""


def test_a_descriptor_is_a_file_too() -> None:
    """A shell names a pipe so; it has been written, or not, before it is opened again."""
    for content in (b"ttl = 1", b""):
        ours, theirs = os.pipe()
        os.write(theirs, content)
        os.close(theirs)
        path = Path(f"/dev/fd/{ours}")
        assert read_bounded(path, 10, streams=True, seconds=NO_TIME) == content
        os.close(ours)


@pytest.mark.skipif(sys.platform != "linux", reason="the file is Linux' own")
def test_a_regular_file_that_has_nothing_yet_is_given_up() -> None:
    """The kernel has such: reading one waits until there is something to tell."""
    path = Path("/proc/kmsg")
    if not os.access(path, os.R_OK):
        pytest.skip("only root may read it")
    for streams in (False, True):
        with pytest.raises(OSError, match=r"it does not end|Operation not permitted"):
            read_bounded(path, 100_000_000, streams=streams)


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash")
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("<(echo 'ttl = \"90s\"')", 0),
        ("<(true)", 0),
        ("/dev/null", 0),
        ("/dev/stdin <<< 'ttl = 7'", 0),
        ("<(echo 'ttl = \"never\"')", 2),
        ("<(cat /dev/zero)", 2),
    ],
)
def test_a_configuration_may_come_through_a_pipe(file: str, code: int) -> None:
    """As bash makes one, from a command that has ended or goes on for ever."""
    command = f"{sys.executable} -m tui --config {file} --list-keys --json"
    ran = subprocess.run(
        ["/bin/bash", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (code, int(code > 0))
