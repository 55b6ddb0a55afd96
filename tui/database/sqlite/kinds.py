"""What kind of values a column of SQLite holds, as far as its declared type tells.

SQLite itself takes any words for a type, and makes of them one of five affinities. Programs
declare what they mean all the same: DATETIME, BOOLEAN, JSON.
"""

import re

from tui.models.columns import Column, Kind
from tui.runtime.patterns import lazily

TYPE = lazily(r"\s*([^\s(]*)[^(]*(?:\(\s*([0-9]{1,9})\s*(?:,[^)]*)?\))?", re.ASCII)
"""The first word of a type, and the first number in parentheses."""
DIGITS = 15
"""So many digits SQLite keeps of a text that it takes for a number.
Source: https://www.sqlite.org/datatype3.html, section 3."""
UUID_LENGTHS = frozenset({32, 36})
"""How long the text of a uuid is, without dashes and with them."""
WORDS = {
    Kind.MOMENT: "DATETIME DATETIME2 DATETIMEOFFSET SMALLDATETIME TIMESTAMP TIMESTAMPTZ",
    Kind.DATE: "DATE",
    Kind.TIME: "TIME TIMETZ",
    Kind.INTERVAL: "INTERVAL",
    Kind.BOOLEAN: "BOOL BOOLEAN",
    Kind.JSON: "JSON JSONB",
    Kind.UUID: "UUID GUID UNIQUEIDENTIFIER",
    Kind.DECIMAL: "DECIMAL DEC NUMERIC NUMBER MONEY SMALLMONEY CURRENCY FIXED",
    Kind.INTEGER: "SERIAL BIGSERIAL SMALLSERIAL YEAR",
    Kind.TEXT: "STRING XML",
    Kind.BYTES: "BYTEA BINARY VARBINARY",
    Kind.ENUM: "ENUM SET",
    Kind.NETWORK: "INET CIDR MACADDR MACADDR8",
    Kind.RANGE: "INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE DATERANGE INT4MULTIRANGE"
    " INT8MULTIRANGE NUMMULTIRANGE TSMULTIRANGE TSTZMULTIRANGE DATEMULTIRANGE",
    Kind.BIT: "VARBIT",
    Kind.GEOMETRY: "GEOMETRY GEOGRAPHY GEOMETRYCOLLECTION POINT LINESTRING POLYGON MULTIPOINT"
    " MULTILINESTRING MULTIPOLYGON",
    Kind.ARRAY: "ARRAY",
}
"""With which words the type of each kind begins, where no affinity tells."""
BY_WORD = {word: kind for kind, words in WORDS.items() for word in words.split()}
OF_AFFINITY = {
    "INTEGER": Kind.INTEGER, "TEXT": Kind.TEXT, "BLOB": Kind.BYTES, "REAL": Kind.FLOAT,
}  # fmt: skip


def affinity(declared: str) -> str:
    """Return what a column of that declared type holds, by SQLite's own five rules.

    What SQLite calls BLOB is ANY here where no type is declared: such columns hold anything.
    Source: https://www.sqlite.org/datatype3.html, section 3.1.
    """
    upper = declared.upper()
    for words, held in (
        (("INT",), "INTEGER"),
        (("CHAR", "CLOB", "TEXT"), "TEXT"),
        (("BLOB",), "BLOB"),
        (("REAL", "FLOA", "DOUB"), "REAL"),
    ):
        if any(word in upper for word in words):
            return held
    return "NUMERIC" if declared else "ANY"


def affinity_of(column: Column) -> str:
    """Return what SQLite makes of what is put into that column."""
    return affinity(column.declared)


def kind_of(declared: str) -> Kind:
    """Return the kind of a column of that declared type; UNKNOWN where it does not tell."""
    word, length = _parts(declared)
    is_fixed = "VARYING" not in declared.upper()
    if declared.rstrip().endswith("[]"):
        return Kind.ARRAY
    if word in {"CHAR", "CHARACTER", "NCHAR"} and is_fixed and length in UUID_LENGTHS:
        return Kind.UUID
    if word == "TINYINT" and length == 1:
        return Kind.BOOLEAN
    if word == "BIT":
        return Kind.BOOLEAN if is_fixed and length in {None, 1} else Kind.BIT
    return BY_WORD.get(word) or OF_AFFINITY.get(affinity(declared), Kind.UNKNOWN)


def described(name: str, declared: str, *, computed: bool) -> Column:
    """Return a column whose type is `declared`."""
    is_numeric = affinity(declared) in {"NUMERIC", "INTEGER", "REAL"}
    return Column(
        name, kind_of(declared), declared, computed,
        length=_parts(declared)[1],
        number_digits=DIGITS if is_numeric else None,
    )  # fmt: skip


def _parts(declared: str) -> tuple[str, int | None]:
    """Return the first word of a type, in capitals, and the number behind it, or None."""
    match = TYPE.match(declared)
    if match is None:
        return "", None
    return match[1].upper(), None if match[2] is None else int(match[2])
