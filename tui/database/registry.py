"""Finds the kind of database that a URL or a path names, and imports that kind alone."""

from typing import Final

from tui.database.port import DatabaseStore
from tui.runtime.adapters import adapter_of

GROUP: Final = "hitmiss.databases"
"""The entry points by which other distributions bring kinds of databases.

Each is called as the scheme is, and names a module and an object: `duck = package.store:STORE`.
"""
_SQLITE: Final = "tui.database.sqlite.store:STORE"
BUILT_IN: Final = {"sqlite": _SQLITE, "sqlite3": _SQLITE, "file": _SQLITE}
"""Where the kinds are that come with hitmiss, by scheme."""


def store_of(url: str) -> DatabaseStore:
    """Return the kind of database that `url` names; a path is a file of SQLite."""
    scheme, separator, _ = url.strip().partition("://")
    named = scheme.lower() if separator else "sqlite"
    store: DatabaseStore = adapter_of(named, BUILT_IN, GROUP, _SQLITE)
    return store
