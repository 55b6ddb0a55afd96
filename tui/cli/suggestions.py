"""What can stand in an option's place, as far as the database and its tables tell."""

from collections.abc import Iterable

from tui.config.settings import Settings, demo_path
from tui.database.registry import store_of
from tui.runtime.errors import HitmissError
from tui.runtime.patterns import lazily

HARMLESS = lazily(r"\w[\w.-]*")
"""Names that mean nothing else to a shell, which puts them on its command line unquoted."""


def table_names(settings: Settings) -> list[str]:
    """Give the tables and views of the database; none where it cannot be read."""
    url = settings.db or str(demo_path())
    try:
        return _harmless(store_of(url).tables(url))
    except HitmissError:
        return []


def column_names(settings: Settings) -> list[str]:
    """Give the columns of the table; none where it cannot be read."""
    url = settings.db or str(demo_path())
    try:
        return _harmless(store_of(url).columns(url, settings.table))
    except HitmissError:
        return []


def _harmless(names: Iterable[str]) -> list[str]:
    return [name for name in names if HARMLESS.fullmatch(name)]
