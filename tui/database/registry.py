"""Finds the kind of database that a URL or a path names, and imports that kind alone."""

import re
from typing import Final

from tui.database.port import DatabaseStore
from tui.runtime.adapters import adapter_of, is_installed
from tui.runtime.patterns import lazily

GROUP: Final = "hitmiss.databases"
"""The entry points by which other distributions bring kinds of databases.

Each is called as the scheme is, and names a module and an object: `duck = package.store:STORE`.
"""
_SQLITE: Final = "tui.database.sqlite.store:STORE"
_POSTGRESQL: Final = "tui.database.postgresql.store:STORE"
_MYSQL: Final = "tui.database.mysql.store:STORE"
_MONGODB: Final = "tui.database.mongodb.store:STORE"
BUILT_IN: Final = {
    "sqlite": _SQLITE, "sqlite3": _SQLITE, "file": _SQLITE,
    "postgresql": _POSTGRESQL, "postgres": _POSTGRESQL,
    "mysql": _MYSQL, "mariadb": _MYSQL,
    "mongodb": _MONGODB, "mongodb+srv": _MONGODB,
}  # fmt: skip
"""Where the kinds are that come with hitmiss, by scheme."""
SCHEME: Final = lazily(r"([a-z][a-z0-9.-]*(?:\+[a-z0-9.-]+)?)://", re.IGNORECASE)


def store_of(url: str) -> DatabaseStore:
    """Return the kind of database that `url` names; a path is a file of SQLite."""
    store: DatabaseStore = adapter_of(_named(url), BUILT_IN, GROUP, _SQLITE)
    return store


def is_known(url: str) -> bool:
    """Tell whether the scheme of `url` is one that hitmiss knows, or it has none."""
    named = _named(url)
    return named in BUILT_IN or is_installed(named, GROUP)


def _named(url: str) -> str:
    """Return the scheme, without the driver that other programs name in it."""
    match = SCHEME.match(url.strip()) if "://" in url else None
    scheme = match[1].lower() if match else "sqlite"
    return scheme if scheme in BUILT_IN else scheme.partition("+")[0]
