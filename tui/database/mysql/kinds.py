"""What kind of values a column holds, by its type as MySQL and MariaDB describe it."""

import re
from typing import Final

from msgspec import Struct

from tui.models.columns import Kind

TYPE: Final = re.compile(
    r"\s*([a-z0-9_]+)\s*(?:\((.*)\))?\s*([a-z ]*)", re.IGNORECASE | re.DOTALL
)
"""The word of a type, what stands in parentheses, and what follows: `unsigned zerofill`."""
CHOICE: Final = re.compile(r"'((?:[^']|'')*)'")
UUID_LENGTHS: Final = frozenset({32, 36})
"""How long the text of a uuid is, without dashes and with them."""
WORDS: Final = {
    Kind.INTEGER: "tinyint smallint mediumint int integer bigint year",
    Kind.DECIMAL: "decimal numeric dec fixed",
    Kind.FLOAT: "float double real",
    Kind.BOOLEAN: "bool boolean",
    Kind.MOMENT: "datetime timestamp",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.UUID: "uuid",
    Kind.BYTES: "binary varbinary blob tinyblob mediumblob longblob vector",
    Kind.JSON: "json",
    Kind.TEXT: "char varchar text tinytext mediumtext longtext",
    Kind.ENUM: "enum set",
    Kind.NETWORK: "inet4 inet6",
    Kind.BIT: "bit",
    Kind.GEOMETRY: "geometry point linestring polygon multipoint multilinestring multipolygon"
    " geometrycollection geomcollection",
}
BY_WORD: Final = {word: kind for kind, words in WORDS.items() for word in words.split()}
BITS: Final = {
    "tinyint": 8,
    "smallint": 16,
    "mediumint": 24,
    "int": 32,
    "integer": 32,
    "bigint": 64,
}
YEARS: Final = (0, 2155)
LONG: Final = frozenset({
    "mediumtext", "longtext", "mediumblob", "longblob", "json", "vector",
    *WORDS[Kind.GEOMETRY].split(),
})  # fmt: skip
"""Types of which one value may be longer than all that is to be read of a record."""
BYTES_OF: Final = {"text": 1 << 16, "blob": 1 << 16, "tinytext": 1 << 8, "tinyblob": 1 << 8}
MOST_OF_ROW: Final = 1 << 16
"""Bytes that all columns of a row have together which are none of these."""
MOST_OF_CHARACTER: Final = 4


class ColumnType(Struct, frozen=True):
    """A column's type, taken apart."""

    word: str
    """Its name in lower case: `varchar`."""
    inner: str = ""
    """What stands in its parentheses: `40`, `12,2`, `'a','b'`."""
    unsigned: bool = False

    @property
    def length(self) -> int | None:
        """The first number in parentheses; None where there is none."""
        first = self.inner.partition(",")[0].strip()
        return int(first) if first.isdecimal() else None

    @property
    def places(self) -> int | None:
        """How many digits it keeps behind the point; None where it is not about such."""
        if self.word in {"datetime", "timestamp", "time"}:
            return self.length or 0
        if BY_WORD.get(self.word) is Kind.DECIMAL:
            _, _, scale = self.inner.partition(",")
            return int(scale) if scale.strip().isdecimal() else 0
        return None

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that an enum lists, or the members of a set."""
        if self.word not in {"enum", "set"}:
            return ()
        return tuple(text.replace("''", "'") for text in CHOICE.findall(self.inner))

    @property
    def range(self) -> tuple[int, int] | None:
        """The least and the largest whole number; None where it holds others."""
        if self.word == "year":
            return YEARS
        size = BITS.get(self.word)
        if size is None:
            return None
        return (0, 2**size - 1) if self.unsigned else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)

    @property
    def longest(self) -> int | None:
        """How many bytes one value may have; None for more than any record is to have."""
        if self.word in LONG:
            return None
        if self.word in BYTES_OF:
            return BYTES_OF[self.word]
        size = MOST_OF_CHARACTER if BY_WORD.get(self.word) is Kind.TEXT else 1
        return min(MOST_OF_ROW, size * (self.length or MOST_OF_ROW))


def type_of(declared: str) -> ColumnType:
    """Return a type as information_schema spells it, taken apart."""
    match = TYPE.match(declared)
    if match is None:
        return ColumnType(declared.strip().lower())
    return ColumnType(match[1].lower(), match[2] or "", "unsigned" in match[3].lower())


def kind_of(its: ColumnType) -> Kind:
    """Return the kind of a column of that type; UNKNOWN where it does not tell."""
    if its.word == "tinyint" and its.length == 1:
        return Kind.BOOLEAN
    if its.word == "bit" and its.length in {None, 1}:
        return Kind.BOOLEAN
    if its.word == "char" and its.length in UUID_LENGTHS:
        return Kind.UUID
    return BY_WORD.get(its.word, Kind.UNKNOWN)
