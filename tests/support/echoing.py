"""A server that repeats all it has heard, password included, in errors and in what it tells."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import hiredis


def _repeated(word: bytes) -> str:
    text = word.decode("utf-8", "replace")
    return f"{text} {word!r} {quote(text, safe='')} {text[: len(text) * 2 // 3]}"


class Echo:
    """What one connection has heard, and what is said to it."""

    def __init__(self, *, takes_login: bool) -> None:
        """Let AUTH succeed, or refuse it like everything else."""
        self._takes_login = takes_login
        self._heard: list[bytes] = []

    def reply(self, command: list[bytes]) -> bytes:
        """Give an error that repeats everything."""
        self._heard += command
        if self._takes_login and command[0] == b"AUTH":
            return b"+OK\r\n"
        if self._takes_login and command[0] == b"INFO":
            word = next((heard for heard in self._heard[1:3][::-1]), b"")
            names = ("redis_version", "redis_mode", "role", "maxmemory_policy", "os")
            told = b"".join(b"%s:%s\r\n" % (name.encode(), word) for name in names)
            return b"$%d\r\n%s\r\n" % (len(told), told)
        said = " ".join(_repeated(word) for word in self._heard[-12:])
        line = f"-ERR unknown command, with args beginning with: {said}"
        return line.replace("\r", " ").replace("\n", " ").encode() + b"\r\n"


@contextmanager
def echoing(*, takes_login: bool) -> Iterator[Path]:
    """Run it on a unix socket; give the socket's path."""
    with tempfile.TemporaryDirectory(prefix="hitmiss-") as folder:
        path = Path(folder) / "s"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            connections: list[socket.socket] = []

            def accept() -> None:
                with suppress(OSError):
                    while True:
                        connection, _ = listener.accept()
                        connections.append(connection)
                        echo = Echo(takes_login=takes_login)
                        threading.Thread(target=_serve, args=(connection, echo)).start()

            acceptor = threading.Thread(target=accept)
            acceptor.start()
            try:
                yield path
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                acceptor.join()
                for connection in connections:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)


def _serve(connection: socket.socket, echo: Echo) -> None:
    reader = hiredis.Reader()
    with connection, suppress(OSError):
        while data := connection.recv(65536):
            reader.feed(data)
            while (command := reader.gets()) is not False:
                connection.sendall(echo.reply(command))
