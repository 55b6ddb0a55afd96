"""A real MariaDB for the tests: this machine's, or the one of a Debian package."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from database_server import DatabaseServer, environment
from debian_packages import libraries, unpacked
from provisions import NotAvailableError, kept, named_after

SETTINGS = (
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    # Not UTC, so that whoever relies on the server's time zone is found out.
    "--default-time-zone=+05:00",
    "--innodb-buffer-pool-size=16M",
    # Each commit reaches the system, which keeps it when the process is killed.
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-log-file-size=4M",
    "--innodb-use-native-aio=0",
    "--skip-name-resolve",
)
SCRIPTS = ("*_system_tables.sql", "*_performance_tables.sql", "*_system_tables_data.sql")
"""What fills the database `mysql`, in this order; named after MySQL or MariaDB."""
USERS = """
DELETE FROM global_priv WHERE User <> 'mariadb.sys';
DELETE FROM proxies_priv;
FLUSH PRIVILEGES;
CREATE USER admin IDENTIFIED BY '{password}';
GRANT ALL ON *.* TO admin WITH GRANT OPTION;
CREATE USER app IDENTIFIED BY '{password}';
CREATE DATABASE shop;
GRANT ALL ON shop.* TO app;
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A `mariadbd` and what it needs beside it."""

    path: Path
    share: Path
    """Where its messages, character sets and scripts are."""
    libraries: str
    """What it needs of shared libraries beyond the system's."""

    @property
    def mark(self) -> str:
        """What tells it from another release."""
        facts = self.path.stat()
        return f"{self.path} {facts.st_size} {facts.st_mtime_ns}"

    def command(self, data: Path) -> list[str]:
        """Return how it is called for a data folder."""
        given = ["--user=root"] if os.geteuid() == 0 else []
        return [
            str(self.path), "--no-defaults", *given, f"--datadir={data}",
            f"--tmpdir={data.parent}", f"--lc-messages-dir={self.share}",
            f"--character-sets-dir={self.share / 'charsets'}", *SETTINGS,
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        """Return what it is told."""
        return environment() | ({"LD_LIBRARY_PATH": self.libraries} if self.libraries else {})


class MariadbServer(DatabaseServer):
    """One MariaDB on a free port and a unix socket, with `--name=value` as options."""

    NAME = "MariaDB"
    SCHEME = "mariadb"

    @property
    def socket(self) -> Path:
        """Its unix socket."""
        return self.folder / "s"

    def run(
        self, statement: str, *values: object, url: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, or of the last of some, in `shop` or elsewhere."""
        import pymysql
        from pymysql.constants import CLIENT

        parts = urlsplit(url or self.url)
        with (
            pymysql.connect(
                unix_socket=str(self.socket), user=parts.username, password=self.password,
                database=parts.path[1:], autocommit=True, charset="utf8mb4",
                client_flag=CLIENT.MULTI_STATEMENTS, connect_timeout=10,
                ssl_disabled=True,  # else it reads all of the system's authorities each time
            ) as connection,
            connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement, values or None)
            while cursor.nextset():
                pass
            return list(cursor.fetchall())

    def new_database(self, name: str) -> str:
        """Make an empty database that belongs to `app`, and return its address for `app`."""
        self.run(
            f"CREATE DATABASE `{name}`; GRANT ALL ON `{name}`.* TO app", url=self.admin_url
        )
        return self._named(name)

    def _lay_out(self) -> None:
        program = _program()
        template = kept(
            named_after("mariadb", __file__, program.mark),
            lambda folder: _make_template(program, folder),
        )
        self.password = (template / "password").read_text()
        shutil.copytree(template / "data", self._data)

    def _command(self) -> list[str]:
        tls = (
            "--require-secure-transport=ON",
            f"--ssl-cert={self.folder / 'chain.pem'}",
            f"--ssl-key={self.folder / 'key.pem'}",
        )
        return [
            *_program().command(self._data), f"--socket={self.socket}", f"--port={self.port}",
            *(tls if self._tls else ()), *self._options,
        ]  # fmt: skip

    def _environment(self) -> dict[str, str]:
        return _program().environment()

    def _answers(self) -> bool:
        """Tell whether it greets; it does so once it takes connections."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(str(self.socket))
                return bool(probe.recv(64))
        except OSError:
            return False


@cache
def _program() -> Program:
    where = os.pathsep.join(
        (os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin")
    )
    if found := shutil.which("mariadbd", path=where):
        root, needed = Path(found).resolve().parents[1], ""
    else:
        folder = unpacked("mariadb-server-core")
        root, needed = folder / "usr", libraries(folder)
    for share in (root / "share" / "mysql", root / "share" / "mariadb"):
        if (share / "charsets").exists():
            return Program(Path(found or root / "sbin" / "mariadbd"), share, needed)
    raise NotAvailableError(f"the files of {found} are not where they are looked for")


def _make_template(program: Program, folder: Path) -> None:
    """Fill a folder with a new server's data and with its password."""
    password = secrets.token_hex(12)
    scripts = [path.read_text() for name in SCRIPTS for path in program.share.glob(name)]
    with tempfile.TemporaryDirectory(prefix="hitmiss-") as temporary:
        (data := Path(temporary) / "data").mkdir(mode=0o700)
        done = subprocess.run(
            [*program.command(data), "--bootstrap"], check=False, text=True,
            input="\n".join(("CREATE DATABASE mysql;", "USE mysql;", *scripts,
                             USERS.format(password=password))),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=program.environment(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"MariaDB's bootstrap failed:\n{done.stdout}")
        shutil.copytree(data, folder / "data")
    (folder / "password").write_text(password)
