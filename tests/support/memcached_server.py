"""A real Memcached for the tests: this machine's, or the one of a Debian package."""

import os
import shutil
import socket
import subprocess
from functools import cache
from pathlib import Path

from debian_packages import libraries, unpacked
from one_process import OneProcess
from servers import free_port


@cache
def _program() -> tuple[str, str]:
    """Return the program's path, and what it needs of shared libraries beyond the system's.

    Raises:
        NotAvailableError: there is none, and none can be had.
    """
    if found := shutil.which("memcached"):
        return found, ""
    folder = unpacked("memcached")
    return str(folder / "usr" / "bin" / "memcached"), libraries(folder)


class MemcachedServer(OneProcess):
    """One memcached on a free port or on a unix socket, stopped when it is left."""

    NAME = "Memcached"

    def __init__(self, *options: str, on_socket: bool = False) -> None:
        """Prepare a server with further options of the command line, such as `-m 8`."""
        super().__init__()
        self._options = options
        self.socket = Path(self._folder.name) / "s" if on_socket else None
        self.port = free_port()

    @property
    def url(self) -> str:
        """The server's address."""
        if self.socket is not None:
            return f"memcached+unix://{self.socket}"
        return f"memcached://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            NotAvailableError: this machine has no memcached, and cannot get one.
        """
        program, libraries_of_it = _program()
        where = ["-l", "127.0.0.1", "-p", str(self.port), "-U", "0"]
        if self.socket is not None:
            self.socket.unlink(missing_ok=True)
            where = ["-s", str(self.socket), "-a", "0777"]
        # It refuses to run as root; who it becomes has to reach the socket's folder.
        user = []
        if os.geteuid() == 0:
            user = ["-u", "nobody"]
            Path(self._folder.name).chmod(0o777)
        environment = os.environ | (
            {"LD_LIBRARY_PATH": libraries_of_it} if libraries_of_it else {}
        )
        self._process = subprocess.Popen(
            [program, *user, *where, *self._options],
            env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait_until(lambda: self.say(b"version\r\n"))

    def say(self, command: bytes, end: bytes = b"\r\n") -> bytes:
        """Send a command behind hitmiss' back; return what comes until that end."""
        with self.connection() as connection:
            connection.sendall(command)
            said = b""
            while not said.endswith(end):
                more = connection.recv(1 << 16)
                if not more:
                    break
                said += more
            return said

    def listed(self) -> list[bytes]:
        """Return a line for each item that it holds, by the hash table: so it misses none."""
        return self.say(b"lru_crawler metadump hash\r\n", b"END\r\n").splitlines()[:-1]

    def connection(self) -> socket.socket:
        """Return a new connection."""
        if self.socket is None:
            return socket.create_connection(("127.0.0.1", self.port), timeout=5)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5)
        try:
            connection.connect(str(self.socket))
        except OSError:
            connection.close()
            raise
        return connection
