"""All of one lookup over the whole screen: the record, and every command that ran."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.models import Outcome
from tui.runtime.faults import Faults
from tui.runtime.plain_text import plain
from tui.views.widgets.dialog import WholeScreen
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel, record_title, show_outcome
from tui.views.widgets.strips import StripBelow

MOST_CHARACTERS = 20_000
"""How much of one value is laid out; the rest can be had as JSON."""


class DetailScreen(WholeScreen[None]):
    """Record and steps, scrolled by keys."""

    CSS_PATH = "detail.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,t", "dismiss", "Back", key_display="esc", id="detail.back",
                tooltip="go back"),
        Binding("tab", "app.focus_next", "Other half", id="detail.other",
                tooltip="go to the other half"),
    ]  # fmt: skip

    def __init__(self, outcome: Outcome, faults: Faults) -> None:
        """Show this outcome, and which faults are on."""
        super().__init__()
        self._faults = faults
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        """Put the record above what ran."""
        yield StripBelow()
        key = plain(str(self._outcome.id), 60)
        yield Panel(record_title(key, self._outcome), id="record")
        yield Panel("what ran", id="steps")
        yield FaultBanner(self._faults)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill both halves."""
        record, steps = self.query_one("#record", Panel), self.query_one("#steps", Panel)
        show_outcome(record, steps, self._outcome, MOST_CHARACTERS)
