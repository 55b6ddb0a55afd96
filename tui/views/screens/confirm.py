"""A question that has to be answered before something that cannot be taken back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.views.widgets.actions import with_keys
from tui.views.widgets.dialog import Dialog
from tui.views.widgets.frame import Frame


class ConfirmScreen(Dialog[bool]):
    """Asks; gives True only for a plain yes."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="confirm.yes", tooltip="do it"),
        Binding("n,escape,q,enter", "dismiss(False)", "No", key_display="n", id="confirm.no",
                tooltip="leave it"),
    ]  # fmt: skip

    def __init__(self, question: str) -> None:
        """Ask this, which is text."""
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Put the question over the keys that answer it."""
        with Frame(title="are you sure?", id="box", line="$outcome-warning"):
            yield Static(self._question, markup=False)
            keys = with_keys(self, "\n{confirm.yes}  yes, do it   {confirm.no}  no, leave it")
            yield Static(keys, markup=False)
