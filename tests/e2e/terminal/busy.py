"""The explorer, but at each SIGURG its loop stands still for a moment, as when it is busy."""

import select
import signal

from tui.__main__ import main

BUSY_SECONDS = 0.3


def stands_still(*_: object) -> None:
    """Hold the main thread, and with it the loop; the line goes on being read."""
    select.select([], [], [], BUSY_SECONDS)


if __name__ == "__main__":
    signal.signal(signal.SIGURG, stands_still)
    main()
