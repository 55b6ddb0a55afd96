"""How a log that is full gets its second name, and what has that name already."""

import os
from pathlib import Path

from tui.runtime.log_target import LAST, is_log, is_put_aside, names_aside
from tui.runtime.own_file import NotOurs, remove


def put_aside(path: Path, file: int) -> None:
    """Give the full log at `path`, which is open as `file`, its second name and no other.

    The log that had it before goes; what is not one of ours stays, and the next name is taken.
    Nothing is lost when this is cut short: then the log has both names for a while.

    Raises:
        NotOurs: all names are taken by what is not a log of ours.
        BlockingIOError: another process just puts the log before this one aside.
        OSError: the folder cannot be written.
    """
    full = os.fstat(file)
    # One that was killed may have named it already, or another process does: one is enough.
    if is_put_aside(path, full) or any(
        _is_named(path, aside, full) for aside in names_aside(path)
    ):
        remove(path, full)
        return
    raise NotOurs(f"is full, and {path.name}.1 to .{LAST} are not logs of hitmiss")


def _is_named(path: Path, aside: Path, full: os.stat_result) -> bool:
    """Tell whether the log has got the name `aside`."""
    for _ in range(2):
        try:
            os.link(path, aside, follow_symlinks=False)  # which is never over anything
        except FileExistsError:
            if os.path.samestat(aside.lstat(), full):  # by one that was killed then
                return True
            before = is_log(aside)
            if before is None or not remove(aside, before):
                return False
        except OSError:  # not every file system has links
            if os.path.lexists(aside) and is_log(aside) is None:
                return False
            path.replace(aside)
            return True
        else:
            return _is_right(aside, full)
    return False


def _is_right(aside: Path, full: os.stat_result) -> bool:
    """Tell whether what was named is the log; else, put there meanwhile, it is let go."""
    named = aside.lstat()
    if os.path.samestat(named, full):
        return True
    remove(aside, named)
    return False
