"""A real PgBouncer in transaction mode before a server: the one of a Debian package."""

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from database_server import START_SECONDS, ReservedPort, environment
from debian_packages import libraries, unpacked
from postgresql_server import NOBODY, PostgresqlServer
from provisions import NotAvailableError, skip_or_fail
from server_process import ServerProcess, wait_until

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server} {more}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
ignore_startup_parameters = {ignored}
query_wait_timeout = 5
server_fast_close = 1
admin_users = app
"""


class Bouncer:
    """One PgBouncer, which leads each transaction to a server by one of a few connections."""

    def __init__(self, folder: Path, port: int, mode: str, ignored: str) -> None:
        """Prepare one in a folder, in transaction or in session mode."""
        self._folder = folder
        self._settings = {
            "port": port,
            "mode": mode,
            "ignored": ignored,
            "folder": folder,
            "size": 3 if mode == "transaction" else 20,
        }
        self._port = port
        self._process: ServerProcess | None = None

    def lead_to(self, server: PostgresqlServer, more: str = "") -> None:
        """Lead to that server from now on; running statements end first."""
        (self._folder / "users").write_text(f'"app" "{server.password}"\n')
        text = SETTINGS.format(server=server.port, more=more, **self._settings)
        (self._folder / "pgbouncer.ini").write_text(text)
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGHUP)
            self.ask(server, "RECONNECT")

    def url(self, url: str) -> str:
        """Return the address of a database by way of it."""
        return url.replace(f":{urlsplit(url).port}/", f":{self._port}/")

    def ask(self, server: PostgresqlServer, command: str) -> None:
        """Give it a command on its own console."""
        server.run(command, url=self.url(server.url).replace("/shop", "/pgbouncer"))

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        package = unpacked("pgbouncer")
        program = str(package / "usr" / "sbin" / "pgbouncer")
        user = ["--user=nobody"] if os.geteuid() == 0 else []
        log = self._folder / "log"
        self._process = process = ServerProcess(
            [program, *user, "--verbose", str(self._folder / "pgbouncer.ini")],
            self._folder, log, environment() | {"LD_LIBRARY_PATH": libraries(package)}, "",
        )  # fmt: skip
        wait_until(lambda: not process.runs or self._listens(), START_SECONDS)
        assert process.runs, log.read_text()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process = None


@contextmanager
def bounced(
    server: PostgresqlServer, *, mode: str = "transaction", ignored: str = ""
) -> Iterator[Bouncer]:
    """Lead to a server through a PgBouncer for as long as the block takes."""
    with (
        closing(ReservedPort()) as port,
        tempfile.TemporaryDirectory(prefix="hitmiss-") as temporary,
    ):
        folder = Path(temporary)
        (folder / "data").mkdir()
        bouncer = Bouncer(folder, port.number, mode, ignored)
        bouncer.lead_to(server)
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        try:
            bouncer.start()
            yield bouncer
        except NotAvailableError as lack:
            skip_or_fail("PgBouncer", lack)
        finally:
            bouncer.stop()
