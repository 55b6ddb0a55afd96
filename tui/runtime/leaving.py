"""The end of the process, also while one of its threads hangs in a query or in a disk."""

import os
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

LAST_SECONDS = 0.2
"""How long threads may take that are about to end by themselves."""


def leave(code: int) -> NoReturn:
    """Exit with `code`.

    Everything is closed by then that can be. Python would wait for each thread; where one does
    not end, since SQLite cannot be interrupted in what it does, the process ends all the same.
    """
    if _is_held_up():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # closed, or nobody reads
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _is_held_up() -> bool:
    end = time.monotonic() + LAST_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                return True
    return False
