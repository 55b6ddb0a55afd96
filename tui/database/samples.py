"""What columns hold: the record that is to be changed, and a few others."""

from collections.abc import Collection, Mapping

from tui.database.port import Table
from tui.models import Key, Scalar
from tui.models.values import needs_others

OTHERS = 20
"""So many records are looked at where one of its own does not tell how values are kept."""


async def seen_in(
    table: Table, id: Key, columns: Collection[str]
) -> Mapping[str, list[Scalar]]:
    """Return what the record holds in these columns, and others where that tells nothing.

    Only for columns of which it matters (`tui.models.values.needs_others`).

    Raises:
        DatabaseUnavailable: no answer.
    """
    asked = {name for name in columns if needs_others(table.schema.column(name), None)}
    if not asked:
        return {}
    own = (await table.find_many([id], asked)).get(id) or [{}]
    seen = {name: [own[0][name]] for name in asked if own[0].get(name) is not None}
    return {**await others_in(table, asked - seen.keys()), **seen}


async def others_in(table: Table, columns: Collection[str]) -> Mapping[str, list[Scalar]]:
    """Return what some records hold in these columns, without those that hold nothing.

    Raises:
        DatabaseUnavailable: no answer.
    """
    if not columns:
        return {}
    found = await table.find_many(await table.first_keys(OTHERS), columns)
    rows = [row for rows in found.values() for row in rows]
    return {name: [row[name] for row in rows if row.get(name) is not None] for name in columns}
