"""A screen over another one, which is left once, whoever says so how often."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

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
