"""Files that a person asks for, in the folder where hitmiss was started."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tui.errors import OutputFailed

MOST_TRIES: Final = 1000


def write_new(stem: str, suffix: str, lines: Iterable[str], folder: Path | None = None) -> Path:
    """Write lines into a file that was not there before; give its path.

    It is called `hitmiss-log.jsonl`, or `hitmiss-log-2.jsonl` where that is taken, for the
    stem `hitmiss-log` and the suffix `.jsonl`. Without a `folder` it is the current one.

    Raises:
        OutputFailed: there is no room, no permission, or no free name.
    """
    try:
        base = (folder or Path()).absolute()
        for number in range(1, MOST_TRIES):
            path = base / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.writelines(lines)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise OutputFailed(f"nothing was written to the current folder: {reason}") from error
    raise OutputFailed(f"{base} holds {MOST_TRIES - 1:,} files called {stem}: move some away")
