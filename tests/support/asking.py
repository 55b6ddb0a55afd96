"""Whoever asks over HTTP: the application itself, or a socket on which every byte is ours."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.client import parse_headers
from io import BytesIO
from typing import Any

from fakes import Bench

from tui.http.application import Answered, Application
from tui.http.connections import Connections
from tui.http.hosts import Hosts
from tui.http.listening import bind, listen_of
from tui.http.server import HttpServer
from tui.http.site import Site

SECONDS = 10.0


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    """By their names in small letters."""
    body: bytes

    @property
    def json(self) -> Any:
        """What the body says."""
        return json.loads(self.body)

    @property
    def cache_status(self) -> str:
        """What is said of the cache."""
        return self.headers["cache-status"]


def site_of(bench: Bench, *, path: str = "users", cache_name: str = "a fake") -> Site:
    """Return what is served of a service on fakes."""
    return Site(
        bench.service, bench.cache, bench.table,
        path, "a dict", cache_name, "1.2.3", bench.service.read_only,
    )  # fmt: skip


class Asker:
    """Asks an application without a server."""

    def __init__(self, site: Site, bench: Bench, hosts: Hosts | None = None) -> None:
        """Ask for what is in `site`."""
        self.told: list[Answered] = []
        self.application = Application(
            site, hosts or Hosts(), bench.clock, Connections(), self.told.append
        )

    async def get(
        self, path: str, *, method: str = "GET", host: str | None = "localhost", **headers: str
    ) -> Got:
        """Send a request with that path as it is spelled, and return the answer."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("nobody asks for the body of a GET")

        told = {"host": host, **headers}
        scope = {
            "type": "http", "method": method, "raw_path": path.encode("latin-1"),
            "path": path, "query_string": b"",
            "headers": [
                (name.replace("_", "-").encode(), value.encode("latin-1"))
                for name, value in told.items() if value is not None
            ],
        }  # fmt: skip
        await self.application(scope, receive, send)
        start, *rest = sent
        given = {name.decode(): value.decode() for name, value in start["headers"]}
        return Got(start["status"], given, b"".join(one.get("body", b"") for one in rest))


@asynccontextmanager
async def listening(application: Application, connections: Connections) -> AsyncIterator[int]:
    """Serve an application in this process; give the port."""
    sockets = bind(listen_of("127.0.0.1:0"))
    port: int = sockets[0].getsockname()[1]
    server = HttpServer(application, sockets, connections)
    serving = asyncio.create_task(server.serve())
    try:
        yield port
    finally:
        server.end()
        await serving
        await application.aclose()


def connected(port: int) -> socket.socket:
    """Return a connection to a port, on which nothing takes longer than SECONDS."""
    return socket.create_connection(("127.0.0.1", port), SECONDS)


def request(path: str, *lines: str, method: str = "GET", host: str = "localhost") -> bytes:
    """Return the bytes of a request."""
    told = (f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", "")
    return "\r\n".join(told).encode("latin-1")


def read_answer(connection: socket.socket, *, has_body: bool = True) -> Got:
    """Read one answer from a connection, and no byte of the next."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise EOFError(bytes(head))
        head += byte
    line, _, rest = bytes(head).partition(b"\r\n")
    given = {name.lower(): value for name, value in parse_headers(BytesIO(rest)).items()}
    length = int(given.get("content-length", 0)) if has_body else 0
    body = bytearray()
    while len(body) < length:
        body += connection.recv(length - len(body))
    return Got(int(line.split()[1]), given, bytes(body))


def asked(port: int, *requests: bytes) -> list[Got]:
    """Send requests over one connection; return the answers."""
    with connected(port) as connection:
        got = []
        for one in requests:
            connection.sendall(one)
            head = one.startswith(b"HEAD ")
            got.append(read_answer(connection, has_body=not head))
        return got


def is_closed(connection: socket.socket) -> bool:
    """Tell whether the other side closes a connection, whatever it still says."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def words(answers: Sequence[Got]) -> list[str]:
    """Return what each answer says of the cache, without times."""
    return [one.cache_status.split("; ttl")[0] for one in answers]
