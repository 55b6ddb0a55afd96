"""Clients of the driver, bounded in time; nothing that is written is ever sent twice."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import ConfigurationError, PyMongoError
from pymongo.uri_parser import split_options

from tui.database.mongodb import failures
from tui.database.mongodb.url import MongodbUrl
from tui.runtime.errors import HitmissError, SettingsError

Document: TypeAlias = dict[str, Any]
CONNECT_SECONDS: Final = 1.8
"""How long a server is looked for, connected to, or a connection waited for; below the limit
of a statement, so that it is the driver that says what is wrong."""
LOOK_SECONDS: Final = 2.0
"""How often the driver looks at the servers anew, if none has anything to tell."""
LONGEST_KEY: Final = 1 << 20
"""Bytes of a file of certificates and a key that are looked through."""
CLOSE_SECONDS: Final = 0.5
SYNC_SECONDS: Final = 4.0
"""How long the driver waits for one answer to what is asked before the explorer starts."""
CONNECTIONS: Final = 8
"""How many connections to a server there may be for look-ups and writes."""
STRICT: Final = CodecOptions[Document](
    document_class=dict,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    uuid_representation=UuidRepresentation.UNSPECIFIED,
)
"""How BSON is read: dates are numbers, since many are out of Python's range."""
LENIENT: Final = STRICT.with_options(unicode_decode_error_handler="surrogateescape")
"""The same for documents with texts that are no UTF-8."""


def connected(url: MongodbUrl, connections: int = CONNECTIONS) -> "AsyncMongoClient[Document]":
    """Return a client, which connects when it is first used, for the loop that runs now.

    Raises:
        SettingsError: the driver does not take the URL.
    """
    try:
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            url.for_driver(), **_options(url), maxPoolSize=connections,
            socketTimeoutMS=0,  # `exchange` bounds it, in half the time
        )  # fmt: skip
    except PyMongoError as error:
        raise SettingsError(failures.wrong_url(error)) from error
    return client


async def connect(client: "AsyncMongoClient[Document]", url: MongodbUrl) -> None:
    """Let a client look for its servers from now on.

    Raises:
        DatabaseUnavailable: DNS does not name them.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.aconnect()
    except (PyMongoError, TimeoutError) as error:
        raise failures.unreachable(error, url) from error


async def close(client: "AsyncMongoClient[Document]") -> None:
    """Close a client and its connections, whether or not its server answers."""
    for _ in range(2):  # the first time it tells the server that its sessions end
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await client.close()
                return


@contextmanager
def sync_connected(
    url: MongodbUrl, seconds: float = SYNC_SECONDS
) -> Iterator["MongoClient[Document]"]:
    """Give a client that waits for each answer for so long, and needs no loop.

    Raises:
        SettingsError: the driver does not take the URL.
        DatabaseUnavailable: what is done with it fails.
    """
    try:
        client: MongoClient[Document] = MongoClient(
            url.for_driver(), **_options(url), connect=False, maxPoolSize=2,
            socketTimeoutMS=_ms(seconds),
        )  # fmt: skip
    except PyMongoError as error:
        raise _of_opening(error, url) from error
    with client:
        try:
            yield client
        except failures.ERRORS as error:
            raise failures.translate(error, url) from error


def check_options(url: MongodbUrl) -> None:
    """Pass if the driver knows the URL's options, and takes their values.

    Raises:
        SettingsError: it does not; it would only warn, on a screen that is not its own.
    """
    if not url.query:
        return
    try:
        split_options(url.query, warn=False)
        _check_key(url)
    except (PyMongoError, ValueError) as error:
        raise SettingsError(failures.wrong_url(error)) from error
    except OSError as error:
        raise SettingsError(f"--db: {error.strerror}") from error


def _check_key(url: MongodbUrl) -> None:
    """Pass unless OpenSSL would ask for a passphrase, on a terminal that is not its own.

    Raises:
        SettingsError: it would.
        OSError: the file cannot be read.
    """
    file = url.option("tlsCertificateKeyFile")
    if file is None or url.option("tlsCertificateKeyFilePassword"):
        return
    with Path(file).open("rb") as opened:
        if b"ENCRYPTED" in opened.read(LONGEST_KEY):
            raise SettingsError(
                f"--db: the key in {file!r} has a passphrase: say"
                " tlsCertificateKeyFilePassword=... too"
            )


def _of_opening(error: PyMongoError, url: MongodbUrl) -> HitmissError:
    """Return our error for a client that cannot be made: of the URL, or of DNS."""
    if isinstance(error, ConfigurationError) and url.scheme != "mongodb+srv":
        return SettingsError(failures.wrong_url(error))
    return failures.translate(error, url)


def _options(url: MongodbUrl) -> dict[str, Any]:
    """Return what stands above the URL's own options."""
    check_options(url)
    most = _ms(CONNECT_SECONDS)
    return {
        "appname": url.option("appName") or "hitmiss",
        "document_class": dict,
        "tz_aware": False,
        "uuidRepresentation": "unspecified",
        "connectTimeoutMS": most,
        "serverSelectionTimeoutMS": most,
        "heartbeatFrequencyMS": _ms(LOOK_SECONDS),
        "retryReads": False,  # `exchange` sends them again, once
        "retryWrites": False,
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
