"""Help: every key of the screen below, and what the words and colours mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from tui.models.colours import GLYPHS
from tui.runtime.faults import Faults
from tui.views.widgets.actions import Action, Elsewhere, with_keys
from tui.views.widgets.dialog import WholeScreen
from tui.views.widgets.fault_banner import FaultBanner
from tui.views.widgets.hanging import hanging
from tui.views.widgets.key_footer import KeyFooter
from tui.views.widgets.panels import Panel
from tui.views.widgets.question import PlainInput
from tui.views.widgets.row_list import column
from tui.views.widgets.strips import StripBelow
from tui.views.widgets.words import Word, Words

KEYS_CELLS = 20
SHEET_KEY_CELLS = 4
Line: TypeAlias = tuple[Content, str]
"""A name, and what it means."""
Groups: TypeAlias = Mapping[str, Mapping[str, Iterable[str]]]
"""For each title, what can be done, and by which keys."""


class HelpSearch(PlainInput):
    """What to search for."""


class HelpScreen(WholeScreen[None]):
    """Made from the bindings themselves, so that it cannot leave one out."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "leave", "Back", key_display="esc",
                id="help.back", tooltip="end the search; go back"),
        Binding("slash", "search", "Search", key_display="/", id="help.search",
                tooltip="search the help"),
    ]  # fmt: skip

    def __init__(
        self, groups: Groups, names: Iterable[tuple[str, str]], words: Words, faults: Faults
    ) -> None:
        """Explain these groups of keys, the first of the screen below, and what words mean.

        A banner says which faults are on.
        """
        super().__init__()
        self._names = list(names)
        self._words = words
        self._faults = faults
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Give one text that scrolls, and a line to search it."""
        yield StripBelow()
        with Horizontal(id="short"):
            yield Panel(next(iter(self._words)).lower(), id="words")
            yield Panel(next(iter(self._groups)).partition(": ")[2], id="keys")
        yield HelpSearch(placeholder="search the help", id="search", compact=True)
        yield Panel("help", id="help")
        yield FaultBanner(self._faults)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Fill it in."""
        search = self.query_one(HelpSearch)
        search.cursor_blink = search.display = False
        self.query_one("#help", Panel).focus()
        words = _section(next(iter(self._words.values())), short=True)
        self.query_one("#words", Panel).show(lambda width: _hanging(words, width))
        keys = self.query_one("#keys", Panel)
        keys.tell(with_keys(self, "{help.search} searches"))
        keys.show(lambda width: sheet(self._names, width))
        self._show("")

    def action_search(self) -> None:
        """Open the line to search."""
        search = self.query_one(HelpSearch)
        search.display = True
        self.query_one("#short").display = False
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
        self.query_one("#short").display = True
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
        panel.show(lambda width: _hanging(lines, width))
        panel.scroll_home(animate=False)

    def _sections(self) -> Iterator[tuple[str, list[Line]]]:
        """Give the titles with their lines: first what the screen below can do."""
        first, *others = [(title, _keys(group)) for title, group in self._groups.items()]
        yield first
        for title, words in self._words.items():
            yield title, _section(words)
        yield "Bars", [(Content(""), "The bar is the time for which the copy stays fresh.")]
        yield from others


def sheet(names: Sequence[tuple[str, str]], width: int) -> Content:
    """Give keys and what they are for in two columns of a `width`, down the first one first."""
    half = -(-len(names) // 2)
    cells = width // 2
    widest = max([SHEET_KEY_CELLS, *(len(keys) + 1 for keys, _ in names)])
    lines = []
    for pair in zip_longest(names[:half], names[half:]):
        parts: list[Content] = []
        for keys, name in (one for one in pair if one is not None):
            shown = column(f"{keys:{widest}}{name}", cells)
            parts.append(Content(shown).stylize("bold $here", 0, len(keys)))
        lines.append(Content("").join(parts))
    return Content("\n").join(lines)


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


def _hanging(lines: Iterable[Line], width: int) -> Content:
    return Content("\n").join(hanging(name, Content(text), width) for name, text in lines)


def _keys(group: Mapping[str, Iterable[str]]) -> list[Line]:
    return [
        (Content.styled(f"{' '.join(keys):{KEYS_CELLS}} ", "bold"), tooltip)
        for tooltip, keys in group.items()
    ]


def _section(words: Iterable[Word], *, short: bool = False) -> list[Line]:
    """Give a line for each word; where `short` will do, with its meaning in fewer words."""
    listed = list(words)
    cells = max(len(word.word) for word in listed) + 1
    return [
        (
            Content.styled(
                f"{_glyph(word)}{word.word:{cells}} ",
                f"$outcome-{word.family}{'' if word.dim else ' bold'}",
            ),
            (short and word.short) or word.meaning,
        )
        for word in listed
    ]


def _glyph(word: Word) -> str:
    """Give the sign that stands before a label, where it is one."""
    glyph = {str(label): sign for label, sign in GLYPHS.items()}.get(word.word)
    return f"{glyph} " if glyph else ""
