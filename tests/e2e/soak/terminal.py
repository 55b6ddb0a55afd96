"""The explorer in a terminal that sends anything: noise, and what is nearly right."""

import os
import tempfile
import time
from pathlib import Path

from terminal.fuzz import nearly_right, random_bytes
from terminal.fuzzed import fuzz

from tui.database.sqlite import make_demo

MOST_BYTES = 10_000_000
"""Of each kind; what is left of the time goes to further runs, from other seeds."""
LONGEST_RUN = 2_000_000
"""How much one explorer is sent: afterwards it is looked at, and left."""
FIRST_SHARE = 0.5


def run(seconds: float, seed: int) -> list[str]:
    """Send 10 MB of each kind, or as much as there is time for; return what was found."""
    findings = []
    begun = time.monotonic()
    for share, draw in ((FIRST_SHARE, random_bytes), (1.0, nearly_right)):
        sent, most = 0, begun + share * seconds
        while sent < MOST_BYTES and (left := most - time.monotonic()) > 0:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                os.environ["XDG_STATE_HOME"] = name
                make_demo(folder / "users.db")
                report = fuzz(draw, LONGEST_RUN, seed, folder, folder / "users.db", left)
            sent += report.count
            print(f"  {draw.__name__}: {report.text}", flush=True)
            findings += [f"{draw.__name__}, seed {seed}: {one}" for one in report.findings]
            seed += 1
        print(f"  {draw.__name__}: {sent / 1e6:.2f} MB in all", flush=True)
    return findings
