"""Text from outside, made safe to show: control characters become visible."""

import json
import unicodedata
from dataclasses import dataclass

JOINERS = "\u200c\u200d"
"""Format characters that Persian, Indic scripts and emoji need in order to read right."""


@dataclass(slots=True)
class Spelling:
    """How texts from outside are spelled, all over the program."""

    ascii: bool = False
    """With escapes for all that is not ASCII: `\\xe9`."""
    blocks: bool = False
    """Lines in charts as columns of blocks, for fonts without braille."""


SPELLING = Spelling()


def is_unicode(text: str) -> bool:
    """Tell whether UTF-8 can carry `text`: no half of a surrogate pair is in it.

    JSON can spell one, and a command line that is not UTF-8 reaches Python as some.
    """
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def plain(text: str, limit: int | None = None) -> str:
    r"""Give `text` so that a terminal shows it and obeys nothing in it.

    Control characters, line ends, format characters (bidi overrides among them) and
    lone surrogates become escapes such as ``\x1b`` or ``\u202e``. With a `limit`, a
    longer text is cut to that many characters, and says how long it was. Where SPELLING says
    so, all else that is not ASCII becomes an escape too.
    """
    cut = text if limit is None or len(text) <= limit else text[:limit]
    if not cut.isprintable():
        cut = "".join(_visible(character) for character in cut)
    if SPELLING.ascii:
        cut = cut.encode("ascii", "backslashreplace").decode()
    if len(text) > (limit or len(text)):
        return f"{cut}… ({len(text):,} characters)"
    return cut


def json_line(value: object) -> str:
    """Return a value as JSON that no terminal obeys and no locale breaks: all of it is ASCII.

    What is no printable ASCII is an escape inside of a text, so it is the same JSON.
    """
    # Of the control characters JSON leaves one as it is.
    return json.dumps(value).replace("\x7f", "\\u007f")


def readable_json(value: object) -> str:
    r"""Return a value as JSON for somebody who pastes it: letters of all scripts are letters.

    What cannot be seen (controls, line ends, bidi and other format characters, zero widths,
    spaces but the usual one, lone surrogates) is an escape, and so the JSON means the same.
    """
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    # Outside of texts all is ASCII, so each escape comes to stand inside of one.
    return "".join(c if c.isprintable() else json_line(c)[1:-1] for c in text)


def _visible(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    # Spaces other than U+0020 count as not printable; the usual ones are harmless.
    if unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if code < 0x100:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
