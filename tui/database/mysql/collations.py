"""What a collation takes for the same, told by its name, and in which a search compares.

Sources: MySQL 8.4 Reference Manual, 'Collation Naming Conventions' and 'Unicode Character
Sets'; MariaDB Knowledge Base, 'Character Sets and Collations'.
"""

from typing import Final

UTF8: Final = "utf8mb4"
EXACT: Final = "utf8mb4_bin"
"""In MySQL and in MariaDB alike; each letter is itself alone."""

CODECS: Final = {
    "ascii": "ascii", "latin2": "iso8859-2", "latin5": "iso8859-9", "latin7": "iso8859-13",
    "cp1250": "cp1250", "cp1251": "cp1251", "cp1256": "cp1256", "cp1257": "cp1257",
    "greek": "iso8859-7", "hebrew": "iso8859-8", "koi8r": "koi8-r", "koi8u": "koi8-u",
    "cp850": "cp850", "cp852": "cp852", "cp866": "cp866", "gb2312": "gb2312", "gbk": "gbk",
    "gb18030": "gb18030", "big5": "big5", "sjis": "shift_jis", "cp932": "cp932",
    "ujis": "euc_jp", "eucjpms": "euc_jp", "euckr": "euc_kr", "tis620": "tis-620",
}  # fmt: skip
"""What Python calls the character sets that do not hold every text."""
UP_TO_FFFF: Final = frozenset({"utf8mb3", "utf8", "ucs2"})


def may_hold(charset: str, text: str) -> bool:
    """Tell whether a column of that character set may hold a text; where nobody knows, it may.

    MySQL fails when it is to compare such a column with another text.
    """
    if charset in UP_TO_FFFF:
        return all(character <= "\uffff" for character in text)
    if charset == "latin1":  # with what Windows has between, and what stands there otherwise
        return _fits(text, "cp1252") or _fits(text, "latin-1")
    return charset not in CODECS or _fits(text, CODECS[charset])


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def folds_case(collation: str) -> bool:
    """Tell whether it takes `A` for `a`."""
    return bool(collation) and not collation.endswith(("_bin", "_cs")) and collation != "binary"


def is_exact(collation: str) -> bool:
    """Tell whether only the very same text is the same, blanks at its end included."""
    return collation in {"", "binary"} or (collation.endswith("_bin") and not pads(collation))


def pads(collation: str) -> bool:
    """Tell whether blanks at the end of a text make no difference."""
    return "_nopad_" not in collation and "_0900_" not in collation and collation != "binary"
