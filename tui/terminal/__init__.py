"""A way to the terminal that sends only what has changed, for lines that are slow."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver


def driver_for(*, full_output: bool) -> "type[Driver] | None":
    """Return the driver that sends little, or one that sends whole widgets.

    Both read what is typed in the same way. None where there is no terminal of Unix's kind.
    """
    if os.name != "posix":
        return None
    if full_output:
        from tui.terminal.reading import ReadingDriver

        return ReadingDriver
    from tui.terminal.driver import ThinDriver

    return ThinDriver
