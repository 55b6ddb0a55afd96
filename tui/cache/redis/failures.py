"""The driver's errors, as ours, in words for the screen."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from redis import exceptions

from tui.cache.limits import COMMAND_SECONDS, CONNECT_SECONDS
from tui.cache.line import NotConnected, system_words
from tui.cache.redis.refusals import STATES, STUMBLES, code_of, refusal
from tui.cache.redis.replies import ReplyTooLarge
from tui.runtime.bounded_file import NotToBeRead
from tui.runtime.errors import (
    CacheError,
    CacheNotUnderstood,
    CacheRefused,
    CacheUnavailable,
    CopyTooLarge,
)
from tui.runtime.redaction import redacted

NO_TLS = "the cache answers without TLS: name it with redis://, not rediss://"
NO_HOST = "cannot reach the cache: no host can be called as the one that is named"
NO_CLUSTER = "the cache is no cluster: leave '+cluster' out of its address"
WITH_TLS = "the cache answers with TLS alone: name it with rediss://, not redis://"


class NoCluster(exceptions.RedisError):
    """What answers does not know of any cluster."""


class NoPrimary(exceptions.ConnectionError):
    """Sentinels name no server that could be used now; the text is for the screen."""


class LoginRefused(exceptions.AuthenticationError):
    """The server took no user and password, in words that may hold them."""


DRIVER_ERRORS = (
    exceptions.RedisError,
    exceptions.RedisClusterException,  # which is no RedisError
    TimeoutError,
    OSError,
)


class OddReply(exceptions.InvalidResponse):
    """A reply that no server gives to that command; its text says what it was."""


_Words: TypeAlias = "tuple[type[CacheError], str]"
_KINDS: tuple[tuple[tuple[type[Exception], ...], _Words], ...] = (
    (
        (LoginRefused,),
        (
            CacheUnavailable,
            "the cache takes no user and password (what it said is not shown: it may hold"
            " them)",
        ),
    ),
    (
        (exceptions.AuthenticationError, exceptions.AuthorizationError),
        (CacheUnavailable, "wrong user or password for the cache"),
    ),
    ((NoCluster,), (CacheNotUnderstood, NO_CLUSTER)),
    (
        (NotConnected,),
        (CacheUnavailable, f"no connection to the cache within {CONNECT_SECONDS:g} s"),
    ),
    (
        (exceptions.TimeoutError, TimeoutError),
        (CacheUnavailable, "the cache did not answer within {seconds:g} s"),
    ),
    (
        (ReplyTooLarge,),
        (
            CopyTooLarge,
            "what is cached is longer than --max-value; give a larger one to read it",
        ),
    ),
)
"""The driver's errors and ours; several of the first kind are ConnectionErrors too."""
_OTHERS_FIRST_BYTES = {"H": "HTTP, it seems", "\\x15": "TLS: name it with rediss://"}
"""What the first byte of something else than a reply stands for, as hiredis names it."""


WANTS_LOGIN = "the cache wants a password: redis://:PASSWORD@HOST, or USER:PASSWORD@"


class NoTls(Exception):
    """What answers at the other end of a new connection does so without TLS."""


class WantsTls(Exception):
    """What hangs up on a connection in plain text answers one with TLS."""


def translate(
    error: BaseException, seconds: float = COMMAND_SECONDS, command: str = ""
) -> CacheError:
    """Return our error for the driver's, in words for the screen.

    `seconds` were waited for; `command` is the name of what was asked, where that is known.
    """
    error = _of_login_behind(_of_cluster(error))
    if isinstance(error, exceptions.TimeoutError) and "connecting" in str(error):
        error = NotConnected()
    if isinstance(error, exceptions.AuthenticationError) and "required" in str(error):
        return CacheUnavailable(WANTS_LOGIN)
    for theirs, (ours, words) in _KINDS:
        if isinstance(error, theirs):
            return ours(words.format(seconds=seconds))
    if isinstance(error, exceptions.RedisError) and code_of(error) in STATES:
        ours, words = STATES[code_of(error)]
        return ours(words)
    if isinstance(error, exceptions.ConnectionError | OSError):
        return CacheUnavailable(_connection_reason(error, command))
    if isinstance(error, exceptions.ResponseError):
        return CacheRefused(refusal(error))
    if isinstance(error, (exceptions.InvalidResponse, *STUMBLES)):
        return CacheNotUnderstood(_strange(error))
    return CacheUnavailable(f"the cache failed: {redacted(str(error))}")


def _of_cluster(error: BaseException) -> BaseException:
    """Return why the driver knows no cluster; it has one error for all reasons."""
    cause: BaseException | None = error
    while isinstance(cause, exceptions.RedisClusterException):
        cause = cause.__cause__ or cause.__context__
    if cause is error:
        return error
    if isinstance(cause, exceptions.ResponseError) and code_of(cause) not in STATES:
        return cause if isinstance(cause, exceptions.NoPermissionError) else NoCluster()
    if cause is None and "not covered" in str(error):
        return exceptions.ClusterDownError("")
    return error if cause is None else cause


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
async def within(seconds: float, command: str = "") -> AsyncIterator[None]:
    """Bound calls of the driver's, and raise our errors for its own.

    `command` is the name of what is asked. The driver takes some replies apart by itself, and
    what it raises over an odd one is none of its own errors.

    Raises:
        CacheUnavailable, CacheRefused: as `translate` has it.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except (*DRIVER_ERRORS, *STUMBLES) as error:
        waited = seconds if limit.expired() else COMMAND_SECONDS
        raise translate(error, waited, command) from error


def _strange(error: BaseException) -> str:
    if isinstance(error, OddReply):
        return f"what answers there is no usual server: {redacted(str(error))}"
    said = "what answers there does not speak the Redis protocol"
    first = re.search('got "(.*?)" as reply', str(error))
    other = _OTHERS_FIRST_BYTES.get(first[1]) if first else None
    return f"{said}, but {other}" if other else said


def _tls_reason(cause: BaseException) -> str | None:
    """Return what is wrong with TLS, if that is the cause."""
    if isinstance(cause, NoTls):
        return NO_TLS
    if isinstance(cause, WantsTls):
        return WITH_TLS
    if isinstance(cause, NotToBeRead):
        return f"no TLS with the cache: {cause}"
    if isinstance(cause, ssl.SSLCertVerificationError):  # an OSError, with numbers of its own
        return f"the cache's certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        reason = (cause.reason or "failed").replace("_", " ").lower()
        return f"no TLS with the cache: {reason}"
    return None


def _connection_reason(error: BaseException, command: str) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NoPrimary):
            return str(cause)
        if (said := _tls_reason(cause)) is not None:
            return said
        if isinstance(cause, UnicodeError):  # of the codec by which names are looked up
            return NO_HOST
        if isinstance(cause, OSError) and cause.errno:
            return f"cannot reach the cache: {system_words(cause)}"
        cause = cause.__cause__ or cause.__context__
    if "Connection lost" in str(error) or "closed by server" in str(error):
        at = f" at {command}: perhaps a proxy without it, or" if command else ":"
        return f"the cache closed the connection{at} a server with too many clients"
    if "max number of clients" in str(error):
        return "the cache takes no more clients"
    number = re.match(r"Error (\d+) ", str(error))  # the driver does not always chain
    reason = os.strerror(int(number[1])).lower() if number else redacted(str(error))
    return f"cannot reach the cache: {reason}"
