"""What can stand in an option's place, as far as the database and its tables tell."""

import re
from collections.abc import Iterable

from tui.config.settings import Settings, demo_path
from tui.runtime.errors import HitmissError

HARMLESS = re.compile(r"\w[\w.-]*")
"""Names that mean nothing else to a shell, which puts them on its command line unquoted."""


def table_names(settings: Settings) -> list[str]:
    """Give the tables and views of the database; none where it cannot be read."""
    from tui.database.sqlite.schema import read_tables

    try:
        return _harmless(read_tables(settings.db or demo_path()))
    except HitmissError:
        return []


def column_names(settings: Settings) -> list[str]:
    """Give the columns of the table; none where it cannot be read."""
    from tui.database.sqlite.schema import read_columns

    try:
        return _harmless(read_columns(settings.db or demo_path(), settings.table))
    except HitmissError:
        return []


def _harmless(names: Iterable[str]) -> list[str]:
    return [name for name in names if HARMLESS.fullmatch(name)]
