"""A screen over another one, which is left once, whoever says so how often."""

from typing import TypeVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.events import Resize
from textual.screen import ModalScreen

from tui.views.widgets.strips import TitleStrip

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """Lies over another screen until it is left.

    Two keys in one packet may both leave it, or one of them and the palette: the second would
    close what is below, or answer a question that has its answer.
    """

    _is_left = False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with that result, once; not while something lies over it."""
        if self._is_left or self.app.screen is not self:
            return AwaitComplete()
        self._is_left = True
        return super().dismiss(result)


class WholeScreen(Dialog[Result]):
    """Covers all that is below but its strip, for which a low terminal has no room."""

    DEFAULT_CSS = "WholeScreen.-low StripBelow { display: none; }"
    LOW_ROWS = 20

    @on(TitleStrip.Chosen)
    def go_to_screen(self, event: TitleStrip.Chosen) -> None:
        """Leave for the screen whose name was clicked."""
        event.stop()
        self.dismiss(None)
        self.app.call_later(self.app.switch_mode, event.name.lower())

    def on_resize(self, event: Resize) -> None:
        """Leave the strip out, or show it."""
        self.set_class(event.size.height < self.LOW_ROWS, "-low")
