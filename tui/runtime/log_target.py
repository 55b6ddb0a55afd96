"""What a log is written to: a file that hitmiss has begun, a pipe, a device, a descriptor."""

import errno
import os
import re
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tui.runtime.own_file import (
    ROOT,
    NotOurs,
    belongs_to_us,
    check_way,
    keep_private,
    open_new,
    remove,
    why_not_ours,
)

DESCRIPTOR: Final = re.compile(
    r"/dev/(?:fd/([0-9]{1,4})|stdout|(stderr))|/proc/self/fd/([0-9]{1,4})"
)
"""The names of what somebody has opened for this process."""
BEGUN: Final = re.compile(
    rb'\{"time": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+00:00", "pid": [0-9]+[,}]'
)
"""How the first line of a log begins."""
FIRST_LINE: Final = b'{"time": "0-0-0T0:0:0.0+0:0", "pid": 0'
"""How it begins, each number being 0: a full disk or a crash may have cut it."""
LEAST: Final = FIRST_LINE.index(b": 0")
"""What is left of it at least, or another program's log may have been cut there."""
FIRST_BYTES: Final = 100
FLAGS: Final = (
    os.O_APPEND
    # Neither a pipe that nobody reads nor a terminal may get hold of the program.
    | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)  # fmt: skip
NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
LAST: Final = 9
"""A log becomes FILE.1, or the next up to FILE.9 where that is somebody else's."""
PAUSES: Final = tuple(2**n / 1000 for n in range(8))
"""How long, in s, one that just puts the log aside is let do that, before it is tried anew."""


def open_target(path: Path) -> int:
    """Return what lines are added to; a file is made where there is none.

    Raises:
        NotOurs: there is something that hitmiss has not begun, or that is reached by a link.
        OSError: it cannot be opened.
    """
    number = descriptor(path)
    if number is not None:
        return _opened_again(number)
    for pause in PAUSES:
        try:
            before = path.lstat()
        except FileNotFoundError:
            with suppress(FileExistsError):
                return open_new(path)
            continue
        try:
            file = _open_what_is_there(path, before)
        except FileNotFoundError:
            continue
        except _HasTwoNames:
            if _is_shared(path, heals=True):
                raise
            time.sleep(pause)
            continue
        if file is not None:
            return file
    raise NotOurs("is another file each time")


def descriptor(path: Path) -> int | None:
    """Return the number of the descriptor that a path names, as /dev/stderr does; else None."""
    match = DESCRIPTOR.fullmatch(str(path))
    if match is None:
        return None
    numbers = [number for number in (match[1], match[3]) if number]
    return int(numbers[0]) if numbers else 2 if match[2] else 1


def hindrance(path: Path) -> str | None:
    """Return why no lines can be added there, or None; nothing is made or changed."""
    try:
        number = descriptor(path)
        if number is not None:
            os.fstat(number)
            return None
        before = path.lstat()
        if stat.S_ISREG(before.st_mode):
            file = _open_what_is_there(path, before, private=False)
            if file is not None:
                os.close(file)
        else:
            _check_kind(before)
            return None if os.access(path, os.W_OK) else "may not be written"
    except FileNotFoundError:
        return _hindrance_of_new(path)
    except _HasTwoNames as error:
        return str(error) if _is_shared(path, heals=False) else None
    except PermissionError:
        return "may not be written"
    except OSError as error:
        return str(error) if isinstance(error, NotOurs) else f"cannot be used: {error.strerror}"
    return None


def is_same_terminal(path: Path, screen: int) -> bool:
    """Tell whether what is written there would stand on the terminal of a descriptor."""
    try:
        there, shown = path.stat(), os.fstat(screen)
        names = [shown.st_rdev, Path("/dev/tty").stat().st_rdev]
    except OSError:
        return False
    return stat.S_ISCHR(there.st_mode) and there.st_rdev in names


def is_log(path: Path) -> os.stat_result | None:
    """Return what a log of ours is, which has a first line; None for all else.

    Raises:
        BlockingIOError: another process just changes its names.
    """
    try:
        file = os.open(path, os.O_RDONLY | FLAGS | NO_LINK)
    except OSError:
        return None
    try:
        if why_not_ours(os.fstat(file)) is None and not locks(file):
            raise BlockingIOError(errno.EAGAIN, "is just being put aside")
        status = os.fstat(file)
        ours = why_not_ours(status) is None and status.st_nlink == 1
        return status if ours and BEGUN.match(os.read(file, FIRST_BYTES)) else None
    finally:
        os.close(file)


def names_aside(path: Path) -> list[Path]:
    """Return the names that a full log may get, in the order in which they are tried."""
    return [path.with_name(f"{path.name}.{number}") for number in range(1, LAST + 1)]


def is_put_aside(path: Path, status: os.stat_result) -> bool:
    """Tell whether the log at `path` has such a name beside its own, and no other.

    A process is just giving it that instead of the first, or was ended meanwhile.
    """
    second = 0
    for aside in names_aside(path):
        with suppress(OSError):
            there = aside.lstat()
            if os.path.samestat(there, status):
                status, second = there, second + 1
    return second > 0 and status.st_nlink == 1 + second


def locks(file: int) -> bool:
    """Tell whether this process alone may now change the names of a log, until it closes it."""
    if sys.platform == "win32":  # it lets nobody move an open file
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_shared(path: Path, *, heals: bool) -> bool:
    """Tell whether what is there has a second name that is not one of those for full logs.

    Has it one of those, it loses the first if this `heals`: or it would keep both, should the
    process that put it aside have been ended. One that is just at it is left to it.
    """
    try:
        file = os.open(path, os.O_RDWR | FLAGS | NO_LINK)
    except FileNotFoundError:
        return False
    try:
        # While it is linked its count and its names may disagree for a moment.
        if not locks(file):
            return False
        status = os.fstat(file)
        if not is_put_aside(path, status):
            return status.st_nlink > 1
        if heals:
            remove(path, status)
        return False
    finally:
        os.close(file)


def _open_what_is_there(
    path: Path, before: os.stat_result, *, private: bool = True
) -> int | None:
    """Return what is at a path, opened; None where it is no longer what it was.

    Raises:
        NotOurs: it is not written to.
    """
    _check_kind(before)
    regular = stat.S_ISREG(before.st_mode)
    if regular:
        check_way(path)
    file = os.open(path, (os.O_RDWR if regular else os.O_WRONLY) | FLAGS | NO_LINK)
    try:
        # One look tells how many names it has, and that this is one of them.
        opened, status = os.fstat(file), path.lstat()
        if not (os.path.samestat(opened, before) and os.path.samestat(opened, status)):
            os.close(file)
            return None
        if regular:
            _check_log(file, status)
            if private:
                keep_private(file, status)
    except BaseException:
        with suppress(OSError):
            os.close(file)
        raise
    return file


def _check_kind(status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise NotOurs("is a folder")
    if stat.S_ISFIFO(mode) and not (belongs_to_us(status) or status.st_uid == ROOT):
        raise NotOurs("belongs to somebody else")
    if stat.S_ISCHR(mode) or stat.S_ISFIFO(mode):
        return
    wrong = why_not_ours(status)
    if wrong is not None:
        raise NotOurs(wrong)


def _check_log(file: int, status: os.stat_result) -> None:
    """Return if an open regular file is an empty one, or a log, with one name.

    Raises:
        NotOurs: it is not.
    """
    if status.st_nlink > 1:
        raise _HasTwoNames("has another name (a hard link)")
    first = os.pread(file, FIRST_BYTES, 0)
    numbered = re.sub(rb"[0-9]+", b"0", first)
    is_cut = len(numbered) >= LEAST and FIRST_LINE.startswith(numbered)
    if first and not (is_cut or BEGUN.match(first)):
        raise NotOurs("is no log of hitmiss")


class _HasTwoNames(NotOurs):
    """What is written under one of them would stand under the other."""


def _hindrance_of_new(path: Path) -> str | None:
    folder = path.parent
    if not folder.is_dir():
        return "its folder is not there"
    try:
        check_way(path)
    except OSError as error:
        return str(error)
    return None if os.access(folder, os.W_OK) else "may not be written"


def _opened_again(number: int) -> int:
    """Return a descriptor of its own: not waiting where that can be, else the same file."""
    if not stat.S_ISREG(os.fstat(number).st_mode):
        with suppress(OSError):
            # Another description of the same: not to wait is nobody else's business.
            return os.open(f"/dev/fd/{number}", os.O_WRONLY | FLAGS)
    return os.dup(number)
