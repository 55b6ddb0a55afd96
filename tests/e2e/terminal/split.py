"""Sequences that type nothing, split at every byte, at an explorer that is busy at times."""

import random
import re
import time
from pathlib import Path

from terminal.fuzz import QUIET
from terminal.fuzzed import Fuzzed, Report, is_left

FOCUS = b"\x1b[I"
BURST = FOCUS * 170
"""With one more byte it fills a read, and the reader waits until the app has it."""
PAUSES = (0.0, 0.0, 0.01, 0.05)
"""Seconds between two bytes: less than an escape may be alone."""
LONGEST_GAP = 0.09
"""Where our own machine is slower than that, an escape may well be the key."""
BUSY_SHARE, BURST_SHARE = 0.2, 0.5
ROUND = 12
"""How many sequences are sent between two looks."""
TYPED = "4"
UNTOUCHED = re.compile(rf"│ › {TYPED}(?![\w\[;:<?~^])")


def split(count: int, seed: int, folder: Path, users_db: Path, seconds: float) -> Report:
    """Send so many rounds, for at most `seconds`, and look after each what has been typed."""
    report, chance, begun = Report(seed), random.Random(seed), time.monotonic()
    with Fuzzed(folder, users_db) as window:
        for _ in range(count):
            if not _holds(window, chance, report) or time.monotonic() - begun >= seconds:
                break
        if window.is_alive:
            window.leaves()
        else:
            report.findings.append("it ended by itself")
        is_left(window, report)
        report.left -= 1
    report.seconds = time.monotonic() - begun
    return report


def _holds(window: Fuzzed, chance: random.Random, report: Report) -> bool:
    """Tell whether the input is as it was after a round."""
    sent = [chance.choice(QUIET) for _ in range(ROUND)]
    slowest = 0.0
    try:
        window.types(f"1/\x15{TYPED}")
        window.waits_for(lambda: UNTOUCHED.search(window.emulator.text))
        window.is_watched = False
        slowest = max(_is_sent_in_bytes(window, one, chance) for one in sent)
        report.count += sum(map(len, sent))
        window.comes_back()
        window.waits_for(lambda: UNTOUCHED.search(window.emulator.text))
    except (AssertionError, OSError) as error:
        if window.is_alive and slowest > LONGEST_GAP:  # it may be the machine
            return True
        report.findings.append(f"after {sent}: {error}")
        return False
    return True


def _is_sent_in_bytes(window: Fuzzed, sequence: bytes, chance: random.Random) -> float:
    """Send that byte by byte; return the longest time between two, in seconds."""
    is_busy = chance.random() < BUSY_SHARE
    if is_busy:
        window.gets_busy()
    before, longest = time.monotonic(), 0.0
    with window.says_one_thing():
        if is_busy and chance.random() < BURST_SHARE:
            window.is_sent(BURST + sequence[:1])
            sequence = sequence[1:]
        for byte in sequence:
            window.is_sent(bytes([byte]))
            now = time.monotonic()
            longest, before = max(longest, now - before), now
            window.pauses(chance.choice(PAUSES))
    return longest
