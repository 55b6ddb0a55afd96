"""The end of a process whose threads hang."""

import subprocess
import sys

PATIENCE_SECONDS = 60.0
"""Far less than the query takes, and far more than the end should."""
HELD_UP = """
import sys, threading
from tui.leaving import leave
threading.Thread(target=threading.Event().wait).start()
print("said", flush=False)
leave(7)
"""


def test_what_was_said_is_not_lost() -> None:
    """With a thread that never ends, what is still in the buffer goes out before the end."""
    done = subprocess.run(
        [sys.executable, "-c", HELD_UP],
        capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "")
