"""Which row is meant, and whether it is still as it was read, as conditions of PostgreSQL."""

import re
from collections.abc import Sequence

from tui.database.postgresql.encoding import can_hold
from tui.database.postgresql.names import literal, quoted
from tui.database.postgresql.table_schema import PostgresqlSchema
from tui.database.sql.query import Parameter
from tui.database.sql.values import Blob
from tui.models import Key, Record
from tui.models.columns import Kind
from tui.models.scalars import StandIn
from tui.models.spelling import HEX, UUID, canonical
from tui.runtime.errors import ChangeRefused

OWN = frozenset({Kind.INTEGER, Kind.UUID, Kind.BYTES})
"""The kinds of keys that are compared as what they are; all others are as texts."""
TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name"})
BY_VALUE = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN})
ORDERED = frozenset({
    "date", "timestamp", "timestamptz", "time", "timetz", "interval", "inet", "cidr", "macaddr",
    "macaddr8", "float4", "float8", "bool", "bit", "varbit",
})  # fmt: skip
"""The types, beside enumerations, of which an index finds what a text may spell."""

NUMERIC = re.compile(r"-?([0-9]{1,131072}(\.[0-9]{1,16383})?|Infinity)|NaN")
"""A numeric as PostgreSQL spells it. Source: PostgreSQL documentation, section 8.1.2."""


def is_key(schema: PostgresqlSchema, id: Key) -> tuple[str, tuple[Parameter, ...]]:
    """Return the condition for exactly that key, with what is bound to it from $1 on."""
    place, kind = quoted(schema.id_column), schema.column(schema.id_column).kind
    if kind is Kind.BYTES:
        return f"{place} = $1", (_bytes_of(str(id)),)
    if kind is Kind.UUID:
        return f"{place} = $1", (canonical(str(id)),)
    if kind in OWN or schema.id_is_integer:
        return f"{place} = $1", (id,)
    if not can_hold(schema.encoding, str(id)):
        return "false", ()
    if schema.types.get(schema.id_column) not in TEXTS:
        return _any_spelled(schema, [str(id)])
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
    elif kind is Kind.UUID:
        listed = [canonical(str(id)) for id in ids]
    else:
        texts = (_as_text(id, as_bytes=kind is Kind.BYTES) for id in ids)
        listed = [text for text in texts if can_hold(schema.encoding, text)]
    is_own = kind in OWN or schema.id_is_integer
    if is_own or schema.types.get(schema.id_column) in TEXTS:
        return f"{place} = ANY ($1::{schema.key_type}[])", (listed,)
    return _any_spelled(schema, [str(id) for id in listed])


def _any_spelled(
    schema: PostgresqlSchema, ids: Sequence[str]
) -> tuple[str, tuple[Parameter, ...]]:
    """Return the condition for keys that are spelled so, of a type that takes few texts.

    An index is to serve it, but what is no value of the type would be an error.
    """
    place, base = quoted(schema.id_column), schema.types.get(schema.id_column)
    spelled = f"{as_sent(place)} = ANY ($1::text[])"
    if base == "numeric":
        numbers = [id for id in ids if NUMERIC.fullmatch(id)]
        return f"{place} = ANY ($1::text[]::numeric[]) AND {spelled}", (numbers,)
    is_ordered = base in ORDERED or schema.column(schema.id_column).kind is Kind.ENUM
    if not (schema.checks_texts and is_ordered):
        return spelled, (ids,)
    its = schema.key_type
    values = (
        f"SELECT id::{its} FROM unnest($1::text[]) AS id"
        f" WHERE pg_input_is_valid(id, {literal(its)})"
    )
    return f"{place} = ANY (ARRAY({values})) AND {spelled}", (ids,)


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
            condition += f" AND {place} IS NOT DISTINCT FROM NULL"
            continue
        values.append(_as_bound(value, name))
        here = f"${before + len(values)}"
        if isinstance(value, Blob) or column.kind in BY_VALUE:
            condition += f" AND {place} = {here}"
        elif schema.types.get(name) == "money":
            condition += f" AND {place}::numeric = {here}::numeric"
        elif schema.types.get(name) in {"text", "varchar", "citext", "name"}:
            condition += f' AND {place}::text COLLATE "C" = {here}::text'
        else:
            condition += f" AND {is_there(place)} AND {as_sent(place)} = {here}::text"
    return condition, values


def is_there(place: str) -> str:
    """Return the condition that a value is not NULL, also where all that it is made of is."""
    return f"{place} IS DISTINCT FROM NULL"


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
    return f"\\x{_bytes_of(str(id)).hex()}" if as_bytes else str(id)


def _bytes_of(key: str) -> bytes:
    """Return the bytes that are shown as that key: of a uuid, of hex digits, else of a text."""
    uuid, digits = UUID.fullmatch(key), HEX.fullmatch(key)
    if uuid is not None:
        return bytes.fromhex("".join(uuid.groups()))
    return key.encode() if digits is None else bytes.fromhex(digits[1])
