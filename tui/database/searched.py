"""Which columns of a table a search looks at."""

from collections.abc import Sequence
from typing import Final

from tui.models.columns import SEARCHED, Column, Kind
from tui.runtime.patterns import lazily

NAMES: Final = frozenset(
    {
        "name",
        "title",
        "label",
        "fullname",
        "username",
        "nickname",
        "surname",
        "login",
        "headline",
    }
)
"""What the names of columns end with by which a person knows a record: `full_name`, `Title`."""
MAILS: Final = frozenset({"email", "mail"})
WORD: Final = lazily(r"[^\W_]+")
HUMP: Final = lazily(r"(?<=[a-z0-9])(?=[A-Z])")
"""Where a word begins in `fullName`."""
MOST_COLUMNS = 3


def searched(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return which of those a search looks at: names and e-mails, else the first texts.

    `name` comes first, then what is called so in other words, then e-mails. What is a text but
    says little to a person, such as a uuid, comes behind all others.
    """
    texts = [column.name for column in columns if column.kind is Kind.TEXT]
    others = [column.name for column in columns if column.kind in SEARCHED - {Kind.TEXT}]
    ranks = {name: rank for name in texts if (rank := _rank(name)) is not None}
    preferred = sorted(ranks, key=lambda name: ranks[name])
    return tuple((preferred or [*texts, *others])[:MOST_COLUMNS])


def _rank(name: str) -> int | None:
    """Return how well a person knows a record by a column of that name; None for not at all."""
    words = [word.casefold() for word in WORD.findall(HUMP.sub(" ", name))]
    if words == ["name"]:
        return 0
    if not words or words[-1] not in NAMES | MAILS:
        return None
    return 1 if words[-1] in NAMES else 2
