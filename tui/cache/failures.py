"""The driver's errors, as ours, in words for the screen."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import exceptions

from tui.bounded_file import NotToBeRead
from tui.cache.limits import COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.replies import ReplyTooLarge
from tui.errors import CacheError, CacheRefused, CacheUnavailable, CopyTooLarge
from tui.redaction import redacted

NO_TLS = "the cache answers without TLS: name it with redis://, not rediss://"


class NotConnected(TimeoutError):
    """Nobody took the connection in time, and nobody refused it."""


class LoginRefused(exceptions.AuthenticationError):
    """The server took no user and password, in words that may hold them."""


DRIVER_ERRORS = (
    exceptions.RedisError,
    exceptions.RedisClusterException,  # which is no RedisError
    TimeoutError,
    OSError,
)


_WORDS: tuple[tuple[tuple[type[Exception], ...], type[CacheError], str], ...] = (
    ((exceptions.OutOfMemoryError,), CacheRefused, "the cache is out of memory"),
    ((exceptions.ReadOnlyError,), CacheRefused, "the cache is a read-only replica"),
    (
        (LoginRefused,),
        CacheUnavailable,
        "the cache takes no user and password (what it said is not shown: it may hold them)",
    ),
    (
        (exceptions.AuthenticationError, exceptions.AuthorizationError),
        CacheUnavailable,
        "wrong user or password for the cache",
    ),
    ((exceptions.BusyLoadingError,), CacheUnavailable, "the cache is still loading its data"),
    (
        (NotConnected,),
        CacheUnavailable,
        f"no connection to the cache within {CONNECT_SECONDS:g} s",
    ),
    (
        (exceptions.TimeoutError, TimeoutError),
        CacheUnavailable,
        "the cache did not answer within {seconds:g} s",
    ),
    (
        (ReplyTooLarge,),
        CopyTooLarge,
        "what is cached is longer than --max-value lets be read",
    ),
    (
        (exceptions.InvalidResponse,),
        CacheUnavailable,
        "what answers there does not speak the Redis protocol",
    ),
)
"""The driver's errors and ours; several of the first kind are ConnectionErrors too."""


class NoTls(Exception):
    """What answers at the other end of a new connection does so without TLS."""


def is_wrong_type(reply: object) -> bool:
    """Tell whether the server said that the key holds another type of value."""
    return isinstance(reply, exceptions.ResponseError) and str(reply).startswith("WRONGTYPE")


def translate(error: BaseException, seconds: float = COMMAND_SECONDS) -> CacheError:
    """Give our error for the driver's, in words for the screen; `seconds` were waited for."""
    error = _of_login_behind(error)
    if isinstance(error, exceptions.TimeoutError) and "connecting" in str(error):
        error = NotConnected()
    for theirs, ours, words in _WORDS:
        if isinstance(error, theirs):
            return ours(words.format(seconds=seconds))
    if isinstance(error, exceptions.ConnectionError | OSError):
        return CacheUnavailable(_connection_reason(error))
    if isinstance(error, exceptions.ResponseError):
        return CacheRefused(f"the cache refuses: {redacted(str(error))}")
    return CacheUnavailable(f"the cache failed: {redacted(str(error))}")


def _of_login_behind(error: BaseException) -> BaseException:
    """Return the refusal of a login that the driver calls the loss of a connection."""
    cause: BaseException | None = error
    while cause is not None and isinstance(error, exceptions.ConnectionError):
        if isinstance(cause, exceptions.AuthenticationError | exceptions.NoPermissionError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return error


def of_login(error: Exception) -> Exception:
    """Return what to raise for the reply to AUTH or HELLO, which is never quoted."""
    if isinstance(error, exceptions.AuthenticationError | exceptions.NoPermissionError):
        return type(error)("wrong user or password")
    if isinstance(error, exceptions.ResponseError) and not isinstance(
        error, exceptions.BusyLoadingError
    ):
        return LoginRefused("AUTH was refused")
    return error


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Bound calls of the driver's, and raise our errors for its own.

    Raises:
        CacheUnavailable, CacheRefused: as `translate` has it.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except DRIVER_ERRORS as error:
        raise translate(error, seconds if limit.expired() else COMMAND_SECONDS) from error


def _connection_reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NoTls):
            return NO_TLS
        if isinstance(cause, NotToBeRead):
            return f"no TLS with the cache: {cause}"
        if isinstance(
            cause, ssl.SSLCertVerificationError
        ):  # an OSError, with numbers of its own
            return f"the cache's certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return (
                f"no TLS with the cache: {(cause.reason or 'failed').replace('_', ' ').lower()}"
            )
        if isinstance(cause, OSError) and cause.errno:
            # What a name lookup gives is a number of its own, below 0.
            words = os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
            return f"cannot reach the cache: {words.lower()}"
        cause = cause.__context__
    if "Connection lost" in str(error) or "closed by server" in str(error):
        return "the cache closed the connection; perhaps it takes no more clients"
    number = re.match(r"Error (\d+) ", str(error))  # the driver does not always chain
    reason = os.strerror(int(number[1])).lower() if number else redacted(str(error))
    return f"cannot reach the cache: {reason}"
