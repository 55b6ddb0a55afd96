"""The line that says which faults are on: nobody is to take them for the real thing."""

from textual.widgets import Static

from tui.runtime.faults import Faults


class FaultBanner(Static):
    """A line across the screen while a fault is on; nothing otherwise."""

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

    @property
    def text(self) -> str:
        """What it says; '' while nothing is on."""
        names = " · ".join(self._faults.describe(fault) for fault in self._faults.on)
        return f"ON PURPOSE: {names}" if names else ""

    def on_mount(self) -> None:
        """Tell what is on by now."""
        self.show()

    def show(self) -> None:
        """Tell what is on by now."""
        if self.text != self._shown:
            self._shown = self.text
            self.set_class(bool(self._shown), "-on")
            self.update(self._shown)
