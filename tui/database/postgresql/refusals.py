"""Why a change is not made, and which column it is about, where the server leaves that open."""

import re
from collections.abc import Sequence
from typing import Final

from tui.models.columns import Column
from tui.runtime.plain_text import plain

KEY: Final = re.compile(r"\(([^)=]+)\)=")
"""How the detail of a unique or foreign key names its columns."""
PARAMETER: Final = re.compile(r"portal parameter \$([0-9]+)")
"""How the context names what could not be read. Source: `postgres.c`."""
NUMERIC: Final = re.compile(r"precision ([0-9]+), scale (-?[0-9]+)")
WHOLE_ROW: Final = "Failing row contains"
VALUES, CONSTRAINTS, DUPLICATE = "22", "23", "23505"
"""Classes of SQLSTATE. Source: PostgreSQL documentation, appendix A."""


def refusal(
    state: str,
    words: str,
    told: "Told",
    given: Sequence[Column | None],
) -> str:
    """Return why a change is not made; `given` are the columns that its parameters go into."""
    if state == "42501":
        return f"the database does not allow it: {words}"
    if state == "25006":
        return f"the database takes no changes here: {words}"
    column = told.column or _column(state, words, told, given)
    where = f"column '{plain(column, 60)}': " if column else ""
    is_said = state[:2] == CONSTRAINTS and not told.detail.startswith(WHOLE_ROW)
    more = f" ({told.detail})" if told.detail and is_said else ""
    return f"the table does not allow it: {where}{words}{more}"


class Told:
    """What else a server says of an error."""

    __slots__ = ("column", "context", "detail")

    def __init__(self, column: str, detail: str, context: str) -> None:
        """Keep the column, the detail and the context; '' for what is not said."""
        self.column = column
        self.detail = detail
        self.context = context


def _column(state: str, words: str, told: Told, given: Sequence[Column | None]) -> str:
    """Return the column that an error is about; '' where that cannot be told."""
    if named := KEY.search(told.detail):
        return named[1]
    if state[:2] not in {VALUES, CONSTRAINTS}:
        return ""
    if found := PARAMETER.search(told.context):
        place = int(found[1]) - 1
        column = given[place] if place < len(given) else None
        return column.name if column else ""
    columns = [column for column in given if column is not None]
    if len(columns) > 1:
        digits = NUMERIC.search(told.detail)
        type = f"numeric({digits[1]},{digits[2]})" if digits else words.rpartition("type ")[2]
        columns = [column for column in columns if column.declared == type]
    return columns[0].name if len(columns) == 1 else ""
