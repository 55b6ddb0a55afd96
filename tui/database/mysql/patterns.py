"""A regular expression that finds a folded text in texts as people write them.

`tui.database.folding.fold` takes case and accents off; no collation of MySQL does quite the
same (in none is `й` an `и`, and of `ß` and `ss` only some know). So each letter is spelled as
the class of all that fold to it, with whatever accents follow.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from tui.database.folding import fold

BLOCKS: Final = (
    range(0x21, 0x2200), range(0x2460, 0x2500), range(0x3041, 0x3100),
    range(0xFB00, 0xFDFC), range(0xFF00, 0xFFF0),
)  # fmt: skip
"""Where letters stand that fold to others; letters of mathematics are passed over."""
SPECIAL: Final = re.compile(r"[\\^$.\[\]|()?*+{}/&~#-]")
ACCENTS: Final = r"\p{M}*"
MOST_FOLDED: Final = 4
"""Characters that one letter may fold to: `ﬃ` to three."""


def pattern_of(needle: str) -> str:
    r"""Return the expression for a folded text, as PCRE and ICU have it."""
    return "".join(_pieces(unicodedata.normalize("NFC", needle)))


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        for length in range(MOST_FOLDED, 1, -1):
            part = text[at : at + length]
            if len(part) == length and part in folding_to():
                letters = "".join(map(_letter, part))
                yield f"(?:{letters}|{_class(folding_to()[part])}{ACCENTS})"
                at += length
                break
        else:
            yield _letter(text[at])
            at += 1


def _letter(character: str) -> str:
    others = folding_to().get(fold(character), "")
    return f"{_class(character + others)}{ACCENTS}"


def _class(characters: str) -> str:
    escaped = "".join(SPECIAL.sub(r"\\\g<0>", one) for one in dict.fromkeys(characters))
    return f"[{escaped}]" if len(escaped) > 1 else escaped


@cache
def folding_to() -> Mapping[str, str]:
    """Return the characters that fold to another text than themselves, by that text."""
    found: dict[str, str] = {}
    for block in BLOCKS:
        for character in map(chr, block):
            if character.casefold() == character and not unicodedata.decomposition(character):
                continue
            folded = fold(character)
            if folded and not unicodedata.combining(character):
                found[folded] = found.get(folded, "") + character
    return found
