"""What becomes of an exception that nobody has foreseen: a line that says so, and code 70."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

from tui.runtime.errors import HitmissError
from tui.runtime.notices import say, write
from tui.runtime.plain_text import plain
from tui.runtime.redaction import SECRETS, redacted

CRASHED: Final = 70
"""The exit code: EX_SOFTWARE of sysexits.h. Never 1, which is an answer."""
LONGEST_LINE, MOST_LINES = 1_000, 400
"""What is shown of a traceback: of more lines the first and the last."""
LATE: Final = ("redis", "sqlite3", "hiredis", "fakeredis")
"""Packages whose errors are foreseen wherever somebody waits for them."""

_noted: list[BaseException] = []
_listeners: list[Callable[[BaseException], None]] = []


def report(error: BaseException, *, debug: bool) -> int:
    """Tell a person that it is a fault of hitmiss, with the traceback for `debug`.

    Returns the exit code.
    """
    _noted.clear()
    if debug:
        write(traceback_text(error))
    more = "with the lines above" if debug else "with what --debug shows of it"
    say(f"this is a fault of hitmiss: {sentence(error)}; please report it, {more}")
    return CRASHED


def sentence(error: BaseException) -> str:
    """Return what went wrong in a line that is safe to show."""
    text = " ".join(traceback.format_exception_only(error)[-1].split())
    return shown(text, 300).rstrip(".")


def traceback_text(error: BaseException) -> str:
    """Return where an exception came from, in lines that are safe to show."""
    text = SECRETS.redacted_lines("".join(traceback.format_exception(error)).rstrip("\n"))
    lines = [shown(line, LONGEST_LINE) for line in text.split("\n")]
    if len(lines) > MOST_LINES:
        half = MOST_LINES // 2
        lines[half:-half] = [f"  ... {len(lines) - MOST_LINES:,} lines left out ..."]
    return "".join(f"{line}\n" for line in lines)


def shown(text: str, limit: int) -> str:
    """Return a piece of an exception's text as it may be shown: all of it goes through here."""
    return plain(redacted(text), limit)


def note(error: BaseException) -> None:
    """Remember what went wrong where nobody waits for it: in a thread, in a callback."""
    _noted.append(error)
    for listener in tuple(_listeners):
        listener(error)


def raise_noted() -> None:
    """Raise what was noted first, unless it has been reported."""
    if _noted:
        raise _noted[0]


def listen(listener: Callable[[BaseException], None] | None) -> None:
    """Call that with what is noted from now on; None ends it."""
    _listeners[:] = [] if listener is None else [listener]


def watch() -> None:
    """Note from now on what Python would write on stderr as it is, and forget."""
    threading.excepthook = lambda told: note(told.exc_value or told.exc_type())
    sys.unraisablehook = lambda told: None if told.exc_value is None else note(told.exc_value)
    logger = logging.getLogger("asyncio")
    logger.addHandler(_Noting(logging.ERROR))
    logger.propagate = False
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Safe("hitmiss: %(message)s"))


class _Noting(logging.Handler):
    """Notes the exceptions that an event loop logs, but for those that came too late."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not _is_foreseen(error):
            note(error)


class _Safe(logging.Formatter):
    """What a library logs, in lines that are safe to show."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "\n".join(shown(line, LONGEST_LINE) for line in text.split("\n")[:MOST_LINES])


def _is_foreseen(error: BaseException) -> bool:
    package = type(error).__module__.partition(".")[0]
    return isinstance(error, HitmissError | OSError) or package in LATE
