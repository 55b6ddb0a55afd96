"""`hitmiss seed`: make a database of as many invented users as are wanted."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tui.cli.commands.output import print_json, print_line
from tui.cli.exit_codes import DONE
from tui.cli.options import common_options, settings_of
from tui.database.registry import store_of
from tui.runtime.notices import write
from tui.runtime.plain_text import plain

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends the work early; nothing is left behind then."""
PROGRESS_SECONDS = 0.3
"""How far apart the progress is shown."""


@click.command(short_help="Make a database of N invented users.")
@click.argument("path", metavar="PATH|URL", type=click.Path())
@click.option("--rows", type=click.IntRange(1, 100_000_000), default=100_000,
              show_default=True, metavar="N", help="Make N users.")  # fmt: skip
@click.option("--seed", "number", type=int, default=1, show_default=True, metavar="NUMBER",
              help="The same number gives the same users.")  # fmt: skip
@common_options
@click.pass_context
def seed(context: click.Context, path: str, rows: int, number: int) -> None:
    """Make a database of N invented users, to explore with --db PATH.

    It has the table of the demo database, and its 600 users first. With the URL of a server the
    table `users` is made there. A file or a table that exists is never overwritten: exits with
    2 then, and with 3 when it cannot be made.
    """
    settings = settings_of(context)
    store = store_of(path)
    url = store.check(path)
    started = time.monotonic()
    progress = ProgressLine(rows)
    with _signals() as received:
        try:
            made = store.make_users(
                url, rows,
                seed=number, progress=progress.show, stopped=lambda: bool(received),
            )  # fmt: skip
        finally:
            progress.clear()
    if not made:
        if received[0] == signal.SIGINT:
            raise KeyboardInterrupt
        context.exit(128 + received[0])
    seconds = time.monotonic() - started
    place, size = (store.place(url), None) if store.shared(url) else (path, _size(path))
    if settings.json:
        print_json({"path": place, "rows": rows, "seconds": round(seconds, 3), "bytes": size})
    else:
        length = "" if size is None else f" {size / 1e6:,.1f} MB,"
        print_line(f"{plain(place)}: {rows:,} users,{length} in {seconds:.1f} s")
    context.exit(DONE)


def _size(path: str) -> int:
    return Path(path).expanduser().stat().st_size


class ProgressLine:
    """A line on stderr that tells how far the work is, where somebody can see it."""

    def __init__(self, count: int) -> None:
        """Tell it of `count` users; in a pipe or a file, tell nothing."""
        self._count = count
        self._seen = sys.stderr is not None and sys.stderr.isatty()
        self._width = 0
        self._next = 0.0

    def show(self, done: int) -> None:
        """Tell that so many are done, unless that was told just now."""
        now = time.monotonic()
        if self._seen and now >= self._next:
            self._next = now + PROGRESS_SECONDS
            percent = 100 * done // self._count
            line = f"hitmiss: {done:,} of {self._count:,} users, {percent} %"
            self._width = len(line)
            write(f"\r{line}")

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._width:
            write(f"\r{' ' * self._width}\r")


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Give the list of the signals that came meanwhile, instead of ending at the first."""
    received: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: received.append(number))
        for number in SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN  # nohup
    }
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
