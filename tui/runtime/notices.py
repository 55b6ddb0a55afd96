"""What is said on stderr: safe to show, and lost rather than in the way."""

import os
import sys
from contextlib import suppress
from typing import Final, TextIO

from tui.runtime.plain_text import plain

LONGEST: Final = 2_000
"""Characters of one line: an error may quote what somebody else has written."""


def say(line: str) -> None:
    """Tell a person something, in one line."""
    write(f"hitmiss: {plain(line, LONGEST)}\n")


def write(text: str) -> None:
    """Write text that is safe to show, as it is; where nobody can read it, it is lost."""
    stream = sys.stderr
    if stream is None:  # it is, when started with `2>&-`
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):  # a disk that is full, a pipe that is closed
        discard(stream)


def discard(stream: TextIO | None) -> None:
    """Let nothing that is still in a stream's buffer fail again at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())  # type: ignore[union-attr]
        os.close(nothing)
