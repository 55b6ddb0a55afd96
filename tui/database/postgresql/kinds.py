"""What kind of values a column of PostgreSQL holds, by its type."""

from typing import Final

from tui.models.columns import Kind

TYPES: Final = {
    Kind.INTEGER: "int2 int4 int8 oid xid8",
    Kind.DECIMAL: "numeric money",
    Kind.FLOAT: "float4 float8",
    Kind.BOOLEAN: "bool",
    Kind.MOMENT: "timestamp timestamptz",
    Kind.DATE: "date",
    Kind.TIME: "time timetz",
    Kind.INTERVAL: "interval",
    Kind.UUID: "uuid",
    Kind.BYTES: "bytea",
    Kind.JSON: "json jsonb",
    Kind.TEXT: "text varchar bpchar citext name xml",
    Kind.NETWORK: "inet cidr macaddr macaddr8",
    Kind.BIT: "bit varbit",
    Kind.GEOMETRY: "point line lseg box path polygon circle geometry geography",
}
"""By the base type's own name. Source: PostgreSQL documentation, chapter 8."""
BY_TYPE: Final = {name: kind for kind, names in TYPES.items() for name in names.split()}
BY_CATEGORY: Final = {"A": Kind.ARRAY, "E": Kind.ENUM, "R": Kind.RANGE}
"""By `pg_type.typcategory`, where the name does not tell."""
RANGES: Final = {
    "int2": (-(2**15), 2**15 - 1), "int4": (-(2**31), 2**31 - 1), "oid": (0, 2**32 - 1),
    "xid8": (0, 2**64 - 1),
}  # fmt: skip
"""The whole numbers that a type holds, where they are not those of 64 bits."""
SIZE_KNOWN: Final = frozenset({"text", "varchar", "bpchar", "bytea", "citext"})
"""The types of which the server knows how long a value is without looking at it."""
FIXED: Final = frozenset({"numeric", "inet", "cidr", "bit", "varbit"})
"""Types whose values are of any length, and never long."""
SHORT: Final = 16_384
"""Characters: a column that takes no more is read without asking how long its value is."""


def kind_of(base_type: str, category: str) -> Kind:
    """Return the kind of a column of that base type; UNKNOWN where it does not tell."""
    return BY_TYPE.get(base_type) or BY_CATEGORY.get(category, Kind.UNKNOWN)


def digits_before_point(modifier: int) -> tuple[int, int] | None:
    """Return precision and scale of a numeric with that type modifier; None for any.

    Source: `numeric.c` of PostgreSQL: 16 bits of precision, 11 of a signed scale.
    """
    if modifier < 4:
        return None
    packed = modifier - 4
    return packed >> 16 & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024
