"""What a person is told of answers and changes, on the screens and without any."""

from collections.abc import Iterable

from tui.models import CopyChange, Label, Outcome, WriteResult
from tui.models.undoable import UndoableChange
from tui.runtime.plain_text import plain

EXPLANATIONS = {
    Label.HIT: "fresh in the cache",
    Label.STALE: "past its ttl; the database could not answer",
    Label.NEGATIVE: "the cache knows that there is no such record",
    Label.DB: "from the database",
    Label.NOT_FOUND: "the database has no such record",
    Label.BYPASS: "from the database, past the cache",
    Label.ERROR: "no answer",
}
"""What each label means, in a few words."""
DELETED = "the record was deleted meanwhile"


def remarks(outcome: Outcome) -> list[str]:
    """Return what else is to be said of an answer, a sentence each."""
    flags = outcome.flags
    said = []
    if flags.coalesced:
        said.append("shared the load of another lookup")
    if flags.filled is not None and flags.filled != "yes":
        said.append(f"fill {flags.filled.value}: not stored in the cache")
    if flags.refreshing:
        said.append("being refreshed behind this answer, before it expires")
    if flags.pending:
        said.append("its cached copy may be stale: the delete is still pending")
    if flags.repaired:
        said.append("the cached copy was unusable and has been overwritten")
    return said


def counted(count: int, word: str) -> str:
    """Return a number of things: `1 read`, `1,200 reads`; `1 copy`, `2 copies`."""
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("y") else f"{count:,} {word}s"


def listed(columns: Iterable[str]) -> str:
    """Return the names of columns as they may be shown, with commas between them."""
    return ", ".join(plain(column, 30) for column in columns)


def told_of_write(result: WriteResult, columns: Iterable[str]) -> str:
    """Return what is said of columns that were written, and of the record's copy."""
    return f"{_key(result)}: {listed(columns)} written{_of_copy(result)}"


def told_of_undo(change: UndoableChange, result: WriteResult) -> str:
    """Return what is said of a change that was taken back, and of the record's copy."""
    if result.record is None:
        return f"{_key(result)}: not taken back: {DELETED}"
    said = f"{_key(result)}: {listed(change.before)} put back"
    odd = [name for name, value in change.before.items() if result.record.get(name) != value]
    if odd:
        said += f" (the database has made something else of {listed(odd)})"
    return said + _of_copy(result)


def told_of_copy(change: CopyChange, what: str) -> str:
    """Return what is said of a copy that was to be `what`: invalidated, expired."""
    key = plain(str(change.id), 40)
    if change.reason is not None:
        later = " yet; it will be before it is read" if change.pending else ""
        return f"{key} was not {what}{later}: {change.reason}"
    return f"{key} {what}" if change.found else f"{key} was not cached"


def _key(result: WriteResult) -> str:
    return plain(str(result.id), 40)


def _of_copy(result: WriteResult) -> str:
    if result.pending:
        return f", but the cached copy is not deleted yet: {result.reason}"
    return ", and the cached copy invalidated"
