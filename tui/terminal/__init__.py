"""A way to the terminal that sends only what has changed, for lines that are slow."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver


def driver_for(*, full_output: bool) -> "type[Driver] | None":
    """Give the driver that sends little; None where Textual's own is wanted, or fits better."""
    if full_output or os.name != "posix" or "TEXTUAL_DRIVER" in os.environ:
        return None
    from tui.terminal.driver import ThinDriver

    return ThinDriver
