"""What a SELECT lists of a table's columns, and what is made of it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tui.database.mysql.cells import Cells, cell_of
from tui.database.mysql.literals import quoted
from tui.database.mysql.schema import place_of
from tui.database.mysql.table_schema import Detail, MysqlSchema
from tui.models.columns import Kind

AS_TEXT: Final = frozenset(
    {Kind.MOMENT, Kind.DATE, Kind.TIME, Kind.UUID, Kind.NETWORK, Kind.UNKNOWN}
)
"""Kinds of which the server's own text is the value: a driver has none for a zero date."""


class Selection(Struct, frozen=True):
    """What is selected."""

    listed: str
    """The columns, and which of them were too long, as SQL has it."""
    cells: Cells
    """What makes our values of them."""


def selection_of(
    schema: MysqlSchema, names: Sequence[str], longest: int, *, prepared: bool = True
) -> Selection:
    """Return what lists these columns, without values of more than `longest` bytes.

    In a statement that is not `prepared` all values come as texts anyway, and sooner so.
    """
    expressions: list[str] = []
    sizes: list[str] = []
    cells = []
    for place, name in enumerate(names):
        column, detail = schema.column(name), schema.detail(name)
        stored = f"{place_of(schema)}.{quoted(name)}"
        expression = stored
        if prepared or column.kind not in AS_TEXT:
            expression = expression_of(
                stored, column.kind, detail, is_mariadb=schema.is_mariadb
            )
        most = detail.type.longest
        if most is None or most > longest:
            size = f"OCTET_LENGTH({stored})"
            expression = f"IF({size} > {longest:d}, NULL, {expression})"
            sizes.append(f"IF({size} > {longest:d}, CONCAT('{place:d}:', {size}), NULL)")
        expressions.append(expression)
        cell = cell_of(column.kind, detail.type, nested=column.nested)
        if cell is not None:
            cells.append((place, cell))
    too_long = f"CONCAT_WS(',', {', '.join(sizes)})" if sizes else "NULL"
    return Selection(", ".join((*expressions, too_long)), tuple(cells))


def expression_of(stored: str, kind: Kind, detail: Detail, *, is_mariadb: bool) -> str:
    """Return what a column's value is read as, by either of the protocol's ways to send it."""
    word = detail.type.word
    if kind in AS_TEXT and not detail.charset:
        return f"CAST({stored} AS CHAR)"
    if word == "float":  # as a text it has six digits
        return f"({stored} + 0e0)"
    if word == "bit":
        return f"({stored} + 0)"
    if kind is Kind.GEOMETRY:
        return shape(stored, is_mariadb=is_mariadb)
    return stored


@lru_cache(256)
def shape(stored: str, *, is_mariadb: bool) -> str:
    """Return a shape as a text, behind the number of its reference system where it has one.

    MySQL would turn the axes of some systems round; it keeps longitude before latitude.
    """
    order = "" if is_mariadb else ", 'axis-order=long-lat'"
    system = f"IF(ST_SRID({stored}) = 0, '', CONCAT('SRID=', ST_SRID({stored}), ';'))"
    return f"CONCAT({system}, ST_AsText({stored}{order}))"
