"""Finds the kind of database that a URL or a path names, and imports that kind alone."""

from functools import cache
from importlib import import_module
from typing import Final

from tui.database.port import DatabaseStore

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
    return _store(scheme.lower() if separator else "sqlite")


@cache
def _store(scheme: str) -> DatabaseStore:
    module, _, name = (BUILT_IN.get(scheme) or _installed(scheme) or _SQLITE).partition(":")
    store: DatabaseStore = getattr(import_module(module), name)
    return store


def _installed(scheme: str) -> str | None:
    from importlib.metadata import entry_points  # not for what comes with hitmiss

    return next((point.value for point in entry_points(group=GROUP, name=scheme)), None)
