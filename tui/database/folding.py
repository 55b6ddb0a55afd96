"""Texts without case and accents, and how well one matches another."""

import itertools
import unicodedata


def fold(text: str) -> str:
    """Give `text` without case and accents, so that `jose` finds `José`."""
    if text.isascii():
        return text.lower()
    # Before folding too: a letter such as a bold A of mathematics has no case of its own.
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(itertools.filterfalse(unicodedata.combining, decomposed))


def spellings(text: str) -> list[str]:
    """Give the ways to write `text` that an index is asked for: it does not fold as we do.

    NOCASE takes A to Z for a to z and leaves all else as it is, so ASCII needs one spelling.
    Of other texts the usual cases are tried, with accents composed and not, and without any.
    """
    folded = fold(text)
    if text.isascii():
        return [folded]
    cases = (folded, text, text.lower(), text.title(), text.upper())
    forms = (unicodedata.normalize(form, case) for case in cases for form in ("NFC", "NFD"))
    return list(dict.fromkeys(forms))


def rank(needle: str, *texts: object) -> int | None:
    """Tell how well a record matches a folded text: 0 best, None not at all.

    0 where a column begins with it, 1 where a word does, 2 where it stands inside.
    """
    best: int | None = None
    for text in texts:
        if not isinstance(text, str):
            continue
        folded = fold(text)
        place = folded.find(needle)
        if place == 0:
            return 0
        if place > 0:
            word = any(
                not folded[i - 1].isalnum()
                for i in range(1, len(folded))
                if folded.startswith(needle, i)
            )
            best = min(2 if best is None else best, 1 if word else 2)
    return best
