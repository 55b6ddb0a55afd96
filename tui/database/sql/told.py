"""What `doctor` says of a table, whatever database it is in."""

from tui.database.sql.dialect import Dialect
from tui.models import TableSchema
from tui.models.check import Check, State
from tui.models.columns import Column

GROUP = "database"


def told_columns(schema: TableSchema) -> Check:
    """Return the check that names each column with its kind and its type."""
    columns = tuple(map(schema.column, schema.columns))
    shown = ", ".join(f"{column.name} {told_kind(column)}" for column in columns)
    return Check(GROUP, "columns", len(columns), shown, columns=columns)


def told_kind(column: Column) -> str:
    """Return the kind, the declared type where that is another word, and what else there is."""
    is_other = column.declared.casefold() != column.kind
    more = [column.declared or "no type"] * is_other + ["computed"] * column.computed
    return f"{column.kind} ({'; '.join(more)})" if more else str(column.kind)


def told_search(schema: TableSchema, dialect: Dialect) -> Check:
    """Return the check of the search: which columns, and whether indexes serve it."""
    searched = ", ".join(schema.search_columns)
    if not searched:
        return Check(GROUP, "search", None, "no column holds text: there is nothing to search")
    missing = schema.unindexed_columns
    statements = "; ".join(filter(None, (dialect.index(schema, [name]) for name in missing)))
    if not statements:
        return Check(GROUP, "search", searched, searched)
    return Check(
        GROUP, "search", searched,
        f"no index finds the beginning of: {', '.join(missing)}", State.WARNING,
        f"run: {statements}",
    )  # fmt: skip
