"""What the words on the screens mean: for help."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from tui.models.colours import DIM, FAMILY
from tui.models.sentences import EXPLANATIONS


class Word(NamedTuple):
    """A word, or a sign, as a screen shows it."""

    word: str
    family: str
    """Its colour family."""
    meaning: str
    dim: bool = False


Words: TypeAlias = Mapping[str, Iterable[Word]]
"""The words of a screen, under titles."""

ANSWERS: Final = [
    Word(label, family, EXPLANATIONS[label], label in DIM) for label, family in FAMILY.items()
]
"""The words of lookups."""
