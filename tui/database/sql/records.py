"""Rows made into records, and records held against each other."""

from collections.abc import Sequence

from tui.database.sql.keys import key_of
from tui.database.sql.query import Row
from tui.database.sql.values import too_long
from tui.models import Scalar, TableSchema
from tui.models.scalars import StandIn


def record_of(schema: TableSchema, names: Sequence[str], row: Row) -> dict[str, Scalar]:
    """Return a row as a record of these columns; the last value tells what was too long."""
    record = dict(zip(names, row, strict=False))
    if row[-1]:
        for name, size in long_ones(names, row):
            record[name] = too_long(schema.column(name).declared, size)
    key = record[schema.id_column]
    if type(key) is not int:
        record[schema.id_column] = _shown(key, integer=schema.id_is_integer)
    return record


def long_ones(names: Sequence[str], row: Row) -> list[tuple[str, int]]:
    """Return the columns whose values were too long to be read, with their bytes."""
    if not row[-1]:
        return []
    pairs = (text.partition(":") for text in str(row[-1]).split(","))
    return [(names[int(place)], int(size)) for place, _, size in pairs]


def _shown(key: Scalar, *, integer: bool) -> Scalar:
    """Return a key as it is shown; one that stands for bytes stays one that does."""
    shown = key_of(key, integer=integer)
    return StandIn(str(shown), key.mark) if isinstance(key, StandIn) else shown
