"""Servers of the Redis protocol that are none: they say whatever a test lets them say."""

import socket
import socketserver
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import hiredis

Reply: TypeAlias = "bytes | Iterable[bytes] | None"
"""Bytes, or pieces of them; None hangs up."""
Answer: TypeAlias = "Callable[[list[bytes]], Reply]"
"""Gives what answers a command."""
Keys: TypeAlias = "dict[str, str | Mapping[str, str]]"
"""Strings and hashes by their keys."""
LIFE = 3_600_000
"""Milliseconds that every key has left."""
WRITES = frozenset(
    {b"SET", b"DEL", b"PEXPIRE", b"EVAL", b"EVALSHA", b"UNLINK", b"HSET", b"EXPIRE"}
)
"""What hitmiss sends to change something."""


def bulk(text: bytes | str | None) -> bytes:
    """Give a text as the protocol has it, or nothing."""
    if text is None:
        return b"$-1\r\n"
    data = text.encode() if isinstance(text, str) else text
    return b"$%d\r\n%s\r\n" % (len(data), data)


def array(*parts: bytes) -> bytes:
    """Give a list of what is in the protocol's form already."""
    return b"*%d\r\n%s" % (len(parts), b"".join(parts))


def number(value: int) -> bytes:
    """Give a whole number."""
    return b":%d\r\n" % value


class Usual:
    """Answers as a server does, from a dict of strings and hashes that nothing changes."""

    def __init__(self, keys: Keys) -> None:
        """Hold `keys`, each with LIFE left from now on."""
        self._since = time.monotonic()
        self._keys = {key.encode(): value for key, value in keys.items()}

    def __call__(self, command: list[bytes]) -> bytes:
        """Answer a command."""
        name, *rest = command
        method: Any = getattr(self, f"_{name.decode().lower()}", None)
        if method is None:
            return b"-ERR unknown command '%s'\r\n" % name
        return bytes(method(*rest))

    def _text(self, key: bytes) -> bytes | None:
        value = self._keys.get(key)
        return value.encode() if isinstance(value, str) else None

    def _hash(self, key: bytes) -> Mapping[str, str]:
        value = self._keys.get(key)
        return value if isinstance(value, Mapping) else {}

    def _or_wrong_type(self, key: bytes, reply: bytes) -> bytes:
        wrong = b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        return wrong if isinstance(self._keys.get(key), Mapping) else reply

    def _ping(self, *_: bytes) -> bytes:
        return b"+PONG\r\n"

    def _select(self, *_: bytes) -> bytes:
        return b"+OK\r\n"

    _auth = _client = _select

    def _info(self, *_: bytes) -> bytes:
        return bulk(
            "# Server\r\nredis_version:7.4.0\r\nredis_mode:standalone\r\nrole:master\r\n"
        )

    def _dbsize(self) -> bytes:
        return number(len(self._keys))

    def _scan(self, *_: bytes) -> bytes:
        return array(bulk("0"), array(*map(bulk, self._keys)))

    def _get(self, key: bytes) -> bytes:
        return self._or_wrong_type(key, bulk(self._text(key)))

    def _pttl(self, key: bytes) -> bytes:
        passed = round((time.monotonic() - self._since) * 1000)
        return number(max(0, LIFE - passed) if key in self._keys else -2)

    def _strlen(self, key: bytes) -> bytes:
        return self._or_wrong_type(key, number(len(self._text(key) or b"")))

    def _getrange(self, key: bytes, first: bytes, last: bytes) -> bytes:
        text = self._text(key) or b""
        return self._or_wrong_type(key, bulk(text[int(first) : int(last) + 1]))

    def _hlen(self, key: bytes) -> bytes:
        return number(len(self._hash(key)))

    def _hkeys(self, key: bytes) -> bytes:
        return array(*map(bulk, self._hash(key)))

    def _hstrlen(self, key: bytes, field: bytes) -> bytes:
        return number(len(self._hash(key).get(field.decode(), "")))

    def _hgetall(self, key: bytes) -> bytes:
        return array(*(bulk(part) for field in self._hash(key).items() for part in field))

    def _set(self, *_: bytes) -> bytes:
        return b"+OK\r\n"

    def _del(self, *keys: bytes) -> bytes:
        return number(sum(key in self._keys for key in keys))

    def _pexpire(self, *_: bytes) -> bytes:
        return number(1)

    def _evalsha(self, *_: bytes) -> bytes:
        return b"-NOSCRIPT No matching script. Please use EVAL.\r\n"

    def _eval(self, script: bytes, _count: bytes, key: bytes, *_: bytes) -> bytes:
        if b"PTTL" not in script:
            return number(1)
        if key in self._keys:
            return array(self._get(key), self._pttl(key))
        return array(bulk(None), number(-2), b"+OK\r\n")


class Except:
    """Answers some commands in another way: by their names, each with what is said instead."""

    def __init__(self, usual: Answer, **others: "bytes | Answer | None") -> None:
        """Answer as `usual` what is not named; to hang up is None."""
        self._usual = usual
        self._others = {name.upper().encode(): other for name, other in others.items()}

    def __call__(self, command: list[bytes]) -> Reply:
        """Answer a command."""
        if command[0] not in self._others:
            return self._usual(command)
        other = self._others[command[0]]
        return other(command) if callable(other) else other


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def get_request(self) -> tuple[Any, Any]:
        """Let no reply wait until the one before it is acknowledged, as real servers do."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


class OddServer:
    """A server in threads of its own, so that a command can run in this one."""

    def __init__(self, answer: Answer, *, greeting: bytes = b"", tcp: bool = False) -> None:
        """Say `greeting` to whoever connects, and then answer."""
        self.commands: list[list[bytes]] = []
        """All that was heard, in order."""
        self.answer = answer
        self._greeting = greeting
        self._tcp = tcp
        self._connections: set[Any] = set()

    @property
    def names(self) -> set[bytes]:
        """The names of the commands that were heard."""
        return {command[0].upper() for command in self.commands}

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._folder = tempfile.TemporaryDirectory(prefix="hitmiss-")
        path = str(Path(self._folder.name) / "s")
        handler = self._handler()
        server: Any = (
            _Tcp(("127.0.0.1", 0), handler)
            if self._tcp
            else socketserver.ThreadingUnixStreamServer(path, handler)
        )
        self._server = server
        self.url = (
            f"redis://127.0.0.1:{server.server_address[1]}" if self._tcp else f"unix://{path}"
        )
        self._thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, when everybody has hung up."""
        self._server.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            with suppress(OSError):  # it has hung up by itself
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()  # waits for those who answer
        self._folder.cleanup()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                reader: Any = hiredis.Reader()
                owner._connections.add(self.request)
                try:
                    self.request.sendall(owner._greeting)
                    while owner._hear(self.request, reader):
                        pass
                except (OSError, hiredis.ProtocolError):
                    return
                finally:
                    owner._connections.discard(self.request)

        return Handler

    def _hear(self, connection: Any, reader: Any) -> bool:
        """Answer what has come; tell whether to go on."""
        heard = connection.recv(65536)
        if not heard:
            return False
        reader.feed(heard)
        while (command := reader.gets()) is not False:
            self.commands.append(command)
            reply = self.answer(command)
            if reply is None:
                return False
            for piece in [reply] if isinstance(reply, bytes) else reply:
                connection.sendall(piece)
        return True


def copies(count: int) -> Keys:
    """Give so many right copies of the rows that `rows` makes."""
    return {f"u:{id}": f'{{"id":{id},"n":"a"}}' for id in range(1, count + 1)}


def rows(count: int) -> str:
    """Give the SQL of a table `u` with so many rows."""
    values = ",".join(f"({id},'a')" for id in range(1, count + 1))
    return f"CREATE TABLE u(id INTEGER PRIMARY KEY, n TEXT); INSERT INTO u VALUES {values};"
