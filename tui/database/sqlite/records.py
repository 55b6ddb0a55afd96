"""Rows made into records: values that JSON has, and what stands in for the others."""

from math import inf

from tui.database.sqlite.careful import as_scalar, shown_key
from tui.database.sqlite.rows import Row
from tui.models import Key, Record

PLAIN = frozenset({int, str, type(None)})
"""The types of values that are JSON scalars whatever they are."""
FLOAT, INFINITIES = frozenset({float}), frozenset({inf, -inf})


def record_of(row: Row, id_column: str, id: Key | None = None) -> Record:
    """Return a row as a record; a key of bytes is shown as the `id` that was asked for."""
    if isinstance(row, dict):
        record = dict(row)
    else:
        record = dict(zip(row.keys(), row, strict=True))
        kinds = set(map(type, row)) - PLAIN
        if kinds and not (kinds == FLOAT and INFINITIES.isdisjoint(row)):
            record = {name: as_scalar(value) for name, value in record.items()}
    if record and isinstance(row[id_column], bytes):
        record[id_column] = shown_key(row[id_column], id)
    return record
