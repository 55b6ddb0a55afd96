"""A box to be ticked, which shows by its sign whether it is."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static


class TickBox(Static, can_focus=True):
    """`[ ]` or `[x]` before a text."""

    DEFAULT_CSS = """
    TickBox { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    TickBox:focus { background: $select; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", id="tick.tick", tooltip="tick the box, or untick it"),
    ]

    class Ticked(Message):
        """It was ticked, or unticked."""

    ticked: reactive[bool] = reactive(False)

    def __init__(self, text: str, *, id: str | None = None) -> None:
        """Begin unticked, before that text."""
        super().__init__(f"[ ] {text}", id=id, markup=False)
        self._text = text

    def watch_ticked(self, ticked: bool) -> None:
        """Show it."""
        self.update(f"[{'x' if ticked else ' '}] {self._text}", layout=False)
        if self.is_mounted:
            self.post_message(self.Ticked())

    def action_tick(self) -> None:
        """Tick it, or untick it."""
        self.ticked = not self.ticked

    def on_click(self) -> None:
        """Take a click for the key."""
        self.action_tick()
