"""A change of a record that can be taken back."""

from msgspec import Struct

from tui.models import Key, Record


class UndoableChange(Struct, frozen=True):
    """What a person has changed in one record, and how it was."""

    id: Key
    """The record's key."""
    before: Record
    """The columns that were changed, as they were; those that were not there are missing."""
    written: Record
    """The same columns, as the database has kept what was written."""
