"""Where the campaign's table is: a file, or a server that can be killed, cut off and paused."""

import random
import sqlite3
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from database_server import DatabaseServer
from mariadb_server import MariadbServer
from mongodb_server import MongodbServer
from postgresql_server import PostgresqlServer

LONGEST_PAUSE = 4.0
"""Seconds; longer than a write is waited for, so that some end unknown and land late."""
LONG_SHARE = 0.2

Fault: TypeAlias = Callable[[random.Random], None]
"""Lets something go wrong, for a time that is drawn by chance, and repairs it."""


class Database(ABC):
    """The campaign's table `users`: a key, and a version that counts up from 1."""

    url: str
    """The database, as `--db` takes it."""

    @abstractmethod
    def make(self, keys: int) -> None:
        """Make the table, with records under 1 to `keys`."""

    @abstractmethod
    def versions(self) -> dict[int, int]:
        """Return the version of each record, read past hitmiss."""

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What can go wrong with it, by name."""
        return {}


class SqliteFile(Database):
    """A file of SQLite."""

    def __init__(self, path: Path) -> None:
        """Make it at `path`."""
        self.url = str(path)

    def make(self, keys: int) -> None:
        """Make the table; see Database."""
        with closing(sqlite3.connect(self.url, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, version INTEGER)")
            connection.executemany(
                "INSERT INTO users VALUES (?, 1)", [(n + 1,) for n in range(keys)]
            )

    def versions(self) -> dict[int, int]:
        """Return the version of each record; see Database."""
        with closing(sqlite3.connect(self.url)) as connection:
            return dict(connection.execute("SELECT id, version FROM users"))


class OnServer(Database):
    """A database of a server of its own."""

    def __init__(self, server: DatabaseServer, url: str) -> None:
        """Use a database of `server`, which runs, and runs again after each fault."""
        self._server = server
        self.url = url

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What can go wrong with it, by name."""
        return {
            "database killed": self._kill,
            "database restarted": self._restart,
            "database paused": self._pause,
        }

    def _kill(self, chance: random.Random) -> None:
        self._server.kill()
        time.sleep(chance.uniform(0, 0.3))
        self._server.start()

    def _restart(self, chance: random.Random) -> None:
        self._server.stop()
        time.sleep(chance.uniform(0, 0.3))
        self._server.start()

    def _pause(self, chance: random.Random) -> None:
        long = chance.random() < LONG_SHARE
        self._server.pause()
        time.sleep(LONGEST_PAUSE if long else chance.uniform(0.05, 0.8))
        self._server.resume()


class OfSql(OnServer):
    """A database of a server that speaks SQL."""

    CUT = ""
    """The superuser's statement that ends all connections of `app`."""
    CANCEL = ""
    """And the one that ends only what they run right now."""

    def __init__(self, server: PostgresqlServer | MariadbServer, url: str) -> None:
        """Use a database of `server`; see OnServer."""
        super().__init__(server, url)
        self._run = server.run
        self._admin_url = server.admin_url

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What can go wrong with it, by name."""
        return {
            **super().faults,
            "connections cut": lambda _: self._tell(self.CUT),
            "statements cancelled": lambda _: self._tell(self.CANCEL),
        }

    def make(self, keys: int) -> None:
        """Make the table; see Database."""
        columns = "id INT PRIMARY KEY, version INT NOT NULL"
        rows = ", ".join(f"({n + 1}, 1)" for n in range(keys))
        self._run(f"CREATE TABLE users ({columns})", url=self.url)
        self._run(f"INSERT INTO users VALUES {rows}", url=self.url)

    def versions(self) -> dict[int, int]:
        """Return the version of each record; see Database."""
        return dict(self._run("SELECT id, version FROM users", url=self.url))

    def _tell(self, statement: str) -> None:
        self._run(statement, url=self._admin_url)


class OnPostgresql(OfSql):
    """A database of PostgreSQL."""

    CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"
    CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"


class OnMariadb(OfSql):
    """A database of MariaDB."""

    CUT = "KILL CONNECTION USER app"
    CANCEL = "KILL QUERY USER app"


class OnMongodb(OnServer):
    """A database of a server that speaks MongoDB's protocol."""

    def __init__(self, server: MongodbServer, url: str) -> None:
        """Use a database of `server`; see OnServer."""
        super().__init__(server, url)
        self._client = server.client

    def make(self, keys: int) -> None:
        """Make the collection; see Database."""
        with self._client(self.url) as client:
            users = client.get_default_database().users
            users.insert_many([{"_id": n + 1, "version": 1} for n in range(keys)])

    def versions(self) -> dict[int, int]:
        """Return the version of each record; see Database."""
        with self._client(self.url) as client:
            found = client.get_default_database().users.find()
            return {one["_id"]: one["version"] for one in found}


def on(server: DatabaseServer, url: str | None = None) -> Database:
    """Return a database of a server that runs, its own one if not told otherwise."""
    url = url or server.url
    if isinstance(server, PostgresqlServer):
        return OnPostgresql(server, url)
    if isinstance(server, MariadbServer):
        return OnMariadb(server, url)
    assert isinstance(server, MongodbServer)
    return OnMongodb(server, url)


SERVERS: Mapping[str, type[DatabaseServer]] = {
    "postgresql": PostgresqlServer, "mariadb": MariadbServer, "mongodb": MongodbServer,
}  # fmt: skip
NAMES = ("sqlite", *SERVERS)


@contextmanager
def opened(name: str) -> Iterator[Database]:
    """Start the campaign's database of that kind; stop and remove it again.

    Raises:
        NotAvailableError: this machine has no such server, and cannot get it.
    """
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
            yield SqliteFile(Path(folder) / "campaign.db")
    else:
        with SERVERS[name]() as server:
            yield on(server)
