"""Which row is meant, and whether it is still as it was read, as conditions of PostgreSQL."""

from collections.abc import Sequence

from tui.database.postgresql.names import quoted
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.sql.query import Parameter
from tui.database.sql.values import Blob
from tui.models import Key, Record
from tui.models.columns import Kind
from tui.models.scalars import StandIn
from tui.runtime.errors import ChangeRefused

OWN = frozenset({Kind.INTEGER, Kind.UUID, Kind.BYTES})
"""The kinds of keys that are compared as what they are; all others are as texts."""
TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})
BY_VALUE = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN})


def is_key(schema: PostgresqlSchema, id: Key) -> tuple[str, tuple[Parameter, ...]]:
    """Return the condition for exactly that key, with what is bound to it from $1 on."""
    place, kind = quoted(schema.id_column), schema.column(schema.id_column).kind
    if kind is Kind.BYTES:
        return f"{place} = $1", (str(id).encode(),)
    if kind in OWN or schema.id_is_integer:
        return f"{place} = $1", (id,)
    if schema.types.get(schema.id_column) not in TEXTS:
        return f"{as_sent(place)} = $1::text", (id,)
    if schema.key_folds:
        # An index serves the first; the second keeps `A` and `a` apart, as the cache does.
        return f'{place} = $1 AND {place}::text COLLATE "C" = $2::text', (id, id)
    return f"{place} = $1", (id,)


def any_key(
    schema: PostgresqlSchema, ids: Sequence[Key | bytes]
) -> tuple[str, tuple[Parameter, ...]]:
    """Return the condition for one of those keys, with the array that is bound to $1."""
    place, kind = quoted(schema.id_column), schema.column(schema.id_column).kind
    listed: Sequence[int] | Sequence[str]
    if schema.id_is_integer:
        listed = [id for id in ids if isinstance(id, int)]
    else:
        listed = [_as_text(id, as_bytes=kind is Kind.BYTES) for id in ids]
    is_own = kind in OWN or schema.id_is_integer
    if is_own or schema.types.get(schema.id_column) in TEXTS:
        return f"{place} = ANY ($1::{schema.key_type}[])", (listed,)
    return f"{as_sent(place)} = ANY ($1::text[])", (listed,)


def still(
    schema: PostgresqlSchema, expected: Record, before: int
) -> tuple[str, list[Parameter]]:
    """Return the condition that a record has these values, bound behind `before` others."""
    condition, values = "", list[Parameter]()
    for name, value in expected.items():
        if name not in schema.column_set or name == schema.id_column:
            continue
        place, column = quoted(name), schema.column(name)
        if value is None:
            condition += f" AND {place} IS NULL"
            continue
        values.append(_as_bound(value, name))
        here = f"${before + len(values)}"
        if isinstance(value, Blob) or column.kind in BY_VALUE:
            condition += f" AND {place} = {here}"
        elif schema.types.get(name) == "jsonb":
            condition += f" AND {place} = {here}::jsonb"
        elif schema.types.get(name) == "money":
            condition += f" AND {place}::numeric = {here}::numeric"
        elif schema.types.get(name) in {"text", "varchar", "citext", "name"}:
            condition += f' AND {place}::text COLLATE "C" = {here}::text'
        else:
            condition += f" AND {place} IS NOT NULL AND {as_sent(place)} = {here}::text"
    return condition, values


def as_sent(place: str) -> str:
    """Return the text that is sent of a value: a cast gives another of addresses and blanks."""
    return f"format('%s', {place}) COLLATE \"C\""


def _as_bound(value: object, name: str) -> Parameter:
    if isinstance(value, Blob):
        return value.content
    if isinstance(value, StandIn) and isinstance(value.mark, bytes):
        raise ChangeRefused(
            f"column {name!r} holds what is no Unicode text; change the record with another"
            " program"
        )
    return str(value) if isinstance(value, str) else value  # type: ignore[return-value]


def _as_text(id: Key | bytes, *, as_bytes: bool) -> str:
    if isinstance(id, bytes):
        return f"\\x{id.hex()}"
    return f"\\x{str(id).encode().hex()}" if as_bytes else str(id)
