"""The SELECT list: each column as it is sent, and what was too long to be sent."""

from collections.abc import Sequence
from functools import lru_cache

from tui.database.postgresql.kinds import SIZE_KNOWN
from tui.database.postgresql.names import quoted
from tui.database.postgresql.table_schema import PostgresqlSchema

LISTS = 64
NEVER_PACKED = 2_000
"""Bytes: what is kept in fewer was not compressed, so that it is no longer as a text.
Source: PostgreSQL documentation, section 66.2 (TOAST)."""
PACKED = 64
"""How much shorter a value may be kept than its text is: compressed, or as a binary form."""


def selected(schema: PostgresqlSchema, columns: Sequence[str], longest: int) -> str:
    """Return what selects these columns, and last which of them were too long.

    See `tui.database.sql.dialect.Dialect`.
    """
    money = tuple(name for name in columns if schema.types.get(name) == "money")
    limited = tuple(
        (name, schema.types.get(name) in SIZE_KNOWN)
        for name in columns
        if name in schema.limited
    )
    return _listed(tuple(columns), money, limited, longest)


@lru_cache(LISTS)
def _listed(
    columns: tuple[str, ...],
    money: tuple[str, ...],
    limited: tuple[tuple[str, bool], ...],
    longest: int,
) -> str:
    fits = {name: _fits(quoted(name), longest, told=told) for name, told in limited}
    values = []
    for name in columns:
        place = quoted(name)
        if name in money:  # whose text depends on the server's language
            place = f"{place}::numeric"
        elif name in fits:
            place = f"CASE WHEN {fits[name]} THEN {place} END"
        values.append(f"{place} AS {quoted(name)}")
    flags = [
        f"CASE WHEN NOT ({fit}) THEN '{columns.index(name)}:'"
        f" || octet_length({quoted(name)}{'' if told else '::text'}) END"
        for (name, told), fit in zip(limited, fits.values(), strict=True)
    ]
    # Of a function's arguments there may be no more than 100, of an array's elements any number.
    too_long = f"array_to_string(ARRAY[{', '.join(flags)}], ',')" if flags else "NULL"
    return ", ".join((*values, too_long))


def _fits(place: str, longest: int, *, told: bool) -> str:
    """Return the condition that a value is not too long, which is not unpacked for that."""
    if told:
        return f"octet_length({place}) <= {longest}"
    kept = max(longest // PACKED, min(longest, NEVER_PACKED))
    return f"pg_column_size({place}) <= {kept} OR octet_length({place}::text) <= {longest}"
