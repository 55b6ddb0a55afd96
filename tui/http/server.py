"""Runs the application on uvicorn, until it is told to end."""

import asyncio
import logging
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from math import ceil
from typing import Any, Final, cast

import uvicorn

from tui.http.application import Application
from tui.http.connections import IDLE_SECONDS, Connections, HttpConnection
from tui.http.listening import BACKLOG
from tui.runtime import crash
from tui.runtime.notices import say

LAST_SECONDS: Final = 4.5
"""How long requests that are under way may take when the server is to end."""
CLOSING_SECONDS: Final = 0.5
"""What their connections' end may take after that."""


class HttpServer:
    """Serves an application on sockets that are bound."""

    def __init__(
        self,
        application: Application,
        sockets: Sequence[socket.socket],
        connections: Connections,
    ) -> None:
        """Serve `application`; the sockets are closed at the end."""
        self._sockets = list(sockets)
        self._connections = connections
        protocol = cast("type[asyncio.Protocol]", partial(HttpConnection, connections))
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                application, http=protocol, ws="none", lifespan="off", interface="asgi3",
                loop="asyncio", log_config=None, access_log=False, proxy_headers=False,
                server_header=False, backlog=BACKLOG, timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=ceil(LAST_SECONDS + CLOSING_SECONDS),
            )
        )  # fmt: skip

    def end(self) -> None:
        """Accept nothing new, and end when what is under way is answered, soon in any case.

        Told so twice, end at once. Must be called from the event loop that serves.
        """
        self._connections.end(LAST_SECONDS)
        self._uvicorn.force_exit = self._uvicorn.should_exit
        self._uvicorn.should_exit = True

    async def serve(self) -> None:
        """Answer requests until `end` is called."""
        sweeping = asyncio.create_task(self._connections.sweep())
        try:
            with _faults_reported():
                await self._uvicorn.serve(self._sockets)
        finally:
            self._connections.abort_all()
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)
            for one in self._sockets:
                one.close()


class _Uvicorn(uvicorn.Server):
    """Uvicorn's server without its handlers of signals, which are hitmiss' own."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


class _Reporting(logging.Handler):
    """Says what uvicorn logs of an exception in the application; the request was a 500."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._noted = False

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, asyncio.CancelledError):
            return
        say(f"a request was answered with 500: {crash.sentence(error)}")
        if not self._noted:  # at the end it is the exit code
            crash.note(error)
            self._noted = True


@contextmanager
def _faults_reported() -> Iterator[None]:
    """Let nothing that uvicorn logs reach the terminal but what is a fault of hitmiss."""
    logger, handler = logging.getLogger("uvicorn.error"), _Reporting()
    before: tuple[Any, ...] = (logger.level, logger.propagate)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
