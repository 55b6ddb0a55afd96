"""A screen over another one, which is left once, whoever says so how often."""

from typing import ClassVar, TypeVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.views.widgets.actions import bindings_of
from tui.views.widgets.frame import Frame
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


class Box(Frame):
    """The frame of a dialog that covers a part of the screen: as high as what is in it."""

    DEFAULT_CSS = """
    Box { height: auto; max-height: 100%; padding: 0 1; background: $background; }
    """


class WholeScreen(Dialog[Result]):
    """Covers all that is below but its strip, for which a low terminal has no room."""

    DEFAULT_CSS = "WholeScreen.-low StripBelow { display: none; }"
    LOW_ROWS = 20
    HAS_CHANGES: ClassVar[bool] = False
    """Whether there may be something that leaving for another screen would lose."""

    @on(TitleStrip.Chosen)
    def go_to_screen(self, event: TitleStrip.Chosen) -> None:
        """Leave for the screen whose name was clicked."""
        event.stop()
        self.dismiss(None)
        self.app.call_later(self.app.switch_mode, event.name.lower())

    def on_key(self, event: Key) -> None:
        """Leave for the screen whose key it is, as the strip at the top has it."""
        if self.HAS_CHANGES or isinstance(self.focused, Input):
            return
        if event.key in bindings_of(self).key_to_bindings:  # its own keys come first
            return
        below = self.app.screen_stack[-2]
        for binding in bindings_of(below).key_to_bindings.get(event.key, ()):
            if binding.action.startswith("app.switch_mode("):
                event.stop()
                self.dismiss(None)
                self.app.call_later(self.app.run_action, binding.action)

    def on_resize(self, event: Resize) -> None:
        """Leave the strip out, or show it."""
        self.set_class(event.size.height < self.LOW_ROWS, "-low")
