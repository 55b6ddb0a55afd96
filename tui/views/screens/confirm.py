"""A question that has to be answered before something that cannot be taken back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.views.widgets.actions import actions_of
from tui.views.widgets.dialog import Box, Dialog


class ConfirmScreen(Dialog[bool]):
    """Asks; gives True only for a plain yes."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes, do it", id="confirm.yes", tooltip="do it"),
        Binding("n,escape,q,enter", "dismiss(False)", "No, leave it", key_display="n esc",
                id="confirm.no", tooltip="leave it"),
    ]  # fmt: skip

    def __init__(self, question: str) -> None:
        """Ask this, which is text."""
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Put the question over the keys that answer it."""
        with Box(title="are you sure?", id="box", line="$outcome-warning"):
            yield Static(f"{self._question}\n", markup=False)
            # Wrapped where it is narrow: a yes must not be all that there is room for.
            keys = {action.id: action.keys for action in actions_of(self)}
            yes, no = keys["confirm.yes"], keys["confirm.no"]
            yield Static(f"{yes} Yes, do it  {no} No, leave it", markup=False)
