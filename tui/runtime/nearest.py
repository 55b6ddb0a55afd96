"""Which of some names a person may have meant by another."""

from collections.abc import Iterable

CUTOFF = 0.6
"""How alike two names have to be: 1 for the same."""


def nearest_name(name: str, known: Iterable[str], *, cutoff: float = CUTOFF) -> str | None:
    """Return the nearest of the `known` names; None where none is near."""
    from difflib import get_close_matches  # for a mistake alone: whatever starts waits for it

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), None)
