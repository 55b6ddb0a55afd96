"""Help: every key of the screen below, and what the words and colours mean."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tui.faults import Faults
from tui.theme import DIM, FAMILY
from tui.widgets.actions import Action
from tui.widgets.fault_banner import FaultBanner
from tui.widgets.hanging import hanging
from tui.widgets.key_footer import KeyFooter
from tui.widgets.panels import EXPLANATIONS, Panel

KEYS_CELLS = 20


class HelpScreen(ModalScreen[None]):
    """Made from the bindings themselves, so that it cannot leave one out."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Back", key_display="esc",
                id="help.back", tooltip="go back"),
    ]  # fmt: skip

    def __init__(self, actions: Iterable[Action], faults: Faults) -> None:
        """Explain these actions, each on a line with all its keys, and which faults are on."""
        super().__init__()
        self._faults = faults
        self._keys: dict[str, dict[str, None]] = {}
        for action in actions:
            self._keys.setdefault(action.binding.tooltip, {})[action.keys] = None

    def compose(self) -> ComposeResult:
        """Give one text that scrolls."""
        yield Panel("help", id="help")
        yield FaultBanner(self._faults)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill it in."""
        words = [
            (
                Content.styled(
                    f"{label:10} ", f"$outcome-{family} {'dim' if label in DIM else 'bold'}"
                ),
                EXPLANATIONS[label],
            )
            for label, family in FAMILY.items()
        ]
        keys_lines = [
            (Content.styled(f"{' '.join(keys):{KEYS_CELLS}} ", "bold"), tooltip)
            for tooltip, keys in self._keys.items()
        ]
        title, empty = Content.styled, Content("")
        lines = [
            (title("Answers", "underline"), ""), *words, (empty, ""),
            (empty, "The bar is the time for which the copy stays fresh in the cache."),
            (empty, ""), (title("Keys", "underline"), ""), *keys_lines,
        ]  # fmt: skip
        self.query_one("#help", Panel).show(
            lambda width: Content("\n").join(
                hanging(name, Content(text), width) for name, text in lines
            )
        )
