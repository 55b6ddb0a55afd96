"""The SELECT list: each column as it is sent, and what was too long to be sent."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from tui.database.postgresql.kinds import SIZE_KNOWN
from tui.database.postgresql.names import quoted
from tui.database.postgresql.table_schema import PostgresqlSchema

LISTS = 64
NEVER_PACKED = 2_000
"""Bytes: what is kept in fewer was not compressed, so that it is no longer as a text.
Source: PostgreSQL documentation, section 66.2 (TOAST)."""
PACKED = 256
"""How much shorter a value may be kept than its text is: so much does LZ4 compress at most."""

WIDE = 4
"""How much longer a value may be kept than its text is, as small numbers are in JSON."""
MOST_LISTED = 1_664
"""How many expressions a SELECT list may have. Source: PostgreSQL documentation, appendix K."""


class Listed(Struct, frozen=True):
    """Columns, and of those that may be too long how many bytes each has."""

    columns: tuple[str, ...]
    money: tuple[str, ...]
    """Those whose text depends on the server's language."""
    limited: tuple[str, ...]
    """Those whose values may be too long."""
    unpacked: tuple[str, ...]
    """Those of them of which that is seen by their text alone."""


def selected(schema: PostgresqlSchema, columns: Sequence[str], longest: int) -> str:
    """Return what gives these columns, and last which of them were too long.

    See `tui.database.sql.dialect.Dialect`.
    """
    return _directly(_listed(schema, columns), longest)


def select(schema: PostgresqlSchema, columns: Sequence[str], longest: int, source: str) -> str:
    """Return the query for these columns, and last which were too long, of a `FROM`.

    What has to be made a text to be measured is made one once.
    """
    listed = _listed(schema, columns)
    if not listed.unpacked or len(columns) + len(listed.limited) > MOST_LISTED:
        return f"SELECT {_directly(listed, longest)} {source}"
    inner, outer = _in_two(listed, longest)
    aside = "" if " LIMIT " in source else " OFFSET 0"  # or both would be made one again
    return f"SELECT {outer} FROM (SELECT {inner} {source}{aside}) AS its ({_names(listed)})"


def _listed(schema: PostgresqlSchema, columns: Sequence[str]) -> Listed:
    types = schema.types
    limited = tuple(name for name in columns if name in schema.limited)
    return Listed(
        tuple(columns),
        tuple(name for name in columns if types.get(name) == "money"),
        limited,
        tuple(name for name in limited if types.get(name) not in SIZE_KNOWN),
    )


@lru_cache(LISTS)
def _directly(listed: Listed, longest: int) -> str:
    places = {name: _place(listed, name) for name in listed.columns}
    sizes = {name: _size(listed, name, longest) for name in listed.limited}
    return _outer(listed, places, sizes, longest)


@lru_cache(LISTS)
def _in_two(listed: Listed, longest: int) -> tuple[str, str]:
    """Return what is selected at first, and what is selected of that."""
    sizes = [_size(listed, name, longest) for name in listed.limited]
    inner = ", ".join([*(_place(listed, name) for name in listed.columns), *sizes])
    places = {name: f"c{place}" for place, name in enumerate(listed.columns)}
    told = {name: f"n{place}" for place, name in enumerate(listed.limited)}
    return inner, _outer(listed, places, told, longest)


@lru_cache(LISTS)
def _names(listed: Listed) -> str:
    columns = (f"c{place}" for place in range(len(listed.columns)))
    return ", ".join((*columns, *(f"n{place}" for place in range(len(listed.limited)))))


def _outer(
    listed: Listed, places: Mapping[str, str], sizes: Mapping[str, str], longest: int
) -> str:
    """Return each column where its size fits, and last the others with their sizes."""
    values = [
        f"CASE WHEN {sizes[name]} > {longest} THEN NULL ELSE {place} END"
        if name in sizes
        else place
        for name, place in places.items()
    ]
    flags = [
        f"CASE WHEN {size} > {longest} THEN '{listed.columns.index(name)}:' || {size} END"
        for name, size in sizes.items()
    ]
    # A function takes 100 arguments at most, an array any number of elements.
    too_long = f"array_to_string(ARRAY[{', '.join(flags)}], ',')" if flags else "NULL"
    return ", ".join((*values, too_long))


def _place(listed: Listed, name: str) -> str:
    return f"{quoted(name)}::numeric" if name in listed.money else quoted(name)


def _size(listed: Listed, name: str, longest: int) -> str:
    """Return how many bytes a value has, or NULL for few enough.

    What is long even as it is kept is not unpacked for that: those bytes are told then.
    """
    place = quoted(name)
    if name not in listed.unpacked:
        return f"octet_length({place})"
    kept = max(longest // PACKED, min(longest, NEVER_PACKED))
    return (
        f"CASE WHEN pg_column_size({place}) > {longest * WIDE} THEN pg_column_size({place})"
        f" WHEN pg_column_size({place}) > {kept} THEN octet_length({place}::text) END"
    )
