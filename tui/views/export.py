"""Files that a person asks for, in the folder where hitmiss was started."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from tui.audit.results import Judgement
from tui.models import Outcome, Scalar
from tui.models.scalars import as_text
from tui.runtime import own_file
from tui.runtime.errors import OutputFailed
from tui.runtime.plain_text import json_line, plain

MOST_TRIES: Final = 1000
FORMULA: Final = ("=", "+", "-", "@")
"""How a cell begins that spreadsheets compute (OWASP, CSV injection)."""


def write_log(outcomes: Sequence[Outcome]) -> Path:
    """Write what was looked up into a new file, one JSON object a line; return its path.

    Raises:
        OutputFailed: nothing was looked up; or as write_new has it.
    """
    if not outcomes:
        raise OutputFailed("the log is empty: nothing was written")
    lines = (f"{json_line(outcome.to_json())}\n" for outcome in outcomes)
    return write_new("hitmiss-log", ".jsonl", lines)


def write_findings(found: Sequence[Judgement], form: str) -> Path:
    """Write what an audit has found into a new file; `form` is `.jsonl` or `.csv`.

    An object a finding, as `hitmiss audit --json` has it, with how sure it is; or a row for
    each column that differs. In CSV what comes from outside is made harmless: no control
    characters, and nothing that a spreadsheet would take for a formula.

    Raises:
        OutputFailed: nothing was found; or as write_new has it.
    """
    if not found:
        raise OutputFailed("there are no findings: nothing was written")
    if form == ".csv":
        return write_new("hitmiss-findings", form, _csv(found))
    lines = (
        f"{json_line({**one.comparison.to_json(), 'certainty': one.certainty})}\n"
        for one in found
    )
    return write_new("hitmiss-findings", form, lines)


def _csv(found: Iterable[Judgement]) -> Iterator[str]:
    """Yield the lines of a table, as RFC 4180 has them but for the ends of lines."""
    line = StringIO()
    table = csv.writer(line, lineterminator="\n")
    for row in _rows(found):
        table.writerow(map(_cell, row))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _rows(found: Iterable[Judgement]) -> Iterator[Iterable[Scalar]]:
    yield "id", "key", "finding", "certainty", "column", "cached", "database", "reason"
    for judgement in found:
        one = judgement.comparison
        head = (one.id, one.key, one.finding or "gone", judgement.certainty or "")
        for column in one.differs or ("",):
            values = [(record or {}).get(column) for record in (one.cached, one.database)]
            yield *head, column, *values, one.reason


def _cell(value: Scalar) -> str:
    """Return a value as a text that nothing computes."""
    text = "" if value is None else plain(as_text(value))
    if isinstance(value, str) and text.startswith(FORMULA):
        text = f"'{text}"
    return text


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
