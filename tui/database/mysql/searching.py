"""The statements by which records are found that hold a text."""

import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from tui.database.folding import spellings
from tui.database.mysql.cells import Cells, cell_of
from tui.database.mysql.collations import EXACT, UTF8, folds_case
from tui.database.mysql.keys import as_charset
from tui.database.mysql.literals import bare, quoted
from tui.database.mysql.patterns import pattern_of
from tui.database.mysql.query import MysqlQuery, WalkQuery
from tui.database.mysql.schema import place_of
from tui.database.mysql.selection import expression_of
from tui.database.mysql.table_schema import MysqlSchema
from tui.database.sql.query import Query
from tui.models.columns import Kind

ESCAPE: Final = "!"
WALKED: Final = frozenset({Kind.INTEGER, Kind.TEXT, Kind.BYTES})
"""The kinds of keys in whose order a table is walked through."""
LONGEST_INDEXED: Final = 768
"""Characters of each text that an index can take."""
PART: Final = 191
"""Characters that it takes of longer ones: in every row format there is room for those."""


def prefix(
    schema: MysqlSchema, column: str, typed: str, limit: int, longest: int
) -> Sequence[Query]:
    """Return the queries for rows whose column begins with `typed`.

    The column's collation takes letters of any case for the same: one spelling does, but for
    accents that it may tell apart or have in two forms.
    """
    place, detail = f"{place_of(schema)}.{quoted(column)}", schema.detail(column)
    asked = f"{place} LIKE {as_charset('?', detail)} ESCAPE '{ESCAPE}'"
    sql = (
        f"SELECT {_listed(schema, longest)} FROM {place_of(schema)} WHERE {asked}"
        # They come in the index's order. To ask for that would sort all where it is partial.
        f" LIMIT {limit:d}"
    )
    texts = dict.fromkeys(unicodedata.normalize("NFC", text) for text in spellings(typed))
    distinct = {text.casefold(): text for text in texts}
    cells = _cells(schema)
    return [MysqlQuery(sql, (f"{_escaped(text)}%",), cells=cells) for text in distinct.values()]


def scan(schema: MysqlSchema, needle: str, limit: int, longest: int) -> Query:
    """Return the query for rows in which the folded text stands anywhere."""
    pattern = pattern_of(needle)
    texts = [f"{_cut(schema, name, longest)} COLLATE {EXACT}" for name in schema.search_columns]
    asked = " OR ".join(f"{text} REGEXP ?" for text in texts)
    patterns = (pattern,) * len(texts)
    listed, place = _listed(schema, longest), place_of(schema)
    if not schema.unique or schema.column(schema.id_column).kind not in WALKED:
        return MysqlQuery(
            f"SELECT {listed} FROM {place} WHERE {asked} LIMIT {limit:d}",
            patterns,
            cells=_cells(schema),
        )
    key = f"{place}.{quoted(schema.id_column)}"
    value = as_charset("?", schema.detail(schema.id_column))
    return WalkQuery(
        f"SELECT {listed} FROM {place} WHERE ",
        patterns,
        asked=f" AND ({asked}) LIMIT ",
        ends=f"SELECT MAX(k), COUNT(*) FROM (SELECT {key} AS k FROM {place} WHERE ",
        in_order=f" ORDER BY {key} LIMIT ",
        after=f"{key} > {value}",
        until=f"{key} <= {value}",
        cells=_cells(schema),
        limit=limit,
    )


def index(schema: MysqlSchema, columns: Collection[str]) -> str:
    """Return the statement that makes indexes which find beginnings; '' where none would."""
    if schema.is_view:
        return ""
    parts = [
        f"ADD INDEX ({bare(name)}{_length(schema, name)})"
        for name in columns if folds_case(schema.detail(name).collation)
    ]  # fmt: skip
    return f"ALTER TABLE {bare(schema.table)} {', '.join(parts)}" if parts else ""


def _listed(schema: MysqlSchema, longest: int) -> str:
    """Return the key and the searched columns, of each no more than so many characters."""
    key = schema.id_column
    stored = f"{place_of(schema)}.{quoted(key)}"
    read = expression_of(
        stored, schema.column(key).kind, schema.detail(key), is_mariadb=schema.is_mariadb
    )
    texts = (_cut(schema, name, longest) for name in schema.search_columns)
    return ", ".join((read, *texts))


def _cells(schema: MysqlSchema) -> Cells:
    """Return what makes the key that is listed, where it is not sent as such."""
    column = schema.column(schema.id_column)
    cell = cell_of(column.kind, schema.detail(column.name).type, nested=False)
    return () if cell is None else ((0, cell),)


def _cut(schema: MysqlSchema, column: str, longest: int) -> str:
    """Return a column's text, no more of it than so many characters."""
    text, most = _as_text(schema, column), schema.detail(column).type.longest
    return text if most is not None and most <= longest else f"LEFT({text}, {longest:d})"


def _as_text(schema: MysqlSchema, column: str) -> str:
    stored, detail = f"{place_of(schema)}.{quoted(column)}", schema.detail(column)
    if not detail.charset:
        return f"CAST({stored} AS CHAR)"
    return stored if detail.charset == UTF8 else f"CONVERT({stored} USING {UTF8})"


def _length(schema: MysqlSchema, name: str) -> str:
    its = schema.detail(name).type
    is_long = (
        schema.column(name).kind is Kind.TEXT and (its.length or 1 << 16) > LONGEST_INDEXED
    )
    return f"({PART})" if is_long else ""


def _escaped(text: str) -> str:
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return text
