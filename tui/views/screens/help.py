"""Help: every key of the screen below, and what the words and colours mean."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from tui.runtime.faults import Faults
from tui.views.widgets.actions import Action, Elsewhere
from tui.views.widgets.dialog import Dialog
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.hanging import hanging
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel
from tui.views.widgets.question import PlainInput
from tui.views.widgets.words import Word, Words

KEYS_CELLS = 20
Line: TypeAlias = tuple[Content, str]
"""A name, and what it means."""
Groups: TypeAlias = Mapping[str, Mapping[str, Iterable[str]]]
"""For each title, what can be done, and by which keys."""


class HelpSearch(PlainInput):
    """What to search for."""


class HelpScreen(Dialog[None]):
    """Made from the bindings themselves, so that it cannot leave one out."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "leave", "Back", key_display="esc",
                id="help.back", tooltip="end the search; go back"),
        Binding("slash", "search", "Search", key_display="/", id="help.search",
                tooltip="search the help"),
    ]  # fmt: skip

    def __init__(self, groups: Groups, words: Words, faults: Faults) -> None:
        """Explain these groups of keys, the first of the screen below, and what words mean.

        A banner says which faults are on.
        """
        super().__init__()
        self._words = words
        self._faults = faults
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Give one text that scrolls, and a line to search it."""
        yield HelpSearch(placeholder="search the help", id="search", compact=True)
        yield Panel("help", id="help")
        yield FaultBanner(self._faults)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill it in."""
        search = self.query_one(HelpSearch)
        search.cursor_blink = search.display = False
        self.query_one("#help", Panel).focus()
        self._show("")

    def action_search(self) -> None:
        """Open the line to search."""
        search = self.query_one(HelpSearch)
        search.display = True
        search.focus()

    def action_leave(self) -> None:
        """End the search, else go back."""
        if not self.query(HelpSearch):  # left already, and being taken down
            return
        search = self.query_one(HelpSearch)
        if not search.display:
            self.dismiss()
            return
        search.value = ""
        search.display = False
        self.query_one("#help", Panel).focus()

    @on(Input.Submitted)
    def go_to_found(self) -> None:
        """Go to what was found."""
        self.query_one("#help", Panel).focus()

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what holds each word of it."""
        self._show(event.value)

    def _show(self, wanted: str) -> None:
        """Show the sections, of each only what is wanted."""
        needles = wanted.casefold().split()
        lines: list[Line] = []
        for title, section in self._sections():
            found = [
                (name, meaning)
                for name, meaning in section
                if all(n in f"{name.plain} {meaning} {title}".casefold() for n in needles)
            ]
            if found:
                lines += [(Content.styled(title, "underline"), ""), *found, (Content(""), "")]
        if not lines:
            lines = [(Content(""), f"nothing here holds {wanted!r}")]
        panel = self.query_one("#help", Panel)
        panel.show(
            lambda width: Content("\n").join(
                hanging(name, Content(text), width) for name, text in lines
            )
        )
        panel.scroll_home(animate=False)

    def _sections(self) -> Iterator[tuple[str, list[Line]]]:
        """Give the titles with their lines: first what the screen below can do."""
        first, *others = [(title, _keys(group)) for title, group in self._groups.items()]
        yield first
        for title, words in self._words.items():
            yield title, _section(words)
        yield "Bars", [(Content(""), "The bar is the time for which the copy stays fresh.")]
        yield from others


def help_groups(name: str, actions: Iterable[Action], elsewhere: Iterable[Elsewhere]) -> Groups:
    """Give what can be done, by where: on the screen of that name, anywhere, on others.

    Of each the meaning with all keys that have it.
    """
    here, everywhere = f"On this screen: {name}", "On every screen"
    groups: dict[str, dict[str, dict[str, None]]] = {here: {}, everywhere: {}}
    for action in actions:
        title = everywhere if action.id.partition(".")[0] in {"app", "screen"} else here
        groups[title].setdefault(action.binding.tooltip, {})[action.keys] = None
    for one in elsewhere:
        group = groups.setdefault(f"On the {one.screen} screen", {})
        group.setdefault(one.binding.tooltip, {})[one.keys] = None
    return groups


def _keys(group: Mapping[str, Iterable[str]]) -> list[Line]:
    return [
        (Content.styled(f"{' '.join(keys):{KEYS_CELLS}} ", "bold"), tooltip)
        for tooltip, keys in group.items()
    ]


def _section(words: Iterable[Word]) -> list[Line]:
    """Give a line for each word."""
    listed = list(words)
    cells = max(len(word.word) for word in listed) + 1
    return [
        (
            Content.styled(
                f"{word.word:{cells}} ",
                f"$outcome-{word.family} {'dim' if word.dim else 'bold'}",
            ),
            word.meaning,
        )
        for word in listed
    ]
