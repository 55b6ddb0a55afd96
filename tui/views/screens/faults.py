"""The dialog of the faults: what goes wrong on purpose, each with its switch."""

from functools import partial
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from tui.controllers.faults import FaultsController
from tui.runtime.faults import Fault
from tui.views.widgets.dialog import Box, Dialog
from tui.views.widgets.explorer_screen import ExplorerScreen
from tui.views.widgets.fault_list import FaultList
from tui.views.widgets.key_footer import KeyFooter

LINE = "$outcome-warning"
LOW = 12
"""With fewer lines there are no blank ones."""


class FaultsScreen(Dialog[None]):
    """Switches, and nothing else; what is on stays on when it is left."""

    CSS_PATH = "faults.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f", "dismiss", "Back", key_display="esc", id="faults.back",
                tooltip="go back"),
    ]  # fmt: skip

    switches = getters.query_one(FaultList)

    def __init__(self, controller: FaultsController) -> None:
        """Switch through `controller`."""
        super().__init__()
        self._controller = controller

    def compose(self) -> ComposeResult:
        """Put the switches between what they are and how they are used."""
        with Box(title="faults, on purpose", id="box", line=LINE) as box:
            box.tell("on our own connections only")
            yield FaultList(self._controller.faults)
            yield KeyFooter()

    def on_resize(self, event: Resize) -> None:
        """Leave blank lines out where there are few."""
        self.set_class(event.size.height < LOW, "-low")

    @on(FaultList.Asked)
    def switch(self, event: FaultList.Asked) -> None:
        """Switch a fault; where others could be concerned, when a person is sure."""
        question = self._controller.question(event.fault)
        is_on = event.fault in self._controller.faults.on
        if question is None or is_on:
            self._switch(event.fault)
        else:
            self.post_message(ExplorerScreen.Sure(question, partial(self._switch, event.fault)))

    @on(FaultList.Stepped)
    def step(self, event: FaultList.Stepped) -> None:
        """Let a slow fault add more, or less."""
        self._controller.step_latency(event.fault, event.direction)
        self.switches.refresh()

    def _switch(self, fault: Fault) -> None:
        self._controller.switch(fault)
        self.switches.refresh()
