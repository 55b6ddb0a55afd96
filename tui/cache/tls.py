"""A connection with TLS that finds out when the server knows of none."""

import asyncio
import ssl
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, TypeVar

from redis.asyncio.connection import SSLConnection

from tui.cache.failures import NoTls

SUSPICIOUS_SECONDS = 0.25
"""How long connecting takes before the server is asked in plain text as well."""
PLAIN_SECONDS = 0.1
"""What its answer to that may take."""
Connection = TypeVar("Connection")

NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL calls bytes that are none of TLS."""


class TlsConnection(SSLConnection):
    """Fails with NoTls where a server without TLS waits for the rest of what it was sent."""

    def __init__(self, **options: Any) -> None:
        """Take what the driver's own connection takes."""
        super().__init__(**options)
        self._plain_until = 0.0

    async def _connect(self) -> None:
        """Connect; the driver's retries and errors lie around this.

        Raises:
            NoTls: the server speaks its protocol without TLS.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._plain_until:  # the driver tries once more
            raise NoTls
        try:
            await connected(super()._connect(), self.host, self.port)  # type: ignore[no-untyped-call]
        except NoTls:
            self._plain_until = loop.time() + SUSPICIOUS_SECONDS
            raise


async def connected(
    connecting: Coroutine[Any, Any, Connection], host: str, port: int
) -> Connection:
    """Give what connecting with TLS gives; find out when it waits for nothing.

    Raises:
        NoTls: the server speaks its protocol without TLS.
    """
    attempt = asyncio.ensure_future(connecting)
    try:
        await asyncio.wait([attempt], timeout=SUSPICIOUS_SECONDS)
        if not attempt.done() and await answers_without_tls(host, port):
            raise NoTls
        return await attempt
    except ssl.SSLError as error:
        if error.reason in NOT_TLS:
            raise NoTls from error
        raise
    finally:
        attempt.cancel()


async def answers_without_tls(host: str, port: int) -> bool:
    """Tell whether a PING in plain text is answered as by a server of the Redis protocol."""
    try:
        async with asyncio.timeout(PLAIN_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                writer.write(b"PING\r\n")
                return (await reader.read(1)) in {b"+", b"-"}
    except (OSError, TimeoutError):
        return False
