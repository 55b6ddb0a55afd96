"""Commands that change a record in the database, and take that back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tui.controllers.undo import UndoController
from tui.models import Record
from tui.models.scalars import as_text
from tui.models.sentences import DELETED, listed, told_of_undo, told_of_write
from tui.models.values import parse_assignments
from tui.plain.desk import Desk
from tui.plain.sayings import SHORT_CHARACTERS, key_of
from tui.runtime.errors import ChangedMeanwhile, ChangeRefused
from tui.runtime.plain_text import plain


async def set_column(desk: Desk, text: str) -> None:
    """Write a column of the latest record, and forget its copy."""
    await _write(desk, text, forget=False)


async def drift(desk: Desk, text: str) -> None:
    """Write a column, and leave the copy as it is: to see what becomes of it."""
    if not desk.form().may_forget:
        raise ChangeRefused(
            "drift is for the embedded cache: from another one others would read what is wrong"
        )
    await _write(desk, text, forget=True)


async def undo(desk: Desk, text: str) -> None:
    """Take the latest change back, once."""
    with _unless_stopped(desk):
        change, result = await UndoController(desk.session).undo()
    desk.turn_to(change.id, result.record)
    desk.say(told_of_undo(change, result))


async def _write(desk: Desk, text: str, *, forget: bool) -> None:
    form = desk.form()
    assigned = parse_assignments((text,), form.schema)
    before = await form.record()
    if before is None:
        raise ChangeRefused(f"{key_of(form.id)}: there is no such record to change")
    (column,) = assigned
    _check_is_seen(desk, column, before)
    fixed = form.fixed(column, before) if column in before else None
    if fixed is not None:
        raise ChangeRefused(f"{plain(column, 40)} cannot be changed here: {fixed}")
    changes = await form.changes(before, assigned)
    if not changes:
        desk.say(f"{key_of(form.id)}: {listed(assigned)} is that already")
        return
    with _unless_stopped(desk):
        result = await form.save(changes, before, forget=forget)
    if result.record is None:
        raise ChangeRefused(f"{key_of(form.id)}: {DELETED}")
    desk.turn_to(form.id, result.record)
    was = plain(as_text(before.get(column)), SHORT_CHARACTERS)
    if forget:
        told = f"{key_of(form.id)}: {listed(changes)} written; nobody told the cache"
    else:
        told = told_of_write(result, changes)
    desk.say(f"{told}; it was {was}, undo takes it back")


@contextmanager
def _unless_stopped(desk: Desk) -> Iterator[None]:
    """Say what nobody knows of a write that is not waited for: it goes on to its end."""
    try:
        yield
    except asyncio.CancelledError:
        desk.say("it may be written all the same: bypass shows how the row is")
        raise


def _check_is_seen(desk: Desk, column: str, before: Record) -> None:
    """Return unless somebody was told another value of that column, read from the database.

    Raises:
        ChangedMeanwhile: it is told now, so the same command is taken the next time.
    """
    seen = desk.row
    if seen is None or seen.get(column) == before.get(column):
        return
    desk.turn_to(desk.id, before)
    now = plain(as_text(before.get(column)), SHORT_CHARACTERS)
    raise ChangedMeanwhile(
        f"not written: somebody else changed {listed([column])} meanwhile, to {now};"
        " the same again writes over it"
    )
