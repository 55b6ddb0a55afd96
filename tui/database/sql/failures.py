"""What goes wrong in every database of SQL, in one word for all of them."""

from tui.runtime.errors import DatabaseUnavailable

IGNORED = "the database passed over it: a trigger, a rule or a policy of the table says so"
CHANGED = "somebody else changed the record since it was shown; nothing was changed"


class SchemaChanged(DatabaseUnavailable):
    """The table no longer has the columns that it had: they are to be read anew."""
