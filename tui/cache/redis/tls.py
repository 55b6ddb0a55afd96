"""Connections with TLS and without that find out when the server has it the other way."""

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from redis import exceptions
from redis.asyncio.connection import Connection as DriverConnection
from redis.asyncio.connection import SSLConnection

from tui.cache.redis.failures import NoTls, WantsTls
from tui.runtime.bounded_file import NotToBeRead, read_bounded

SUSPICIOUS_SECONDS = 0.25
"""How long connecting takes before the server is asked in plain text as well."""
PLAIN_SECONDS = 0.1
"""What its answer to that may take."""
KEY_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
"""The options that name files, which OpenSSL opens and reads to their end, however long."""
LARGEST_KEY_FILE: Final = 4 << 20
Connection = TypeVar("Connection")

NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL calls bytes that are none of TLS."""


class TlsConnection(SSLConnection):
    """Fails with NoTls where a server without TLS waits for the rest of what it was sent."""

    def __init__(self, **options: Any) -> None:
        """Take what the driver's own connection takes."""
        super().__init__(**_without_prompt(options))
        self._plain_until = 0.0
        self._files = {name: options[name] for name in KEY_FILES if options.get(name)}

    async def _connect(self) -> None:
        """Connect; the driver's retries and errors lie around this.

        Raises:
            NoTls: the server speaks its protocol without TLS.
            NotToBeRead: a file that the URL names is none that holds keys.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._plain_until:  # the driver tries once more
            raise NoTls
        _check_key_files(self._files)
        try:
            await connected(super()._connect(), self.host, self.port)  # type: ignore[no-untyped-call]
        except NoTls:
            self._plain_until = loop.time() + SUSPICIOUS_SECONDS
            raise


def tls_context(options: Mapping[str, Any]) -> "ssl.SSLContext":
    """Return the context of a connection with the driver's `options`, of which TLS' own count.

    Raises:
        NotToBeRead: a file that they name is none that holds keys.
        SSLError: it is, but not what OpenSSL takes there.
    """
    names = {name: value for name, value in options.items() if name.startswith("ssl_")}
    _check_key_files(names)
    return SSLConnection(**_without_prompt(names)).ssl_context.get()


def _check_key_files(options: Mapping[str, Any]) -> None:
    """Return if the files that `options` name can be read in bounded time.

    Raises:
        NotToBeRead: one of them cannot; the option is named.
    """
    for name in KEY_FILES:
        if options.get(name):
            try:
                path = Path(options[name])
                content = read_bounded(path, LARGEST_KEY_FILE)
            except NotToBeRead as error:
                raise NotToBeRead(f"the file of {name}: {error}") from error
            except OSError as error:
                reason = (error.strerror or "cannot be read").lower()
                raise NotToBeRead(f"the file of {name}: {reason}") from error
            if b"ENCRYPTED" in content:
                raise NotToBeRead(
                    f"the file of {name}: its key has a passphrase, and hitmiss asks for none"
                )


def _without_prompt(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the driver's options with no passphrase: else OpenSSL asks for it, and waits.

    It would ask on the terminal, in the midst of the explorer's screen.
    """
    has_key = options.get("ssl_certfile") or options.get("ssl_keyfile")
    return {**options, "ssl_password": ""} if has_key else dict(options)


class PlainConnection(DriverConnection):
    """Fails with WantsTls where a server hangs up on it that answers with TLS."""

    def __init__(self, **options: Any) -> None:
        """Take what the driver's own connection takes."""
        super().__init__(**options)
        self._has_answered = False

    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Return the next reply.

        Raises:
            ConnectionError: from WantsTls, where that is why there is none.
        """
        if self._has_answered:
            return await super().read_response(*arguments, **options)
        try:
            reply = await super().read_response(*arguments, **options)
        except exceptions.ConnectionError as error:
            if type(error) is exceptions.ConnectionError:  # not loading, no login...
                await raise_if_tls(self.host, self.port, error)
            raise
        self._has_answered = True
        return reply


async def raise_if_tls(host: str, port: int, error: exceptions.ConnectionError) -> None:
    """Raise `error` anew when it is for want of TLS that the server has hung up.

    Raises:
        ConnectionError: from WantsTls.
    """
    hung_up = any(word in str(error) for word in ("closed", "reset"))
    if hung_up and await answers_with_tls(host, port):
        raise exceptions.ConnectionError("TLS is wanted") from WantsTls()


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


async def answers_with_tls(host: str, port: int) -> bool:
    """Tell whether the greeting of TLS is answered in kind: by a handshake, or an alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    greeting = context.wrap_bio(incoming, outgoing, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        greeting.do_handshake()
    try:
        async with asyncio.timeout(PLAIN_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                writer.write(outgoing.read())
                return (await reader.read(1)) in {b"\x15", b"\x16"}
    except (OSError, TimeoutError):
        return False
