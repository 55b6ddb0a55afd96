"""What the explorer costs a terminal, a slow line and a machine: `make bench-terminal`.

Bytes are counted beside what Textual's own driver sends for the same (`--full-output`). The
first paint and memory are ratios to a Textual hello-world that takes turns with the explorer,
since seconds alone say more of the machine.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from terminal.window import Window

from tui.database.sqlite.demo import make_demo

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("Hello, world!")
Hello().run()
"""
AS_INSTALLED = (
    sys.executable,
    "-c",
    "import sys; sys.modules['valkey'] = None; from tui.__main__ import main; main()",
)
"""The explorer as the command `hitmiss` starts it: `python -m` loads more for its own sake.

Without a client that only the tests bring, and that fakeredis would load.
"""
BARS, USERS = 20, 600
WATCH_SECONDS = 6.0
SLOW_BYTES_A_SECOND = 10_000
SLICE_SECONDS = 0.02
OPENING_SECONDS = 1.0
"""What another screen may take to be there."""
AT_ONCE = 50
"""How many lookups are asked for by one paste, where there are to be many."""
SENT = {
    "start": ("start, 120x40 in truecolor", "B", 12_000),
    "digit": ("a digit typed", "B", 300),
    "list": ("a letter that changes the list of matches", "B", 2_000),
    "bars": (f"{BARS} draining bars", "B/s", 400),
    "idle": ("standing still", "B/s", 0),
}
"""What is counted: in words, its unit, and how much it may be."""


@dataclass(frozen=True)
class Figure:
    """One thing that was measured."""

    what: str
    unit: str
    target: float
    """What it should not exceed."""
    measured: float
    stock: float | None = None
    """The same with Textual's own driver."""

    @property
    def missed(self) -> bool:
        """Whether it is more than it should be."""
        return self.measured > self.target

    def line(self) -> str:
        """Give it as a row of the table."""
        columns = [short(self.measured), short(self.stock), short(self.target)]
        verdict = "missed" if self.missed else ""
        return f"{self.what:46}{''.join(columns)}  {self.unit:4}  {verdict}".rstrip()


def short(number: float | None) -> str:
    """Give a number in a column of ten characters."""
    if number is None:
        return f"{'':10}"
    return f"{number:10,.0f}" if number >= 100 or number == int(number) else f"{number:10.2f}"


HEADING = f"{'':46}{'hitmiss':>10}{'Textual':>10}{'at most':>10}"


def settle(window: Window) -> int:
    """Read until the program stands still and has sent all; tell how many bytes came."""
    before = len(window.raw)
    while True:
        window.is_idle()
        if not window.read(0):
            return len(window.raw) - before
        while window.read(0):
            pass


def cost(window: Window, keys: str, *shown: str) -> int:
    """Press keys; tell how many bytes that took, until all that is `shown` and all was sent."""
    before = len(window.raw)
    window.types(keys)
    window.shows(*shown)
    settle(window)
    return len(window.raw) - before


def rate(window: Window, seconds: float) -> float:
    """Watch for that long; tell how many bytes came a second."""
    before, end = len(window.raw), time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        window.read(left)
    return (len(window.raw) - before) / seconds


def bytes_sent(database: Path, *options: str, watch: float = WATCH_SECONDS) -> dict[str, float]:
    """Count what a start, keys, bars and standing still send, at 120x40 in truecolor."""
    with Window("--db", database, "--ttl", "60", *options) as window:
        window.shows("look up", "Quit", "● cache embedded")
        settle(window)
        sent: dict[str, float] = {"start": len(window.raw)}
        sent["idle"] = rate(window, watch)
        sent["digit"] = cost(window, "4", "› 4")
        window.types("\x7fa")
        window.shows("found")
        settle(window)
        sent["list"] = cost(window, "n", "› an", "found")
        window.types("\x1b[27u\x1b[27u")
        settle(window)
        window.types("/")
        lines = "\n".join(map(str, range(1, BARS + 1)))
        window.types(f"\x1b[200~{lines}\x1b[201~")
        window.shows(f"{BARS} db reads")
        window.types("\x1b[27u")
        window.shows("? Help")
        window.types("2")
        window.shows(f"{BARS} keys", "fresh")
        rate(window, OPENING_SECONDS)  # with bars it never stands still
        sent["bars"] = rate(window, watch)
        window.types("\x11")
        window.ends()
        return sent


def usable_on_slow_line(database: Path, *options: str) -> float:
    """Give the seconds from the start to a digit's echo on a line of SLOW_BYTES_A_SECOND."""
    started = time.monotonic()
    with Window("--db", database, *options) as window:
        taken, typed = 0, False
        while "› 4" not in window.emulator.text:
            allowed = (time.monotonic() - started) * SLOW_BYTES_A_SECOND - taken
            if allowed >= 1:
                taken += window.read(SLICE_SECONDS, most=int(allowed))
            else:
                time.sleep(SLICE_SECONDS)
            if not typed and "│ ›" in window.emulator.text:
                typed = True
                window.types("4")
        return time.monotonic() - started


def first_paint(
    shown: tuple[str, ...], *arguments: str | Path, program: tuple[str, ...]
) -> tuple[float, float]:
    """Start a program; give the seconds until that is shown, and its peak memory in MB then."""
    started = time.monotonic()
    with Window(*arguments, program=program) as window:
        window.shows(*shown)
        return time.monotonic() - started, peak_memory(window)


def peak_memory(window: Window) -> float:
    """Give the most memory that the program has had at once, in MB."""
    status = Path(f"/proc/{window.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def memory_after(database: Path, lookups: int) -> tuple[float, float]:
    """Give the peak memory in MB after one lookup, and after that many."""
    with Window("--db", database, "--ttl", "1h", program=AS_INSTALLED) as window:
        window.shows("look up", "Quit", "● cache embedded")
        window.types("1\r")
        window.waits_for(partial(has_answered, window, 1))
        settle(window)
        soon, done = peak_memory(window), 1
        while done < lookups:
            keys = "\n".join(str(1 + n % USERS) for n in range(done, done + AT_ONCE))
            window.types(f"\x1b[200~{keys}\x1b[201~")
            done += AT_ONCE
            window.waits_for(partial(has_answered, window, done))
        return soon, peak_memory(window)


def has_answered(window: Window, lookups: int) -> bool:
    """Tell whether the totals count that many lookups."""
    totals = re.search(r"([\d,]+) hits? · ([\d,]+) db reads?", window.emulator.text)
    return (
        totals is not None
        and sum(int(count.replace(",", "")) for count in totals.groups()) >= lookups
    )


def figures(database: Path, runs: int, lookups: int) -> Iterator[Figure]:
    """Measure everything, one after the other."""
    thin, stock = bytes_sent(database), bytes_sent(database, "--full-output")
    for name, (what, unit, target) in SENT.items():
        yield Figure(what, unit, target, thin[name], stock[name])
    slow = [usable_on_slow_line(database, *options) for options in ([], ["--full-output"])]
    yield Figure("usable on a line of 10 KB/s", "s", 1.5, *slow)
    hello, ours = [], []
    for _ in range(runs):
        hello.append(first_paint(("Hello, world!",), program=(sys.executable, "-c", HELLO)))
        ours.append(first_paint(("│ ›", "Quit"), "--db", database, program=AS_INSTALLED))
    ratios = [mine / theirs for (mine, _), (theirs, _) in zip(ours, hello, strict=True)]
    yield Figure("first paint, to a hello-world's", "x", 1.35, statistics.median(ratios))
    least = statistics.median(memory for _, memory in hello)
    soon, later = memory_after(database, lookups)
    yield Figure("peak memory, to a hello-world's", "x", 1.7, soon / least)
    yield Figure(f"... after {lookups:,} lookups", "x", 1.75, later / least)


def main() -> int:
    """Print a table, and JSON where it is wanted; give 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="make bench-terminal", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="starts to take the median of")
    parser.add_argument("--lookups", type=int, default=100_000, help="before memory is read")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled as well
    os.environ["HITMISS_SESSION"] = (
        "0"  # each start is the first, and a person's stays as it is
    )
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "users.db"
        make_demo(database)
        first_paint(("│ ›", "Quit"), "--db", database, program=AS_INSTALLED)  # compiles all
        print(HEADING)
        for figure in figures(database, options.runs, options.lookups):
            measured.append(figure)
            print(figure.line(), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in measured], indent=2))
    return 1 if any(figure.missed for figure in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
