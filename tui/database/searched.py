"""Which columns of a table a search looks at."""

from collections.abc import Sequence

from tui.models.columns import SEARCHED, Column, Kind

PREFERRED = ("name", "email")
"""The columns by which a person knows a record, where they are texts."""
MOST_COLUMNS = 3


def searched(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return which of those a search looks at: name and e-mail, else the first texts.

    What is a text but says little to a person, such as a uuid, comes behind all others.
    """
    texts = [column.name for column in columns if column.kind is Kind.TEXT]
    others = [column.name for column in columns if column.kind in SEARCHED - {Kind.TEXT}]
    preferred = [name for name in PREFERRED if name in texts]
    return tuple(preferred or [*texts, *others][:MOST_COLUMNS])
