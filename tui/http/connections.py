"""Connections that are bounded in number, time and size: a slow client costs nobody else."""

import asyncio
import re
from collections import Counter
from types import TracebackType
from typing import Any, Final, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tui.http.pieces import Pieces
from tui.http.refusals import (
    BROKEN,
    ENDING,
    FULL,
    MOST_FIELDS,
    MOST_HEAD,
    OTHER_VERSION,
    TOO_LARGE,
    Refusal,
)

MOST: Final = 400
"""Connections at once; most systems let a process have 1,024 files."""
HEAD_SECONDS: Final = 10.0
"""How long a request may take to come, up to the end of its headers."""
ANSWER_SECONDS: Final = 30.0
"""How long its body may take to come and its answer to be taken, after that."""
IDLE_SECONDS: Final = 15
"""How long a connection stays open after an answer."""
SWEEP_SECONDS: Final = 0.5
"""How often is looked whose time is over."""
READ_AT_ONCE: Final = 16 << 10
"""Bytes that are read at once; with as many ahead of their turn, no more are read."""
VERSIONS: Final = frozenset({"1.0", "1.1"})
ABSOLUTE: Final = re.compile(rb"[^/?#]+://([^/?#]*)(.*)", re.DOTALL)
"""A target with scheme and authority. Source: RFC 9112, section 3.2.2."""


class ClientLeft(Exception):
    """The client has closed the connection before it had its answer."""


class Connections:
    """All that are open; each has a time by which the next thing has to be done."""

    def __init__(self, most: int = MOST) -> None:
        """Let there be `most` of them."""
        self._most = most
        self._open: set[HttpConnection] = set()
        self._waiting: dict[HttpConnection, None] = {}
        """Those whose client is to go on, with a request or by reading; the longest first."""
        self._ending = False
        self.refused: Counter[int] = Counter()
        """Requests that the application never saw, by the status of their answer."""

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def admit(self, connection: "HttpConnection") -> Refusal | None:
        """Take one more, or return why not; one that waits makes room, if need be."""
        if self._ending:
            return ENDING
        if len(self._open) >= self._most:
            longest = next(iter(self._waiting), None)
            if longest is None:
                return FULL
            longest.abort()
        self._open.add(connection)
        return None

    def waits(self, connection: "HttpConnection") -> None:
        """Note that a connection waits for its client."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def asks(self, connection: "HttpConnection") -> None:
        """Note that it is the client who waits."""
        self._waiting.pop(connection, None)

    def forget(self, connection: "HttpConnection") -> None:
        """Note that a connection is over."""
        self._waiting.pop(connection, None)
        self._open.discard(connection)

    def end(self, seconds: float) -> None:
        """Admit no more from now on, and end all of them in so many seconds.

        Must be called from the running event loop.
        """
        if not self._ending:
            self._ending = True
            asyncio.get_running_loop().call_later(seconds, self.abort_all)

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


class Refused(Exception):
    """What the parser is told when it is to read no further."""


class HttpConnection(HttpToolsProtocol, asyncio.BufferedProtocol):
    """One of uvicorn's, which reads no head without end and waits for nobody without end.

    One request at a time is parsed and answered; what a client sends ahead waits as it came, at
    most READ_AT_ONCE twice, and then in the client.
    """

    def __init__(self, connections: Connections, **by_uvicorn: Any) -> None:
        """Be one of `connections`."""
        super().__init__(**by_uvicorn)
        self._connections = connections
        self._buffer = memoryview(bytearray(READ_AT_ONCE))
        self._ahead = b""
        """What has come behind the request that is being answered."""
        self._pieces = Pieces()
        self._field_bytes = 0
        """Bytes of the head, or of what may be trailers."""
        self._in_head = True
        self._in_trailers = False
        self._refusal = BROKEN
        self._task: asyncio.Task[Any] | None = None
        self.lost = False
        """Whether the client has left."""
        self.deadline = self.loop.time() + HEAD_SECONDS
        """When it is ended, on the loop's clock."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a new connection, or refuse it."""
        super().connection_made(transport)
        refusal = self._connections.admit(self)
        if refusal is None:
            self._connections.waits(self)
        else:
            self._refuse(refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody go on with what this client has asked for."""
        self.lost = True
        self._ahead = b""
        self._connections.forget(self)
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to read to: asyncio's own would have 256 KiB for each."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read on, or keep what comes ahead of its turn."""
        data = bytes(self._buffer[:nbytes])
        if self._is_answering:
            self._keep(self._ahead + data)
        else:
            self._read(data)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _keep(self, data: bytes) -> None:
        """Keep what is not its turn yet; who leaves is noticed only while this is short."""
        self._ahead = data
        if len(data) >= READ_AT_ONCE:
            self.flow.pause_reading()

    def _read(self, data: bytes) -> None:
        """Parse, up to the end of a head whose request is to be answered first."""
        while True:
            end = self._pieces.cut(data)
            self._field_bytes += end
            self.data_received(data[:end])
            if self._field_bytes > MOST_HEAD or (
                self.headers and len(self.headers) > MOST_FIELDS
            ):
                self._end_if_too_large()
            if end == len(data) or self.transport.is_closing():
                return
            data = data[end:]
            if self._is_answering:
                self._keep(data)
                return

    def _end_if_too_large(self) -> None:
        if self._in_head:
            self._refuse(TOO_LARGE)
        elif self._in_trailers:
            self.transport.close()  # its answer is sent

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._in_trailers, self._field_bytes = True, False, 0
        self.deadline = self.loop.time() + HEAD_SECONDS
        self.scope["state"]["connection"] = self

    def on_headers_complete(self) -> None:
        """Have it answered."""
        if self.parser.get_http_version() not in VERSIONS:
            self._refusal = OTHER_VERSION
            raise Refused
        if len(self.headers) > MOST_FIELDS:
            self._refusal = TOO_LARGE
            raise Refused
        self._in_head, self._field_bytes = False, 0
        self.deadline = self.loop.time() + ANSWER_SECONDS
        if not self.flow.write_paused:
            self._connections.asks(self)
        if not self.url.startswith(b"/"):
            self._set_authority()
        super().on_headers_complete()

    def _set_authority(self) -> None:
        """Tell the host that the target names apart from its path."""
        absolute = ABSOLUTE.fullmatch(self.url)
        if absolute is not None:
            self.scope["state"]["authority"], path = absolute.groups()
            self.url = path if path.startswith(b"/") else b"/" + path

    def on_chunk_header(self) -> None:
        """Count from here: the last chunk is of trailers, which nobody reads."""
        self._in_trailers, self._field_bytes = True, 0
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Go on: these are no trailers."""
        self._in_trailers = False
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Go on with what came ahead, or wait for the next request."""
        super().on_response_complete()
        ahead, self._ahead = self._ahead, b""
        if self.transport.is_closing():
            return
        if ahead:
            self._read(ahead)
        if not self._is_answering:
            self._connections.waits(self)

    def pause_writing(self) -> None:
        """Wait for a client that does not take its answers; in need, it makes room."""
        super().pause_writing()
        self._connections.waits(self)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        if self._is_answering:
            self._connections.asks(self)

    def shutdown(self) -> None:
        """End after the answer that is under way; what came ahead has none."""
        self._ahead = b""
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, as all else is refused."""
        self._refuse(self._refusal)

    def _refuse(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        self._connections.refused[refusal.status] += 1
        self.transport.write(refusal.answer)
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
