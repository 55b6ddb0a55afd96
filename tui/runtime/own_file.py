"""The rule for files that hitmiss writes: over nothing, through nothing that it has not made.

A new file gets a name that was free, and is there as a whole or not at all. One that is there
is changed only where it is a regular file of the same user and not reached by a link; whether
hitmiss has made it, its content says. Only its owner may read it.
"""

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

NEW_FLAGS: Final = (
    os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)  # fmt: skip
FOR_ITS_OWNER: Final = 0o600
ROOT, UNMAPPED = 0, 65534
"""Who may put links where they like; Linux shows the second for root outside of a container."""
MOST_LINKS: Final = 40
"""How many links are followed on the way to a folder, as the kernel has it."""


class NotOurs(OSError):
    """Something that is not written over, or through; `strerror` says what it is."""

    def __init__(self, reason: str) -> None:
        """Say what it is, as it follows the file's name."""
        super().__init__(None, reason)
        self._reason = reason

    def __str__(self) -> str:
        """Return what it is, without the number that a system's error has."""
        return self._reason


def why_not_ours(status: os.stat_result) -> str | None:
    """Return why a file is not to be changed, by its `lstat`; None where it may be.

    How many names it has is not looked at.
    """
    if stat.S_ISLNK(status.st_mode):
        return "is a link, and nothing is written through one"
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    return None if belongs_to_us(status) else "belongs to somebody else"


def belongs_to_us(status: os.stat_result) -> bool:
    """Tell whether a file belongs to the user who runs this."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def check_way(path: Path) -> None:
    """Return if no folder on the way to `path` is a link that somebody else has put there.

    Raises:
        NotOurs: one is.
    """
    ours = {ROOT, UNMAPPED, os.geteuid()} if hasattr(os, "geteuid") else set()
    for link, status in _links_to(path, MOST_LINKS):
        if ours and status.st_uid not in ours:
            raise NotOurs(f"is reached by {link}, a link of somebody else")


def keep_private(file: int, status: os.stat_result) -> None:
    """Take from others what rights they have on an open file of ours."""
    if status.st_mode & 0o077 and hasattr(os, "fchmod"):
        with suppress(PermissionError):  # not every file system has rights
            os.fchmod(file, FOR_ITS_OWNER)


def open_new(path: Path) -> int:
    """Return a new, empty file to write to.

    Raises:
        FileExistsError: there is something, be it a link that leads nowhere.
        OSError: it cannot be made there.
    """
    check_way(path)
    return os.open(path, NEW_FLAGS, FOR_ITS_OWNER)


def write_new(paths: Iterable[Path], lines: Iterable[str]) -> Path | None:
    """Write a whole file at the first of these paths that is free; None where none is.

    The paths are in one folder. Nothing is left where it fails.

    Raises:
        OSError: it cannot be written there.
    """
    draft: Path | None = None
    try:
        for path in paths:
            if draft is None:
                check_way(path)
                draft = _draft(path, lines)
            with suppress(FileExistsError):
                put_new(draft, path)
                return path
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
    return None


def put_new(draft: Path, path: Path) -> None:
    """Give a file that has been made the name `path`, which was free; it may keep its own.

    Raises:
        FileExistsError: there is something at `path`.
        OSError: it cannot be put there.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has links. There an empty file holds the place, which only
        # one can make; what is there then is ours to replace.
        os.close(os.open(path, NEW_FLAGS, FOR_ITS_OWNER))
        try:
            draft.replace(path)
        except OSError:
            path.unlink()
            raise


def replace(path: Path, content: str, before: os.stat_result | None) -> bool:
    """Put a whole file in place of the one that was seen there before, or of none.

    Returns whether it was done: else another one has come there meanwhile, which stays.

    Raises:
        OSError: it cannot be written there.
    """
    check_way(path)
    draft = _draft(path, [content])
    try:
        if before is None:
            with suppress(FileExistsError):
                put_new(draft, path)
                return True
        elif _is_still(path, before):
            draft.replace(path)
            return True
        return False
    finally:
        draft.unlink(missing_ok=True)


def remove(path: Path, before: os.stat_result) -> bool:
    """Take the name from a file that was seen there; what has come there meanwhile stays.

    Returns whether it was that file.

    Raises:
        OSError: the folder cannot be written.
    """
    if not _is_still(path, before):
        return False
    aside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    path.rename(aside)  # looking first would leave time to put something else there
    if _is_still(aside, before):
        aside.unlink()
        return True
    try:
        os.link(aside, path, follow_symlinks=False)
    except OSError:  # a folder, or no links here; or the name is taken: then both stay
        if not os.path.lexists(path):
            aside.rename(path)
    else:
        aside.unlink()
    return False


def _is_still(path: Path, before: os.stat_result) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), before)
    return False


def _draft(path: Path, lines: Iterable[str]) -> Path:
    """Return a whole file beside `path`, under a name that nobody can guess."""
    file, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with open(file, "w", encoding="utf-8", newline="") as new:  # noqa: PTH123
            new.writelines(lines)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _links_to(path: Path, most: int) -> Iterator[tuple[Path, os.stat_result]]:
    """Give the links on the way to the folder of `path`, those that links lead to as well."""
    for folder in reversed(path.absolute().parents):
        status = folder.lstat()
        if stat.S_ISLNK(status.st_mode):
            yield folder, status
            if most > 0:
                yield from _links_to(folder.parent / folder.readlink() / "it", most - 1)
