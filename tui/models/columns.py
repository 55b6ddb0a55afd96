"""The columns of a table, and what kind of values each holds, in words of no store."""

from enum import StrEnum
from typing import Any

from msgspec import Struct


class Kind(StrEnum):
    """What the values of a column are, however the database keeps them."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    """A number whose digits count, as for money."""
    FLOAT = "float"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    """A day with a time, in a zone or in none."""
    DATE = "date"
    TIME = "time"
    INTERVAL = "interval"
    UUID = "uuid"
    BYTES = "bytes"
    JSON = "json"
    ARRAY = "array"
    TEXT = "text"
    ENUM = "enum"
    NETWORK = "network"
    """An address of a network or of a machine."""
    RANGE = "range"
    BIT = "bit"
    """A string of bits."""
    GEOMETRY = "geometry"
    UNKNOWN = "unknown"
    """The declaration does not tell; each value says what it is."""


SEARCHED = frozenset({Kind.TEXT, Kind.ENUM, Kind.UUID, Kind.NETWORK})
"""The kinds that a search looks at: short texts, by which a person knows a record."""


class Column(Struct, frozen=True):
    """One column, as the database describes it."""

    name: str
    """Its name, as the database spells it."""
    kind: Kind = Kind.UNKNOWN
    """What its values are."""
    declared: str = ""
    """Its type, as it is declared in the words of the database; '' for none."""
    computed: bool = False
    """Whether the database computes it from other columns."""
    length: int | None = None
    """How many characters its texts are declared to have."""
    float_bytes: int = 8
    """How many bytes its floating-point numbers have, where it holds such."""
    number_digits: int | None = None
    """A text that spells a number becomes one of so many digits; None where it stays a text."""
    places: int | None = None
    """How many digits behind the point it keeps; None for any, and where it refuses more."""
    range: tuple[int, int] | None = None
    """The least and the largest whole number that it holds; None for those of 64 bits."""
    nested: bool = False
    """Whether it holds JSON values themselves, which come as `models.scalars.Nested`; else JSON
    is kept as a text that spells it."""
    documents: bool = False
    """Whether what is nested has types that JSON does not have, such as MongoDB's."""
    choices: tuple[str, ...] = ()
    """The only values that it takes, where the database lists them."""
    nullable: bool = True
    """Whether it may hold no value."""
    default: str = ""
    """What a new record gets where nobody says, in the words of the database; '' for none."""

    def to_json(self) -> dict[str, Any]:
        """Return the column as the JSON object of `hitmiss doctor`."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "type": self.declared,
            "computed": self.computed,
        }
