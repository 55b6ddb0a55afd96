"""Files that a person asks for, in the folder where hitmiss was started."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tui.models import Outcome
from tui.runtime import own_file
from tui.runtime.errors import OutputFailed
from tui.runtime.plain_text import json_line

MOST_TRIES: Final = 1000


def write_log(outcomes: Sequence[Outcome]) -> Path:
    """Write what was looked up into a new file, one JSON object a line; return its path.

    Raises:
        OutputFailed: nothing was looked up; or as write_new has it.
    """
    if not outcomes:
        raise OutputFailed("the log is empty: nothing was written")
    lines = (f"{json_line(outcome.to_json())}\n" for outcome in outcomes)
    return write_new("hitmiss-log", ".jsonl", lines)


def write_picture(svg: str) -> Path:
    """Write a picture of the screen into a new file; return its path.

    Raises:
        OutputFailed: as write_new has it.
    """
    return write_new("hitmiss-screen", ".svg", [svg])


def write_new(stem: str, suffix: str, lines: Iterable[str], folder: Path | None = None) -> Path:
    """Write lines into a file that was not there before, for its owner only; give its path.

    It is called `hitmiss-log.jsonl`, or `hitmiss-log-2.jsonl` where that is taken, for the
    stem `hitmiss-log` and the suffix `.jsonl`. Without a `folder` it is the current one.

    Raises:
        OutputFailed: there is no room, no permission, or no free name.
    """
    try:
        base = (folder or Path()).absolute()
        numbers = range(1, MOST_TRIES)
        path = own_file.write_new(
            (base / f"{stem}{'' if n == 1 else f'-{n}'}{suffix}" for n in numbers), lines
        )
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise OutputFailed(f"nothing was written to the current folder: {reason}") from error
    if path is None:
        raise OutputFailed(
            f"{base} holds {MOST_TRIES - 1:,} files called {stem}: move some away"
        )
    return path
