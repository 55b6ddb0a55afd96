"""The command palette: Textual's, which takes being told twice to close."""

from functools import partial
from typing import Protocol, cast

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, Hit, Hits
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider
from textual.widgets import Input

from tui.views.widgets.actions import Elsewhere
from tui.views.widgets.question import typeable

IN_NAME, IN_MEANING = 3.0, 2.0
"""How good a match is; those whose letters only come in that order are below 1."""


class KnowsOtherScreens(Protocol):
    """An app that can say what other screens do."""

    def elsewhere(self, screen: Screen[object]) -> list[Elsewhere]:
        """Give what can be done on other screens than this one."""
        ...

    async def do_elsewhere(self, action: Elsewhere) -> None:
        """Go there, and do it."""
        ...


class ActionSearch(SystemCommandsProvider):
    """Every action by its name or by what it does, those of other screens too."""

    async def search(self, query: str) -> Hits:
        """Yield the actions that hold each word of `query`, or its letters in their name."""
        app = cast("KnowsOtherScreens", self.app)
        commands = [
            (name, meaning, callback)
            for name, meaning, callback, _ in self.app.get_system_commands(self.screen)
        ]
        for one in app.elsewhere(self.screen):
            name = f"{one.binding.description} ({one.keys}) on {one.screen}"
            commands.append((name, one.binding.tooltip, partial(app.do_elsewhere, one)))
        matcher = self.matcher(query)
        for name, meaning, callback in commands:
            letters = matcher.match(name)
            score = _by_words(query, name, meaning) or min(letters, 1.0)
            if score > 0:
                shown = matcher.highlight(name) if letters > 0 else name
                yield Hit(score, shown, callback, text=name, help=meaning)


def _by_words(query: str, name: str, meaning: str) -> float:
    """Tell how well an action has all words of the query: in its name, or else beside it."""
    words = query.casefold().split()
    if all(word in name.casefold() for word in words):
        return IN_NAME
    both = f"{name} {meaning}".casefold()
    return IN_MEANING if all(word in both for word in words) else 0.0


class ActionPalette(CommandPalette):
    """Every action by name."""

    DEFAULT_CSS = """
    ActionPalette, ActionPalette:ansi {
        background: transparent;  /* to dim what is below would change each cell */

        & > Vertical { margin-top: 1; background: transparent; }
        #--container { max-width: 68; min-width: 16; }
        #--input {
            border: round $here;
            border-bottom: none;
            background: $background;
        }
        #--input.--list-visible { border-bottom: none; }
        SearchIcon { display: none; }
        CommandInput, CommandInput:focus {
            height: 1;
            border: none;
            padding: 0 1;
            background: $background;
        }
        #--results { margin: 0; }
        CommandList, CommandList:focus {
            min-width: 16;  /* with less Textual fails where it wraps */
            border: round $here;
            border-top: none;
            background: $background;
            scrollbar-size-vertical: 1;
        }
        CommandList > .option-list--option { padding: 0 1; }
        CommandList > .option-list--option-highlighted {
            background: $select;
            color: $foreground;
            text-style: bold;
        }
        & > .command-palette--help-text { color: $muted; text-style: not dim not bold; }
        & > .command-palette--highlight { color: $here; text-style: bold; }
    }
    """

    _left = False

    def on_mount(self) -> None:
        """Take no more of a paste than the other inputs do: this one is Textual's own."""
        setattr(self.query_one(Input), "validate_value", typeable)  # noqa: B010 - a method of it

    def _action_command_list(self, action: str) -> None:
        """Move in the list once it is laid out: before that Textual fails at a page key."""
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, once: of two enters in one packet the second would close what is below."""
        if self._left:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)
