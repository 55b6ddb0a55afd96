"""Connections that are bounded in number, time and size: a slow client costs nobody else."""

import asyncio
import json
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 400
"""Connections at once; most systems let a process have 1,024 files."""
HEAD_SECONDS: Final = 10.0
"""How long a request may take to come, up to the end of its headers."""
ANSWER_SECONDS: Final = 30.0
"""How long its body may take to come and its answer to be taken, after that."""
IDLE_SECONDS: Final = 15
"""How long a connection stays open after an answer."""
MOST_HEAD: Final = 64 << 10
"""Bytes of a request up to the end of its headers, give or take what is read at once."""
SWEEP_SECONDS: Final = 0.5
"""How often is looked whose time is over."""


def _refusal(status: HTTPStatus, detail: str) -> bytes:
    """Return the whole answer to what the application never sees."""
    members = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = json.dumps({**members, "detail": detail}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n"
        + ("retry-after: 2\r\n\r\n" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "\r\n")
    )
    return head.encode() + body


TOO_LARGE: Final = _refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the path and the headers have more than {MOST_HEAD >> 10} KiB",
)
BROKEN: Final = _refusal(HTTPStatus.BAD_REQUEST, "this is not HTTP/1.1 as it should be")
FULL: Final = _refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "there are too many connections; try again in a while"
)


class ClientLeft(Exception):
    """The client has closed the connection before it had its answer."""


class Connections:
    """All that are open; each has a time by which the next thing has to be done."""

    def __init__(self, most: int = MOST) -> None:
        """Let there be `most` of them."""
        self._most = most
        self._open: set[HttpConnection] = set()
        self._waiting: dict[HttpConnection, None] = {}
        """Those whose next request has not come, the longest first."""

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def admit(self, connection: "HttpConnection") -> bool:
        """Tell whether there is room for one more; make some of one that waits, if need be."""
        if len(self._open) >= self._most:
            longest = next(iter(self._waiting), None)
            if longest is None:
                return False
            longest.abort()
        self._open.add(connection)
        return True

    def waits(self, connection: "HttpConnection") -> None:
        """Note that a connection has no request."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def asks(self, connection: "HttpConnection") -> None:
        """Note that a connection has a request."""
        self._waiting.pop(connection, None)

    def forget(self, connection: "HttpConnection") -> None:
        """Note that a connection is over."""
        self._waiting.pop(connection, None)
        self._open.discard(connection)

    def abort_all(self) -> None:
        """End all of them, whatever they wait for."""
        for connection in tuple(self._open):
            connection.abort()

    async def sweep(self) -> None:
        """End those whose time is over, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in tuple(self._open):
                if connection.deadline < now:
                    connection.abort()


class HttpConnection(HttpToolsProtocol):
    """One of uvicorn's, which reads no head without end and waits for nobody without end."""

    def __init__(self, connections: Connections, **by_uvicorn: Any) -> None:
        """Be one of `connections`."""
        super().__init__(**by_uvicorn)
        self._connections = connections
        self._head_bytes = 0
        self._in_head = True
        self._task: asyncio.Task[Any] | None = None
        self.lost = False
        """Whether the client has left."""
        self.deadline = self.loop.time() + HEAD_SECONDS
        """When it is ended, on the loop's clock."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, or refuse it."""
        super().connection_made(transport)
        if self._connections.admit(self):
            self._connections.waits(self)
        else:
            self._refuse(FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody go on with what this client has asked for."""
        self.lost = True
        self._connections.forget(self)
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, up to the bound of a head."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD and not self.transport.is_closing():
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0
        self.deadline = self.loop.time() + HEAD_SECONDS
        self.scope["state"]["connection"] = self

    def on_headers_complete(self) -> None:
        """Have it answered."""
        self._in_head, self._head_bytes = False, 0
        self.deadline = self.loop.time() + ANSWER_SECONDS
        self._connections.asks(self)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next one."""
        self._connections.waits(self)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, as all else is refused."""
        self._refuse(BROKEN)

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()

    def abort(self) -> None:
        """End it now, with what was not sent yet."""
        self._connections.forget(self)
        self.transport.abort()

    def __enter__(self) -> Self:
        """Cancel the running task from now on when the client leaves."""
        if self.lost:
            raise ClientLeft
        self._task = asyncio.current_task()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise ClientLeft in the place of a cancellation that is nothing else."""
        task, self._task = self._task, None
        if self.lost and kind is asyncio.CancelledError and task and task.uncancel() <= 0:
            raise ClientLeft from error
