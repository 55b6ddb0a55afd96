"""The line that says what is wrong: on purpose, which nobody is to take for real, or not."""

from collections.abc import Iterable

from textual.widgets import Static

from tui.models import Health
from tui.runtime.faults import Faults
from tui.runtime.plain_text import plain
from tui.views.widgets.actions import with_keys

REASON_CHARACTERS = 120


class FaultBanner(Static):
    """A line across the screen while something is wrong; nothing otherwise."""

    DEFAULT_CSS = """
    FaultBanner {
        display: none;
        height: 1;
        padding: 0 1;
        background: $outcome-error;
        color: auto;
        text-style: bold;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-on { display: block; }
    }
    """

    def __init__(self, faults: Faults) -> None:
        """Tell of these."""
        super().__init__(markup=False)
        self._faults = faults
        self._shown = ""
        self._reasons = ""

    @property
    def text(self) -> str:
        """What it says; '' while nothing is wrong."""
        names = " · ".join(self._faults.describe(fault) for fault in self._faults.on)
        return f"ON PURPOSE: {names}" if names else self._reasons

    def on_mount(self) -> None:
        """Tell what is on by now."""
        self.show()

    def judge(self, stores: Iterable[tuple[str, Health]]) -> None:
        """Take note of why one of the stores gives no answer."""
        self._reasons = " · ".join(
            f"{name} down: {plain(health.reason or 'no answer', REASON_CHARACTERS)}"
            for name, health in stores
            if health.up is False
        )

    def show(self) -> None:
        """Tell what is on by now; else what is wrong with the stores."""
        if self.text != self._shown:
            self._shown = self.text
            self.set_class(bool(self._shown), "-on")
            self.update(f"{self._shown}{self._way_out()}")

    def _way_out(self) -> str:
        """Give the key that switches faults off, on a screen that has it."""
        if not self._faults.on:
            return ""
        try:
            return with_keys(self, " · {screen.faults} leads to its switch")
        except LookupError:  # in a dialog
            return ""
