"""What the words on the screens mean: for help."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from tui.models import Label
from tui.models.colours import DIM, FAMILY
from tui.models.sentences import EXPLANATIONS


class Word(NamedTuple):
    """A word, or a sign, as a screen shows it."""

    word: str
    family: str
    """Its colour family."""
    meaning: str
    dim: bool = False
    short: str = ""
    """The meaning in fewer words, where there are such."""


Words: TypeAlias = Mapping[str, Iterable[Word]]
"""The words of a screen, under titles."""

SHORT: Final = {
    Label.NEGATIVE: "the cache knows: no such record",
    Label.NOT_FOUND: "the database has none",
    Label.STALE: "past its ttl; db is down",
    Label.BYPASS: "cache not asked, or silent",
    Label.ERROR: "no answer; the reason",
}
ANSWERS: Final = [
    Word(label, family, EXPLANATIONS[label], label in DIM, SHORT.get(label, ""))
    for label, family in FAMILY.items()
]
"""The words of lookups."""
