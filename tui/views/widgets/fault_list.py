"""The switches of the faults, one a row, with what each does."""

from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.runtime.faults import Fault, Faults
from tui.views.widgets.row_list import RowList, cut

NAME_WIDTH = 27


class FaultList(RowList):
    """Paints the faults; what a key asks for is told, and done by others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "ask", "Switch", key_display="space", id="faults.switch",
                tooltip="switch the fault on, or off"),
        Binding("plus", "step(1)", "Slower", key_display="+", id="faults.slower",
                tooltip="let a slow fault add more"),
        Binding("minus", "step(-1)", "Faster", key_display="-", id="faults.faster",
                tooltip="let a slow fault add less"),
    ]  # fmt: skip

    class Asked(Message):
        """A fault is to be switched."""

        def __init__(self, fault: Fault) -> None:
            """Switch this one."""
            super().__init__()
            self.fault = fault

    class Stepped(Message):
        """A slow fault is to add more, or less."""

        def __init__(self, fault: Fault, direction: int) -> None:
            """Let it add more (+1) or less (-1)."""
            super().__init__()
            self.fault = fault
            self.direction = direction

    def __init__(self, faults: Faults) -> None:
        """Show these."""
        super().__init__()
        self._faults = faults

    @property
    def row_count(self) -> int:
        """How many there are."""
        return len(Fault)

    @property
    def selected(self) -> Fault:
        """The fault under the cursor."""
        return tuple(Fault)[self.cursor]

    def on_mount(self) -> None:
        """Lay the rows out."""
        self.rows_changed()

    def action_ask(self) -> None:
        """Ask for the fault under the cursor."""
        self.post_message(self.Asked(self.selected))

    def action_step(self, direction: int) -> None:
        """Ask for more or less of it."""
        self.post_message(self.Stepped(self.selected, direction))

    def row_segments(self, index: int, width: int, base: Style) -> list[Segment]:
        """Paint one switch."""
        fault = tuple(Fault)[index]
        on = fault in self._faults.on
        text = f"[{'x' if on else ' '}] {self._faults.describe(fault)}"
        style = base + self.style_of("error") + Style(bold=True) if on else base
        name = Segment(set_cell_size(text, min(width, NAME_WIDTH)), style)
        explanation = cut(fault.explanation, max(0, width - 1 - NAME_WIDTH))
        return [name, Segment(explanation, base + self.style_of("muted"))]
