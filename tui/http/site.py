"""What is served: one table behind the service, and the names that may be shown of it."""

from typing import Final

from msgspec import Struct

from tui.cache.port import Cache
from tui.database.port import Table
from tui.models import TableSchema
from tui.runtime.plain_text import plain
from tui.service.cache_aside import CacheAside

SHOWN_CHARACTERS: Final = 200
"""How much of a name is shown."""


class Site(Struct, frozen=True):
    """What requests are answered from."""

    service: CacheAside
    """Looks records up."""
    cache: Cache
    """The cache behind it, to be asked whether it is there."""
    table: Table
    """The table behind it, likewise."""
    path: str
    """The first part of a record's path: the table's name as it was told."""
    database_name: str
    """The database, as it may be shown."""
    cache_name: str
    """The cache, without a password."""
    version: str
    """That of hitmiss."""
    read_only: bool
    """Whether nothing is filled."""

    @property
    def schema(self) -> TableSchema:
        """The table, as the database describes it."""
        return self.table.schema

    def names(self) -> dict[str, str]:
        """Return what is explored, in names that are safe to show."""
        told = {
            "table": self.path, "database": self.database_name, "cache": self.cache_name,
        }  # fmt: skip
        return {name: plain(value, SHOWN_CHARACTERS) for name, value in told.items()}
