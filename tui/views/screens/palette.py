"""The command palette: Textual's, which takes being told twice to close."""

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.widgets import Input

from tui.views.widgets.question import typeable


class Palette(CommandPalette):
    """Every action by name."""

    DEFAULT_CSS = "Palette #--container { max-width: 100; }"

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
