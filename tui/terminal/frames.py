"""What goes to the terminal next: sequences that are not for cells, then the newest screen."""

from typing import Final

from tui.terminal.abilities import Abilities
from tui.terminal.grid import Grid
from tui.terminal.interpreter import Interpreter
from tui.terminal.painter import Painter

AT_ONCE: Final = 256
"""Characters that arrive in one piece anyway; more of them are marked as one frame."""


class Frames:
    """The screen as Textual wants it, the screen as the terminal has it, and the way between.

    Between two calls of `take` any number of frames may come in: only the newest is painted.
    """

    def __init__(self, width: int, height: int, abilities: Abilities) -> None:
        """Begin with a screen of which nothing is known, and which is not ours yet."""
        self._interpreter = Interpreter(Grid(width, height), self._pass_on)
        self._painter = Painter(abilities)
        self._ahead: list[str] = []
        self._ours = False
        self._given_up = False

    def feed(self, data: str) -> None:
        """Take in what Textual writes.

        Should that go wrong, whatever comes after it goes through as it is: the terminal can
        then still be left as it was.
        """
        if self._given_up:
            self._ahead.append(data)
            return
        try:
            self._interpreter.feed(data)
        except BaseException:
            self._given_up = True
            self.end()
            raise

    def resize(self, width: int, height: int) -> None:
        """Go on with a terminal of that size; after a change nobody knows what it shows."""
        grid = self._interpreter.grid
        if (grid.width, grid.height) != (width, height):
            self._interpreter.resize(width, height)
            self._painter.forget()

    def forget(self) -> None:
        """Paint the whole screen next: somebody else may have written on it."""
        self._painter.forget()

    def begin(self) -> None:
        """Paint from now on, the whole screen first."""
        self._ours = True
        self._painter.forget()

    def end(self) -> None:
        """Paint no more: who sees the screen next is not to see ours, nor its style."""
        if self._ours:
            self._ours = False
            self._ahead.append(self._painter.rest())

    def take(self) -> str:
        """Give what leads from what the terminal shows to what it should show."""
        self._paint()
        taken = "".join(self._ahead)
        self._ahead.clear()
        return taken

    def _paint(self) -> None:
        wants = self._interpreter
        if not self._ours or not wants.has_painted:
            return
        frame = self._painter.paint(wants.grid, wants.row, wants.column)
        if wants.synchronised and len(frame) > AT_ONCE:
            frame = f"\x1b[?2026h{frame}\x1b[?2026l"
        self._ahead.append(frame)

    def _pass_on(self, sequence: str, unknown: bool) -> None:
        if unknown:  # it may rest on what was painted before
            self._paint()
            self._painter.forget()
        self._ahead.append(sequence)
