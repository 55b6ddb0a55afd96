"""The list of records that match what is being typed."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.models import Match, SearchResult
from tui.runtime.plain_text import plain

SHOWN_CHARACTERS = 60


class Suggestions(OptionList, can_focus=False):
    """The records that match what is being typed."""

    DEFAULT_CSS = """
    Suggestions {
        overlay: screen;
        offset: -1 1;
        width: 100vw;
        height: auto;
        max-height: 11;
        scrollbar-size: 0 0;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        border: round $here;
        border-top: none;
        padding: 0 1;
        background: $background;
        & > .option-list--option-highlighted {
            background: $select; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(self) -> None:
        """Begin closed."""
        super().__init__(markup=False)
        self.display = False
        self.result = SearchResult("")

    @property
    def chosen(self) -> Match | None:
        """The highlighted match, while the list is open."""
        if not self.display or self.highlighted is None:
            return None
        return self.result.matches[self.highlighted]

    def show(self, result: SearchResult) -> None:
        """Open with the matches, the best one chosen; without any, close."""
        self.result = result
        self.clear_options()
        self.add_options([Option(_line(match)) for match in result.matches])
        self.display = bool(result.matches)
        self.highlighted = 0 if result.matches else None

    def choose(self, step: int) -> None:
        """Highlight another match."""
        if self.highlighted is not None:
            last = len(self.result.matches) - 1
            self.highlighted = max(0, min(last, self.highlighted + step))


def _line(match: Match) -> Content:
    texts = "  ".join(plain(text, SHOWN_CHARACTERS) for text in match.texts if text)
    id = plain(str(match.id), SHOWN_CHARACTERS)
    return Content.assemble((f"{id:>8}  ", "bold"), texts)
