"""Which texts a database can hold: one in another encoding than UTF-8 has no place for many."""

import codecs
from functools import lru_cache
from typing import Final

ANY: Final = frozenset({"UTF8", "SQL_ASCII"})
"""The server's words for encodings in which all texts can be kept."""
OTHER_WORDS: Final = {"EUC_CN": "gb2312"}


def can_hold(encoding: str, text: str) -> bool:
    """Tell whether a database in that encoding may hold a text; a server refuses to look."""
    if encoding in ANY or text.isascii():
        return True
    codec = _codec(encoding)
    try:
        return codec is None or bool(codec.encode(text))
    except UnicodeEncodeError:
        return False


@lru_cache(1)
def _codec(encoding: str) -> codecs.CodecInfo | None:
    """Return Python's codec for an encoding of PostgreSQL; None where there is none."""
    word = OTHER_WORDS.get(encoding) or encoding.lower().replace("win", "cp")
    try:
        return codecs.lookup(word)
    except LookupError:
        return None
