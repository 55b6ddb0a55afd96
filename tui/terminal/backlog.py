"""How far the app is behind what is typed, and what is done about it."""

import time
from collections.abc import Callable
from typing import Final

MOST_AHEAD: Final = 256
"""How much may wait for the app. More is left to the line, which makes the sender wait."""
CAUGHT_UP: Final = 16
PATIENCE_SECONDS: Final = 5.0
"""For how long the line is held up: a text that is typed by a program comes through whole."""


class Backlog:
    """Tells when to read no more for now, and when so much has come that it is no typing.

    Keys are taken one after the other, some hundreds a second. Whatever sends more than that
    for seconds means no keys, and ctrl+c would lie behind all of it.
    """

    def __init__(
        self, ahead: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask `ahead` how much waits, and measure time by `clock`, in seconds."""
        self._ahead = ahead
        self._clock = clock
        self._behind_since: float | None = None
        self.is_flooded = False
        """Whether what comes now is passed over, but for what ends the program."""

    def is_full(self) -> bool:
        """Tell whether what is on the line has to stay there for a moment."""
        ahead = self._ahead()
        if ahead <= CAUGHT_UP:
            self.is_over()
        if ahead <= MOST_AHEAD or self.is_flooded:
            return False
        now = self._clock()
        if self._behind_since is None:
            self._behind_since = now
        self.is_flooded = now - self._behind_since >= PATIENCE_SECONDS
        return not self.is_flooded

    def is_over(self) -> None:
        """Take what comes next for typing again: the line has been silent."""
        self._behind_since = None
        self.is_flooded = False
