"""Help: every key of the screen below, and what the words and colours mean."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from tui.runtime.faults import Faults
from tui.views.widgets.actions import Action
from tui.views.widgets.dialog import Dialog
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.hanging import hanging
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel
from tui.views.widgets.words import Word, Words

KEYS_CELLS = 20


class HelpScreen(Dialog[None]):
    """Made from the bindings themselves, so that it cannot leave one out."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Back", key_display="esc",
                id="help.back", tooltip="go back"),
    ]  # fmt: skip

    def __init__(self, actions: Iterable[Action], words: Words, faults: Faults) -> None:
        """Explain these actions, each on a line with all its keys, and what words mean.

        A banner says which faults are on.
        """
        super().__init__()
        self._words = words
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
        empty = Content("")
        lines = [
            line for title, words in self._words.items() for line in _section(title, words)
        ]
        lines += [
            (empty, "The bar is the time for which the copy stays fresh in the cache."),
            (empty, ""),
            (Content.styled("Keys", "underline"), ""),
            *(
                (Content.styled(f"{' '.join(keys):{KEYS_CELLS}} ", "bold"), tooltip)
                for tooltip, keys in self._keys.items()
            ),
        ]
        self.query_one("#help", Panel).show(
            lambda width: Content("\n").join(
                hanging(name, Content(text), width) for name, text in lines
            )
        )


def _section(title: str, words: Iterable[Word]) -> list[tuple[Content, str]]:
    """Give a title, a line for each word, and an empty line."""
    listed = list(words)
    cells = max(len(word.word) for word in listed) + 1
    lines = [
        (
            Content.styled(
                f"{word.word:{cells}} ",
                f"$outcome-{word.family} {'dim' if word.dim else 'bold'}",
            ),
            word.meaning,
        )
        for word in listed
    ]
    return [(Content.styled(title, "underline"), ""), *lines, (Content(""), "")]
