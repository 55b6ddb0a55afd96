"""The cache over the Redis protocol: a server, or fakeredis inside this process."""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import fakeredis
from fakeredis.aioredis import FakeAsyncRedisConnection, FakeRedis
from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tui.clock import Clock
from tui.errors import CacheError, CacheRefused, CacheUnavailable
from tui.models import Cached, Step, Target, Trace

CONNECT_SECONDS = 0.5
COMMAND_SECONDS = 0.25
CALL_SECONDS = 0.5
"""What one call may take in all: waiting for a connection, connecting, retry and command."""
CONNECTIONS = 64

FILL = """\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
"""
"""Store a value only while the lease is ours, and end the lease: all at once."""
FILL_SHA = hashlib.sha1(FILL.encode(), usedforsecurity=False).hexdigest()

Reply = TypeVar("Reply")


class RedisCache:
    """Values under keys, with a time to live, on a server of the Redis protocol.

    Every call raises CacheUnavailable or CacheRefused for what goes wrong, takes at most
    CALL_SECONDS, and appends what it ran to the trace.
    """

    def __init__(self, client: Redis, clock: Clock, *, read_only: bool) -> None:
        """Use `client`; with `read_only`, refuse whatever would change the server."""
        self._client = client
        self._clock = clock
        self._read_only = read_only

    async def ping(self, trace: Trace) -> None:
        """Find out whether the server answers."""
        await self._call(trace, "PING", self._client.ping, lambda _: "PONG")

    async def get(self, key: str, trace: Trace) -> Cached:
        """Give what is stored under `key` and how long it will live: one round trip."""
        started = self._clock.monotonic()
        pipe = self._client.pipeline(transaction=False)
        pipe.get(key)
        pipe.pttl(key)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                value, pttl = await _cancellable(pipe.execute(raise_on_error=False))
            wrong_type = _is_wrong_type(value)
            if isinstance(value, Exception) and not wrong_type:
                raise value
            if isinstance(pttl, Exception):
                raise pttl
        except _DRIVER_ERRORS as error:
            raise self._failure(trace, f"GET {key}", started, error) from error
        said = "wrong type" if wrong_type else "nil" if value is None else f"{len(value)} bytes"
        self._note(trace, f"GET {key}", started, said)
        trace.append(Step(Target.CACHE, f"PTTL {key}", 0.0, _say_pttl(pttl)))
        return Cached(
            payload=None if wrong_type else value,
            seconds_left=pttl / 1000 if pttl >= 0 else None,
            wrong_type=wrong_type,
        )

    async def acquire_lease(self, lease: str, token: str, seconds: float, trace: Trace) -> bool:
        """Take the lease for that time, unless somebody holds it."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"SET {lease} {token} NX PX {milliseconds}",
            lambda: self._client.set(lease, token, nx=True, px=milliseconds),
            bool,
            lambda held: "OK" if held else "nil: another process holds the lease",
        )

    async def fill(
        self, key: str, lease: str, token: str, payload: bytes, seconds: float, trace: Trace
    ) -> bool:
        """Store `payload` and give the lease back, if it is still held with `token`."""
        milliseconds = _milliseconds(seconds)

        async def run() -> Any:
            arguments = (2, key, lease, token, payload, milliseconds)
            try:
                return await self._client.evalsha(FILL_SHA, *arguments)
            except exceptions.NoScriptError:  # a new or restarted server: EVAL also loads it
                return await self._client.eval(FILL, *arguments)

        return await self._change(
            trace,
            f"EVALSHA fill {key} {lease} ({len(payload)} bytes, PX {milliseconds})",
            run,
            lambda reply: reply == 1,
            lambda stored: "1: stored" if stored else "0: refused, the lease is gone",
        )

    async def delete(self, *keys: str, trace: Trace) -> int:
        """Delete the keys in one command; give how many there were."""
        return await self._change(
            trace, f"DEL {' '.join(keys)}", lambda: self._client.delete(*keys), int, str
        )

    async def expire_after(self, key: str, seconds: float, trace: Trace) -> bool:
        """Let `key` live for that time from now; tell whether it was there."""
        milliseconds = _milliseconds(seconds)
        return await self._change(
            trace,
            f"PEXPIRE {key} {milliseconds}",
            lambda: self._client.pexpire(key, milliseconds),
            bool,
            lambda found: "1" if found else "0: no such key",
        )

    async def _change(
        self,
        trace: Trace,
        command: str,
        send: Callable[[], Awaitable[Any]],
        convert: Callable[[Any], Reply],
        say: Callable[[Reply], str],
    ) -> Reply:
        if self._read_only:
            raise CacheRefused("read-only: start with --writable to change the cache")

        async def run() -> Reply:
            return convert(await send())

        return await self._call(trace, command, run, say)

    async def _call(
        self,
        trace: Trace,
        command: str,
        send: Callable[[], Awaitable[Reply]],
        say: Callable[[Reply], str],
    ) -> Reply:
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                reply = await _cancellable(send())
        except _DRIVER_ERRORS as error:
            raise self._failure(trace, command, started, error) from error
        self._note(trace, command, started, say(reply))
        return reply

    def _failure(
        self, trace: Trace, command: str, started: float, error: BaseException
    ) -> CacheError:
        failure = _translate(error)
        seconds = self._clock.monotonic() - started
        failed = isinstance(failure, CacheUnavailable)
        trace.append(Step(Target.CACHE, command, seconds, str(failure), failed))
        return failure

    def _note(self, trace: Trace, command: str, started: float, result: str) -> None:
        seconds = self._clock.monotonic() - started
        trace.append(Step(Target.CACHE, command, seconds, result))


@asynccontextmanager
async def open_embedded(clock: Clock, *, read_only: bool = False) -> AsyncIterator[RedisCache]:
    """Open an empty cache inside this process, gone when it is closed."""
    server = fakeredis.FakeServer(version=(7, 4))
    pool = BlockingConnectionPool(
        max_connections=CONNECTIONS,
        timeout=COMMAND_SECONDS,
        connection_class=FakeAsyncRedisConnection,
        server=server,
        version=(7, 4),
        server_type="redis",
    )
    client = FakeRedis(connection_pool=pool, server=server)
    try:
        yield RedisCache(client, clock, read_only=read_only)
    finally:
        await client.aclose()
        await pool.aclose()


@asynccontextmanager
async def open_redis(
    url: str, clock: Clock, *, read_only: bool = False
) -> AsyncIterator[RedisCache]:
    """Open the cache at a `redis://`, `rediss://` or `unix://` URL.

    Nothing is sent yet: a server that is down is found out by the first call.
    """
    options: dict[str, Any] = {
        **parse_url(url),
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": COMMAND_SECONDS,
        "retry": Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
        "retry_on_error": [],
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }
    pool = BlockingConnectionPool(
        max_connections=CONNECTIONS, timeout=COMMAND_SECONDS, **options
    )
    client: Redis = Redis(connection_pool=pool)
    try:
        yield RedisCache(client, clock, read_only=read_only)
    finally:
        # A client that was given its pool leaves it open.
        await client.aclose()
        await pool.aclose()


async def _cancellable(call: Awaitable[Reply]) -> Reply:
    """Give what the driver gives, unless this task is being cancelled.

    The driver waits with asyncio.wait_for, which before Python 3.12 swallows a cancellation
    that comes together with the answer (bpo-37658).
    """
    reply = await call
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return reply


_DRIVER_ERRORS = (exceptions.RedisError, TimeoutError, OSError)


_WORDS: tuple[tuple[tuple[type[Exception], ...], type[CacheError], str], ...] = (
    ((exceptions.OutOfMemoryError,), CacheRefused, "the cache is out of memory"),
    ((exceptions.ReadOnlyError,), CacheRefused, "the cache is a read-only replica"),
    (
        (exceptions.AuthenticationError, exceptions.AuthorizationError),
        CacheUnavailable,
        "wrong user or password for the cache",
    ),
    ((exceptions.BusyLoadingError,), CacheUnavailable, "the cache is still loading its data"),
    (
        (exceptions.TimeoutError, TimeoutError),
        CacheUnavailable,
        f"the cache did not answer within {COMMAND_SECONDS:g} s",
    ),
    (
        (exceptions.InvalidResponse,),
        CacheUnavailable,
        "what answers there does not speak the Redis protocol",
    ),
)
"""The driver's errors and ours; several of the first kind are ConnectionErrors too."""


def _translate(error: BaseException) -> CacheError:
    """Give our error for the driver's, in words for the screen."""
    for theirs, ours, words in _WORDS:
        if isinstance(error, theirs):
            return ours(words)
    if isinstance(error, exceptions.ConnectionError | OSError):
        return CacheUnavailable(_connection_reason(error))
    if isinstance(error, exceptions.ResponseError):
        return CacheRefused(f"the cache refuses: {error}")
    return CacheUnavailable(f"the cache failed: {error}")


def _connection_reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            # What a name lookup gives is a number of its own, below 0.
            words = os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
            return f"cannot reach the cache: {words.lower()}"
        cause = cause.__context__
    number = re.match(r"Error (\d+) ", str(error))  # the driver does not always chain
    reason = os.strerror(int(number[1])).lower() if number else str(error)
    return f"cannot reach the cache: {reason}"


def _is_wrong_type(reply: object) -> bool:
    return isinstance(reply, exceptions.ResponseError) and str(reply).startswith("WRONGTYPE")


def _say_pttl(pttl: int) -> str:
    if pttl >= 0:
        return f"{pttl} ms"
    return "-1: no expiry" if pttl == -1 else "-2: no such key"


def _milliseconds(seconds: float) -> int:
    # Redis refuses a PX of 0.
    return max(1, round(seconds * 1000))
