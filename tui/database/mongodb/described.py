"""What a column holds, told by the values that some documents have in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp

from tui.database.mongodb.values import BsonValues, LongValue
from tui.database.searched import searched
from tui.models.columns import Column, Kind

UUID: Final = "uuid"
KINDS: Final = {
    "int": Kind.INTEGER, "long": Kind.INTEGER, "double": Kind.FLOAT, "decimal": Kind.DECIMAL,
    "string": Kind.TEXT, "bool": Kind.BOOLEAN, "date": Kind.MOMENT, "objectId": Kind.TEXT,
    "binData": Kind.BYTES, UUID: Kind.UUID, "object": Kind.JSON, "array": Kind.JSON,
    "number": Kind.FLOAT, "symbol": Kind.TEXT,
}  # fmt: skip
"""What is of which kind, by the names that MongoDB has for its types."""
NAMES: Final[dict[type[Any], str]] = {
    int: "int", Int64: "long", float: "double", Decimal128: "decimal", str: "string",
    bool: "bool", DatetimeMS: "date", ObjectId: "objectId", bytes: "binData",
    Binary: "binData", dict: "object", list: "array", DBRef: "object", Regex: "regex",
    Code: "javascript", Timestamp: "timestamp", MinKey: "minKey", MaxKey: "maxKey",
}  # fmt: skip
"""What MongoDB calls the type of what the driver gives."""
NUMBERS: Final = ("decimal", "double", "long", "int")
"""The widest first: a column of several of them is of the kind of the widest."""
MOST_ALIKE: Final = 0.9
"""So many of a column's values tell its kind, whatever the others are."""
NESTED: Final = frozenset({"object", "array"})


def type_name(value: Any, values: BsonValues) -> str:
    """Return what MongoDB calls the type of a value; `uuid` for bytes that are one."""
    if isinstance(value, LongValue):
        return value.type
    name = NAMES.get(type(value), "")
    if name == "binData" and type(values.scalar(value)) is str:
        return UUID
    return name


def column_of(name: str, found: Iterable[Any], values: BsonValues) -> Column:
    """Return what a column is whose values are like those that were `found`."""
    counts = Counter(type_name(value, values) for value in found if value is not None)
    return of_types(name, counts)


def of_types(name: str, counts: Mapping[str, int]) -> Column:
    """Return a column that holds values of those types, so many of each."""
    usual = sorted(counts, key=lambda one: (-counts[one], one))
    declared = " | ".join(usual)
    if not NESTED.isdisjoint(usual):
        return Column(name, Kind.JSON, declared, nested=True, documents=True)
    return Column(name, _kind(counts), declared)


def searched_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return which of those a search looks at.

    What another document is known by is no text to anybody.
    """
    return searched([one for one in columns if one.declared not in {"objectId", UUID}])


def _kind(counts: Mapping[str, int]) -> Kind:
    """Return the kind that nearly all values are of; UNKNOWN where they are of several."""
    kinds: Counter[Kind] = Counter()
    numbers = [one for one in NUMBERS if one in counts]
    for one, count in counts.items():
        kinds[KINDS.get(numbers[0] if one in numbers else one, Kind.UNKNOWN)] += count
    if not kinds:
        return Kind.UNKNOWN
    kind, count = kinds.most_common(1)[0]
    return kind if count >= MOST_ALIKE * kinds.total() else Kind.UNKNOWN
