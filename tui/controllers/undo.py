"""What can be taken back: the latest change that a person has made, once."""

import asyncio

from tui.controllers.session import Session
from tui.models import Record, WriteResult
from tui.models.sentences import DELETED, listed
from tui.models.undoable import UndoableChange
from tui.runtime.errors import (
    READ_ONLY_DATABASE,
    ChangedMeanwhile,
    ChangeIgnored,
    ChangeRefused,
    DatabaseUnavailable,
)
from tui.runtime.plain_text import plain

NOTHING = "there is nothing to take back: nothing was changed here, or it was taken back"


class UndoController:
    """The way back from what was written through the form."""

    def __init__(self, session: Session) -> None:
        """Take back what was changed in the session."""
        self.session = session

    async def undo(self) -> tuple[UndoableChange, WriteResult]:
        """Write what was there before the latest change, and invalidate the copy.

        Only if the columns that were changed still hold what was written into them. Unless the
        database is silent or refuses, it is tried once.

        Raises:
            ChangedMeanwhile: somebody else changed one of them; nothing was written.
            ChangeRefused: read-only, nothing to take back, or a constraint.
            DatabaseUnavailable: no answer.
        """
        if self.session.read_only:
            raise ChangeRefused(READ_ONLY_DATABASE)
        change = self.session.undoable
        if change is None:
            raise ChangeRefused(NOTHING)
        if missing := [name for name in change.written if name not in change.before]:
            raise ChangeRefused(
                f"not taken back: the record had no {listed(missing)}, and hitmiss removes"
                " no field from a record"
            )
        self.session.undoable = None
        try:
            return change, await self._write(change)
        except (ChangedMeanwhile, ChangeIgnored):
            raise
        except (ChangeRefused, DatabaseUnavailable, asyncio.CancelledError):
            if self.session.undoable is None:  # it can be tried again
                self.session.undoable = change
            raise

    async def _write(self, change: UndoableChange) -> WriteResult:
        services = await self.session.services()
        writer = services.service.writer
        try:
            return await writer.update(change.id, change.before, expected=change.written)
        except ChangedMeanwhile:
            row = await services.table.find(change.id)
        raise ChangedMeanwhile(_told_of_conflict(change, row))


def _told_of_conflict(change: UndoableChange, row: Record | None) -> str:
    """Return why a change was not taken back, from the row as it is by now."""
    key = plain(str(change.id), 40)
    if row is None:
        return f"{key}: not taken back: {DELETED}"
    theirs = [name for name, value in change.written.items() if row.get(name) != value]
    if theirs and all(row.get(name) == value for name, value in change.before.items()):
        return f"{key}: {listed(change.before)} is as it was before already"
    return f"{key}: not taken back: somebody else changed {listed(theirs) or 'it'} meanwhile"
