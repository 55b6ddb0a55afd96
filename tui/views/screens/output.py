"""Which of two things is to be written to a file."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.views.widgets.actions import with_keys
from tui.views.widgets.dialog import Dialog

ANSWERS = """\
{output.log}  the log of lookups, as JSON lines (those of hitmiss get --json)
{output.picture}  this screen, as an SVG picture
{output.leave}  neither"""


class OutputScreen(Dialog[str | None]):
    """Gives `log` or `picture`; None when a person leaves it."""

    CSS_PATH = "output.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "dismiss('log')", "Log", id="output.log",
                tooltip="write the log of lookups, as JSON lines"),
        Binding("s", "dismiss('picture')", "Screen", id="output.picture",
                tooltip="write the screen, as an SVG picture"),
        Binding("escape,q", "dismiss(None)", "Leave", key_display="esc", id="output.leave",
                tooltip="write nothing"),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        """Put the question over the keys that answer it."""
        with Vertical(id="box"):
            yield Static("Write to a new file in the current folder:\n", markup=False)
            yield Static(with_keys(self, ANSWERS), markup=False)
