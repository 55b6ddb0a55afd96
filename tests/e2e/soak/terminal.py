"""The explorer in a terminal that sends anything: noise, and what is nearly right."""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakes import ManualClock
from terminal.fuzz import Draw, nearly_right, packets, random_bytes
from terminal.fuzzed import Report, fuzz
from terminal.split import split
from textual.events import Key

from tui.database.sqlite.demo import make_demo
from tui.terminal.keyboard import Keyboard

MOST_BYTES = 10_000_000
"""Of each kind; what is left of the time goes to further runs, from other seeds."""
LONGEST_RUN = 2_000_000
"""How much one explorer is sent: afterwards it is looked at, and left."""
LONGEST_PACKET = 256
ROUNDS = 1000
"""Of sequences split at every byte; time ends them sooner."""
SPLIT_SHARE, FIRST_SHARE = 0.25, 0.6
"""When, as shares of the explorers' time, the first and the second kind end."""
PAUSES = (0.0,) * 20 + (0.05, 0.3, 1.1)
"""Seconds between two packets, for the reader alone by a clock that stands still else."""


def run(seconds: float, seed: int) -> list[str]:
    """Send 10 MB of each kind to the reader; then to explorers as much as there is time for.

    Before that an explorer gets what types nothing, split at every byte.

    Return what was found.
    """
    begun = time.monotonic()
    findings = []
    for draw in (random_bytes, nearly_right):
        findings += _read(draw, MOST_BYTES, seed, time.monotonic() + seconds / 4)
    begun, seconds = time.monotonic(), begun + seconds - time.monotonic()
    with _demo() as folder:
        report = split(ROUNDS, seed, folder, folder / "users.db", SPLIT_SHARE * seconds)
    findings += _told("split at every byte", report)
    for share, draw in ((FIRST_SHARE, random_bytes), (1.0, nearly_right)):
        sent, most = 0, begun + share * seconds
        while sent < MOST_BYTES and (left := most - time.monotonic()) > 0:
            with _demo() as folder:
                report = fuzz(draw, LONGEST_RUN, seed, folder, folder / "users.db", left)
            sent += report.count
            findings += _told(draw.__name__, report)
            seed += 1
    return findings


@contextmanager
def _demo() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = name
        make_demo(Path(name) / "users.db")
        yield Path(name)


def _told(what: str, report: Report) -> list[str]:
    print(f"  an explorer, {what}: {report.text}", flush=True)
    return [f"{what}, seed {report.seed}: {one}" for one in report.findings]


def _read(draw: Draw, count: int, seed: int, most: float) -> list[str]:
    """Let the reader take what is drawn, in packets at random times; return what it broke."""
    chance, clock, sent = random.Random(seed), ManualClock(), 0
    keyboard = Keyboard(clock.monotonic)
    for packet in packets(chance, draw(chance, count), LONGEST_PACKET):
        for _ in (*keyboard.feed(packet), *keyboard.tick()):
            pass
        clock.now += chance.choice(PAUSES)
        sent += len(packet)
        if time.monotonic() > most:
            break
    for _ in range(2):
        clock.now += 5
        for _ in keyboard.tick():
            pass
    keys = [one.key for one in keyboard.feed(b"\x1b[A1\r") if isinstance(one, Key)]
    print(f"  the reader alone, {draw.__name__}: {sent / 1e6:.2f} MB", flush=True)
    if keys != ["up", "1", "enter"]:
        return [f"the reader gives {keys} after {draw.__name__}, seed {seed}"]
    return []
