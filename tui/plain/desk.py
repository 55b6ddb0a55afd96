"""What commands work on: the session, its controllers, and what was asked last."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tui.config.kinds import lasting
from tui.controllers.cached_keys import CachedKeysController
from tui.controllers.edit import EditController
from tui.controllers.lookup import LookupController
from tui.controllers.session import Session
from tui.models import Key, Outcome, Record
from tui.plain.changes import Changes
from tui.runtime.clock import Clock
from tui.runtime.errors import READ_ONLY, ChangeRefused, HitmissError, SettingsError

if TYPE_CHECKING:
    from tui.controllers.compare import CompareController
    from tui.controllers.lab import LabController

PROGRESS_SECONDS: Final = 3.0
"""How often it is said how far long work has come."""
DIRECTIONS: Final = {"+": 1, "-": -1}
"""More and less, as they are typed."""


class NothingAskedYet(HitmissError):
    """A command is about the record that was asked for last, and there is none."""


def seconds_of(command: str, text: str, examples: str) -> float:
    """Return the time that is given to a command, in seconds.

    Raises:
        SettingsError: it is none, or no time at all; the message has the `examples`.
    """
    try:
        return lasting(command, text, examples=examples)
    except SettingsError as error:
        raise SettingsError(str(error).removeprefix("--")) from None


class ProgressPace:
    """Says when it is time again to tell how far something has come."""

    def __init__(self, clock: Clock) -> None:
        """Begin now, with nothing to tell for a while."""
        self._clock = clock
        self._told = clock.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether PROGRESS_SECONDS have passed since this was so."""
        now = self._clock.monotonic()
        if now - self._told < PROGRESS_SECONDS:
            return False
        self._told = now
        return True


class Desk:
    """One conversation, as far as its commands have something in common."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        say: Callable[[str], None],
        ask: Callable[[str], Awaitable[bool]],
    ) -> None:
        """Say lines with `say`; `ask` gives whether somebody says yes to a question."""
        self.session = session
        self.clock = clock
        self.say = say
        self.ask = ask
        self.lookups = LookupController(session)
        self.copies = CachedKeysController(session, clock)
        self.changes = Changes(session, self.copies, clock)
        self.outcome: Outcome | None = None
        """The latest answer."""
        self.row: Record | None = None
        """The record, as it was last read from the database and told; None for a copy."""
        self.over = False
        """Whether somebody has said that it is over."""
        self._id: Key | None = None

    @cached_property
    def compares(self) -> "CompareController":
        """The way to what is on both sides."""
        from tui.controllers.compare import CompareController

        return CompareController(self.session, self.clock)

    @cached_property
    def lab(self) -> "LabController":
        """The way to loads and scenarios."""
        from tui.controllers.lab import LabController

        return LabController(self.session, self.clock)

    @property
    def id(self) -> Key:
        """The key of the record that was asked for last.

        Raises:
            NothingAskedYet: there is none.
        """
        if self._id is None:
            raise NothingAskedYet("no record was asked for yet: type a key first, like 1")
        return self._id

    def turn_to(self, id: Key, row: Record | None, outcome: Outcome | None = None) -> None:
        """Let what follows be about this record; `row` is it, where the database gave it."""
        self._id, self.row = id, row
        if outcome is not None or (self.outcome is not None and self.outcome.id != id):
            self.outcome = outcome

    def key_or_last(self, text: str) -> Key:
        """Return the key that a command names, else the one that was asked for last.

        Raises:
            InvalidKey: it names none.
            NothingAskedYet: it names nothing, and nothing was asked for.
        """
        return self.lookups.parse_key(text) if text else self.id

    def form(self) -> EditController:
        """Return the way to change the record that was asked for last.

        Raises:
            ChangeRefused: read-only.
            NothingAskedYet: there is none.
        """
        self.check_writable()
        return EditController(self.session, self.id)

    def check_writable(self) -> None:
        """Return if something may be changed.

        Raises:
            ChangeRefused: read-only.
        """
        if self.session.read_only:
            raise ChangeRefused(READ_ONLY)
