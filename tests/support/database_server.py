"""A database's real server for the tests, on a port and in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

from provisions import NotAvailableError, skip_or_fail
from server_process import ServerProcess, wait_until

Opened = TypeVar("Opened")


class Named(Protocol):
    """A server that is started by entering it."""

    NAME: str

    def __enter__(self) -> Self:
        """Start it."""
        ...

    def __exit__(self, *arguments: Any) -> None:
        """End it."""
        ...


Server = TypeVar("Server", bound=Named)

START_SECONDS = 30.0
"""Far more than any of them takes; on a machine that does much else they take long."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server with TLS shows: files in PEM form."""

    chain: Path
    """Its certificate, and those between that and the authority's."""
    key: Path
    """The private key, without a password."""


def environment() -> dict[str, str]:
    """Return what a server is told: nothing of what is set for the tests."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


class ReservedPort:
    """A port of the loopback interface that nobody else is given, however long it is unused."""

    def __init__(self) -> None:
        """Take a free one, and hold it where the system lets a server bind it all the same."""
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.number: int = self._holder.getsockname()[1]
        if sys.platform != "linux":
            self._holder.close()

    def close(self) -> None:
        """Give it back."""
        self._holder.close()


class DatabaseServer(ABC):
    """One server, started when it is entered; stopped, and removed, when it is left.

    Its database `shop` belongs to the user `app`, who is no superuser; `admin` is one.
    """

    NAME = ""
    SCHEME = ""
    STOP = signal.SIGTERM
    """Asks it for an orderly end."""
    FAREWELL = ":"
    """What sh runs in its folder once it is gone, to remove what it has elsewhere."""

    def __init__(self, *options: str, tls: Certificate | None = None) -> None:
        """Prepare a server with further options of its command line.

        With a certificate its port takes connections with TLS only.
        """
        self._options = options
        self._tls = tls
        # A unix socket's path may have no more than about 100 characters.
        self._temporary = tempfile.TemporaryDirectory(prefix="hitmiss-")
        self.folder = Path(self._temporary.name).resolve()
        """Where all is that it has on disk."""
        self._data = self.folder / "data"
        self._log = self.folder / "log"
        self._port = ReservedPort()
        self.port = self._port.number
        self.password = ""
        """That of both users; known once it has been started."""
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """The address of the database `shop` for the user `app`, as `--db` takes it."""
        return f"{self.SCHEME}://app:{self.password}@127.0.0.1:{self.port}/shop"

    @property
    def admin_url(self) -> str:
        """The same database for the superuser."""
        return self.as_admin(self.url)

    @staticmethod
    def as_admin(url: str) -> str:
        """Return the superuser's address of the database that an address names."""
        return url.replace("//app:", "//admin:", 1)

    @property
    def log(self) -> str:
        """What the server has written about itself so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def pids(self) -> list[int]:
        """The numbers of its processes; none when it does not run."""
        return self._process.pids() if self._process else []

    def start(self) -> None:
        """Start it, for the first time or again, and wait until it answers.

        Raises:
            NotAvailableError: this machine has no such server, and cannot get it.
            RuntimeError: it does not start; the message has its log.
        """
        if not self._data.exists():
            self._lay_out()
        if self._tls is not None:
            self._take_certificate(self._tls)
        self._process = process = ServerProcess(
            self._command(), self.folder, self._log, self._environment(), self.FAREWELL
        )
        if not wait_until(lambda: not process.runs or self._answers(), START_SECONDS):
            process.kill()
        if not process.runs:
            process.kill()
            self._process = None
            raise RuntimeError(f"{type(self).__name__} does not start:\n{self.log}")

    def stop(self) -> None:
        """End it in an orderly way; nothing, if it does not run."""
        if self._process is not None:
            self._process.stop(self.STOP, self._answers)
            self._process = None

    def kill(self) -> None:
        """End all its processes as a crash would; `start` recovers what was committed."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def pause(self) -> None:
        """Stop all its processes in their tracks: connections stay open, nothing answers."""
        if self._process is not None:
            self._process.pause()

    def resume(self) -> None:
        """Let them go on."""
        if self._process is not None:
            self._process.resume()

    @abstractmethod
    def new_database(self, name: str) -> str:
        """Make an empty database that belongs to `app`, and return its address for `app`."""

    @abstractmethod
    def _lay_out(self) -> None:
        """Fill the data folder, and learn the password."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def _take_certificate(self, tls: Certificate) -> None:
        """Copy what it shows, since a server wants it to be its own and private."""
        for name, path in (("chain.pem", tls.chain), ("key.pem", tls.key)):
            copy = self.folder / name
            copy.touch(mode=0o600)
            copy.write_bytes(path.read_bytes())

    def _environment(self) -> dict[str, str]:
        return environment()

    def _named(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def _discard(self) -> None:
        """End it as fast as it can be, since nobody wants its data any more."""
        self.kill()

    def __enter__(self) -> Self:
        """Start it."""
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove what it left."""
        self._discard()
        subprocess.run(["sh", "-c", self.FAREWELL], cwd=self.folder, check=False)
        self._port.close()
        self._temporary.cleanup()


@contextmanager
def available(name: str, opening: AbstractContextManager[Opened]) -> Iterator[Opened]:
    """Open something with a server; skip the test where that server cannot be had."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(opening)
        except NotAvailableError as lack:
            skip_or_fail(name, lack)
        yield opened


@contextmanager
def had(server: Server) -> Iterator[Server]:
    """Start a server for as long as the block takes; skip the test where it cannot be had."""
    with available(server.NAME, server):
        yield server
