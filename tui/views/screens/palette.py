"""The command palette: Textual's, which takes being told twice to close."""

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """Every action by name."""

    DEFAULT_CSS = "Palette #--container { max-width: 100; }"

    _left = False

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
