"""What commands print."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import click

from tui.models import FROM_CACHE, Outcome, Record
from tui.models.colours import FAMILY
from tui.models.scalars import as_text
from tui.runtime.glyphs import in_ascii
from tui.runtime.notices import say
from tui.runtime.plain_text import SPELLING, json_line, plain
from tui.views.widgets.quantities import time_left as clock

__all__ = ["say"]


ANSI = {"hit": "green", "db": "blue", "warning": "yellow", "error": "red"}
COLOUR: Final = re.compile(r"(\x1b\[[0-9;]*m)")
"""What click writes for a colour, and the end of one."""
HOUR_SECONDS = 3600.0
INDENT = "    "
"""What stands before the rest of a line that a terminal has no room for."""
SHOWN_CHARACTERS = 500
"""How much of one value is printed; `--json` prints all of it."""


def print_outcome(outcome: Outcome, *, with_record: bool) -> None:
    """Print an answer in a line, and its record below."""
    word = coloured(f"{outcome.label:9}", FAMILY[outcome.label])
    parts = [f"{plain(str(outcome.id), 60):8}", word, f"{outcome.seconds * 1000:8.2f} ms"]
    if outcome.ttl_left is not None:
        parts.append(f"cached for {time_left(outcome.ttl_left)}")
    elif outcome.label in FROM_CACHE:
        parts.append("never expires")
    if outcome.reason is not None:
        parts.append(plain(outcome.reason))
    print_line("  ".join(parts))
    if with_record and outcome.record is not None:
        print_record(outcome.record)


def coloured(text: str, family: str) -> str:
    """Return `text`, on a terminal in the colour of a family of outcomes."""
    return text if _columns() is None else click.style(text, fg=ANSI[family], bold=True)


def time_left(seconds: float) -> str:
    """Return a countdown: `29.7 s`, and from an hour on as the screen has it: `23:59:56`."""
    return clock(seconds) if seconds > HOUR_SECONDS else f"{seconds:.1f} s"


def fitted(head: str, tails: Sequence[str], *, apart: str = "; ") -> list[str]:
    """Return one line; for a terminal that is too narrow, several, broken between words.

    The `head` stands alone then, and each of the `tails` begins a line of its own.
    """
    line = f"{head}{apart.join(tails)}".rstrip()
    width = _columns()
    if width is None or _cells(line) <= width:
        return [line]
    room = width - len(INDENT)
    return [head.rstrip(), *(INDENT + part for tail in tails for part in _broken(tail, room))]


def _columns() -> int | None:
    """Return how wide the terminal is; None where there is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def _broken(text: str, width: int) -> Iterator[str]:
    """Yield lines of that many cells; a longer word stays whole."""
    line = ""
    for word in text.split():
        if line and _cells(f"{line} {word}") > width:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line


def _cells(text: str) -> int:
    from rich.cells import cell_len  # for a terminal alone: other commands end sooner

    return cell_len(click.unstyle(text))


def print_record(record: Record) -> None:
    """Print a record, a column a line."""
    width = max((len(plain(column, 40)) for column in record), default=0)
    for column, value in record.items():
        text = plain(as_text(value), SHOWN_CHARACTERS)
        print_line(f"    {plain(column, 40):{width}}  {text}")


def print_json(value: dict[str, Any]) -> None:
    """Print an object in a line."""
    print_line(json_line(value))


def print_line(line: str) -> None:
    """Print a line on stdout, in colours where a terminal shows them; it obeys nothing else."""
    print_lines([line])


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as `print_line` does, all at once, which takes much less time."""
    if safe := [_safe(line) for line in lines]:
        color = None if not os.environ.get("NO_COLOR") else False
        click.echo("\n".join(safe), color=color)


def _safe(line: str) -> str:
    if SPELLING.ascii:
        line = in_ascii(line)
    if not line.isprintable():
        line = "".join(
            piece if COLOUR.fullmatch(piece) else plain(piece) for piece in COLOUR.split(line)
        )
    return line
