"""A server of MongoDB's protocol for the tests: SecantusDB, which no part of hitmiss imports.

It is not MongoDB. Known to differ: an anchored regular expression is explained as a COLLSCAN,
`maxTimeMS` is not heeded by find, and views can be written to.
"""

import secrets
import shutil
import socket
import sys
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from database_server import DatabaseServer
from provisions import NotAvailableError, kept, named_after

if TYPE_CHECKING:
    from pymongo import MongoClient

PACKAGE = "secantusdb"
PLACE = Path(sys.prefix) / "servers"
"""Where `make` puts it, apart from what the tests themselves import."""
START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1));"
    " runpy.run_module('secantus', run_name='__main__', alter_sys=True)"
)
USERS = {"admin": ["root"], "app": ["readWriteAnyDatabase"]}


class MongodbServer(DatabaseServer):
    """One SecantusDB on a free port, with options of `secantusd-py`; a replica set of one."""

    NAME = "MongoDB"
    SCHEME = "mongodb"

    @property
    def url(self) -> str:
        """The address of the database `shop` for the user `app`, as `--db` takes it."""
        return f"{super().url}?authSource=admin"

    def client(self, url: str | None = None, **options: Any) -> "MongoClient[dict[str, Any]]":
        """Return a client of the driver's own, of the superuser's if not told otherwise."""
        from pymongo import MongoClient

        return MongoClient(
            url or self.admin_url, **({"serverSelectionTimeoutMS": 10_000} | options)
        )

    def new_database(self, name: str) -> str:
        """Return the address of a database for `app`; it comes to be when it is written to."""
        return self._named(name)

    def _lay_out(self) -> None:
        template = kept(named_after(PACKAGE, __file__, _release()), _make_template)
        self.password = (template / "password").read_text()
        shutil.copytree(template / "data", self._data)

    def _command(self) -> list[str]:
        # Else it looks for its settings in the home folder, too.
        (settings := self.folder / "settings.toml").touch()
        tls = (
            "--tls-cert-file", str(self.folder / "chain.pem"),
            "--tls-key-file", str(self.folder / "key.pem"),
        )  # fmt: skip
        # Synchronous, or what was acknowledged is lost with a killed process.
        return [
            sys.executable, "-I", "-c", START, str(PLACE), "--config", str(settings),
            "--host", "127.0.0.1", "--port", str(self.port),
            "--storage-path", str(self._data), "--cache-size", "64M", "--sync-on-commit",
            *(("--auth",) if self.password else ()), *(tls if self._tls else ()),
            *self._options,
        ]  # fmt: skip

    def _answers(self) -> bool:
        """Tell whether it takes connections."""
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class _Open(MongodbServer):
    """One that lets everybody in, to make its users."""

    def _lay_out(self) -> None:
        self._data.mkdir(mode=0o700)

    def save(self, folder: Path) -> None:
        """Make the users, and fill a folder with the server's data and with the password."""
        password = secrets.token_hex(12)
        with self.client(f"mongodb://127.0.0.1:{self.port}") as client:
            for name, roles in USERS.items():
                client.admin.command("createUser", name, pwd=password, roles=roles)
        self.stop()
        shutil.copytree(self._data, folder / "data")
        (folder / "password").write_text(password)


def _release() -> str:
    """Return which version is there.

    Raises:
        NotAvailableError: none is.
    """
    found = next(iter(distributions(name=PACKAGE, path=[str(PLACE)])), None)
    if found is None:
        raise NotAvailableError(
            f"the package {PACKAGE} is not installed", made_for_it=sys.version_info < (3, 14)
        )
    return found.version


def _make_template(folder: Path) -> None:
    with _Open() as server:
        server.save(folder)
